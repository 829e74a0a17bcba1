import pytest
import yaml
from tiny_studies import MARKET, write_study

from experiments.study import load, resolved
from sim.config.yaml_file import ConfigError

pytestmark = pytest.mark.quick


def problems(path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return [str(problem).replace(str(path.parent) + "/", "") for problem in caught.value.problems]


@pytest.fixture
def study(tmp_path):
    def write(text: str):
        (tmp_path / "market.yaml").write_text(MARKET)
        path = tmp_path / "s.yaml"
        path.write_text(text)
        return path

    return write


def test_a_study_and_its_arms(tmp_path):
    found = load(write_study(tmp_path))
    assert (found.kind, found.name, found.of, found.baseline) == ("compare", "tiny", "A", "none")
    assert found.arms["none"]["brands"]["A"]["strategies"] == {}
    assert found.arms["followup"]["brands"]["A"]["strategies"]["service_followup"]["check_day"] == 3
    assert found.strategies == {"service_followup"}


def test_a_bare_market_is_a_study_of_one_run(study):
    path = study(MARKET)
    found = load(path)
    assert (found.kind, found.name, found.replicates.n) == ("run", "s", 1)
    assert list(found.arms) == ["market"]


def test_a_market_in_the_file_and_set_over_a_market(study):
    a = load(study("study: run\nmarket: {use: market.yaml, set: {people.n: 7, days: 9}}\n"))
    b = load(study("study: run\nmarket: {use: market.yaml, people: {n: 7}, days: 9}\n"))
    assert a.arms == b.arms
    assert a.arms["market"]["people"]["n"] == 7


def test_the_market_of_another_study_can_be_used(study, tmp_path):
    (tmp_path / "other.yaml").write_text("study: run\nmarket: {use: market.yaml, days: 8}\n")
    found = load(study("study: run\nmarket: {use: other.yaml}\n"))
    assert found.arms["market"]["days"] == 8


def test_dotted_paths_set_and_nested_mappings_merge(study):
    text = """
study: compare
market: {use: market.yaml, set: {brands.A.strategies: {service_followup: {coupon: 0.3}}}}
arms:
  merged: {brands: {A: {strategies: {service_followup: {check_day: 4}}}}}
  replaced: {brands.A.strategies.service_followup: {check_day: 4}}
  emptied: {brands.A.strategies: {}}
"""
    arms = load(study(text)).arms
    portfolios = {arm: market["brands"]["A"]["strategies"] for arm, market in arms.items()}
    assert portfolios["merged"]["service_followup"]["coupon"] == 0.3
    assert portfolios["merged"]["service_followup"]["check_day"] == 4
    assert portfolios["replaced"]["service_followup"]["coupon"] == 0.1
    assert portfolios["emptied"] == {}


def test_every_mistake_at_once_with_its_place(study):
    text = """\
schema: 1
study: compare
market: {use: market.yaml, set: {people.n: 0}}
of: Z
baseline: nobody
arms:
  none:
  x: {brands.A.strategies: {service_followup: {coupon: 2}}, days: -1}
  y: {brands.Q.price: 1}
replicates: {n: 3, sed: 1}
"""
    found = problems(study(text))
    assert any(p.startswith("s.yaml:3:34: market.people.n: must be >= 1 (got 0)") for p in found)
    assert any(p.startswith("s.yaml:4:1: of: there is no brand 'Z'; brands: A, B") for p in found)
    assert any(p.startswith("s.yaml:5:1: baseline: there is no arm 'nobody'") for p in found)
    arm = "arms.x.brands.A.strategies.service_followup.coupon: must be <= 1 (got 2)"
    assert any(p.startswith("s.yaml:8:48: " + arm) for p in found)
    assert any("arms.x.days: must be >= 1 (got -1)" in p for p in found)
    assert any("arms.y.brands.Q.products: is required" in p for p in found)
    assert any("replicates.sed: unknown key; did you mean 'seed'?" in p for p in found)
    assert len([p for p in found if "people.n" in p]) == 1  # not once for each arm


def test_a_mistake_in_the_market_file_names_that_file(study, tmp_path):
    path = study("study: run\nmarket: {use: market.yaml}\n")
    (tmp_path / "market.yaml").write_text(MARKET.replace("days: 100", "dayz: 100"))
    assert problems(path)[0].startswith("market.yaml:1:1: dayz: unknown key; did you mean 'days'?")


def test_mistakes_of_a_bare_market_have_the_paths_of_the_file(study):
    path = study(MARKET.replace("n: 80", "n: many"))
    assert problems(path)[0].startswith("s.yaml:4:10: people.n: must be a whole number")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "study: compere\nmarket: {}\n",
            "or calibrate (got 'compere'); did you",
        ),
        ("market: {use: skincare}\n", "study: is required: run or compare or tournament"),
        ("study: run\nmarket: {use: skincar}\n", "did you mean 'skincare'?"),
        ("study: run\nmarket: {use: 3}\n", "use: must be a market's name or path (got 3)"),
        ("study: run\nmarket: 3\n", "market: must be a mapping"),
        ("study: run\n", "market: is required"),
        ("study: run\nschema: 2\nmarket: {use: skincare}\n", "schema: must be 1"),
        ("study: compare\nmarket: {use: skincare}\narms: {x: }\n", "at least two arms"),
        ("study: compare\nmarket: {use: skincare}\n", "arms: is required"),
        ("study: compare\nmarket: {use: skincare}\narms: {x: 3, y: }\n", "arms.x: must be"),
        ('study: compare\nmarket: {use: skincare}\narms: {" a": , y: }\n', "arms. a"),
        ("study: compare\nmarket: {use: skincare}\narms: {a: , b: {people.n.x: 1}}\n", "arms.b."),
        ("study: run\nname: ../up\nmarket: {use: skincare}\n", "name"),
        ("study: run\nmarket: {use: s.yaml}\n", "goes in a circle"),
        ("study: run\nmarket: {use: skincare}\nexecute: {workers: 0}\n", "execute.workers"),
        ("[1, 2]\n", "must hold a mapping"),
        ("a: [\n", "not YAML"),
        ("", "the file is empty"),
    ],
)
def test_words_for_what_is_wrong(study, text, expected):
    found = problems(study(text))
    assert any(expected in problem for problem in found), found


