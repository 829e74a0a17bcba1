"""Formulas of cascades and downlines, held against enumeration, equations and direct simulation."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq
from scipy.stats import poisson

from experiments.limits.recognise_trees import ended
from experiments.limits.trees import GaltonWatson, Yule, below

# --- cascades -------------------------------------------------------------------------------------


def test_the_published_numbers_of_a_cascade():
    expected = GaltonWatson(0.6).expected()
    assert list(expected) == ["mean cascade", "cascades of 1", "cascades of 2", "cascades of 3"]
    assert list(expected.values()) == pytest.approx([2.5, 0.549, 0.181, 0.089], abs=5e-4)


def enumerated(mu, most):
    """Shares of cascades of 1 to `most`: people are asked one by one whom they bring.

    Row k of the walk holds the chances of how many are still to be asked when k have been.
    """
    waiting = np.zeros(most + 1)
    waiting[1] = 1
    bring = poisson.pmf(np.arange(most + 1), mu)
    sizes = []
    for _ in range(most):
        waiting = np.convolve(waiting[1:], bring)[: most + 1]
        sizes.append(waiting[0])
        waiting[0] = 0
    return np.array(sizes)


@pytest.mark.parametrize("mu", [0.1, 0.6, 0.95, 1.0, 1.7])
def test_cascades_are_those_of_exact_enumeration(mu):
    assert GaltonWatson(mu).cascade(np.arange(1, 41)) == pytest.approx(enumerated(mu, 40), rel=1e-9)


@pytest.mark.parametrize("mu", [0.0, 0.3, 0.6, 0.9])
def test_cascades_end_and_have_the_mean_and_variance_of_the_process(mu):
    model, n = GaltonWatson(mu), np.arange(1, 20_000)
    share = model.cascade(n)
    assert share.sum() == pytest.approx(1)
    assert (n * share).sum() == pytest.approx(model.mean_cascade) == pytest.approx(1 / (1 - mu))
    assert (n**2 * share).sum() - model.mean_cascade**2 == pytest.approx(mu / (1 - mu) ** 3)


def test_where_each_brings_more_than_one_some_cascades_never_end():
    model = GaltonWatson(1.5)
    ends = brentq(lambda chance: math.exp(1.5 * (chance - 1)) - chance, 0, 0.9)
    assert model.cascade(np.arange(1, 5000)).sum() == pytest.approx(ends)
    assert model.mean_cascade == GaltonWatson(1).mean_cascade == math.inf


@pytest.mark.parametrize("mu", [0.0, 0.3, 0.6, 0.95, 1.0, 1.7])
def test_among_a_finite_population_people_are_brought_until_there_are_too_few_left(mu):
    """Generation after generation: each of the others is missed by the newest with exp(-mu new)."""
    model = GaltonWatson(mu)
    for share in (0.001, 0.1, 0.7):
        new = brought = share
        for _ in range(20_000):
            new = (1 - brought) * -math.expm1(-mu * new)
            brought += new
        assert model.mean_cascade_among(share) == pytest.approx(brought / share, rel=1e-6)
    assert model.mean_cascade_among(0) == model.mean_cascade
    assert model.mean_cascade_among(1) == pytest.approx(1)
    if mu < 1:
        assert model.mean_cascade_among(1e-9) == pytest.approx(model.mean_cascade, rel=1e-5)


def test_a_cascade_takes_days():
    """Each brings .5 on the day itself and .3 two days after, who buy a day later."""
    brought = np.array([0.5, 0.0, 0.3, 0.0, 0.0, 0.0])
    by_day = [1, 1.5, 1.75, 1 + 0.5 * 1.75 + 0.3, 1 + 0.5 * 2.175 + 0.3 * 1.5]
    for days, size in enumerate(by_day, 1):
        run = brought[:days]
        assert ended(run) == pytest.approx(size * (1 - run.sum()))
    assert ended(np.concatenate([brought, np.zeros(400)])) == pytest.approx(1)


def test_those_below_are_counted_in_every_generation():
    draw = np.random.default_rng(1)
    above = np.array([draw.integers(-1, max(k, 1)) if k else -1 for k in range(300)])
    expected = np.ones(300, int)
    for k in range(300):
        up = above[k]
        while up >= 0:
            expected[up] += 1
            up = above[up]
    assert below(above).tolist() == expected.tolist()
    assert below(np.zeros(0, int)).tolist() == []


# --- downlines ------------------------------------------------------------------------------------


def counted(grown, most, kind):
    """Members per founder with 0 to `most` recruits, or with teams of 1 to `most`, at lam T.

    By the equations of the expected numbers, without any thought of age: whoever has k recruits
    gets one more at rate 1, a team of s grows at rate s, and newcomers have nobody.
    """

    def flow(_, y):
        out = y[1:] * (1 if kind == "recruits" else np.arange(1, most + 1))
        into = np.concatenate([[y[0]], out[:-1]])
        return np.concatenate([[y[0]], into - out])

    start = np.zeros(most + 1)
    start[0] = start[1] = 1  # all members, then by number or size
    y = solve_ivp(flow, (0, grown), start, rtol=1e-10, atol=1e-13).y[:, -1]
    return y[0], y[1:]


PERIODS = [(0.002, 100), (0.01, 100), (0.004, 730), (0.02, 400)]


@pytest.mark.parametrize(("rate", "days"), PERIODS)
def test_members_are_those_of_the_equations_of_their_numbers(rate, days):
    model, k = Yule(rate, days), np.arange(12)
    members, recruits = counted(rate * days, 12, "recruits")
    assert members == pytest.approx(model.mean_team, rel=1e-7)
    assert model.recruits(k) == pytest.approx(recruits / members, rel=1e-5)
    members, teams = counted(rate * days, 12, "teams")
    assert model.team(k + 1) == pytest.approx(teams / members, rel=1e-5)


@pytest.mark.parametrize(("rate", "days"), PERIODS)
def test_shares_of_members_add_up(rate, days):
    model, grown = Yule(rate, days), rate * days
    k = np.arange(200)
    assert model.recruits(k).sum() == pytest.approx(1)
    # everybody but a founder is somebody's recruit
    assert (k * model.recruits(k)).sum() == pytest.approx(1 - model.founders)
    s = np.arange(1, 400_000)
    assert model.team(s).sum() == pytest.approx(1)
    assert (s * model.team(s)).sum() == pytest.approx(1 + grown, rel=1e-4)
    assert model.founder_team(s).sum() == pytest.approx(1)
    assert (s * model.founder_team(s)).sum() == pytest.approx(model.mean_team, rel=1e-4)


def test_after_a_long_time_the_founders_do_not_matter():
    model, k = Yule(0.1, 400), np.arange(8)
    assert model.recruits(k) == pytest.approx(0.5 ** (k + 1))
    assert model.team(k + 1) == pytest.approx(1 / ((k + 1) * (k + 2)))


def test_at_the_start_all_are_founders_with_nobody():
    for model in (Yule(0.1, 0), Yule(0, 100)):
        assert model.founders == model.mean_team == 1
        assert model.recruits(np.arange(3)).tolist() == [1, 0, 0]
        assert model.team(np.arange(1, 4)).tolist() == [1, 0, 0]
        assert model.founder_team(np.arange(1, 4)).tolist() == [1, 0, 0]


@pytest.mark.parametrize("share", [0.0005, 0.01, 0.2])
def test_among_a_finite_population_members_grow_logistically(share):
    """Day after day, each calls lam people; the closed form takes days for a flow, to 1 %."""
    members = share
    for _ in range(730):
        members += 0.004 * members * (1 - members)
    assert Yule(0.004, 730).mean_team_among(share) == pytest.approx(members / share, rel=0.01)
    assert Yule(0.004, 730).mean_team_among(0) == pytest.approx(1.004**730)
    assert Yule(0.0004, 7300).mean_team_among(0) == pytest.approx(math.exp(2.92), rel=1e-3)


def simulated(rate, days, founders, quit_rate=0.0, idle=0.0):
    """Direct recruits and team of every member ever, founders first; event after event.

    A share `idle` of newcomers never recruits.
    """
    draw = np.random.default_rng(1)
    recruiter, active, time = [-1] * founders, list(range(founders)), 0.0
    while True:
        time += draw.exponential(1 / ((rate + quit_rate) * len(active)))
        if time > days:
            break
        which = draw.integers(len(active))
        if draw.random() * (rate + quit_rate) < rate:
            recruiter.append(active[which])
            if draw.random() >= idle:
                active.append(len(recruiter) - 1)
        else:
            active[which] = active[-1]
            active.pop()
    recruits, team = np.zeros(len(recruiter), int), np.ones(len(recruiter), int)
    for member in range(len(recruiter) - 1, founders - 1, -1):
        recruits[recruiter[member]] += 1
        team[recruiter[member]] += team[member]
    return recruits, team


def observed(recruits, team, founders):
    """The numbers of `Yule.expected`, in a simulation."""
    out = [team[:founders].mean()]
    out += [(recruits == k).mean() for k in range(4)]
    out += [(team == s).mean() for s in (1, 2, 3)]
    return np.array(out)


@pytest.mark.parametrize(("rate", "days"), [(0.01, 100), (0.004, 730)])
def test_members_are_those_of_a_direct_simulation(rate, days):
    """.015 of a share, and .06 of the mean team, are about 4 standard errors."""
    model = Yule(rate, days)
    got = observed(*simulated(rate, days, 4000), 4000)
    expected = np.array(list(model.expected().values()))
    assert got[0] == pytest.approx(expected[0], rel=0.06)
    assert got[1:] == pytest.approx(expected[1:], abs=0.015)
    _, team = simulated(rate, days, 4000)
    sizes = np.bincount(team[:4000], minlength=6)[1:6] / 4000
    assert sizes == pytest.approx(model.founder_team(np.arange(1, 6)), abs=0.03)


def test_where_members_quit_or_differ_it_is_another_process():
    """Quitting shows in the size of teams; shares hardly notice it, but that some never recruit."""
    model = Yule(0.004, 730)
    expected = np.array(list(model.expected().values()))
    quitting = observed(*simulated(0.004, 730, 4000, quit_rate=0.001), 4000)
    assert quitting[0] < 0.7 * expected[0]
    idle = observed(*simulated(0.004, 730, 4000, idle=0.3), 4000)
    assert idle[0] < 0.7 * expected[0]
    assert np.abs(idle[1:] - expected[1:]).max() > 0.06


def test_what_is_expected_is_named():
    assert list(Yule(0.01, 100).expected()) == [
        "mean team of founders",
        *(f"members with {k} recruits" for k in range(4)),
        *(f"members with a team of {s}" for s in (1, 2, 3)),
    ]
