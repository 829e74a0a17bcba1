"""Pictures show all there is, or say what they leave out and why; by size, never by file order."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import swept
from made_up import made_up
from tiny_studies import Notes, write_study

from experiments import curves, show, style
from experiments.conduct import conduct
from experiments.metrics import METRICS
from experiments.study import load


def visible(figure):
    return [axes for axes in figure.axes if axes.get_visible() and axes.get_xlabel()]


# -- comparisons ----------------------------------------------------------------------------------


def compared(tmp_path, names, gains):
    """Return the picture of a comparison of responses that gain so much, with noise of size 1."""
    path = write_study(tmp_path, 5)
    path.write_text(path.read_text() + f"responses: [{', '.join(names)}]\n")

    def made(job, record):
        own = np.random.default_rng([job.seed % 2**32, job.arm == "none"])
        more = dict(zip(names, gains, strict=True)) if job.arm != "none" else {}
        columns = {n: [more.get(n, 0.0) + own.normal(), 0.0] for n in METRICS}
        return {"runs": pa.table({"brand": ["A", "B"], **columns})}

    own = load(path)
    outcome = conduct(own, tmp_path / "results", Notes(), simulate=made)
    tables = own.rules.tables(own, outcome.store, outcome.design)
    return show.draw(own, tables)["incremental"][1]


def test_all_seven_responses_are_drawn(tmp_path):
    names = list(METRICS)[:7]
    figure = compared(tmp_path, names, range(7))
    assert [a.get_title(loc="left") for a in visible(figure)] == [METRICS[n].label for n in names]
    assert figure.get_supxlabel() == ""


def test_of_very_many_the_clearest_are_drawn_and_that_is_said(tmp_path):
    names = list(METRICS)[:31]
    gains = [0.0] * 7 + [1000.0] * 24  # what matters comes last in the file
    figure = compared(tmp_path, names, gains)
    shown = {axes.get_title(loc="left").replace("\n", " ") for axes in visible(figure)}
    assert shown == {METRICS[name].label for name in names[7:]}
    assert figure.get_supxlabel().startswith("24 of 31 responses: those with the largest change")


def test_the_largest_keep_their_order_and_what_is_undefined_comes_last():
    sizes = {"a": 1.0, "b": float("nan"), "c": 3.0, "d": 2.0}
    assert style.largest(list(sizes), sizes.get, 2) == (["c", "d"], ["a", "b"])
    assert style.largest(list(sizes), sizes.get, 9) == (list(sizes), [])


@pytest.mark.parametrize(
    ("places", "ticks"), [([1], [1]), ([1, 2], [1, 2]), ([0, 3], [0, 1, 2, 3])]
)
def test_an_axis_of_whole_numbers_has_no_others(places, ticks):
    figure, axes = style.figure("", "", "")
    axes.bar(places, 1)
    style.whole(axes.xaxis)
    figure.draw_without_rendering()
    low, high = axes.get_xlim()
    assert [tick for tick in axes.get_xticks() if low <= tick <= high] == ticks


# -- sweeps ---------------------------------------------------------------------------------------


def factors(k):
    """Return k factors that do nothing, and after them the one that does."""
    idle = [f"brands.B.products.cream.{n}" for n in ("fault_rate", "unit_cost")]
    idle += [f"brands.{b}.{n}" for b in "BA" for n in ("misdelivery", "advertising.spend")]
    idle += ["brands.B.late", "behaviour.dropout.satisfaction_effect"]
    own = [f"{name}: {{range: [0.01, 0.4]}}" for name in idle[:k]]
    return "{" + ", ".join([*own, "brands.A.late: {range: [0, 0.4]}"]) + "}"


@pytest.mark.parametrize("n", [1, 4])
def test_all_eight_factors_are_drawn_the_one_that_matters_first(tmp_path, n):
    own = swept.study(tmp_path, factors=factors(7), design="{name: lhs, n: 40}", n=n)
    tables = swept.tables(own, tmp_path)
    drawn = show.draw(own, tables)
    for name in ("effects", "scatter"):
        panels = visible(drawn[name][1])
        assert len(panels) == 8
        assert panels[0].get_xlabel().startswith("A.late")
    assert tables["factors"]["factor"].iloc[0] == "brands.A.late"


def test_factors_that_have_no_panel_are_those_that_do_least(tmp_path, monkeypatch):
    from experiments.sweep import plots

    monkeypatch.setattr(plots, "MOST_AXES", 2)
    own = swept.study(tmp_path, factors=factors(5), design="{name: lhs, n: 40}", n=4)
    tables = swept.tables(own, tmp_path)
    figure = show.draw(own, tables)["effects"][1]
    assert visible(figure)[0].get_xlabel().startswith("A.late")
    said = figure.get_supxlabel().replace("\n", " ")
    assert "2 of 6 factors, those whose levels lie furthest apart" in said
    spans = tables["main"].groupby("factor")["mean"].agg(lambda m: m.max() - m.min())
    least = float(said.rpartition("within ")[2].split()[0])
    assert least == pytest.approx(spans.sort_values().iloc[-3], rel=0.01)


# -- the value curve ------------------------------------------------------------------------------


def rows_of(people, worth):
    """Return rows of the curve `value`: customers by months of observation, CNY a month of each."""
    return pd.DataFrame(
        [
            {"x": x, "y": y, "top": float(n * worth[y] * x), "bottom": float(n)}
            for y, n in people.items()
            for x in range(1, y + 1)
        ]
    )


def test_the_value_curve_is_of_the_same_customers_and_does_not_fall_as_cohorts_differ():
    rows = rows_of({1: 300, 2: 300, 3: 100}, {1: 30.0, 2: 20.0, 3: 5.0})
    curve = curves.value_of_the_same(rows)
    # Over all who were observed so long it would be 22.1, 32.5 and 15: it would fall.
    seen = rows.groupby("x")[["top", "bottom"]].sum()
    assert (seen["top"] / seen["bottom"]).diff().min() < 0
    assert curve["value"].tolist() == [0, 5, 10, 15]
    assert curve["n"].unique().tolist() == [100]


def test_the_value_curve_ends_where_hardly_anybody_is_left():
    rows = rows_of({1: 500, 2: 480, 3: 20}, {1: 30.0, 2: 20.0, 3: 5.0})
    curve = curves.value_of_the_same(rows)
    assert list(curve.index) == [0, 1, 2]
    assert curve["n"].iloc[0] == 500
    assert curve["value"].iloc[1] == pytest.approx((480 * 20 + 20 * 5) / 500)
    assert list(curves.value_of_the_same(rows[:0]).index) == [0]


@pytest.mark.parametrize("seed", range(4))
def test_the_value_of_all_who_were_observed_is_the_sum_over_how_long_they_were(seed):
    records = made_up(seed)
    table = curves.table(records)
    rows = table[table["curve"] == "value"]
    whole = curves.lifetime_value(records)
    for b, brand in enumerate(records.brands):
        own = rows[rows["brand"] == brand].groupby("x")[["top", "bottom"]].sum()
        share = own["top"] / own["bottom"]
        assert share.to_numpy() == pytest.approx(whole[b, share.index.to_numpy()])


# -- what is legible ------------------------------------------------------------------------------


def test_choices_are_not_joined_and_axes_of_boxes_have_units(tmp_path):
    chosen = "brands.A.late: {range: [0, 0.4]}, brands.B.late: {range: [0, 0.4]}"
    kinds = "people.entry.kind: {choices: [start, steady]}"
    seek = "{name: lhs, n: 60}\ndiscover: {top: 0.2, density: 0.5}"
    own = swept.study(tmp_path, factors=f"{{{chosen}, {kinds}}}", design=seek, n=1)
    tables = swept.tables(own, tmp_path)
    drawn = show.draw(own, tables)
    joined = {
        axes.get_xlabel().partition(",")[0]: axes.lines[1].get_linestyle()
        for axes in visible(drawn["scatter"][1])
    }
    assert joined == {"A.late": "-", "B.late": "-", "entry.kind": "None"}
    box = drawn["discovery_box"][1]
    assert {axes.get_xlabel() for axes in visible(box)} <= {"A.late, share", "B.late, share"}
    figure = drawn["discovery_tradeoff"][1]
    figure.draw_without_rendering()
    assert figure.axes[0].title.get_window_extent().x1 <= figure.bbox.x1
