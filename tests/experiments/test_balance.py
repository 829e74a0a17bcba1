"""Sizes of designs that are allowed and unusual: said before anything is computed."""

import pytest
from tiny_studies import MARKET

from experiments import balance
from experiments.study import load

pytestmark = pytest.mark.quick


@pytest.mark.parametrize("n", (1, 2, 256, 2**17))
def test_a_power_of_two_is_balanced(n):
    assert balance.power_of_two("n", n) == []


def test_another_number_names_the_two_next_to_it():
    (said,) = balance.power_of_two("method.n", 500)
    assert said.startswith("method.n: 500 is no power of two") and "at 256 and at 512" in said


@pytest.mark.parametrize(
    ("study", "said"),
    (
        ("study: sensitivity\nmethod: {name: sobol, n: 100}", "method.n: 100 is no power of two"),
        ("study: sensitivity\nmethod: {name: sobol, n: 128}", None),
        ("study: sensitivity\nmethod: {name: dgsm, n: 100}", "method.n: 100 is no power of two"),
        ("study: sensitivity\nmethod: {name: morris, trajectories: 4}", "trajectories: 4 are few"),
        ("study: sensitivity\nmethod: {name: morris, trajectories: 10}", None),
        ("study: sweep\ndesign: {name: sobol, n: 12}", "design.n: 12 is no power of two"),
        ("study: sweep\ndesign: {name: sobol, n: 16}", None),
        ("study: sweep\ndesign: {name: lhs, n: 1}", "1 points cannot tell the effects of 1"),
        ("study: sweep\ndesign: {name: lhs, n: 12}", None),
    ),
)
def test_validate_says_what_is_unusual(huitou, tmp_path, study, said):
    (tmp_path / "market.yaml").write_text(MARKET)
    path = tmp_path / "s.yaml"
    path.write_text(
        f"{study}\nmarket: {{use: market.yaml}}\nresponse: gmv\n"
        "factors: {brands.A.awareness: {range: [0.1, 0.9]}}\n"
    )
    if "sweep" in study:
        path.write_text(path.read_text().replace("response: gmv", "responses: [gmv]"))
    assert bool(load(path).rules.remarks(load(path))) == bool(said)
    code, out, err = huitou("validate", path)
    assert code == 0, err
    assert (said or "ok") in out and (said is not None or out.count("\n") == 1)
