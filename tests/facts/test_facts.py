"""The facts of the field: the studies are there, the numbers are what they say, the verdicts hold.

The quick tests hold the measures against cases counted by hand, and put a small market through the
whole way to the page. The slow one carries every study out and holds its verdicts to those that
are published.
"""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.facts import (
    FACTS,
    cascades,
    contact,
    distributors,
    double_jeopardy,
    page,
    pareto,
    recommenders,
    referred,
    spillover,
)
from experiments.facts.__main__ import main
from experiments.facts.carry_out import arms, carry_out, file, load
from experiments.facts.fact import EMERGES, NOT, OPEN, PARTLY, Check, Finding, verdict
from experiments.intervals import Interval, ratio_of_means
from experiments.records import observe
from sim.market import Market
from sim.state import NO_DAY
from tests.markets import BEANS, CREAMS

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "results" / "published"
STUDIES = ROOT / "configs" / "facts"


@pytest.fixture(params=FACTS)
def fact(request):
    return FACTS[request.param]


# --- the studies ----------------------------------------------------------------------------------


def test_every_study_has_a_fact_and_every_fact_a_study():
    assert {path.stem for path in STUDIES.glob("*.yaml")} == set(FACTS)


def test_it_is_an_ordinary_study_that_says_how_to_run_it(fact):
    study = load(fact)
    assert file(fact) == STUDIES / f"{fact.name}.yaml"
    assert study.name == fact.name
    assert study.replicates.n >= 6
    assert len(arms(study)) == len(set(arms(study))) > 1
    assert f"huitou {study.kind} configs/facts/{fact.name}.yaml" in file(fact).read_text()


def test_it_is_documented(fact):
    rows = (ROOT / "docs" / "facts.md").read_text().splitlines()
    assert any(row.startswith("|") and f"configs/facts/{fact.name}.yaml" in row for row in rows)


def test_it_is_published_as_it_is_checked(fact):
    numbers = pd.read_csv(PUBLISHED / page.NUMBERS)
    own = numbers[numbers["fact"] == fact.name]
    assert list(own["check"]) == [check.name for check in fact.checks]
    text = (PUBLISHED / page.PAGE).read_text()
    assert f"## {fact.title}: {own['verdict'].iloc[0]}" in text
    assert fact.remark in text
    assert (PUBLISHED / page.PICTURES / f"{fact.name}.png").exists()


# --- verdicts -------------------------------------------------------------------------------------


def around(mean, half):
    return Interval(mean, mean - half, mean + half, 10)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (around(0.6, 0.05), EMERGES),
        (around(0.6, 0.1), OPEN),  # touches the bound
        (around(0.5, 0.05), OPEN),
        (around(0.45, 0.05), NOT),
        (around(0.8, 0.05), NOT),
        (Interval(0.6, math.nan, math.nan, 1), OPEN),
    ],
)
def test_a_number_emerges_if_all_of_its_interval_agrees(found, said):
    check = Check("", "", "x", "on", "off", low=0.5, high=0.7)
    assert check.verdict(found) == said


def test_with_the_mechanism_off_a_tenth_of_the_effect_is_nothing():
    check = Check("", "", "x", "on", "off", low=1, null=1)
    assert Finding(check, around(1.5, 0.1), around(1.02, 0.01)).verdict_off == NOT
    assert Finding(check, around(1.5, 0.1), around(1.06, 0.01)).verdict_off == EMERGES
    assert Finding(check, around(1.5, 0.1), around(1.0, 0.2)).verdict_off == OPEN
    assert Finding(check, around(1.5, 0.1), around(1.0, 0.0)).verdict_off == NOT


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([(1, 0), (1, 0)], EMERGES),
        ([(1, 0), (1, 1)], PARTLY),  # there without its mechanism
        ([(1, 1), (0.5, 0)], OPEN),
        ([(1, 1), (0, 0)], NOT),  # and the only one that is
        ([(1, 0), (0, 0)], PARTLY),
        ([(1, 0), (0.5, 0)], PARTLY),
        ([(0, 0), (0, 1)], NOT),
        ([(0, 0), (0.5, 0)], OPEN),
    ],
)
def test_a_fact_emerges_if_all_its_numbers_do_and_only_by_its_mechanism(found, said):
    check = Check("", "", "x", "on", "off", low=0.5)
    pairs = [Finding(check, around(on, 0.1), around(off, 0.1)) for on, off in found]
    assert verdict(pairs) == said


