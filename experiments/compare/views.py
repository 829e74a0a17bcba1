"""The tables of a comparison: what the arms changed, for whom, and at what price."""

from typing import Any

import pandas as pd

from experiments import formats
from experiments.compare import equal_spend, shares, statement
from experiments.kinds import Tables
from experiments.metrics import METRICS
from experiments.responses import Response
from experiments.scales import Amount
from experiments.spend import acting_brands
from experiments.study import Study
from experiments.tabular import (
    Cell,
    Head,
    Heads,
    Rows,
    View,
    amount,
    by_column,
    of_metric,
    shown_brands,
    whole,
)

HEAD = ("long_run_revenue", "long_run_contribution", "retention", "repeat_rate")
LEVELS = ("gmv", "net_revenues", "contribution_profit")
REFERRAL = (
    "share_rate",
    "click_rate",
    "buy_rate",
    "referred_customers",
    "referred_share",
    "k_factor",
    "reward_cost",
)
DISTRIBUTORS = (
    "distributors_joined",
    "distributors_active",
    "distributor_turnover",
    "tree_depth",
    "net_earnings",
    "net_losers",
)
RESALE = ("resale_revenue", "payout", "unsold_stock", "sell_in", "joining_fees")
LEGAL = (
    "legal_recruiting",
    "legal_fee",
    "legal_stock",
    "legal_downline",
    "legal_severe",
    "legal_pay",
)

PILOT = ("naive", "true", "error")


def views(study: Study, tables: Tables) -> list[View]:
    """Return the tables to show for a comparison."""
    several = len(acting_brands(study.arms)) > 1
    return [
        *shares.views(study, tables),
        _levels(tables, "Each arm, ± 95 %", HEAD),
        _levels(tables, "Gross, net and contribution over the run, ± 95 %", LEVELS),
        *(_increments(study, tables, response) for response in study.responses),
        statement.view(study, tables),
        _pilot(study, tables),
        *equal_spend.views(study, tables),
        _rivals(study, tables, "long_run_revenue"),
        _rivals(study, tables, "long_run_contribution")._replace(detail=not several),
        _shares(study, tables)._replace(detail=not several),
        _portfolios(study, tables),
        _programme(study, tables, "Referral, ± 95 %", REFERRAL, "invitations"),
        _programme(study, tables, "Distributors, ± 95 %", DISTRIBUTORS, "recruiting_talks"),
        _programme(study, tables, "What distributors sell, ± 95 %", RESALE, "distributors_joined"),
        _legal(study, tables),
        _switching(study, tables)._replace(detail=not several),
    ]


def _levels(tables: Tables, title: str, names: tuple[str, ...]) -> View:
    """Return what some metrics are in each arm, for the brand of the study."""
    cells = tables["arms"].set_index(["arm", "metric"])
    arms = list(tables["arms"]["arm"].unique())
    rows = [_row(cells, arm, arm, names) for arm in arms]
    return by_column(title, ["arm", *map(of_metric, names)], rows)


def _row(cells: Any, where: object, head: str, names: tuple[str, ...]) -> list[Cell]:
    known = cells.loc[where]
    return [head, *(amount(known.loc[name]) for name in names)]


def _increments(study: Study, tables: Tables, response: Response) -> View:
    effects = tables["responses"].set_index(["arm", "metric"])
    returns = tables["returns"].set_index("arm")
    effect = Head("incremental", response.unit, True, "effect")
    heads: Heads = ["arm", effect, Head("relative", "share"), "p (Holm)", "corr."]
    heads.append(effect._replace(name="± unpaired"))
    earns = response.label == "long_run_contribution"  # the response that the return is of
    rows = []
    for arm in returns.index:
        row = [arm, *_effect(effects.loc[(arm, response.label)])]
        rows.append([*row, amount(returns.loc[arm])] if earns else row)
    heads += [Head("return on spend", "ratio")] if earns else []
    title = f"Incremental {response.title}, against {study.baseline}, ± 95 %"
    return by_column(title, heads, rows)


def _effect(row: pd.Series) -> list[Cell]:
    return [
        amount(row, "difference"),
        Amount(row.relative),
        formats.p_value(row.p_holm),
        formats.correlation(row.correlation),
        Amount(row.half_unpaired),
    ]


def _pilot(study: Study, tables: Tables) -> View:
    """Return what pilots would make believe, beside what is so."""
    share = getattr(getattr(study.spec, "pilot", None), "share", 0.0)
    title = f"Pilots with {formats.value(share, 'share')} of people, over the run"
    frame = tables.get("pilot")
    if frame is None:
        return View(title, [], [])
    cells: Any = frame.set_index(["arm", "metric", "what"])
    rows: Rows = [
        [
            f"{arm}: {METRICS[metric].label}",
            *(amount(cells.loc[(arm, metric, what)]) for what in PILOT),
        ]
        for arm, metric in dict.fromkeys(zip(frame["arm"], frame["metric"], strict=True))
    ]
    heads = [
        "naive estimate from the pilot",
        "true effect on the market",
        "error of the pilot",
    ]
    return whole(Head(title, "CNY", True), ["", *heads], rows, tail=", ± 95 %")


