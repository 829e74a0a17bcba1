"""Which metric is meant by a word that is the name of none: a label, a slip, a usual other name."""

from experiments.metrics import METRICS
from sim.config.source_map import SHORT, bare, nearest

MOST = 4
_REVENUE = ("net_revenues", "long_run_revenue")
_PROFIT = ("contribution_profit", "long_run_contribution")
_CHURN = ("retention", "dropouts")
OTHER_NAMES = {
    "revenue": _REVENUE,
    "sales": _REVENUE,
    "turnover": _REVENUE,
    "profit": _PROFIT,
    "margin": _PROFIT,
    "churn": _CHURN,
    "churn rate": _CHURN,
    "attrition": _CHURN,
    "retention rate": ("retention",),
    "repurchase rate": ("repeat_rate",),
    "repeat purchase rate": ("repeat_rate",),
    "clv": ("ltv",),
    "cltv": ("ltv",),
    "customer lifetime value": ("ltv",),
    "lifetime value": ("ltv",),
    "cpa": ("cac",),
    "customer acquisition cost": ("cac",),
    "order value": ("aov",),
    "basket value": ("aov",),
    "buyers": ("customers",),
    "market share": ("share_of_orders", "share_of_revenue"),
    "viral coefficient": ("k_factor",),
    "unsubscribe rate": ("opt_out_rate",),
    "return rate": ("refund_rate",),
    "occupancy": ("human_utilisation",),
    "waiting time": ("human_wait",),
    "queue length": ("human_backlog",),
    "收入": _REVENUE,
    "利润": _PROFIT,
    "销售额": ("gmv",),
    "流失率": _CHURN,
    "留存率": ("retention",),
    "复购率": ("repeat_rate",),
    "客单价": ("aov",),
    "获客成本": ("cac",),
    "退款率": ("refund_rate",),
}
"""Names that the field has for them besides."""


def meant(word: str) -> list[str]:
    """Return the metrics that a word may mean, the likeliest first; none rather than a guess."""
    labels = {metric.label: name for name, metric in METRICS.items()}
    same = {bare(label): name for label, name in labels.items()}
    own = bare(word)
    if near := {bare(name): name for name in METRICS}.get(own) or same.get(own):
        return [near]
    others = {bare(other): names for other, names in OTHER_NAMES.items()}
    if own in others:
        return list(others[own])
    held = _holding(word)
    if len(held) == 1:
        return held
    if near := nearest(word, METRICS):
        return [near]
    if near := nearest(word, labels):
        return [labels[near]]
    return held if len(held) <= MOST else []


def _holding(word: str) -> list[str]:
    """Return the metrics whose name or label has all parts of a word, if it is no short one."""
    own = set(word.casefold().replace("_", " ").split())
    if len(word) < SHORT:
        return []
    return [name for name, metric in METRICS.items() if own <= _parts(metric.label, name)]


def _parts(label: str, name: str) -> set[str]:
    return {part.strip(",:") for part in f"{label} {name.replace('_', ' ')}".casefold().split()}


def unknown_metric(word: str) -> str:
    """Say that there is no such metric, and which may be meant."""
    found = meant(word)
    known = [
        f"'{name}'" + ("" if len(found) == 1 and nearest(word, [name]) else f" ({_label(name)})")
        for name in found
    ]
    hint = f"did you mean {' or '.join(known)}?" if known else f"metrics: {', '.join(METRICS)}"
    return f"there is no metric {word!r}; {hint}"


def _label(name: str) -> str:
    return METRICS[name].label
