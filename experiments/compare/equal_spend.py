"""Equal spend: what the arms really spent, and what they earn at a spend that all of them reach.

A budget is a ceiling, so arms with the same budget may spend very different amounts. They are held
against each other only at a spend that each of them reaches in every replicate, between budgets by
straight lines; nothing is extrapolated.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments import formats, style
from experiments.intervals import Interval, interval
from experiments.kinds import Tables
from experiments.markets import Market
from experiments.responses import Response
from experiments.scales import Amount, scale
from experiments.spend import EQUAL, acting, acting_brands, budgeted
from experiments.statements import Estimate, effect, of_brand
from experiments.study import Study
from experiments.tabular import Head, Heads, View, amount, by_column, whole

STEP = ".spend"
LEVELS = 21
"""At so many levels of the common spend the arms are compared."""
SPENT = ["arm", "budget", *Interval._fields]
AT = ["arm", "spend", *Interval._fields, "lead", "lead_low", "lead_high"]
Floats = NDArray[np.float64]


def steps(markets: Mapping[str, Market], spec: Any) -> dict[str, Market]:
    """Return the arms once more at each lower budget that is asked for.

    Parameters
    ----------
    markets
        The resolved market of each arm, without budgets.
    spec
        The file of the comparison.
    """
    brands = acting_brands(markets)
    found: dict[str, Market] = {}
    for arm, plain in markets.items():
        for share, name in _names(arm, spec).items():
            market = plain
            for brand in brands:
                market = budgeted(market, brand, share * spec.spend, spec.idle)
            if market != plain and name != arm:
                found[name] = market
    return found


def spending_arms(study: Study, asked: Mapping[str, Market]) -> list[str]:
    """Return the arms in which the brand of the study has the money to spend."""
    idle = getattr(study.spec, "idle", "keep")
    advertises = idle == "advertise" and study.of in acting_brands(asked)
    return [
        arm
        for arm, market in asked.items()
        if acting(market["brands"][study.of]["strategies"]) or advertises
    ]


# -- tables ---------------------------------------------------------------------------------------


def tables(study: Study, asked: Mapping[str, Market], runs: pd.DataFrame) -> Tables:
    """Return what was spent by arm and budget, and what is earned at each common spend.

    Parameters
    ----------
    study
        The comparison.
    asked
        Its arms, without those at lower budgets.
    runs
        A row per run: `arm`, `replicate`, `spend`, and `y`, the first response.
    """
    spec: Any = study.spec
    if spec.spend is None:
        return {}
    spenders = spending_arms(study, asked)
    rows: list[dict[str, Any]] = []
    for arm in asked:
        for share, name in sorted(_names(arm, spec).items()):
            own = runs[runs["arm"] == name]["spend"].to_numpy(float)
            if len(own):
                budget = share * spec.spend if arm in spenders else 0.0
                rows.append({"arm": arm, "budget": budget, **interval(own)._asdict()})
    return {
        "spent": pd.DataFrame(rows, columns=SPENT),
        "at_spend": _compared({arm: _paths(runs, _names(arm, spec)) for arm in spenders}),
    }


class Path(NamedTuple):
    """What an arm spent and earned in one replicate, by ascending spend: float64[budgets] each."""

    spend: Floats
    y: Floats


def _names(arm: str, spec: Any) -> dict[float, str]:
    """Return what an arm is called at each share of the budget."""
    return {share: f"{arm}{STEP}{share:g}" for share in spec.spend_shares} | {1.0: arm}


def _paths(runs: pd.DataFrame, names: Mapping[float, str]) -> dict[int, Path]:
    """Return the path of an arm in each replicate that has all its budgets."""
    own = (
        runs[runs["arm"].isin(names.values())]
        .dropna(subset=["spend", "y"])
        .sort_values("spend", kind="stable")
    )
    paths = {
        int(str(replicate)): Path(rows["spend"].to_numpy(float), rows["y"].to_numpy(float))
        for replicate, rows in own.groupby("replicate")
    }
    most = max((len(path.spend) for path in paths.values()), default=0)
    return {replicate: path for replicate, path in paths.items() if len(path.spend) == most}


def _compared(paths: dict[str, dict[int, Path]]) -> pd.DataFrame:
    """Return what each arm earns, and more than the first arm, at spends that all reach."""
    empty = pd.DataFrame(columns=AT)
    if len(paths) < 2:
        return empty
    shared = sorted(set.intersection(*(set(own) for own in paths.values())))
    if not shared:
        return empty
    every = [own[replicate] for own in paths.values() for replicate in shared]
    low, high = max(p.spend[0] for p in every), min(p.spend[-1] for p in every)
    if not low < high:
        return empty
    levels = np.linspace(low, high, LEVELS)
    values = {
        arm: np.array([np.interp(levels, *own[replicate]) for replicate in shared])
        for arm, own in paths.items()
    }
    first = next(iter(values.values()))
    rows = []
    for arm, y in values.items():
        for k, spend in enumerate(levels):
            lead = interval(y[:, k] - first[:, k])
            row = {"arm": arm, "spend": spend, **interval(y[:, k])._asdict()}
            rows.append(row | {"lead": lead.mean, "lead_low": lead.low, "lead_high": lead.high})
    return pd.DataFrame(rows, columns=AT)


# -- what is said and shown -----------------------------------------------------------------------


def findings(study: Study, asked: Mapping[str, Market], tables: Tables) -> tuple[list[str], bool]:
    """Return sentences on the spend, which come first, and whether more may be compared.

    Arms that spent different amounts are compared at a common spend, if there is one; their effects
    against the baseline are then in the tables only.
    """
    spent = tables.get("spent")
    if spent is None or spent.empty:
        return [], True
    spenders = spending_arms(study, asked)
    top = spent.drop_duplicates("arm", keep="last").set_index("arm")["mean"]
    said = [_actual(study, top)]
    own = top.reindex(spenders).dropna()
    if len(own) < 2:
        return said, True
    if own.max() - own.min() <= EQUAL * abs(own.max()):
        return [*said, f"These are equal within {100 * EQUAL:.0f} %."], True
    table = tables["at_spend"]
    if table.empty:
        return [*said, _nothing_shared(study)], False
    return [*said, *_at_common_spend(study, table)], False


def _actual(study: Study, top: "pd.Series[float]") -> str:
    spec: Any = study.spec
    own = scale([Amount(x) for x in (*top, spec.spend)], "CNY")
    each = ", ".join(f"{arm} {own.number(x)}" for arm, x in top.items())
    return (
        f"Actual spend of brand {study.of} on customers over the run, where it may spend "
        f"{own.with_unit(spec.spend)} on its strategies in each arm: {each} {own.unit}."
    )


def _nothing_shared(study: Study) -> str:
    spec: Any = study.spec
    more = "Other" if spec.spend_shares else "Lower"
    each = "market" if study.across else "replicate"
    return (
        f"There is no spend that all of these arms reach in every {each}, so they are not "
        f"compared. {more} budgets may give one: `spend_shares`."
    )


def _at_common_spend(study: Study, table: pd.DataFrame) -> list[str]:
    """Say what each arm earns more than the first, at the largest spend that all reach."""
    main, what = study.responses[0], of_brand(study.responses[0], study.of)
    ends = (table["spend"].min(), table["spend"].max())
    own = scale([Amount(x) for x in ends], "CNY")
    rows = table[table["spend"] == ends[1]]
    base, *others = rows.to_dict("records")
    each = "market" if study.across else "pair"
    said = [f"All of these arms reach a spend of {own.between(*ends)}; they are compared there."]
    for row in others:
        estimate = Estimate(row["lead"], row["lead_low"], row["lead_high"], main.unit)
        text = effect(row["arm"], what, base["arm"], estimate, int(row["n"]), each=each)
        said.append(f"At {own.with_unit(ends[1])}: {text}")
    return said


def views(study: Study, tables: Tables) -> list[View]:
    """Return what arms with equal budgets have really spent, and earn at the same spend."""
    spent = tables.get("spent")
    if spent is None:
        return []
    rows = [[r["arm"], Amount(r["budget"]), amount(r)] for r in spent.to_dict("records")]
    heads: Heads = [
        "arm",
        Head("allowed for strategies", "CNY", group="spend"),
        Head("actual spend on customers", "CNY", group="spend"),
    ]
    shown = [by_column(f"Budget and actual spend of brand {study.of}, ± 95 %", heads, rows)]
    table = tables["at_spend"]
    if len(table):
        shown.append(_view_at(study.responses[0], table))
    return shown


def _view_at(main: Response, table: pd.DataFrame) -> View:
    levels = table["spend"].drop_duplicates().to_numpy()[:: LEVELS // 4]
    cells: Any = table.set_index(["arm", "spend"])
    own = scale([Amount(x) for x in levels], "CNY")
    rows = [
        [arm, *(amount(cells.loc[(arm, x)]) for x in levels)] for arm in dict.fromkeys(table["arm"])
    ]
    columns = ["arm", *(f"at {own.with_unit(x)}" for x in levels)]
    head = Head(f"{main.title[0].upper()}{main.title[1:]} at equal actual spend", main.unit)
    return whole(head, columns, rows, tail=", ± 95 %")


def spend_curve(study: Study, tables: Tables) -> Figure | None:
    """First response against actual spend, over the range that all arms reach; 95 % bands."""
    table = tables.get("at_spend")
    if table is None or table.empty:
        return None
    main = study.responses[0]
    title = f"Brand {study.of}: {main.title} at equal actual spend"
    figure, axes = style.figure(title, "actual spend on customers, CNY", formats.unit_of(main.unit))
    arms = list(dict.fromkeys(table["arm"]))
    for k, arm in enumerate(arms):
        rows = table[table["arm"] == arm]
        axes.plot(rows["spend"], rows["mean"], **style.line(k + 1), lw=1.8, label=arm)
        axes.fill_between(rows["spend"], rows["low"], rows["high"], **style.band(k + 1))
    axes.margins(x=0.01)
    style.money(axes.xaxis)
    style.numbers(axes.yaxis, main.unit)
    style.legend(axes, len(arms) + 1)
    return figure
