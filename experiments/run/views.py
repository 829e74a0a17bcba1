"""The tables of a run: every brand's metrics, in groups."""

from typing import Any, NamedTuple

from experiments import formats
from experiments.kinds import Tables
from experiments.run import observed
from experiments.scales import Amount
from experiments.study import Study
from experiments.tabular import (
    Cell,
    Head,
    Rows,
    View,
    amount,
    by_row,
    of_metric,
    shown_brands,
    whole,
)


class Group(NamedTuple):
    """Metrics that are shown together.

    Attributes
    ----------
    title
        Of the table.
    metrics
        In the order shown.
    needs
        The group is about brands only for which this metric is above zero.
    quiet
        Whether rows of zeros are left out.
    """

    title: str
    metrics: tuple[str, ...]
    needs: str | None = None
    quiet: bool = False


GROUPS = (
    Group(
        "Money",
        (
            "gmv",
            "net_revenues",
            "contribution_profit",
            "long_run_revenue",
            "long_run_contribution",
            "share_of_revenue",
        ),
    ),
    Group(
        "Orders and customers",
        (
            "orders",
            "share_of_orders",
            "customers",
            "new_customers",
            "awareness",
            "penetration",
            "orders_per_buyer",
            "one_order_share",
            "new_customer_growth",
            "aov",
            "refund_rate",
        ),
    ),
    Group(
        "Coming back",
        (
            "repeat_rate",
            "panel_repeat",
            "returning_revenue",
            "retention",
            "order_gap",
            "ltv",
            "cac",
            "advertising_cac",
            "marginal_cac",
            "marginal_value_to_cac",
            "ltv_to_cac",
            "payback",
        ),
    ),
    Group(
        "Leaving, switching and contact",
        (
            "switched_away",
            "won_over",
            "net_won",
            "dropouts_product",
            "dropouts_service",
            "dropouts_both",
            "dropouts_neither",
            "touches",
            "answer_rate",
            "opt_out_rate",
            "reminded_share",
        ),
        quiet=True,
    ),
    Group(
        "Staff",
        (
            "human_touches",
            "human_capacity",
            "human_utilisation",
            "human_wait",
            "human_late_share",
            "human_dropped_share",
            "human_backlog",
            "human_backlog_last",
        ),
        needs="human_capacity",
    ),
    Group(
        "Referral",
        (
            "referral_eligible",
            "referral_asked",
            "referral_shared",
            "share_rate",
            "sharers",
            "invitations",
            "invitations_per_share",
            "clicks",
            "click_rate",
            "followed_shares",
            "referred_customers",
            "buy_rate",
            "referrals_vested",
            "referrals_void",
            "vest_rate",
            "bad_referrals",
            "referred_share",
            "k_factor",
            "generation_days",
            "chained_share",
            "kocs",
            "reward_cost",
            "honour_cost",
            "ask_cost",
            "friend_discounts",
            "points_owed",
            "points_breakage",
            "rewards_pending",
        ),
        needs="invitations",
    ),
    Group(
        "Distributors",
        (
            "recruiting_talks",
            "acceptance_rate",
            "distributors_joined",
            "distributors_active",
            "distributor_turnover",
            "distributor_tenure",
            "tree_depth",
            "resale_orders",
            "resale_revenue",
            "retail_sales",
            "payout",
            "net_earnings",
            "net_losers",
            "earnings_gini",
            "unsold_stock",
            "sell_in",
            "joining_fees",
            "training_cost",
            "recruiting_cost",
        ),
        needs="recruiting_talks",
    ),
    Group(
        "Legal flags: share of runs in which each is raised",
        (
            "legal_recruiting",
            "legal_fee",
            "legal_stock",
            "legal_downline",
            "legal_severe",
            "legal_pay",
            "overpaid_share",
        ),
        needs="distributors_joined",
    ),
)
"""Metrics of a run in the order shown; the others are in the tables on disk."""


def views(study: Study, tables: Tables) -> list[View]:
    """Return the tables to show for a run."""
    frame = tables["metrics"]
    revenue = frame[frame["metric"] == "net_revenues"].set_index("brand")["mean"]
    brands, note = shown_brands(revenue, study.of)
    cells = frame.set_index(["metric", "brand"]).loc[(slice(None), brands), :]
    shown = [_group(group, cells, brands)._replace(note=note) for group in GROUPS]
    shown.append(_switching(tables, brands, list(revenue.index))._replace(note=note))
    if "log" in tables:
        title = f"Repeat purchases of brand {study.of}, simulated and in the log"
        title += observed.scaled(tables["log"])
        shown.append(observed.view(tables["log"], title))
    return shown


def _group(group: Group, cells: Any, brands: list[str]) -> View:
    known = set(cells.index.get_level_values("metric"))
    concerned = [
        b for b in brands if group.needs is None or cells.loc[(group.needs, b), "mean"] > 0
    ]
    rows = []
    for name in (name for name in group.metrics if name in known):
        mean = cells.loc[name, "mean"][concerned]
        # What is not defined says nothing; nor does it that nobody left or was contacted.
        if mean.notna().any() and (not group.quiet or mean.any()):
            rows.append((of_metric(name), _cells(name, cells, brands, concerned)))
    return by_row(group.title, ["", *brands], rows)


def _cells(name: str, cells: Any, brands: list[str], concerned: list[str]) -> list[Cell]:
    return [
        amount(cells.loc[(name, brand)]) if brand in concerned else formats.NOTHING
        for brand in brands
    ]


def _switching(tables: Tables, brands: list[str], every: list[str]) -> View:
    """Return to which brand the purchases after each brand's went, all runs together."""
    head = Head("Where the next purchase goes", "share of purchases")
    columns = ["after one of", *brands]
    if "curves" not in tables or len(brands) < 2:
        return View(head.name, columns, [])
    curve = tables["curves"]
    flows = curve[curve["curve"] == "switch"].groupby(["brand", "x"])[["top", "bottom"]].sum()
    share: Any = (flows["top"] / flows["bottom"]).unstack("x")
    rows: Rows = [
        [brand, *(Amount(share.loc[brand, every.index(other)]) for other in brands)]
        for brand in brands
        if brand in share.index
    ]
    return whole(head, columns, rows)
