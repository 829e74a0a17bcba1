"""The statement of an arm adds up, from gross sales to cash, and is that of the books."""

import numpy as np
import pandas as pd
import pytest
from whole_studies import finished

from experiments.compare import statement
from experiments.results import Results
from sim.accounts import Line, accounts
from sim.books import contribution

N = 3


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return Results(finished(tmp_path_factory.mktemp("statement"), N).store.folder)


@pytest.fixture(scope="module")
def table(results):
    return results.summary["statement"]


def test_every_account_but_cash_is_on_one_line_and_once():
    names = [entry.name for entry in statement.entries()]
    assert len(names) == len(set(names))
    assert {name.lower() for name in accounts()} <= set(names)


def test_lines_add_up(table):
    for _, arm in table.groupby("arm"):
        amounts = arm.set_index("metric")["mean"]
        total = 0.0
        for entry in statement.entries():
            total += entry.sign * amounts[entry.name]
            if entry.sign == 0:
                assert total == pytest.approx(amounts[entry.name], abs=0.01), entry.name


def test_it_is_that_of_the_runs(results, table):
    runs = results.runs
    for arm, rows in table.groupby("arm"):
        amounts = rows.set_index("metric")["mean"]
        own = runs[(runs["arm"] == arm) & (runs["brand"] == results.study.of)]
        assert amounts["contribution"] == pytest.approx(own["contribution_profit"].mean())
        assert amounts["net_revenue"] == pytest.approx(own["net_revenues"].mean())


def test_changes_are_paired(table):
    wide = table.pivot(index="metric", columns="arm", values="mean")
    base, other = wide.columns[0], wide.columns[1]
    changed = table[table["difference"].notna()].set_index(["arm", "metric"])["difference"]
    for (arm, line), difference in changed.items():
        against = base if arm == other else other
        assert difference == pytest.approx(wide.loc[line, arm] - wide.loc[line, against], abs=0.01)


def test_what_is_nothing_in_every_arm_is_not_shown(results, table):
    view = statement.view(results.study, {"statement": table})
    shown = {row[0][2:] for row in view.rows}
    for entry in statement.entries():
        rows = table[table["metric"] == entry.name]
        assert (entry.label in shown) == (entry.sign == 0 or bool(np.any(rows["mean"] != 0)))


def test_without_days_there_is_none(results):
    assert statement.view(results.study, {}).rows == []
    assert statement.view(results.study, {"statement": pd.DataFrame()}).rows == []


def test_lines_are_those_of_the_books():
    daily = np.arange(1, len(accounts()) + 1).reshape(1, 1, -1)
    value = dict(zip((name.lower() for name in accounts()), daily[0, 0], strict=True))
    at = {entry.name: entry.sign for entry in statement.entries()}
    above = [name for name in value if accounts()[name.upper()].line <= Line.COST]
    assert sum(at[name] * value[name] for name in above) == contribution(daily)[0, 0]
