"""What sentences on estimates say, and how numbers that stand together are written."""

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.scales import Amount, scale
from experiments.statements import Estimate, effect
from experiments.tabular import Head, by_column

pytestmark = pytest.mark.quick
nan = float("nan")


def said(mean, low, high, pairs=20, **more):
    unit = more.pop("unit", "CNY")
    return effect("x", "profit of brand A", "none", Estimate(mean, low, high, unit), pairs, **more)


# -- effects --------------------------------------------------------------------------------------


def test_an_effect_is_raised_or_lowered_if_its_interval_is_beyond_zero():
    assert said(27_300, 20_100, 34_500) == (
        "x raises profit of brand A by 27.3 k CNY against none "
        "(95 % interval 20.1 to 34.5 k CNY, 20 pairs)."
    )
    assert said(-3, -4, -2).startswith("x lowers profit of brand A by 3.00 CNY against none")


@pytest.mark.parametrize(
    "ends", [(-13_400, 13_200), (0, 5), (-5, 0), (-1e-9, 1e9)], ids=["p99", "low", "high", "wide"]
)
def test_an_interval_that_holds_zero_is_not_distinguishable_from_it_and_that_comes_first(ends):
    text = said(sum(ends) / 2 or -82.0, *ends)
    assert text.startswith("Not distinguishable from zero: the effect of x on profit of brand A")
    assert "95 % interval" in text
    assert not re.search("raises|lowers|changes", text)


def test_what_is_not_significant_once_it_is_adjusted_is_not_distinguishable_either():
    text = said(10, 1, 19, p_adjusted=0.12, comparisons=6)
    assert text.startswith("Not distinguishable from zero: ")
    assert "of 6 comparisons together, p = 0.12 by Holm’s method" in text
    assert said(10, 1, 19, p_adjusted=0.049, comparisons=6).startswith("x raises")


def test_one_pair_none_equal_arms_and_the_same_change_everywhere():
    assert said(3, nan, nan, 1).startswith("Not known: whether the effect of x")
    assert said(nan, nan, nan, 0).startswith("Not known: the effect of x on profit of brand A")
    assert said(0, 0, 0) == (
        "No effect: profit of brand A is exactly the same in x and none, in all 20 pairs."
    )
    assert said(2, 2, 2).startswith("x raises profit of brand A by 2.00 CNY")


def test_differences_of_rates_are_in_percentage_points():
    text = said(0.0123, 0.0100, 0.0146, unit="share")
    assert "by 1.23 pp against none (95 % interval 1.00 to 1.46 pp" in text


# -- scales ---------------------------------------------------------------------------------------

NUMBER = re.compile(r"(?:[<>]?−?[\d,]+(?:\.(\d+))?|0|–)(?: ± (?:<?[\d,]+(?:\.(\d+))?|0))?")
sizes = st.one_of(
    st.just(0.0), st.just(nan), st.floats(1e-3, 1e9), st.floats(1e-3, 1e9).map(lambda x: -x)
)
halves = st.one_of(st.just(nan), st.just(0.0), st.floats(1e-3, 1e9))


def test_the_first_of_the_cases_was_read_as_thousands():
    own = scale([Amount(-82.4, 13.3), Amount(-16_000, 6_100)], "CNY")
    assert own.unit == "CNY"
    assert own.text(Amount(-82.4, 13.3)) == "−82 ± 13"
    assert own.text(Amount(-16_000, 6_100)) == "−16,000 ± 6,100"


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(sizes, halves), min_size=1, max_size=8))
def test_a_column_has_one_unit_and_one_number_of_decimals(pairs):
    amounts = [Amount(*pair) for pair in pairs]
    view = by_column("t", ["arm", Head("profit", "CNY")], [["x", cell] for cell in amounts])
    unit = view.columns[1].removeprefix("profit, ")
    factor = {"CNY": 1.0, "k CNY": 1e3, "M CNY": 1e6, "G CNY": 1e9}[unit]
    decimals = set()
    for (_, text), amount in zip(view.rows, amounts, strict=True):
        found = NUMBER.fullmatch(text)
        assert found, text
        parts = [part for part in text.split(" ± ") if part not in ("–", "0")]
        decimals |= {len(part.partition(".")[2]) for part in parts}
        _same(text.split(" ± ")[0], amount.mean, factor)
    assert len(decimals) <= 1


def _same(text: str, number: float, factor: float) -> None:
    """See that a text is the number: to its last digit, or as a bound."""
    if text == "–":
        assert math.isnan(number)
        return
    plain = float(text.lstrip("<>").replace("−", "-").replace(",", "")) * factor
    last = factor * 10.0 ** -len(text.partition(".")[2])
    if text[0] in "<>":
        assert 0 < abs(number) < abs(plain)
        return
    assert (number == 0) == (text == "0")
    assert abs(plain - number) <= 0.5001 * last


def test_shares_are_in_per_cent_and_their_differences_in_points():
    heads = ["arm", Head("repeat rate", "share"), Head("incremental", "share", True)]
    heads.append(Head("relative", "share"))
    view = by_column("t", heads, [["x", Amount(0.4, 0.1), Amount(0.02, 0.01), Amount(0.05)]])
    assert view.columns == ["arm", "repeat rate, %", "incremental, pp", "relative, %"]
    assert view.rows == [["x", "40.0 ± 10.0", "2.00 ± 1.00", "5.00"]]


def test_columns_of_a_group_share_their_scale():
    head = Head("incremental", "CNY", group="effect")
    view = by_column(
        "t", ["arm", head, head._replace(name="± unpaired")], [["x", Amount(5e4, 2e3), Amount(800)]]
    )
    assert view.columns[1:] == ["incremental, k CNY", "± unpaired, k CNY"]
    assert view.rows[0][1:] == ["50.00 ± 2.00", "0.80"]
