"""What a tournament's file may say, and the market of each profile of portfolios."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import comb
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from experiments import markets
from experiments.markets import Market
from experiments.points import Arms
from experiments.responses import Response
from experiments.spend import Idle, acting, budgeted
from experiments.study import unknown_brand
from experiments.studyfile import ArmName, StudyFile
from experiments.tournament.games import GameForm, Profile
from sim.config import layers
from sim.config.parameters import Param
from sim.config.yaml_file import Mark, Problem, Tree, nearest

Portfolio = Mapping[str, Mapping[str, Any]]
"""Parameters of strategies, by name."""
VERSUS = " vs "
MAX_PROFILES = 4096
MOST_PORTFOLIOS = 90
"""Two players who are alike have no more profiles than `MAX_PROFILES` with so many."""


def _no_profile(name: str) -> str:
    if VERSUS in name:
        raise ValueError(f"must not have {VERSUS.strip()!r} as a word: profiles are named so")
    return name


PortfolioName = Annotated[ArmName, AfterValidator(_no_profile)]


class TournamentStudy(StudyFile):
    """A study of strategies run against each other, to see which survives."""

    times = 30
    series = False
    study: Literal["tournament"] = Param("tournament", doc="the kind of study")
    portfolios: dict[PortfolioName, dict[str, Any] | None] = Param(
        doc="what a player may do, by name: what stands under brands.X.strategies"
    )
    players: list[str] | None = Param(
        None, doc="brands that play; the others do nothing; none: all brands"
    )
    symmetric: Literal["auto"] | bool = Param(
        "auto",
        doc="true: every player gets all that the first one is but for its name, so that profiles "
        "differ only in how many play what; auto: true if they are alike already",
    )
    payoff: Response = Param(
        Response(name="long_run_contribution"), doc="what a player wants: the name of a metric"
    )
    spend: float | None = Param(
        None,
        bounds=(0.01, None),
        unit="CNY over the run",
        doc="equal budgets: each portfolio may spend this much, in equal parts for its "
        "strategies; none: as the portfolios say",
    )
    idle: Idle = Param(
        "keep",
        doc="what a portfolio without strategies does with `spend`: keep the money, or add it to "
        "its advertising",
    )


@dataclass(frozen=True, kw_only=True)
class Profiles(Arms):
    """The markets of a tournament: one for each profile that decides the game.

    Attributes
    ----------
    form
        The game.
    bare
        The market in which nobody does anything.
    idle
        The portfolios without strategies, in order.
    """

    form: GameForm
    bare: Market
    idle: tuple[str, ...]

    @property
    def base(self) -> Market:
        """The market that every profile fills."""
        return self.bare

    def identity(self) -> Iterator[str]:
        """Yield the players and whether they are alike, and the identity of every profile."""
        yield from (*self.form.players, str(self.form.symmetric))
        yield from super().identity()


def points(spec: TournamentStudy | None, tree: Tree) -> tuple[Profiles | None, list[Problem]]:
    """Return the market of each profile."""
    layered, problems = markets.base(tree)
    if layered is None:
        return None, problems
    market, shared = markets.resolve(layered)
    brands = markets.brand_names(layered)
    problems = [*shared, *unknown_brand(tree, {"": brands}), *_players(tree, brands)]
    portfolios, wrong = _portfolios(tree, layered, brands, shared)
    problems += [*wrong, *_spend(tree)]
    if spec is None or market is None or problems:
        return None, problems
    players = tuple(spec.players or market["brands"])
    bare = _bare(market, players, spec.symmetric is True)
    form = GameForm(players, (tuple(portfolios),) * len(players), _alike(spec, bare, players))
    problems = [*_payoff(spec, tree, market), *_luck(spec, tree), *_too_many(form, tree)]
    return (None, problems) if problems else (profiles(spec, form, bare, portfolios), [])


def profiles(
    spec: TournamentStudy, form: GameForm, bare: Market, portfolios: Mapping[str, Portfolio]
) -> Profiles:
    """Return the market of each profile, and what each player plays in it.

    Parameters
    ----------
    spec
        The file.
    form
        The game.
    bare
        The market in which nobody does anything.
    portfolios
        Resolved.
    """
    idle = tuple(name for name, does in portfolios.items() if not acting(does))
    names = form.strategies[0]
    found, plays = {}, []
    for profile in form.profiles():
        mine = [names[s] for s in profile]
        found[profile_name(form, profile)] = _market(spec, bare, form.players, mine, portfolios)
        plays.append(mine)
    columns = {f"plays.{p}": [mine[k] for mine in plays] for k, p in enumerate(form.players)}
    nothing = (names.index(idle[0]) if idle else 0,) * form.n
    baseline = profile_name(form, nothing)
    return Profiles(found, baseline, columns, form=form, bare=bare, idle=idle)


def profile_name(form: GameForm, profile: Profile) -> str:
    """Return what a profile is called: what is played, in the order of the players."""
    return VERSUS.join(form.strategies[p][s] for p, s in enumerate(profile))


# -- markets --------------------------------------------------------------------------------------


def _bare(market: Market, players: tuple[str, ...], alike: bool) -> dict[str, Any]:
    """Return a market in which nobody does anything; all players like the first if so wanted."""
    bare = copy.deepcopy(dict(market))
    if alike:
        for player in players[1:]:
            bare["brands"][player] = copy.deepcopy(bare["brands"][players[0]])
    for brand in bare["brands"].values():
        brand["strategies"] = {}
    return bare


def _alike(spec: TournamentStudy, bare: Market, players: tuple[str, ...]) -> bool:
    first = bare["brands"][players[0]]
    return bool(spec.symmetric) and all(bare["brands"][p] == first for p in players)


def _market(
    spec: TournamentStudy,
    bare: Market,
    players: tuple[str, ...],
    plays: list[str],
    portfolios: Mapping[str, Portfolio],
) -> dict[str, Any]:
    """Return the market in which each player does what is its part of a profile."""
    brands = dict(bare["brands"])
    for player, name in zip(players, plays, strict=True):
        brands[player] = {**brands[player], "strategies": portfolios[name]}
    market: dict[str, Any] = {**bare, "brands": brands}
    for player in players if spec.spend else ():
        market = budgeted(market, player, spec.spend or 0.0, spec.idle)
    return market


# -- mistakes -------------------------------------------------------------------------------------


def _players(tree: Tree, brands: list[str]) -> Iterator[Problem]:
    """Yield what is wrong with who plays."""
    given = tree.data.get("players")
    if given is None:
        if len(brands) == 1:
            what = f"a tournament needs two players; this market has only the brand {brands[0]}"
            yield tree.problem(("market",), what)
        return
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        return  # the model of the study complains
    for k, name in enumerate(given):
        if brands and name not in brands:
            near = nearest(name, brands)
            hint = f"; did you mean '{near}'?" if near else ""
            what = f"there is no brand {name!r}; brands: {', '.join(brands)}{hint}"
            yield tree.problem(("players", k), what)
        elif name in given[:k]:
            yield tree.problem(("players", k), f"{name} plays already")
    if len(given) < 2:
        yield tree.problem(("players",), f"a tournament needs two players (got {len(given)})")


def _portfolios(
    tree: Tree, layered: Tree, brands: list[str], shared: list[Problem]
) -> tuple[dict[str, Portfolio], list[Problem]]:
    """Return the portfolios with every default written out, or what is wrong with them.

    Each is tried on one brand: what a portfolio may be does not depend on who has it.
    """
    given = tree.data.get("portfolios")
    resolved: dict[str, Portfolio] = {}
    problems: list[Problem] = []
    if not isinstance(given, dict) or not brands:
        return resolved, problems
    if len(given) > MOST_PORTFOLIOS:
        what = f"are {len(given):,}; at most {MOST_PORTFOLIOS} can be played"
        return resolved, [tree.problem(("portfolios",), what)]
    place = f"brands.{brands[0]}.strategies"
    for name, does in given.items():
        if not isinstance(does, dict | None):
            continue  # the model of the study complains
        market, wrong = markets.resolve(layers.over(layered, _moved(tree, name, place), ()))
        problems += [
            Problem(p.mark, f"portfolios.{name}{p.path.removeprefix(place)}", p.what)
            for p in wrong
            if p not in shared
        ]
        if market:
            resolved[name] = market["brands"][brands[0]]["strategies"]
    if len(given) < 2:
        what = f"a tournament needs two portfolios (got {len(given)})"
        problems.append(tree.problem(("portfolios",), what))
    return resolved, problems


def _moved(tree: Tree, name: str, place: str) -> Tree:
    """Return a portfolio as a change of a market, with the places where it is written."""
    old = ("portfolios", name)
    marks: dict[Any, Mark] = {
        (place, *path[2:]): mark for path, mark in tree.marks.items() if path[:2] == old
    }
    return Tree({place: tree.data["portfolios"][name] or {}}, marks)


def _spend(tree: Tree) -> Iterator[Problem]:
    """Yield what does not go with equal budgets, or needs them."""
    spend, portfolios = tree.data.get("spend"), tree.data.get("portfolios")
    if spend is None and tree.data.get("idle") == "advertise":
        yield tree.problem(("idle",), "advertise needs `spend`: the money to advertise with")
    if spend is None or not isinstance(portfolios, dict):
        return
    for name, does in portfolios.items():
        for strategy, given in does.items() if isinstance(does, dict) else ():
            if isinstance(given, dict) and given.get("budget") is not None:
                what = "must be left out: with `spend`, every strategy gets its part of that"
                yield tree.problem(("portfolios", name, strategy, "budget"), what)


def _payoff(spec: TournamentStudy, tree: Tree, market: Market) -> Iterator[Problem]:
    """Yield what is wrong with what the players want."""
    if spec.payoff.of is not None:
        what = "must be left out: each player has a payoff of its own"
        yield tree.problem(("payoff", "of"), what)
    for problem in spec.payoff.problems(market["brands"], market["days"]):
        if problem.path != "of":
            yield tree.problem(("payoff", problem.path), problem.what)


def _luck(spec: TournamentStudy, tree: Tree) -> Iterator[Problem]:
    if spec.replicates.crn != "block":
        what = "must be block: the profiles of a replicate make one game, with one luck"
        yield tree.problem(("replicates", "crn"), what)


def _too_many(form: GameForm, tree: Tree) -> Iterator[Problem]:
    k, n = form.shape[0], form.n
    number = comb(k + n - 1, n) if form.symmetric else k**n
    if number > MAX_PROFILES:
        what = f"{n} players with {k} portfolios each make {number:,} profiles; at most "
        yield tree.problem(("portfolios",), f"{what}{MAX_PROFILES:,} can be played")
