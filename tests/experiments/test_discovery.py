"""Scenario discovery on data whose rule is known, and the figures of boxes against plain counts."""

import itertools
import logging
import os
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from planted_boxes import FACTORS, MANY, box_of, planted, runs
from scipy import stats

from experiments import boxes, plots_discovery
from experiments.boxes import Limit
from experiments.cart import cart
from experiments.discovery import Cases, discover, prepare
from experiments.prim import prim


@pytest.fixture(scope="module")
def found():
    frame = runs()
    return discover(frame.assign(y=planted(box_of(frame), wrong=0.03)), FACTORS, "y", MANY)


# -- PRIM -----------------------------------------------------------------------------------------


def test_a_planted_box_is_found(found):
    (box,) = found.prim.boxes
    by_factor = {limit.factor: limit for limit in box.limits}
    assert set(by_factor) == {"talk", "lead", "kind"}
    assert by_factor["talk"].low == pytest.approx(0.03, abs=0.003)
    assert by_factor["talk"].high == np.inf
    assert (by_factor["lead"].low, by_factor["lead"].high) == (3, 8)
    assert by_factor["kind"].among == ("goods", "points")
    assert box.density > 0.8
    inside = box_of(runs()).to_numpy()
    assert box.coverage > 0.97 * (inside & found.cases).sum() / found.cases.sum()


def test_without_noise_the_planted_box_holds_everything():
    frame = runs()
    found = discover(frame.assign(y=planted(box_of(frame))), FACTORS, "y", MANY)
    assert found.prim.boxes[0].coverage == 1
    assert found.prim.boxes[0].density > 0.9


def test_low_values_can_be_sought():
    frame = runs()
    low = discover(frame.assign(y=-planted(box_of(frame))), FACTORS, "y", Cases(at_most=-50))
    assert {limit.factor for limit in low.prim.boxes[0].limits} == {"talk", "lead", "kind"}
    assert low.what == "y of at most −50"


def test_a_second_box_is_about_the_runs_not_in_the_first():
    frame = runs()
    one = (frame["talk"] > 0.03) & (frame["lead"] <= 7)
    both = one | (frame["inert"] > 0.75) & (frame["kind"] == "cash")
    found = discover(frame.assign(y=planted(both)), FACTORS, "y", MANY)
    first, second = found.prim.boxes
    assert {limit.factor for limit in first.limits} == {"talk", "lead"}
    assert {limit.factor for limit in second.limits} == {"inert", "kind"}
    assert first.coverage + second.coverage == pytest.approx(1, abs=0.02)
    assert min(first.density, second.density) > 0.8
    inside = boxes.within(second.limits, found.factors)
    assert second.runs == (inside & ~boxes.within(first.limits, found.factors)).sum() < inside.sum()
    assert found.sentences()[1].startswith("Of the runs not yet spoken of: of the ")


def test_noise_has_mostly_no_box_and_never_a_dense_one():
    known, rng = prepare(runs(200), FACTORS), np.random.default_rng(3)
    found = [prim(known, rng.uniform(size=200) < 0.3, most=1).boxes[0] for _ in range(8)]
    assert sum(box.limits == () for box in found) >= 5
    assert max(box.density for box in found) < 0.65


def test_one_factor_will_do():
    frame = runs(400)
    found = discover(frame.assign(y=frame["asked"] * 1.0), ["asked"], "y", Cases(at_least=1))
    (box,) = found.prim.boxes
    assert box.limits == (Limit("asked", among=("true",)),)
    assert (box.coverage, box.density) == (1, 1)


def test_a_box_without_limits_says_so():
    frame = runs(200)
    cases = np.arange(200) % 3 == 0
    box = boxes.pruned([Limit("inert", low=0.01)], prepare(frame, FACTORS), cases, cases | True)
    assert box.limits == ()
    assert (box.runs, box.coverage, box.mass) == (200, 1, 1)
    said = boxes.sentence(box, "luck", cases)
    assert said == "Nothing was found that tells apart the 34 % that have luck."
    assert len(boxes.table("prim", [box])) == 1


def test_the_way_to_the_box_is_told(found):
    steps = found.prim.trajectory
    assert steps.loc[0, ["coverage", "mass", "dimensions"]].tolist() == [1, 1, 0]
    assert steps.loc[0, "density"] == pytest.approx(found.cases.mean())
    assert steps["chosen"].sum() == 1
    chosen, box = steps[steps["chosen"]].iloc[0], found.prim.boxes[0]
    assert chosen["dimensions"] >= len(box.limits)
    assert chosen["coverage"] <= box.coverage
    assert box.density > 0.8 > steps["density"].quantile(0.3)


@pytest.mark.parametrize("density", [0.3, 0.999])
def test_a_denser_box_covers_less(density):
    frame = runs()
    y = planted(box_of(frame), wrong=0.03)
    known, cases = prepare(frame, FACTORS), y >= 50
    wanted, usual = (prim(known, cases, density=d, most=1).boxes[0] for d in (density, 0.8))
    assert (wanted.coverage > usual.coverage) == (density < 0.8)
    assert (wanted.density < usual.density) == (density < 0.8)