def test_a_condition_counts_for_nothing():
    number = Check("", "", "x", "on", "off", low=0.5)
    condition = Check("", "", "y", "on", "off", low=0.5, condition=True)
    shown = [Finding(number, around(0, 0.1), around(0, 0.1))]
    assert verdict([*shown, Finding(condition, around(1, 0.1), around(0, 0.1))]) == NOT


def test_the_interval_of_a_ratio_of_means_covers_it_as_often_as_it_says():
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(1000):
        bottom = rng.normal(10, 2, 20)
        found = ratio_of_means(0.5 * bottom + rng.normal(0, 1, 20), bottom)
        covered += found.low < 0.5 < found.high
    assert 930 <= covered <= 970


def test_a_ratio_leaves_out_pairs_that_are_not_known():
    top, bottom = np.array([1, 2, np.nan, 9.0]), np.array([2, 4, 5, np.nan])
    assert ratio_of_means(top, bottom)[:1] == (0.5,)
    assert ratio_of_means(top, bottom).n == 2
    assert math.isnan(ratio_of_means(top, np.zeros(4)).mean)


# --- measures -------------------------------------------------------------------------------------


def test_depth_counts_referrals_from_the_beginning():
    above = np.array([-1, 0, 1, -1, 2, 0])
    assert cascades.depth(above).tolist() == [0, 1, 2, 0, 3, 1]


def test_likes_are_compared_with_likes():
    """Two cells: in the first recommenders lose 1 of 2 and others all; in the second nobody."""
    past = recommenders.Past(
        before=np.array([1, 1, 1, 5, 5, 9, 1]),
        within=np.array([1, 1, 1, 2, 2, 1, 0]),
        last_month=np.array([0, 0, 0, 1, 1, 3, 5]),
        lost=np.array([True, False, True, False, False, True, True]),
    )
    recommends = np.array([True, True, False, True, False, True, False])
    # the one with 9 orders has no like; the last did not buy in the window
    lost, others = recommenders.matched(past, recommends, np.ones(7, bool))
    assert (lost, others) == pytest.approx((1 / 3, 2 / 3))


def test_referred_are_compared_with_those_who_joined_with_them():
    value = np.array([6.0, 4.0, 2.0, 9.0, 100.0])
    joined = np.array([0, 0, 0, 1, 1])
    is_referred = np.array([True, False, False, False, False])
    assert referred.gap(value, is_referred, joined) == pytest.approx(6 / 3 - 1)


def test_the_best_number_of_contacts_is_chosen_where_it_is_not_measured():
    """In replicate 0 luck favours step b; by the other two it is a that is best."""
    revenue = {"none": [10, 10, 10], "a": [11, 13, 13], "b": [20, 12, 12], "most": [9, 9, 15]}
    rows = [
        {"replicate": k, "arm": f"{level}, {step}", "quantity": "net revenue", "value": float(x)}
        for level in contact.LEVELS
        for step, values in revenue.items()
        for k, x in enumerate(values)
    ]
    found = contact.finish(pd.DataFrame(rows))
    over = found[(found["arm"] == contact.LEVELS[0]) & (found["quantity"] == "over the better end")]
    # 0: a against the most, by 13 and 12 of the others; 1: b (16) against the most (12); 2: b
    # (16) against none, as the most has 9 without replicate 2
    assert over["value"].tolist() == pytest.approx([(11 - 9) / 10, (12 - 9) / 10, (12 - 10) / 10])


@pytest.fixture(scope="module")
def coffee():
    """Return a function that runs a small coffee market, changed by dotted paths."""

    def run(**dotted):
        changes = {"people.n": 400, "burn_in": 100, "terminal_period": 0, **dotted}
        return observe(Market(BEANS, rng=3, **changes))

    return run


def by_hand(records, start, end):
    """Orders and net revenue by brand and person, counted one by one."""
    orders, net = {}, {}
    for order, cents in zip(records.orders, records.net_cents, strict=True):
        if start <= order["day"] < end:
            at = (int(order["brand"]), int(order["person"]))
            orders[at] = orders.get(at, 0) + 1
            net[at] = net.get(at, 0) + int(cents)
    return orders, net


