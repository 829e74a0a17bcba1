"""The classic models, each with what it predicts and what a market shows under the same names."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.special import hyp2f1

if TYPE_CHECKING:
    from sim.market import Market

Floats = NDArray[np.float64]
YEAR = 365.0


class Limit(Protocol):
    """A classic model with the parameters of a market."""

    def expected(self) -> dict[str, float]:
        """Return what the model says, by name."""

    def measured(self, market: "Market") -> dict[str, float]:
        """Return the same of a market that was run."""


@dataclass(frozen=True)
class Dirichlet:
    """The NBD-Dirichlet of Goodhardt, Ehrenberg and Chatfield (1984).

    Attributes
    ----------
    mean, shape : float
        M, mean purchases per person in the run, and K, of the Gamma mixing of their rates.
    weights : dict
        Of the Dirichlet mixing of choice: S times the share of each brand.
    """

    mean: float
    shape: float
    weights: Mapping[str, float]

    def unbought(self, weight: float) -> float:
        """Return the share of people who buy none of the brands whose weights add up to `weight`.

        They are a share p of a person's purchases, Beta over people, so their number is an NBD of
        mean M p: E (1 + M p / K)**-K, which is the hypergeometric function of -M / K. Pfaff's
        transformation brings that into (0, 1).
        """
        z, total = self.mean / self.shape, sum(self.weights.values())
        tail = hyp2f1(self.shape, total - weight, total, z / (1 + z))
        return float((1 + z) ** -self.shape * tail)

    def penetration(self, *brands: str) -> float:
        """Return the share of people who buy at least one of `brands`; of all, if none is named."""
        return 1 - self.unbought(sum(self.weights[b] for b in brands or self.weights))

    def frequency(self, *brands: str) -> float:
        """Return the purchases of `brands`, or of all, per person who buys them at all."""
        share = sum(self.weights[b] for b in brands or self.weights) / sum(self.weights.values())
        return self.mean * share / self.penetration(*brands)

    def sole(self, brand: str) -> float:
        """Return the share of a brand's buyers who buy no other brand."""
        others = [b for b in self.weights if b != brand]
        if not others:
            return 1.0
        return (self.penetration() - self.penetration(*others)) / self.penetration(brand)

    def duplication(self, brand: str, other: str) -> float:
        """Return the share of a brand's buyers who buy the other brand too."""
        either = self.penetration(brand, other)
        both = self.penetration(brand) + self.penetration(other) - either
        return both / self.penetration(brand)

    def expected(self) -> dict[str, float]:
        """Return penetration and purchases per buyer of all and of each brand, and sole buyers."""
        out = {"penetration": self.penetration(), "purchases per buyer": self.frequency()}
        for brand in self.weights:
            out[f"{brand}: penetration"] = self.penetration(brand)
            out[f"{brand}: purchases per buyer"] = self.frequency(brand)
            out[f"{brand}: buy no other"] = self.sole(brand)
        return out

    def measured(self, market: "Market") -> dict[str, float]:
        """Return the same, counted."""
        orders = market.orders[market.orders["day"] >= 0]
        bought = np.zeros((market.config.people.n, len(market.brand_names)), np.int64)
        np.add.at(bought, (orders["person"], orders["brand"]), 1)
        brands = (bought > 0).sum(axis=1)
        out = {
            "penetration": float((brands > 0).mean()),
            "purchases per buyer": float(bought.sum() / (brands > 0).sum()),
        }
        for name, own in zip(market.brand_names, bought.T, strict=True):
            out[f"{name}: penetration"] = float((own > 0).mean())
            out[f"{name}: purchases per buyer"] = float(own[own > 0].mean())
            out[f"{name}: buy no other"] = float((brands[own > 0] == 1).mean())
        return out


@dataclass(frozen=True)
class Bass:
    """The Bass model (1969) on a complete graph, or on a large graph of one degree, without loops.

    Attributes
    ----------
    p, q : float
        Rates of adopting by oneself and by word of mouth, per day.
    degree : float
        Ties of each person; `inf` on a complete graph.
    days : int
        Length of the run.
    """

    p: float
    q: float
    degree: float
    days: int

    def adopted(self, time: Any) -> Floats:
        """Return the share of people who have adopted after `time` days, an increasing sequence.

        Let u be the hazard of hearing about it, summed up so far: a person has not adopted with
        chance exp(-p t - u). Without short loops, each of d neighbours along whose tie no word has
        come has not adopted with chance exp(-p t - u (d - 2) / d): the neighbour's d - 1 other ties
        are like the person's own, less what the silence of the tie between them tells. So

            du/dt = q (1 - exp(-p t - u (d - 2) / d)),

        the equation of Fibich and Warman (2024), on a ring (d = 2) that of Fibich and Gibori
        (2010), and for d without end that of Bass.
        """
        time, others = np.asarray(time, float), 1 - 2 / self.degree

        def slope(t: float, u: Floats) -> Floats:
            return -self.q * np.expm1(-self.p * t - others * u)

        span = (0.0, float(time[-1]))
        u = solve_ivp(slope, span, [0.0], t_eval=time, rtol=1e-10, atol=1e-12).y[0]
        return np.asarray(-np.expm1(-self.p * time - u))

    def by_days(self) -> Floats:
        """Return the share who have adopted after 0, 1, ... days if messages take until the next.

        A person has not adopted by the end of day k with chance s y**d: s = exp(-p (k + 1)), and y
        is the chance that nothing has come along a tie. Nothing has come by the end of day k + 1 if
        nothing was said by the end of day k: the neighbour had not adopted, chance s y**(d - 1), or
        had and was silent, with chance exp(-q / d) on each day.

        Returns
        -------
        float64[days + 1]
        """
        heard = np.zeros(self.days + 1)  # -d log y: the hazard of hearing, summed up
        ties, silent = self.degree, math.exp(-self.q / self.degree)
        for k in range(self.days - 1):
            if math.isinf(ties):
                step = -self.q * math.expm1(-self.p * (k + 1) - heard[k + 1])
            else:  # the chance of the neighbour, given silence so far
                n = math.exp(-self.p * (k + 1) - heard[k + 1] * (1 - 2 / ties))
                step = -ties * math.log(n + silent * (1 - n))
            heard[k + 2] = heard[k + 1] + step
        return np.asarray(-np.expm1(-self.p * np.arange(self.days + 1) - heard))

    def lag(self) -> float:
        """Return by how much of all people the market is behind the model at the most."""
        return float(np.abs(self.adopted(np.arange(self.days + 1)) - self.by_days()).max())

    def expected(self) -> dict[str, float]:
        """Return the share who have adopted by each quarter of the run."""
        quarters = _quarters(self.days)
        shares = self.adopted(list(quarters.values()))
        return dict(zip(quarters, shares.tolist(), strict=True))

    def measured(self, market: "Market") -> dict[str, float]:
        """Return the same, counted."""
        day, n = market.orders["day"], market.config.people.n
        return {name: float((day < end).sum() / n) for name, end in _quarters(self.days).items()}


def _quarters(days: int) -> dict[str, int]:
    ends = (days * k // 4 for k in (1, 2, 3, 4))
    return {f"adopted after {end / YEAR:.3g} years": end for end in ends}