# -- figures of boxes -----------------------------------------------------------------------------


def by_counting(limits, factors, cases, among) -> tuple[int, int]:
    runs = hits = 0
    for k, row in enumerate(factors.to_dict("records")):
        inside = among[k]
        for limit in limits:
            value = row[limit.factor]
            inside &= value in limit.among if limit.among else limit.low <= value <= limit.high
        runs, hits = runs + inside, hits + (inside and cases[k])
    return int(runs), int(hits)


def test_coverage_density_mass_and_quasi_p():
    factors = prepare(runs(300), FACTORS)
    rng = np.random.default_rng(5)
    cases, among = rng.uniform(size=300) < 0.4, rng.uniform(size=300) < 0.8
    talk, lead, kind = (
        Limit("talk", low=0.01),
        Limit("lead", low=3, high=9),
        Limit("kind", among=("cash", "goods")),
    )
    box = boxes.measure([talk, lead, kind], factors, cases, among)
    n, hits = by_counting([talk, lead, kind], factors, cases, among)
    assert (box.runs, box.cases) == (n, hits)
    assert box.coverage == hits / cases.sum()
    assert box.density == hits / n
    assert box.mass == n / 300

    def chance(*wider):
        more, cases_there = by_counting(wider, factors, cases, among)
        return stats.binomtest(hits, n, cases_there / more, alternative="greater").pvalue

    expected = [
        (chance(lead, kind), np.nan),
        (chance(talk, Limit("lead", high=9), kind), chance(talk, Limit("lead", low=3), kind)),
        (chance(talk, lead), np.nan),
    ]
    for given, wanted in zip(box.quasi_p, expected, strict=True):
        assert given == pytest.approx(wanted, nan_ok=True)
    (upper,) = boxes.measure([Limit("talk", high=0.04)], factors, cases, among).quasi_p
    assert np.isnan(upper[0]) and 0 < upper[1] < 1


def test_quasi_p_is_that_of_the_package():
    """Its last box, before any bound is dropped, with the same limits."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ema_workbench.analysis.prim import Prim

        frame = runs(500)[["talk", "reward"]]
        cases = planted(frame["talk"] > 0.03, wrong=0.1) >= 50
        theirs = Prim(frame, cases.astype(int), threshold=0.1).find_box()
    lims = theirs.box_lims[-1]
    limits = [Limit(name, *lims[name]) for name in lims if name in theirs.qp[-1]]
    ours = boxes.measure(limits, frame, cases, np.ones(500, bool))
    assert (ours.coverage, ours.density) == pytest.approx((theirs.coverage, theirs.density))
    for limit, both in zip(ours.limits, ours.quasi_p, strict=True):
        for mine, its in zip(both, theirs.qp[-1][limit.factor], strict=True):
            assert its == -1 or mine == pytest.approx(its)


def test_only_the_useless_side_of_a_limit_is_dropped():
    factors = prepare(runs(), FACTORS)
    cases = (factors["lead"] >= 8).to_numpy()
    limits = [Limit("lead", low=8, high=14), Limit("inert", low=0.1, high=0.9)]
    box = boxes.pruned(limits, factors, cases, cases | True)
    assert box.limits == (Limit("lead", low=8),)
    assert box.density == box.coverage == 1


def test_limits_in_words():
    said = [
        Limit("a", low=20).text(),
        Limit("a", high=0.01234).text(),
        Limit("a", low=-3, high=7).text(),
        Limit("a", low=4, high=4).text(),
        Limit("kind", among=("cash", "goods")).text(),
    ]
    assert said == [
        "a is at least 20",
        "a is at most 0.0123",
        "a is between −3 and 7",
        "a is 4",
        "kind is cash or goods",
    ]


def test_the_table_has_a_row_for_each_limit(found):
    table = found.table()
    assert list(table.columns) == list(boxes.COLUMNS)
    prims = table[table["method"] == "prim"].set_index("factor")
    assert len(prims) == 3
    assert prims.loc["kind", "among"] == "goods, points"
    assert np.isnan(prims.loc["talk", "high"]) and np.isnan(prims.loc["talk", "qp_high"])
    assert prims.loc["talk", "qp_low"] < 1e-6
    assert (table.groupby(["method", "box"])["density"].nunique() == 1).all()
    leaves = table[table["method"] == "cart"].groupby("box")["mass"].first()
    assert leaves.sum() == pytest.approx(1)


def test_a_sentence_says_what_was_found(found):
    (said,) = found.sentences()
    box = found.prim.boxes[0]
    low = boxes.number(box.limits[0].low)
    where = f"talk is at least {low} and lead is between 3 and 8 and kind is goods or points"
    assert said.startswith(f"Of the {box.runs} runs in which {where}, ")
    assert f"{boxes.percent(box.density)} have y of at least 50, against" in said
    assert said.endswith(f"they are {boxes.percent(box.coverage)} of those that do.")


# -- CART -----------------------------------------------------------------------------------------


def test_a_planted_rule_is_found_by_the_tree():
    frame = runs()
    y = (frame["lead"] <= 5) & (frame["kind"] == "points") | (frame["reward"] > 50)
    tree = cart(prepare(frame, FACTORS), y.to_numpy())
    assert [box.density for box in tree.boxes] == pytest.approx([1, 1, 0, 0], abs=0.02)
    assert sum(box.coverage for box in tree.boxes[:2]) == pytest.approx(1, abs=0.01)
    many, few = sorted(tree.boxes[:2], key=lambda box: -len(box.limits))
    by_factor = {limit.factor: limit for limit in many.limits}
    assert by_factor["kind"].among == ("points",)
    assert by_factor["lead"] == Limit("lead", high=5)
    assert by_factor["reward"].high == pytest.approx(50, abs=0.5)
    (reward,) = few.limits
    assert reward.low == pytest.approx(50, abs=0.5)


def test_the_tree_in_words():
    frame = runs(400)
    y = (frame["lead"] <= 5) & (frame["kind"] != "cash")
    lines = cart(prepare(frame, FACTORS), y.to_numpy()).text.splitlines()
    n, early = 400, frame[frame["lead"] <= 5]
    cash = (early["kind"] == "cash").sum()
    assert lines == [
        f"all runs: {n} runs, {boxes.percent(y.mean())} cases",
        f"    lead is at most 5: {len(early)} runs, {boxes.percent(1 - cash / len(early))} cases",
        f"        kind is cash: {cash} runs, 0 % cases",
        f"        kind is goods or points: {len(early) - cash} runs, 100 % cases",
        f"    lead is at least 6: {n - len(early)} runs, 0 % cases",
    ]


def test_every_run_is_in_exactly_one_leaf(found):
    inside = [boxes.within(box.limits, found.factors) for box in found.cart.boxes]
    assert (np.sum(inside, axis=0) == 1).all()
    assert [box.runs for box in found.cart.boxes] == [int(rows.sum()) for rows in inside]
    assert min(box.mass for box in found.cart.boxes) >= 0.05


def test_splits_that_tell_nothing_are_undone():
    """Of trees grown on luck, one in ten or so keeps a split: it is the best of several nodes'."""
    known, rng = prepare(runs(400), FACTORS), np.random.default_rng(7)
    grown = [len(cart(known, rng.uniform(size=400) < 0.3).boxes) for _ in range(100)]
    assert np.mean([leaves > 1 for leaves in grown]) < 0.2


