"""Programmes: what strategies offer for referring and reselling becomes tables."""

from collections.abc import Iterator
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from sim import state
from sim.books import cents
from sim.brands.journeys import audience_key
from sim.brands.portfolio import Running
from sim.config.market import MarketConfig
from sim.engine.draws import name_key
from sim.terms import Agency, Referral

Table = NDArray[np.void]


def compile_programmes(config: MarketConfig, portfolio: list[Running], brands: Table) -> Table:
    """Return the table of referral programmes, and enter each brand's rows in `brands`.

    Parameters
    ----------
    config
        The market.
    portfolio
        The strategies at work, brand by brand.
    brands : BRAND[B]
        `programme_start` and `programme_end` are set.

    Returns
    -------
    PROGRAMME[R]
    """
    rows: list[Table] = []
    for b, name in enumerate(config.brands):
        brands[b]["programme_start"] = len(rows)
        told = _told(portfolio, b)
        rows += [_programme(term, run, s, name) for s, run, term in told if _refers(term)]
        brands[b]["programme_end"] = len(rows)
    return np.concatenate(rows) if rows else np.zeros(0, state.PROGRAMME)


def compile_statuses(config: MarketConfig, portfolio: list[Running]) -> Table:
    """Return what each brand gives who has referred enough friends: STATUS[B]."""
    statuses = np.zeros(len(config.brands), state.STATUS)
    for b, name in enumerate(config.brands):
        for s, run, term in _told(portfolio, b):
            if _refers(term) and term.koc_from > 0:
                row = statuses[b : b + 1]
                _identify(row, run, s, name)
                row["friends"], row["cost_cents"] = term.koc_from, cents(term.koc_cost)
                row["privilege"] = term.koc_privilege
    return statuses


def compile_agencies(
    config: MarketConfig, portfolio: list[Running], brands: Table
) -> tuple[Table, Table]:
    """Return each brand's agency and its levels, and enter in `brands` which have one.

    Returns
    -------
    AGENCY[B], LEVEL[B, L]
    """
    agencies = np.zeros(len(config.brands), state.AGENCY)
    told = [each for b in range(brands.size) for each in _told(portfolio, b)]
    terms = [(s, run, term) for s, run, term in told if isinstance(term, Agency)]
    most = max((len(term.levels) for *_, term in terms), default=1)
    levels = np.zeros((brands.size, most), state.LEVEL)
    for s, run, term in terms:
        b, name = run.brand, list(config.brands)[run.brand]
        brands[b]["agency"] = True
        _agency(agencies[b : b + 1], levels[b], term, run, s, name)
    return agencies, levels


def _refers(term: object) -> TypeGuard[Referral]:
    return isinstance(term, Referral)


def _told(portfolio: list[Running], brand: int) -> Iterator[tuple[int, Running, object]]:
    for s, run in enumerate(portfolio):
        if run.brand == brand:
            for term in run.strategy.programmes():
                yield s, run, term


def _identify(row: Table, run: Running, index: int, brand: str) -> None:
    row["key"] = name_key(brand, run.draw_key)
    row["audience_key"] = audience_key(run, brand)
    row["strategy"] = index
    row["share"] = run.strategy.audience.share


def _programme(term: Referral, run: Running, index: int, brand: str) -> Table:
    row = np.zeros(1, state.PROGRAMME)
    _identify(row, run, index, brand)
    row["brand"] = run.brand
    for field in ("cash", "points", "goods"):
        row[f"{field}_cents"] = cents(getattr(term, field))
    if term.goods > 0:
        for field, at in zip(("first", "second", "third"), term.goods_at, strict=False):
            row[f"goods_{field}"] = at
    for field in (
        "points_cost",
        "goods_cost",
        "points_days",
        "friend_discount",
        "valid_days",
        "vest_days",
    ):
        row[field] = getattr(term, field)
    return row


def _agency(row: Table, levels: Table, term: Agency, run: Running, index: int, brand: str) -> None:
    _identify(row, run, index, brand)
    for field, value in (
        ("fee", term.fee),
        ("stock", term.stock),
        ("bonus", term.recruit_bonus),
    ):
        row[f"{field}_cents"] = cents(value)
    row["peer"], row["levels"] = term.peer_bonus, len(term.levels)
    for field in ("buyback", "referrals", "courses", "refusal_days", "vest_days"):
        row[field] = getattr(term, field)
    for k, level in enumerate(term.levels):
        levels[k]["discount"], levels[k]["from_cents"] = level.discount, cents(level.sales)
