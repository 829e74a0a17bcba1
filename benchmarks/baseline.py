"""The regression baseline: headline results of three small markets, kept in a table.

    make baseline   # recompute, say what moved, and rewrite tests/baseline.csv

A change that is not meant to move results must not move these. One that is meant to rewrites the
table in the same commit, and says so in its message: the difference of the two tables tells what
moved, and by how much. (The idea is that of Starsim's tests/baseline.yaml.)
"""

import io
from pathlib import Path
from typing import Any

import pandas as pd

from experiments import metrics
from experiments.records import observe
from experiments.registry import METRICS
from sim.market import Market
from tests.markets import BEANS, CREAMS

FILE = Path(__file__).parents[1] / "tests" / "baseline.csv"
SEED = 20261126
SMALL: dict[str, Any] = {
    "people.n": 1500,
    "people.entry.over_days": 240,
    "days": 240,
    "burn_in": 90,
    "terminal_period": 90,
}
MARKETS: dict[str, tuple[str, dict[str, Any]]] = {
    # as in configs/quickstart.yaml brand A does everything, here in a fixed market
    "quickstart": (
        CREAMS,
        {
            **SMALL,
            "brands.A.strategies": {
                "service_followup": {},
                "referral": {},
                "agent_recruitment": {"referrals_needed": 0, "courses": 0},
            },
        },
    ),
    "coffee": (
        BEANS,
        {**SMALL, "brands.A.strategies": {"service_followup": {}, "referral": {"reward": 8}}},
    ),
    "bg/nbd": ("cdnow", {}),  # the limit, as it is
}
HEADLINES = (
    "orders", "customers", "new_customers", "dropouts", "touches", "invitations",
    "referred_customers", "kocs", "distributors_joined", "gmv", "net_revenues",
    "contribution_profit", "spend", "reward_cost", "distributor_pay", "long_run_revenue",
    "long_run_contribution", "terminal_equity", "liabilities", "nps", "repeat_rate",
    "refund_rate", "share_of_orders", "top_share", "opt_out_rate", "cac",
)  # fmt: skip
KEYS = ["market", "brand", "metric", "unit"]
TOLERANCE = 1e-9
"""Relative, of what is no whole number: sums of floats differ a little between processors."""


def compute() -> pd.DataFrame:
    """Return the table: a row per market, brand and headline, in the order of `HEADLINES`."""
    parts = []
    for name, (preset, changes) in MARKETS.items():
        found = metrics.table(observe(Market(preset, rng=SEED, **changes)))[list(HEADLINES)]
        part = found.stack(future_stack=True).rename_axis(["brand", "metric"]).rename("value")
        parts.append(part.reset_index().assign(market=name))
    table = pd.concat(parts, ignore_index=True)
    table["unit"] = [METRICS[metric].unit for metric in table["metric"]]
    return table[[*KEYS, "value"]].dropna(ignore_index=True)


def text(table: pd.DataFrame) -> str:
    """Return a table as it is kept: whole numbers whole, others with twelve digits."""
    shown = [f"{v:.0f}" if float(v).is_integer() else f"{v:.12g}" for v in table["value"]]
    return table.assign(value=shown).to_csv(index=False, lineterminator="\n")


def kept() -> pd.DataFrame:
    """Return the table that is kept."""
    return pd.read_csv(io.StringIO(FILE.read_text(encoding="utf-8")))


def moved(old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """Return what differs between two tables, a line for each number."""
    before, after = (table.set_index(KEYS)["value"].to_dict() for table in (old, new))
    lines = []
    for key in before | after:
        market, brand, metric, unit = key
        where = f"{market}, brand {brand}: {metric}"
        if key not in before or key not in after:
            lines.append(f"{where} is new" if key not in before else f"{where} is gone")
        elif not _same(float(before[key]), float(after[key])):
            share = f", {100 * (after[key] / before[key] - 1):+.3g} %" if before[key] else ""
            lines.append(f"{where}: {before[key]:.12g} -> {after[key]:.12g} {unit}{share}")
    return lines


def _same(before: float, after: float) -> bool:
    if before.is_integer() and after.is_integer():
        return before == after
    return abs(after - before) <= TOLERANCE * abs(before)


def main() -> None:
    """Rewrite the table, and say what moved."""
    new = compute()
    lines = moved(kept(), new) if FILE.exists() else []
    FILE.write_text(text(new), encoding="utf-8")
    print("\n".join(lines) or "nothing moved")
    print(f"wrote {FILE.relative_to(FILE.parents[1])}: {len(new)} numbers, {len(lines)} moved")


if __name__ == "__main__":
    main()
