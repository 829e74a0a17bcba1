"""The headline results of three markets are those that are kept in tests/baseline.csv."""

import pandas as pd
import pytest

from benchmarks import baseline

ADVICE = (
    "Results have moved. If that is not meant, it is a defect. If it is, run `make baseline`, "
    "commit tests/baseline.csv with the change, and say in the message what moved and why:\n"
)


def test_headline_results_are_those_that_are_kept():
    lines = baseline.moved(baseline.kept(), baseline.compute())
    assert not lines, ADVICE + "\n".join(lines)


@pytest.mark.quick
def test_what_is_kept_covers_all_markets_and_headlines():
    kept = baseline.kept()
    assert set(kept["market"]) == set(baseline.MARKETS)
    assert set(kept["metric"]) == set(baseline.HEADLINES)
    assert baseline.text(kept) == baseline.FILE.read_text(encoding="utf-8")
    busy = kept[(kept["market"] == "quickstart") & (kept["brand"] == "A")].set_index("metric")
    assert (busy["value"][["orders", "touches", "distributors_joined"]] > 0).all()


@pytest.mark.quick
def test_what_moved_is_said_and_by_how_much():
    def table(*rows: tuple[str, float]) -> pd.DataFrame:
        return pd.DataFrame(
            [("m", "A", metric, "CNY", value) for metric, value in rows],
            columns=[*baseline.KEYS, "value"],
        )

    old = table(("orders", 200), ("gmv", 100.5), ("nps", 0.25), ("cac", 0), ("ltv", 7))
    new = table(("orders", 201), ("gmv", 100.5 + 1e-11), ("nps", 0.24), ("cac", 1), ("aov", 3))
    assert baseline.moved(old, new) == [
        "m, brand A: orders: 200 -> 201 CNY, +0.5 %",
        "m, brand A: nps: 0.25 -> 0.24 CNY, -4 %",
        "m, brand A: cac: 0 -> 1 CNY",
        "m, brand A: ltv is gone",
        "m, brand A: aov is new",
    ]
    assert baseline.moved(old, old) == []