def test_a_market_need_not_be_complete_if_every_arm_completes_it(study):
    text = """
study: compare
market: {use: market.yaml, set: {days: null}}
arms: {short: {days: 10}, long: {days: 20}}
"""
    assert load(study(text)).arms["long"]["days"] == 20


def test_the_resolved_study_says_the_same(tmp_path, study):
    text = """
study: compare
name: ünïcode-1
market: {use: market.yaml, set: {categories.cream.regularity: .inf}}
of: B
baseline: followup
arms:
  none:
  followup: {brands.A.strategies: {service_followup: {coupon: 1e-3}}}
  other: {network: {rewire: 0.2}, brands.A.contact_cap: 3, brands.C: {
    products: {tea: {category: cream, price: 10, unit_cost: 5}}}}
replicates: {n: 4, seed: 9}
"""
    first = load(study(text))
    (tmp_path / "again.yaml").write_text(
        yaml.safe_dump(resolved(first), sort_keys=False, allow_unicode=True)
    )
    second = load(tmp_path / "again.yaml")
    assert (second.points, second.of, second.name) == (first.points, first.of, first.name)
    assert resolved(second) == resolved(first)
    assert second.hash8 == first.hash8
    assert second.hash8 == first.hash8


def test_what_the_name_of_the_folder_covers(tmp_path):
    base = load(write_study(tmp_path, 3))
    assert load(write_study(tmp_path, 30)).hash8 == base.hash8
    assert load(write_study(tmp_path, 3, engine="local")).hash8 == base.hash8
    assert load(write_study(tmp_path, 3, fraction=0.5)).hash8 == base.hash8
    assert load(write_study(tmp_path, 3, seed=2)).hash8 != base.hash8
    path = write_study(tmp_path, 3)
    path.write_text(path.read_text() + "of: B\n")
    assert load(path).hash8 != base.hash8
    path = write_study(tmp_path, 3)
    path.write_text(
        path.read_text().replace("service_followup: {}", "service_followup: {coupon: 0}")
    )
    assert load(path).hash8 != base.hash8


def test_the_content_of_a_network_file_counts(study, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ring, listed = (
        "{kind: small_world, mean_degree: 4, rewire: 0.1}",
        "{kind: edge_list, file: e.csv}",
    )
    text = MARKET.replace(ring, listed)
    (tmp_path / "e.csv").write_text("0,1\n")
    one = load(study(text)).hash8
    (tmp_path / "e.csv").write_text("0,2\n")
    assert load(study(text)).hash8 != one
