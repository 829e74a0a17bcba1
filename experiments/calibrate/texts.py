"""What is said and shown of a calibrate study."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from experiments import formats
from experiments.calibrate import held_out_views
from experiments.calibrate.aims import FAR, form_of
from experiments.calibrate.consistency import conflicts, consequences
from experiments.calibrate.found import rows_of, spec_of
from experiments.calibrate.identify import NARROWED
from experiments.formats import count
from experiments.kinds import Tables
from experiments.sensitivity.texts import short
from experiments.study import Study
from experiments.tabular import Cell, Head, View, by_row

NAMED = 8
"""So many parameters are named in a sentence; the table has all."""
ROLES = {"fitted": "", "lift": "lift test", "held": "held out"}


def title(study: Study) -> str:
    """Return the line above the tables."""
    spec = spec_of(study)
    runs = spec.method.waves * spec.method.runs * study.replicates.n
    return (
        f"{study.name}: {count(len(spec.free), 'free parameter')}, "
        f"{count(len(spec.fitted()), 'target')}, {count(spec.method.waves, 'wave')} of "
        f"{count(spec.method.runs, 'market')}, {count(runs, 'run')}"
    )


def method(study: Study) -> list[str]:
    """Say how the numbers come about."""
    m = spec_of(study).method
    return [
        "History matching. Markets spread evenly over the ranges are run; for each target an "
        "emulator (a polynomial of degree two, and a Gaussian process of what it leaves) is "
        "fitted to what they gave. A market is ruled out if what is expected of it is more than "
        f"{m.cutoff:g} standard deviations from a target; its square adds up the emulator’s "
        "variance, the random variation between runs, and the target’s tolerance (a third of half "
        "its interval). "
        "The next wave is drawn evenly from what is left. What is left is a region, and no "
        "credible interval: it says what the targets do not exclude, not what is likely.",
        f"The ensemble is of markets that were run, at most {m.ensemble}: those that meet all "
        "targets, then the others that are not ruled out, each as far as can be from those "
        "chosen before.",
        *held_out_views.method(study),
        *consequences(study),
    ]


# -- tables ---------------------------------------------------------------------------------------


def views(study: Study, tables: Tables) -> list[View]:
    """Return the tables to show."""
    found = [_targets(tables["targets"]), _parameters(tables)]
    if len(tables["combinations"]):
        found.append(_combinations(study, tables["combinations"]))
    found += held_out_views.views(tables)
    found += [_waves(tables["waves"]), _emulators(tables["emulators"])]
    found.append(_sources(tables["targets"]))
    return found


def _targets(table: pd.DataFrame) -> View:
    columns = ["target", "interval", "medoid", "ensemble, 5–95 %", "met", "implausibility"]
    rows: list[tuple[Head, list[Cell]]] = []
    for row in table.to_dict("records"):
        role = ROLES[row["role"]]
        rows.append(
            (
                Head(f"{row['target']} ({role})" if role else row["target"]),
                [
                    between(row, "low", "high"),
                    value_of(row, "medoid"),
                    between(row, "ensemble_low", "ensemble_high"),
                    formats.value(row["members_met"], "share"),
                    "–" if np.isnan(row["implausibility"]) else f"{row['implausibility']:.1f}",
                ],
            )
        )
    note = (
        "met: share of the ensemble’s markets within the interval. implausibility: of the medoid, "
        "in standard deviations of random variation and tolerance; without random variation 3 is an "
        "end of the interval."
    )
    view = by_row("Targets against what the markets give", columns, rows)
    return view._replace(note=note)


def value_of(row: dict[Any, Any], key: str) -> str:
    """Return a number of a row of targets, in the unit of the target."""
    return _below(row, key) + _number(row[key], row["unit"])


def _below(row: dict[Any, Any], key: str) -> str:
    """Return a sign before a number so far below the interval that it is not told from zero."""
    if form_of(row["unit"], row["low"], row["high"]) == "identity":
        return ""
    end = row["low"] / FAR * (1 + 1e-9)  # what is farther counts as this far
    shown = formats.value(row[key], row["unit"])
    return "under " if row[key] <= end and shown != "0" else ""


def _number(value: float, unit: str) -> str:
    if np.isnan(value):
        return formats.NOTHING
    text = formats.value(value, unit)
    return text if formats.is_share(unit) or len(unit) > 12 else f"{text} {unit}"


def between(row: dict[Any, Any], low: str, high: str) -> str:
    """Return two numbers of a row of targets as an interval; a dash if there is none."""
    if np.isnan(row[low]):
        return formats.NOTHING
    ends = [formats.value(row[key], row["unit"]) for key in (low, high)]
    first, last = _below(row, low), _below(row, high)
    if last:
        return last + ends[1]
    return f"{first}{ends[0] if first else ends[0].removesuffix(' %')} to {ends[1]}"


def _parameters(tables: Tables) -> View:
    table = tables["parameters"]
    names = short(list(table["parameter"]))
    rows = [
        [
            names[row["parameter"]],
            f"{row['from']} to {row['to']}",
            f"{row['low']} to {row['high']}",
            row["medoid"],
            _r2(row["ratio"]),
            _by(row),
        ]
        for row in table.sort_values("ratio", kind="stable").to_dict("records")
    ]
    columns = ["parameter", "range", "left, 5–95 %", "medoid", "spread left", "narrowed by"]
    note = (
        "spread left: standard deviation of what is not ruled out over that of the range, on the "
        f"range’s own scale; above {NARROWED:g} a parameter counts as not identified."
    )
    return View("What the targets say of each free parameter", columns, rows, note)


def _by(row: dict[Any, Any]) -> str:
    """Say what has narrowed a parameter, if it is narrower than its range."""
    if np.isnan(row["ratio"]):
        return formats.NOTHING
    if row["narrowed"]:
        return str(row["narrowed_by"] or "all together")
    hint = f" ({row['narrowed_by']} depends on it)" if row["narrowed_by"] else ""
    return f"stays at its range{hint}"


def _combinations(study: Study, table: pd.DataFrame) -> View:
    names = short([factor.name for factor in rows_of(study).factors])
    rows = []
    for row in table.to_dict("records"):
        text = row["parts"]
        for name in sorted(names, key=len, reverse=True):
            text = text.replace(name, names[name])
        rows.append([text.replace("-", "−"), f"{row['ratio']:.2f}"])
    note = "Principal components of the region, each parameter measured by its place in its range."
    return View("Combinations known best", ["combination", "spread left"], rows, note)


def _waves(table: pd.DataFrame) -> View:
    rows = [
        [
            str(row["wave"]),
            f"{row['markets']:,}",
            f"{row['missing']:,}",
            _share(row["before"]),
            _share(row["after"]),
            f"{row['least']:.1f}" if np.isfinite(row["least"]) else formats.NOTHING,
            f"{row['below']:,}",
            f"{row['met']:,}",
        ]
        for row in table.to_dict("records")
    ]
    columns = ["wave", "markets", "runs missing", "drawn from", "left after it"]
    columns += ["least implausible", "not ruled out", "meet all"]
    return View("Waves: share of the space not ruled out", columns, rows)


def _share(x: float) -> str:
    if np.isnan(x):
        return formats.NOTHING
    if 0 < x < 1e-4:
        return f"{100 * x:.1g} %"
    return formats.value(x, "share")


def _emulators(table: pd.DataFrame) -> View:
    last = table[table["wave"] == table["wave"].max()]
    first = table[table["wave"] == 1].set_index("target")["r2"]
    rows = [
        [
            row["target"],
            row["scale"],
            f"{row['points']:,}",
            _r2(first.get(row["target"], np.nan)),
            _r2(row["r2"]),
            formats.value(row["random_share"], "share"),
            str(row["terms"]),
            f"{row['inflation']:.2f}" if np.isfinite(row["inflation"]) else formats.NOTHING,
        ]
        for row in last.to_dict("records")
    ]
    columns = ["target", "scale", "markets", "R² in wave 1", "R² in the last"]
    columns += ["random variation", "terms", "inflation"]
    note = (
        "R²: by leaving one market out; random variation counts as error. random variation: its "
        "share of the variance between the markets of the last wave. inflation: what variances "
        "were multiplied by, because errors were larger than they said."
    )
    return View("Emulators", columns, rows, note, detail=True)


def _r2(x: float) -> str:
    return formats.NOTHING if np.isnan(x) else f"{x:.2f}".replace("-", "−")


def _sources(table: pd.DataFrame) -> View:
    rows = [
        [row["target"], row["measure"], row["source"], row["kind"] or formats.NOTHING]
        for row in table.to_dict("records")
    ]
    return View(
        "Where targets come from", ["target", "measure", "source", "kind"], rows, detail=True
    )


# -- sentences ------------------------------------------------------------------------------------


def findings(study: Study, tables: Tables) -> list[str]:
    """Say what is left, what it fixes, and what is missed."""
    return [
        *_left(tables["waves"]),
        *_ensemble(study, tables),
        *_missed(tables["targets"]),
        *_held(tables["targets"]),
        *held_out_views.findings(tables),
        *_identified(tables["parameters"]),
    ]


def _left(waves: pd.DataFrame) -> Iterator[str]:
    last = waves.iloc[-1]
    if last["after"] > 0:
        yield (
            f"After {count(len(waves), 'wave')} the emulators leave {_share(last['after'])} of the "
            "space of the ranges."
        )
    else:
        yield (
            f"After {count(len(waves), 'wave')} the emulators rule out all of the space of the "
            "ranges: no market in them is expected to meet all targets."
        )
    for row in waves[waves["level"] > 1].to_dict("records"):
        yield (
            f"Before wave {row['wave']} nothing was left, and it looked where implausibility is "
            f"least, {row['level']:.2f} times the cutoff."
        )


def _ensemble(study: Study, tables: Tables) -> Iterator[str]:
    members, m = tables["ensemble"], spec_of(study).method
    stated = members[members["ranges"] == "stated"] if len(members) else members
    waves = tables["waves"]
    met, below = int(waves["met"].sum()), int(waves["below"].sum())
    if stated.empty:
        yield "No market gave a number for every target: there is no ensemble."
        return
    own = int(stated["met"].sum())
    worst = float(stated["implausibility"].max())
    if worst > m.cutoff:
        yield (
            f"Every market that was run is ruled out. The {len(stated)} least implausible are "
            "written as an ensemble all the same."
        )
        return
    yield (
        f"The ensemble has {count(len(stated), 'market')}, of which {own} meet all targets"
        + ("" if own == len(stated) else f" and {len(stated) - own} are only not ruled out")
        + f". Of all that were run {met} meet all targets, and {below} are not ruled out."
    )
    if len(stated) < m.ensemble:
        yield (f"{m.ensemble} were asked for: another wave, or more markets in a wave, finds more.")
    doubled = members[members["ranges"] == "doubled"]
    if m.doubled:
        yield f"With ranges twice as wide it has {count(len(doubled), 'market')}."


def _missed(targets: pd.DataFrame) -> Iterator[str]:
    if "missed" not in targets:
        return
    for row in targets[targets["missed"].eq(True)].to_dict("records"):
        other = row["conflicts_with"]
        against = f"; it conflicts with {other} ({row['why']})" if other else f"; {row['why']}"
        met = formats.value(row["members_met"], "share")
        known = "" if np.isnan(row["members_met"]) else f", met by {met} of the ensemble"
        yield f"Missed: {row['target']}{known}{against}."


def _held(targets: pd.DataFrame) -> Iterator[str]:
    held = targets[(targets["role"] == "held") & targets["members_met"].notna()]
    for row in held.to_dict("records"):
        met = formats.value(row["members_met"], "share")
        yield (
            f"Held out: {row['target']} is {between(row, 'ensemble_low', 'ensemble_high')} in the "
            f"ensemble, and {between(row, 'low', 'high')} was to be expected; {met} of the "
            "markets are within."
        )


def _identified(table: pd.DataFrame) -> Iterator[str]:
    if table["ratio"].isna().all():
        yield "Since nothing is left, the targets together say nothing of the parameters."
        return
    names = short(list(table["parameter"]))
    ordered = table.sort_values("ratio", kind="stable")
    narrowed = ordered[ordered["narrowed"]]
    if len(narrowed):
        told = [
            f"{names[row['parameter']]} to {row['ratio']:.2f} of its range’s spread"
            + (f" (by {row['narrowed_by']})" if row["narrowed_by"] else "")
            for row in narrowed[:NAMED].to_dict("records")
        ]
        more = f"; less than these, {count(len(narrowed) - NAMED, 'other')}"
        yield f"Narrowed: {'; '.join(told)}{more if len(narrowed) > NAMED else ''}."
    stay = [names[name] for name in table["parameter"][~table["narrowed"]]]
    if stay:
        yield f"Stay at their range, for no target fixes them: {', '.join(stay)}."


def caveats(study: Study, tables: Tables) -> list[str]:
    """Say what a reader must know."""
    out = [*conflicts(study), *held_out_views.caveats(tables)]
    targets = tables["targets"]
    for row in targets[targets["undefined"] > 0].to_dict("records"):
        runs = int(row["undefined"])
        out.append(
            f"{row['target']} is not defined in {count(runs, 'run')}: these cannot be judged by "
            "it, and no market in which it is never defined can be in the ensemble."
        )
    for row in tables["emulators"].to_dict("records"):
        if not row["terms"]:
            out.append(
                f"{row['target']} had too few numbers in wave {row['wave']} ({row['points']}) for "
                "an emulator: it ruled nothing out there."
            )
    last = tables["emulators"]
    last = last[last["wave"] == last["wave"].max()]
    weak = [row["target"] for row in last.to_dict("records") if _is_weak(row)]
    if weak:
        out.append(
            "The last wave’s emulators explain less than half of what is not random variation in "
            f"{', '.join(weak)}: of the markets that were not run they rule out few by these targets."
        )
    fuzzy = [
        row["target"]
        for row in targets[targets["role"] != "held"].to_dict("records")
        if row["random_sd"] / np.sqrt(study.replicates.n) > (row["high"] - row["low"]) / 2
    ]
    if fuzzy:
        out.append(
            f"Random variation alone moves {', '.join(fuzzy)} of one market by more than half its "
            "interval: more people or replicates would judge markets better."
        )
    return out


def _is_weak(row: dict[Any, Any]) -> bool:
    """Tell whether an emulator explains less than half of what there is to explain."""
    if np.isnan(row["r2"]):
        return False
    room = 1 - row["random_share"]
    return bool(room > 0.1 and row["r2"] < room / 2)