def test_brands_are_counted_as_by_hand(coffee):
    records = coffee()
    found = double_jeopardy.measure({"market": records})["market"]
    orders, _ = by_hand(records, 365, 730)
    buyers = [{person for brand, person in orders if brand == b} for b in range(3)]
    everybody = len(set.union(*buyers))
    coefficients = [
        len(buyers[a] & buyers[b]) * everybody / (len(buyers[a]) * len(buyers[b]))
        for a, b in ((0, 1), (0, 2), (1, 2))
    ]
    assert found["spread"] == pytest.approx(max(coefficients) / min(coefficients))
    for b, name in enumerate("ABC"):
        given = sum(n for (brand, _), n in orders.items() if brand == b)
        assert found[f"{name} penetration"] == pytest.approx(len(buyers[b]) / everybody)
        assert found[f"{name} frequency"] == pytest.approx(given / len(buyers[b]))


def test_fifths_are_counted_as_by_hand(coffee):
    records = coffee()
    found = pareto.measure({"steady": records})["steady"]
    (_, first), (_, second) = by_hand(records, 0, 365), by_hand(records, 365, 730)
    best, next_year = [], []
    for b in range(3):
        brought = sorted((net for (brand, _), net in first.items() if brand == b), reverse=True)
        fifth = math.ceil(len(brought) / 5)
        best.append(sum(brought[:fifth]) / sum(brought))
        later = sum(net for (brand, _), net in second.items() if brand == b)
        next_year.append(later / sum(brought))
    assert found["share of the best fifth"] == pytest.approx(np.mean(best))
    assert found["all buyers' next year"] == pytest.approx(np.mean(next_year))
    assert sum(found[f"fifth {k}"] for k in range(1, 6)) == pytest.approx(1)


def test_spillover_is_counted_as_by_hand(coffee):
    campaign = {"brands.A.strategies": {"service_followup": {"audience": {"share": 0.3}}}}
    worlds = {"none": coffee(), "campaign": coffee(**campaign)}
    found = spillover.measure(worlds | {f"deaf_{name}": each for name, each in worlds.items()})
    aimed = set(np.flatnonzero(worlds["campaign"].pilots[0] == 1).tolist())
    assert 60 < len(aimed) < 180
    more = {}
    for world, sign in (("campaign", 1), ("none", -1)):
        for (brand, person), n in by_hand(worlds[world], 0, 730)[0].items():
            if brand == 0:
                more[person] = more.get(person, 0) + sign * n
    assert found["influence"]["total"] == sum(more.values())
    assert found["influence"]["direct"] == sum(n for who, n in more.items() if who in aimed)
    assert found["influence"] == found["deaf"]


def test_who_is_lost_is_counted_as_by_hand(coffee):
    programme = {"referral": {"audience": {"share": 0.5}}}
    changes = {"people.n": 1500, "days": 545, "burn_in": 365}
    worlds = {
        "none": coffee(**changes),
        "programme": coffee(**changes, **{"brands.A.strategies": programme}),
    }
    pairs = {f"{k}_{name}": world for k in ("equal", "loyal") for name, world in worlds.items()}
    found = recommenders.measure(worlds | pairs)["as it is"]
    may = set(np.flatnonzero(worlds["programme"].pilots[0] == 1).tolist())
    known = {who for brand, who in by_hand(worlds["none"], -365, 0)[0] if brand == 0}
    invited = {
        int(one["referrer"])
        for one in worlds["programme"].invitations
        if one["day"] < recommenders.WINDOW
    }
    effect = 0.0
    for world, sign in (("programme", 1), ("none", -1)):
        later = by_hand(worlds[world], recommenders.WINDOW, 545)[0]
        kept = {who for brand, who in later if brand == 0}
        for group, more in ((known & may, sign), (known - may, -sign)):
            effect += more * len(group - kept) / len(group)
    share = len(invited & known) / len(known & may)
    assert found["participation"] == pytest.approx(share)
    assert share > 0
    assert found["causal"] == pytest.approx(effect / share)


