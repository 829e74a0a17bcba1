"""The tables of a comparison: what the arms changed, for whom, and at what price."""

from typing import Any

import pandas as pd

from experiments import formats
from experiments.kinds import Tables
from experiments.metrics import METRICS
from experiments.responses import Response
from experiments.spend import acting_brands
from experiments.study import Study
from experiments.tabular import MAX_BRANDS, View, label

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
EFFECT = ("relative", "p (Holm)", "corr.", "± unpaired")


def views(study: Study, tables: Tables) -> list[View]:
    """Return the tables to show for a comparison."""
    several = len(acting_brands(study.arms)) > 1
    return [
        _levels(tables, "Each arm, ± 95 %", HEAD),
        _levels(tables, "Gross, net and contribution over the run, ± 95 %", LEVELS),
        *(_increments(study, tables, response) for response in study.responses),
        _pilot(study, tables),
        _spent(study, tables),
        _rivals(tables, "long_run_revenue"),
        _rivals(tables, "long_run_contribution")._replace(detail=not several),
        _shares(tables)._replace(detail=not several),
        _portfolios(study, tables),
        _programme(study, tables, "Referral, ± 95 %", REFERRAL, "invitations"),
        _programme(study, tables, "Distributors, ± 95 %", DISTRIBUTORS, "recruiting_talks"),
        _programme(study, tables, "What distributors sell, ± 95 %", RESALE, "distributors_joined"),
        _legal(study, tables),
        _switching(tables)._replace(detail=not several),
    ]


def _levels(tables: Tables, title: str, names: tuple[str, ...]) -> View:
    """Return what some metrics are in each arm, for the brand of the study."""
    cells = tables["arms"].set_index(["arm", "metric"])
    arms = list(tables["arms"]["arm"].unique())
    return View(title, ["arm", *map(label, names)], [_row(cells, arm, arm, names) for arm in arms])


def _row(cells: Any, where: object, head: str, names: tuple[str, ...]) -> list[str]:
    known = cells.loc[where]
    return [head, *(formats.with_interval(known.loc[name], METRICS[name].unit) for name in names)]


def _increments(study: Study, tables: Tables, response: Response) -> View:
    effects = tables["responses"].set_index(["arm", "metric"])
    returns = tables["returns"].set_index("arm")
    columns = ["arm", f"incremental, {response.unit}", *EFFECT]
    earns = response.label == "long_run_contribution"  # the response that the return is of
    rows = []
    for arm in returns.index:
        row = [arm, *_effect(effects.loc[(arm, response.label)], response.unit)]
        rows.append([*row, formats.with_interval(returns.loc[arm], "ratio")] if earns else row)
    columns += ["return on spend"] if earns else []
    return View(f"Incremental {response.title}, against {study.baseline}, ± 95 %", columns, rows)


def _effect(row: pd.Series, unit: str) -> list[str]:
    return [
        formats.with_interval(row, unit, "difference"),
        formats.value(row.relative, "share"),
        formats.p_value(row.p_holm),
        formats.correlation(row.correlation),
        formats.value(row.half_unpaired, unit),
    ]


def _pilot(study: Study, tables: Tables) -> View:
    """Return what pilots would make believe, beside what is so."""
    share = getattr(getattr(study.spec, "pilot", None), "share", 0.0)
    title = f"Pilots with {formats.value(share, 'share')} of people, CNY over the run, ± 95 %"
    frame = tables.get("pilot")
    if frame is None:
        return View(title, [], [])
    cells: Any = frame.set_index(["arm", "metric", "what"])
    rows = [
        [
            f"{arm}: {METRICS[metric].label}",
            *(formats.with_interval(cells.loc[(arm, metric, what)], "CNY") for what in PILOT),
        ]
        for arm, metric in dict.fromkeys(zip(frame["arm"], frame["metric"], strict=True))
    ]
    heads = ["naive estimate from the pilot", "true effect on the market", "error of the pilot"]
    return View(title, ["", *heads], rows)