# -- all brands -----------------------------------------------------------------------------------


def _rivals(study: Study, tables: Tables, name: str) -> View:
    """Return who gains and who pays, as the change of one metric of every brand."""
    frame = tables["rivals"]
    head = Head(f"Incremental {METRICS[name].label} of every brand", METRICS[name].unit, True)
    return _by_brand(study, tables, frame[frame["metric"] == name], head, "difference")


def _shares(study: Study, tables: Tables) -> View:
    name = "share_of_revenue"
    frame = tables["brands"]
    head = Head(f"{METRICS[name].label.capitalize()} of every brand", METRICS[name].unit)
    return _by_brand(study, tables, frame[frame["metric"] == name], head, "mean")


def _by_brand(study: Study, tables: Tables, frame: pd.DataFrame, head: Head, key: str) -> View:
    """Return a table of arms by brands; a dash where a brand is not in an arm."""
    cells = frame.set_index(["arm", "brand"])
    brands, note = _brands(study, tables)
    rows = [
        [
            arm,
            *(
                amount(cells.loc[(arm, brand)], key)
                if (arm, brand) in cells.index
                else formats.NOTHING
                for brand in brands
            ),
        ]
        for arm in dict.fromkeys(frame["arm"])
    ]
    return whole(head, ["arm", *brands], rows, tail=", ± 95 %", note=note)


def _brands(study: Study, tables: Tables) -> tuple[list[str], str]:
    """Return the brands that have a column, and a note on those that have none."""
    frame = tables["brands"]
    revenue = frame[frame["metric"] == "net_revenues"].groupby("brand", sort=False)["mean"].max()
    return shown_brands(revenue, study.of)


def _portfolios(study: Study, tables: Tables) -> View:
    """Return what each portfolio brings the brands that have it, if two have the same."""
    frame = tables["portfolios"]
    names = list(dict.fromkeys(frame["metric"]))
    cells = frame.set_index(["portfolio", "metric"])
    rows: list[list[Cell]] = []
    for portfolio in dict.fromkeys(frame["portfolio"]):
        row: list[Cell] = [portfolio, cells.loc[(portfolio, names[0]), "brands"]]
        row += [amount(cells.loc[(portfolio, name)], "difference") for name in names]
        row.append(formats.p_value(cells.loc[(portfolio, "long_run_contribution"), "p_holm"]))
        rows.append(row)
    title = f"What a brand gains that does it, mean over brands, against {study.baseline}, ± 95 %"
    heads: Heads = [
        "",
        "brands",
        *(of_metric(name, change=True) for name in names),
        "p (Holm) of profit",
    ]
    return by_column(title, heads, rows)


def _switching(study: Study, tables: Tables) -> View:
    """Return in each arm to which brand the purchases after each brand's go."""
    head = Head("Where the next purchase goes", "share of purchases")
    frame = tables.get("switching")
    if frame is None or frame.empty:
        return View(head.name, [], [])
    cells: Any = frame.set_index(["arm", "from", "to"])
    brands, note = _brands(study, tables)
    rows: list[list[Cell]] = []
    for arm, brand in dict.fromkeys(zip(frame["arm"], frame["from"], strict=True)):
        places = ((arm, brand, other) for other in brands)
        shares = (
            amount(cells.loc[place]) if place in cells.index else formats.NOTHING
            for place in places
        )
        rows.append([f"{arm}: after {brand}", *shares])
    columns = ["", *(f"to {brand}" for brand in brands)]
    return whole(head, columns, rows, tail=", ± 95 %", note=note)


# -- programmes -----------------------------------------------------------------------------------


def _programme(
    study: Study, tables: Tables, title: str, names: tuple[str, ...], needs: str
) -> View:
    """Return metrics of the arms and brands in which there is some of `needs`."""
    frame = tables["brands"]
    cells = frame.set_index(["arm", "brand", "metric"]).sort_index()
    there = frame[(frame["metric"] == needs) & (frame["mean"] > 0)]
    places = list(zip(there["arm"], there["brand"], strict=True))
    alone = {brand for _, brand in places} <= {study.of}
    rows = [
        _row(cells, (arm, brand), arm if alone else f"{arm}: {brand}", names)
        for arm, brand in places
    ]
    return by_column(title, ["arm" if alone else "arm: brand", *map(of_metric, names)], rows)


def _legal(study: Study, tables: Tables) -> View:
    """Return the share of runs in which each flag is raised, where there are distributors."""
    view = _programme(study, tables, "", LEGAL, "distributors_joined")
    # The mean of ones and zeros; an interval around it would say little.
    rows = [[arm, *(cell.partition(" ±")[0] for cell in cells)] for arm, *cells in view.rows]
    return View("Legal flags: share of runs in which each is raised", view.columns, rows)