def test_where_nobody_takes_part_there_is_no_number(coffee):
    still = coffee(**{"people.n": 50, "days": 800})
    worlds = dict.fromkeys(("friends_alike", "strangers"), still)
    assert math.isnan(referred.measure(worlds)["strangers"]["margin, first year"])
    assert math.isnan(
        distributors.measure({"agent_recruitment": still})["agent_recruitment"]["left"]
    )
    nobody, all_three = np.zeros(3, bool), np.ones(3, bool)
    past = recommenders.Past(np.ones(3, int), np.ones(3, int), np.zeros(3, int), nobody)
    assert all(map(math.isnan, recommenders.matched(past, nobody, all_three)))


def test_leaving_is_counted_as_by_hand():
    changes = {
        "people.n": 2000,
        "terminal_period": 0,
        "brands.A.strategies": {"agent_recruitment": {"referrals_needed": 0, "courses": 0}},
        "behaviour.direct_selling.join_intercept": -2,
    }
    records = observe(Market(CREAMS, rng=1, **changes))
    found = distributors.measure({"agent_recruitment": records})["agent_recruitment"]
    there = [
        one
        for one in records.distributors
        if one["joined_day"] < 365 and (one["quit_day"] == NO_DAY or one["quit_day"] >= 365)
    ]
    gone = [one for one in there if one["quit_day"] != NO_DAY]
    assert len(there) > 20
    assert found["left"] == pytest.approx(len(gone) / len(there))


# --- from a file to the page ----------------------------------------------------------------------

SMALL = (
    f"study: compare\nmarket:\n  use: {BEANS}\n"
    + """\
  set:
    people.n: 1500
    days: 200
    burn_in: 0
    terminal_period: 0
    brands.A.strategies: {referral: {reward: 8}}
baseline: referral
arms:
  referral: {}
  everybody_follows: {behaviour.referral.acceptance_intercept: .inf, behaviour.referral.trigger: 1}
replicates: {n: 3, seed: 1}
"""
)


@pytest.fixture
def small(tmp_path):
    own = tmp_path / "small.yaml"
    own.write_text(SMALL)
    return own


def test_a_study_of_ones_own_is_put_to_the_same_question(small, capsys):
    assert main(["cascades", "--file", str(small)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].startswith("| **Cascades of referral are small** |")
    assert len(lines) == 3 + len(FACTS["cascades"].checks)
    assert all("[" in line for line in lines[3:])


def test_the_page_says_what_was_found_and_is_the_same_again(small, tmp_path):
    fact = FACTS["cascades"]
    study = load(fact, small)
    shown = [page.Shown(fact, study, carry_out(fact, study))]
    first = page.write(shown, tmp_path / "one").read_bytes()
    again = [page.Shown(fact, study, carry_out(fact, study))]
    assert page.write(again, tmp_path / "two").read_bytes() == first
    for name in (page.NUMBERS, f"{page.PICTURES}/cascades.png"):
        one, two = ((tmp_path / folder / name).read_bytes() for folder in ("one", "two"))
        assert one == two
    numbers = pd.read_csv(tmp_path / "one" / page.NUMBERS)
    alone = shown[0].table.query("arm == 'referral' and quantity == 'alone'")["value"]
    assert numbers["on_mean"].iloc[0] == pytest.approx(alone.mean(), rel=1e-5)
    assert f"## {fact.title}: {numbers['verdict'].iloc[0]}" in first.decode()
    for waiting, _ in page.WAITING:
        assert f"| {waiting} |" in first.decode()


def test_mistakes_are_told(tmp_path, capsys):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("study: compare\nmarket: {use: tea}\narms: {none: {}}\n")
    assert main(["pareto", "--file", str(wrong)]) == 2
    assert "there is no market 'tea'" in capsys.readouterr().err
    for bad in (["parreto"], ["pareto", "cascades", "--file", str(wrong)]):
        with pytest.raises(SystemExit, match="2"):
            main(bad)


# --- what is published ----------------------------------------------------------------------------


@pytest.mark.slow
def test_the_verdicts_are_those_published(fact):
    """A fact that emerges must go on emerging, and must not without its mechanism."""
    study = load(fact)
    found = page.numbers([page.Shown(fact, study, carry_out(fact, study))])
    published = pd.read_csv(PUBLISHED / page.NUMBERS)
    own = published[published["fact"] == fact.name].reset_index(drop=True)
    said = ["verdict", "check", "on_verdict", "off_verdict"]
    pd.testing.assert_frame_equal(found[said], own[said])
