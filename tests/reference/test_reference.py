"""Both markets, written apart, are equal: every order, word, promise, posting and state, daily.

What is compared is in `compared.py`; what differences have taught is in docs/reference.md.
"""

import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from any_market import SEVERAL, what_happened

from reference import compared
from reference.any_whole_market import market_number, whole_markets, with_all_moved, with_meddler
from reference.compare import Difference, first_differences, look
from reference.compared import Table
from reference.market import ReferenceMarket
from reference.mechanisms import installed
from sim.accruals import Kind as Promise
from sim.accruals import State
from sim.books import ACCOUNTS
from sim.config.load import load_market
from sim.counts import COUNTS
from sim.market import Market
from sim.strategies.interface import strategies
from tests.markets import CREAMS

SOME = (*range(46), 54, 56)
MANY = range(200)
SOME_MOVED, MANY_MOVED = range(200, 212), range(200, 240)
OWED = {f"{promise.name} {State(state).name}" for promise in Promise for state in (2, 3, 4)}
"""What becomes of promises: vested, void, or unfunded."""
CAN_HAPPEN = {*COUNTS, *ACCOUNTS, *strategies(), "meddler", *OWED, SEVERAL}
CAN_HAPPEN -= {"EXPIRY VOID", "EXPIRY UNFUNDED"}  # it is looked at in any case
CAN_HAPPEN -= {"RECRUIT UNFUNDED"}  # rare: it has a market of its own below


def compare(number: int, moved: bool = False, **size: tuple[int, int]) -> Counter[str]:
    """Hold a market's two runs equal; return what happened in it."""
    market, seed = market_number(number, whole_markets(**size))
    if moved:
        market = with_all_moved(market, number)
    differences, fast, reference = first_differences(load_market(with_meddler(market)), seed)
    assert not differences, f"market {number}: {differences[0]}"
    booked = np.abs(fast.books.daily).sum(axis=(0, 1)).tolist()
    seen = what_happened(fast) + Counter(of.name for of in reference.strategies)
    return seen + Counter(dict(zip(ACCOUNTS, booked, strict=True)))


def test_some_markets_are_equal_and_everything_has_happened_in_them() -> None:
    seen: Counter[str] = Counter()
    for number in SOME:
        seen += compare(number, people=(20, 120), days=(60, 120))
    assert not (missing := CAN_HAPPEN - set(seen)), f"nothing compared of {sorted(missing)}"


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, len(MANY), 10))
def test_many_markets_are_equal(first: int) -> None:
    for number in MANY[first : first + 10]:
        compare(number)


def test_some_markets_are_equal_with_every_parameter_of_behaviour_moved() -> None:
    """No two then have the same value, as some have by default."""
    for number in SOME_MOVED:
        compare(number, moved=True, people=(20, 120), days=(60, 120))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(MANY_MOVED.start, MANY_MOVED.stop, 10))
def test_many_markets_are_equal_with_every_parameter_of_behaviour_moved(first: int) -> None:
    for number in range(first, first + 10):
        compare(number, moved=True)


@pytest.mark.quick
def test_a_busy_market_is_equal(busy_mapping: dict[str, Any]) -> None:
    differences, *_ = first_differences(load_market(busy_mapping), 1)
    assert not differences, str(differences[0])


def test_a_market_with_too_little_money_for_recruiters_is_equal(
    busy_mapping: dict[str, Any],
) -> None:
    """Everybody asked joins; the budget has room for some of the rewards, by lot."""
    eager = {"join_intercept": math.inf, "calls": 30, "recruiting": 0.8, "quit_intercept": -3}
    busy_mapping["behaviour"]["direct_selling"] |= eager
    tight = {"recruit_bonus": 500, "budget": 5000}
    busy_mapping["brands"]["C"]["strategies"]["agent_recruitment"] |= tight
    differences, fast, _ = first_differences(load_market(busy_mapping), 1)
    assert not differences, str(differences[0])
    seen = what_happened(fast)
    assert seen["RECRUIT UNFUNDED"] > 5 and seen["RECRUIT VESTED"] > 2


def test_directed_ties_from_a_file_are_equal(busy_mapping: dict[str, Any], tmp_path: Path) -> None:
    edges = [f"{i},{(i + k) % 60},0.{k}" for i in range(60) for k in (1, 2, 3, 7)]
    file = tmp_path / "edges.csv"
    file.write_text("\n".join(["from,to,strength", *edges]))
    busy_mapping["people"]["n"] = 60
    busy_mapping["network"] = {"kind": "edge_list", "file": str(file), "directed": True}
    differences, *_ = first_differences(load_market(busy_mapping), 5)
    assert not differences, str(differences[0])


# --- would a difference be seen? ----------------------------------------------------------------


@pytest.fixture
def pair(busy_mapping: dict[str, Any]) -> tuple[Market, ReferenceMarket]:
    changes = {"days": 25, "people.n": 60, "brands.A.staff": {"capacity": 20}}
    config = load_market(busy_mapping, changes)
    fast, reference = Market(config, rng=6), ReferenceMarket(config, rng=6)
    fast.run_model()
    reference.run_model()
    return fast, reference


def all_tables() -> list[Table]:
    kinds = installed()
    return [*compared.of_day(), *compared.of_state(kinds), *compared.of_records(kinds, True)]


@pytest.mark.parametrize("name", [table.name for table in all_tables()])
def test_a_change_in_any_table_is_reported(pair: tuple[Any, Any], name: str) -> None:
    fast, reference = pair
    table = next(table for table in all_tables() if table.name == name)
    theirs, ours = table.fast(fast), list(table.reference(reference))
    assert not list(look(table, theirs, ours, 24))
    assert ours, "there is nothing in it to be changed"
    column = table.columns[-1]
    theirs[column] = theirs[column].copy()
    theirs[column][-1] = not theirs[column][-1]
    (found,) = look(table, theirs, ours, 24)
    assert (found.day, found.table, found.field) == (24, name, column)
    assert found.row == len(ours) - 1
    assert column in str(found)


def test_a_row_too_few_is_reported(pair: tuple[Any, Any]) -> None:
    fast, reference = pair
    table = compared.of_state(installed())[0]
    ours = list(table.reference(reference))[:-1]
    assert Difference(24, "person", "-", "number of rows", 60, 59) in list(
        look(table, table.fast(fast), ours, 24)
    )


# --- the reference by itself --------------------------------------------------------------------


def test_it_is_a_mesa_model_of_agents(busy_mapping: dict[str, Any]) -> None:
    config = load_market(busy_mapping, {"days": 2, "burn_in": 0, "people.n": 30})
    market = ReferenceMarket(config, rng=1)
    assert {kind.__name__: len(them) for kind, them in market.agents_by_type.items()} == {
        "Brand": 3,
        "Person": 30,
    }
    market.run_model()
    assert (market.steps, market.running) == (2, False)
    market.run_on()
    with pytest.raises(RuntimeError, match="outside the run"):
        market.step()


def test_it_says_that_it_reads_no_transaction_logs(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("id,date\n1,20240101\n")
    changes = {"people.entry.kind": "log", "people.entry.log": str(log), "people.n": 20}
    with pytest.raises(NotImplementedError, match="transaction logs"):
        ReferenceMarket(load_market(CREAMS, changes), rng=1)
