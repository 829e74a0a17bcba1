"""Tables of a tournament's game: its equilibria, what survives, and how stable that is."""

from typing import Any

import numpy as np
import pandas as pd

from experiments.kinds import Tables
from experiments.tournament import alpharank, nash, replicator, stability
from experiments.tournament.games import Floats, GameForm
from experiments.tournament.played import populations
from experiments.tournament.profiles import profile_name


def solved(form: GameForm, whole: Floats, seed: int) -> Tables:
    """Return equilibria, dynamics and ranks of the mean payoffs, and how stable they are."""
    mean = whole.mean(axis=0)
    resampled = stability.resample(whole, stability.RESAMPLES if len(whole) > 1 else 0, seed)
    solution = nash.solve(mean, form.n, form.symmetric)
    often = stability.equilibria(resampled, form, solution)
    fates = replicator.fates(mean, form)
    flows = stability.flows(resampled, form, fates)
    facts = {
        "replicates": len(whole),
        "symmetric": form.symmetric,
        "scope": solution.scope,
        "degenerate": solution.degenerate,
        "equilibria": len(solution.equilibria),
        "resamples": len(resampled),
        "same_pure": often.same_pure,
        "same": often.same,
        "solved": often.solved,
        "flows": flows.resamples,
    }
    ranked, more = _ranked(form, mean, resampled)
    return {
        "profiles": _profiles(form, mean, often),
        "equilibria": _equilibria(form, solution, often),
        "fates": _fates(form, fates, flows),
        "shares": _shares(form, fates, flows),
        "ranks": ranked,
        "game": pd.DataFrame([facts | more]),
    }


def _profiles(form: GameForm, mean: Floats, often: stability.Equilibria) -> pd.DataFrame:
    """Return the regret of every profile, and how often it is an equilibrium."""
    regrets = nash.regrets(mean, form.n)
    equilibrium = nash.pure_equilibria(mean, form.n)
    rows = []
    for profile in form.profiles():
        rows.append(
            {
                "profile": profile_name(form, profile),
                "regret": max(float(own[profile]) for own in regrets),
                "equilibrium": bool(equilibrium[profile]),
                "share": often.pure[profile],
            }
        )
    return pd.DataFrame(rows)


def _equilibria(
    form: GameForm, solution: nash.Solution, often: stability.Equilibria
) -> pd.DataFrame:
    """Return every equilibrium: a row per player and portfolio that it plays."""
    columns = ["equilibrium", "kind", "all_alike", "player", "portfolio", "chance", "payoff"]
    rows = []
    for k, one in enumerate(solution.equilibria):
        head = [k + 1, "pure" if one.pure else "mixed", one.symmetric]
        tail = [one.regret, often.supports[k]]
        for p, player in enumerate(form.players):
            rows += [
                [*head, player, form.strategies[p][s], one.mix[p][s], one.payoffs[p], *tail]
                for s in one.support[p]
            ]
    return pd.DataFrame(rows, columns=[*columns, "regret", "share"])


def _fates(form: GameForm, fates: list[replicator.Fate], flows: stability.Flows) -> pd.DataFrame:
    """Return what the replicator dynamics comes to: a row per fate, population and survivor."""
    columns = ["fate", "kind", "share", "low", "high", "player", "portfolio", "mix"]
    rows = []
    for k, fate in enumerate(fates):
        head = [k + 1, fate.kind, fate.share, flows.fates.low[k], flows.fates.high[k]]
        for p, player in populations(form):
            rows += [
                [*head, player, form.strategies[p][s], fate.mix[p][s]] for s in fate.survivors[p]
            ]
    return pd.DataFrame(rows, columns=columns)


def _shares(form: GameForm, fates: list[replicator.Fate], flows: stability.Flows) -> pd.DataFrame:
    """Return the share that each portfolio ends with, on average over all starts."""
    rows = []
    for p, player in populations(form):
        mean = np.sum([fate.share * fate.mix[p] for fate in fates], axis=0)
        bounds = flows.final[p]
        for s, name in enumerate(form.strategies[p]):
            ends = {"mean": mean[s], "low": bounds.low[s], "high": bounds.high[s]}
            rows.append({"player": player, "portfolio": name, **ends})
    return pd.DataFrame(rows)


def _ranked(form: GameForm, mean: Floats, resampled: Floats) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the mass of each portfolio in alpha-rank, and what there is to say about how."""
    columns = ["player", "portfolio", "mass", "low", "high", "first"]
    states = int(np.prod(form.shape[:1] if form.symmetric else form.shape))
    if states > alpharank.MAX_STATES:
        return pd.DataFrame(columns=columns), {"alpha": np.nan, "steady": False, "ranked": 0}
    found = alpharank.rank(mean, form)
    bounds = stability.ranks(resampled, form, found.alpha)
    masses = alpharank.by_strategy(found.mass, form)
    rows = []
    for p, player in populations(form):
        own = bounds.mass[p]
        rows += [
            [player, name, masses[p][s], own.low[s], own.high[s], bounds.first[p][s]]
            for s, name in enumerate(form.strategies[p])
        ]
    facts = {"alpha": found.alpha, "steady": found.steady, "ranked": bounds.resamples}
    return pd.DataFrame(rows, columns=columns), facts