def _spent(study: Study, tables: Tables) -> View:
    """Return what arms with equal budgets have really spent."""
    spend = getattr(study.spec, "spend", None)
    frame = tables["effects"]
    more = frame[frame["metric"] == "long_run_spend"].set_index("arm")
    rows = [[arm, formats.with_interval(more.loc[arm], "CNY", "difference")] for arm in more.index]
    title = "" if spend is None else f"Spent of {formats.compact(spend)} CNY each, ± 95 %"
    head = f"more spent on customers than {study.baseline}, CNY"
    return View(title, ["arm", head], rows if spend is not None else [])


# -- all brands -----------------------------------------------------------------------------------


def _rivals(tables: Tables, name: str) -> View:
    """Return who gains and who pays, as the change of one metric of every brand."""
    frame = tables["rivals"]
    title = f"Incremental {METRICS[name].label} of every brand, {METRICS[name].unit}, ± 95 %"
    return _by_brand(frame[frame["metric"] == name], title, METRICS[name].unit, "difference")


def _shares(tables: Tables) -> View:
    name = "share_of_revenue"
    frame = tables["brands"]
    title = f"{METRICS[name].label.capitalize()} of every brand, ± 95 %"
    return _by_brand(frame[frame["metric"] == name], title, METRICS[name].unit, "mean")


def _by_brand(frame: pd.DataFrame, title: str, unit: str, key: str) -> View:
    """Return a table of arms by brands; a dash where a brand is not in an arm."""
    cells = frame.set_index(["arm", "brand"])
    brands = list(dict.fromkeys(frame["brand"]))[:MAX_BRANDS]
    rows = [
        [
            arm,
            *(
                formats.with_interval(cells.loc[(arm, brand)], unit, key)
                if (arm, brand) in cells.index
                else formats.NOTHING
                for brand in brands
            ),
        ]
        for arm in dict.fromkeys(frame["arm"])
    ]
    return View(title, ["arm", *brands], rows)


def _portfolios(study: Study, tables: Tables) -> View:
    """Return what each portfolio brings the brands that have it, if two have the same."""
    frame = tables["portfolios"]
    names = list(dict.fromkeys(frame["metric"]))
    cells = frame.set_index(["portfolio", "metric"])
    rows = []
    for portfolio in dict.fromkeys(frame["portfolio"]):
        row = [portfolio, cells.loc[(portfolio, names[0]), "brands"]]
        for name in names:
            own = cells.loc[(portfolio, name)]
            row.append(formats.with_interval(own, METRICS[name].unit, "difference"))
        row.append(formats.p_value(cells.loc[(portfolio, "long_run_contribution"), "p_holm"]))
        rows.append(row)
    title = f"What a brand gains that does it, mean over brands, against {study.baseline}, ± 95 %"
    return View(title, ["", "brands", *map(label, names), "p (Holm) of profit"], rows)


def _switching(tables: Tables) -> View:
    """Return in each arm to which brand the purchases after each brand's go."""
    title = "Where the next purchase goes, ± 95 %"
    frame = tables.get("switching")
    if frame is None or frame.empty:
        return View(title, [], [])
    cells: Any = frame.set_index(["arm", "from", "to"])
    brands = list(dict.fromkeys(frame["to"]))[:MAX_BRANDS]
    rows = []
    for arm, brand in dict.fromkeys(zip(frame["arm"], frame["from"], strict=True)):
        places = ((arm, brand, other) for other in brands)
        shares = (
            formats.with_interval(cells.loc[place], "share")
            if place in cells.index
            else formats.NOTHING
            for place in places
        )
        rows.append([f"{arm}: after {brand}", *shares])
    return View(title, ["", *(f"to {brand}" for brand in brands)], rows)


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
    return View(title, ["arm" if alone else "arm: brand", *map(label, names)], rows)


def _legal(study: Study, tables: Tables) -> View:
    """Return the share of runs in which each flag is raised, where there are distributors."""
    view = _programme(study, tables, "", LEGAL, "distributors_joined")
    # The mean of ones and zeros; an interval around it would say little.
    rows = [[arm, *(cell.partition(" ±")[0] for cell in cells)] for arm, *cells in view.rows]
    return View("Legal flags: share of runs in which each is raised", view.columns, rows)