def test_no_more_leaves_than_asked():
    frame = runs()
    y = (frame["lead"] % 4 == 0).to_numpy()
    known = prepare(frame, FACTORS)
    assert len(cart(known, y).boxes) > 3
    assert len(cart(known, y, leaves=3).boxes) <= 3


# -- manners --------------------------------------------------------------------------------------


def test_nothing_is_printed_logged_or_warned_of(capfd, caplog):
    frame = runs(300)
    caplog.set_level(logging.DEBUG)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        discover(frame.assign(y=planted(box_of(frame))), FACTORS, "y", MANY)
    assert capfd.readouterr() == ("", "")
    assert not [record for record in caplog.records if record.name.startswith("EMA")]


def test_the_given_table_is_left_alone():
    frame = runs(300).assign(y=planted(box_of(runs(300))))
    before = frame.copy()
    discover(frame, FACTORS, "y", MANY)
    pd.testing.assert_frame_equal(frame, before)


SCRIPT = """
from planted_boxes import FACTORS, MANY, box_of, planted, runs
from experiments.discovery import discover
frame = runs(400)
found = discover(frame.assign(y=planted(box_of(frame), wrong=0.1)), FACTORS, "y", MANY)
print(found.table().to_csv(), found.cart.text, found.prim.trajectory.to_csv())
"""


def test_the_same_runs_give_the_same_rules_in_every_process():
    """Sets of text are in another order with each seed of Python's hashes."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            cwd=os.path.dirname(__file__),
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    said = [process.communicate()[0] for process in started]
    assert said[0] == said[1]
    assert "kind" in said[0]


def test_pictures_show_the_boxes(found):
    figure = plots_discovery.tradeoff(found)
    (axes,) = figure.axes
    box = found.prim.boxes[0]
    points = np.concatenate([each.get_offsets() for each in axes.collections])
    assert len(points) == len(found.prim.trajectory) + 1
    assert [box.coverage, box.density] in points.tolist()
    figure = plots_discovery.pairs(found)
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert len(shown) == 3 == len(list(itertools.combinations(box.limits, 2)))
    for axes in shown:
        (rectangle,) = axes.patches
        assert rectangle.get_width() > 0 and rectangle.get_height() > 0
        assert sum(len(each.get_offsets()) for each in axes.collections) == len(found.factors)


def test_a_box_with_one_limit_or_none_can_be_drawn_or_not():
    frame = runs(200)
    one = discover(frame.assign(y=planted(frame["talk"] > 0.03)), ["talk", "inert"], "y", MANY)
    assert len(plots_discovery.pairs(one).axes) == 1
    free = boxes.measure([], one.factors, one.cases, one.cases | True)
    none = one.prim._replace(boxes=[free])
    assert plots_discovery.pairs(type(one)(one.factors, one.cases, "", none, one.cart)) is None
