"""A study of strategies run against each other, to see which survives."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from experiments import starter, units
from experiments.across import each
from experiments.conduct import Outcome
from experiments.formats import compact, count
from experiments.kinds import Go, Kind
from experiments.study import Study
from experiments.tournament import (
    alpharank,
    findings,
    markets,
    nash,
    played,
    plots,
    profiles,
    tables,
    views,
)
from experiments.tournament.played import form_of, profiles_of, reference, spec_of
from experiments.tournament.profiles import TournamentStudy
from experiments.tournament.stability import RESAMPLES
from sim.config.load import load_market
from sim.config.parameters import describe
from sim.strategies.interface import strategies


def resolved(study: Study) -> dict[str, Any]:
    """Return the market in which nobody does anything: what everybody may do is said apart."""
    return {"market": profiles_of(study).bare}


def title(study: Study) -> str:
    """Return the line above the tables."""
    form = form_of(study)
    over = f"in {count(len(study.across.members), 'market')}, " if study.across else ""
    alike = ", alike" if form.symmetric else ""
    return (
        f"{study.name}: {form.n} players ({', '.join(form.players)}{alike}), "
        f"{count(form.shape[0], 'portfolio')}, {count(len(study.points), 'profile')}, "
        f"{over}{count(study.replicates.n, 'replicate')} of each"
    )


def method(study: Study) -> list[str]:
    """Say how the numbers come about."""
    return markets.method(study) + units.worded(study, _method(study))


def _method(study: Study) -> list[str]:
    form, spec = form_of(study), spec_of(study)
    return [
        f"Each of {', '.join(form.players)} plays one of the portfolios, and every profile of "
        f"portfolios is run as a market of its own; brands that do not play do nothing. Payoff is "
        f"{spec.payoff.title}, {spec.payoff.unit}. All profiles of a replicate share every random "
        f"draw that they have in common, so gains over {reference(study)} are paired.",
        _alike(study),
        *_money(study),
        "An equilibrium is a profile, or a mix of portfolios, from which nobody gains by deviating "
        "alone. In the replicator dynamics portfolios spread as far as they earn more than the "
        "average; starts are spread evenly over all mixes. Alpha-rank (Omidshafiei et al. 2019) is "
        f"how often each portfolio is the one in use in populations of {alpharank.MEMBERS} whose "
        "members copy those who earn more; portfolios that coexist count by the more frequent.",
        "Stability: whole replicates are drawn with replacement and the game is solved again. "
        f"Payoffs and ranks come from up to {RESAMPLES:,} resamples; mixed equilibria and flows "
        "take longer and come from fewer. Intervals of shares are percentiles of the resamples.",
    ]


def _alike(study: Study) -> str:
    form, wanted = form_of(study), spec_of(study).symmetric
    if not form.symmetric:
        why = "symmetric: false" if wanted is False else "symmetric: auto, and the players differ"
        return (
            f"The game is not symmetric ({why}): every player has payoffs of its own, and all "
            "profiles are run."
        )
    how = (
        f"every player has been given what {form.players[0]} is"
        if wanted is True
        else "symmetric: auto, and the players are alike"
    )
    return (
        f"The game is symmetric ({how}): only how many play what matters, and what a portfolio "
        "earns is averaged over those who play it. The luck that goes with a player's name is "
        "estimated in each replicate from the profiles in which all do the same, and subtracted."
    )


def _money(study: Study) -> Iterator[str]:
    spec = spec_of(study)
    if spec.spend is None:
        return
    idle = {
        "keep": "keeps the money",
        "advertise": "puts the money into advertising, evenly over the run",
    }[spec.idle]
    yield (
        f"Each portfolio may spend {compact(spec.spend)} CNY over the run, in equal parts for its "
        f"strategies; one without strategies {idle}. A budget limits touches, rewards, commissions "
        "and bonuses; coupons, discounts and what distributors keep are not limited by it."
    )


def carry_out(study: Study, go: Go) -> tuple[Study, Outcome]:
    """Run a tournament; what its analysis lacks is said before anything is computed."""
    if len(profiles_of(study).form.players) == 2:
        nash.need_nashpy()
    return study, go(study)


def lines() -> Iterator[str]:
    """Yield the lines of a starter file."""
    yield from starter.head("tournament", "Which portfolio survives when brands compete with them?")
    players = list(load_market(starter.PRESET).brands)[:2]
    yield from starter.market()
    yield from starter.ensemble()
    yield ""
    yield "# What a player may do, by name: strategies with their parameters."
    yield f"# Strategies: {', '.join(strategies())}; see `huitou strategies`."
    yield "portfolios:"
    yield "  none: {}"
    known = [name for name, strategy in strategies().items() if strategy.rows]
    for name in known:
        yield f"  {name}:"
        yield f"    {name}: {{}}  # {starter.idea(strategies()[name])}"
    yield "  all:"
    yield from (f"    {name}: {{}}" for name in known)
    yield ""
    yield f"players: [{', '.join(players)}]  # the other brands do nothing"
    for name in ("symmetric", "payoff", "spend", "idle"):
        yield from _option(name)
    yield ""
    yield from starter.parts(TournamentStudy)


def _option(name: str) -> Iterator[str]:
    info = next(info for info in describe(TournamentStudy) if info.name == name)
    values = {
        "symmetric": "auto",
        "payoff": "long_run_contribution",
        "spend": "null",
        "idle": "keep",
    }
    yield f"{name}: {values[name]}  # {'; '.join(filter(None, (info.unit, info.doc)))}"


KIND = Kind(
    schema=TournamentStudy,
    points=profiles.points,
    tables=tables.tables,
    views=views.views,
    main="game",
    title=title,
    method=method,
    starter=lines,
    findings=findings.findings,
    caveats=findings.caveats,
    responses=lambda spec: (spec.payoff,),
    plots=plots.PLOTS,
    carry_out=carry_out,
    resolved=resolved,
    over=partial(each, profiles.points),
    precision=played.precision,
)
