"""Staff: touches by a person wait until somebody has time, first come first served."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.config import remarks
from sim.config.market import MarketConfig
from sim.counts import (
    HUMAN_CAPACITY,
    HUMAN_TOUCHES_EXPIRED,
    HUMAN_TOUCHES_MOOT,
    HUMAN_TOUCHES_WAITING,
)
from sim.engine import calendar
from sim.engine.draws import uniforms
from sim.people.touches import admit, in_order
from sim.purposes import Purpose
from sim.world import World, used

Rows = NDArray[np.int64]


class Staff:
    """The staff of one brand, and the touches that wait for it.

    Parameters
    ----------
    brand
        Index of the brand.
    capacity
        Touches a day, on average: a day has as many whole ones as have come in by its end.
    max_wait
        Days after which a touch that waits is dropped.

    Attributes
    ----------
    waiting : int64[k]
        Rows of touches, first come first.
    """

    def __init__(self, brand: int, capacity: float, max_wait: float) -> None:
        self.brand, self._capacity, self._max_wait = brand, capacity, max_wait
        self.waiting = np.zeros(0, np.int64)
        self.made = self.dropped = 0

    def turns(self, world: World, w: Any, rows: Rows, day: int) -> Rows:
        """Let touches due today join the queue, and return those whose turn it is.

        What the brand can see to be pointless when its turn comes is given up and takes no time.

        Parameters
        ----------
        world, w
            State of the market, and its handle.
        rows : int64[k]
            Rows of touches of this brand by a person.
        day
            Today.
        """
        counts = world.counts[self.brand]
        expired = self._expire(world, day)
        rows, again = self._without_waiting(world, rows)
        earlier = self.waiting.size
        queue = np.concatenate([self.waiting, self._in_line(world, rows, day)])
        most = math.floor((day + 1) * self._capacity) - math.floor(day * self._capacity)
        taken, seen = admit(w, queue, most, False, day)
        late = int((world.touches["due"][taken] < day).sum())
        moot = again + min(seen, earlier) - late
        self.waiting = queue[seen:]
        counts[HUMAN_TOUCHES_EXPIRED] = expired
        counts[HUMAN_TOUCHES_MOOT] = moot
        counts[HUMAN_TOUCHES_WAITING] = self.waiting.size
        counts[HUMAN_CAPACITY] = most
        self.made += taken.size
        self.dropped += expired + moot
        return taken

    def _expire(self, world: World, day: int) -> int:
        """Give up the touches that have waited too long: the first of the queue. Return how many."""
        if math.isinf(self._max_wait):
            return 0
        since = world.touches["due"][self.waiting]
        number = int(np.searchsorted(since, day - self._max_wait))
        _give_up(world, self.waiting[:number])
        self.waiting = self.waiting[number:]
        return number

    def _in_line(self, world: World, rows: Rows, day: int) -> Rows:
        """Return touches due today in the order in which they join the queue.

        A random number per person and day orders people; touches of one person keep the order in
        which they would be sent.
        """
        due = world.touches[rows]
        ids, step = world.people["id"][due["person"]], world.steps["key"][due["step"]]
        key = int(world.brands[self.brand]["key"])
        place = uniforms(int(world.seed[0]), ids, key, day, Purpose.QUEUE)[:, 0]
        return rows[np.lexsort((due["nth_product"], step, ids, place))]

    def _without_waiting(self, world: World, rows: Rows) -> tuple[Rows, int]:
        """Give up the touches that their receiver waits for already; return the others, and how many.

        Only touches that follow no order can be: each of the others is of an order of its own.
        """
        sent = np.flatnonzero(world.touches["order"][rows] < 0)
        if sent.size == 0:
            return rows, 0
        again = sent[np.isin(_who_and_what(world, rows[sent]), _who_and_what(world, self.waiting))]
        _give_up(world, rows[again])
        return np.delete(rows, again), again.size


class Workforce:
    """The staff of all brands in which it has a capacity; other brands have people enough.

    Parameters
    ----------
    config
        The market.

    Attributes
    ----------
    staff : list of Staff
    """

    def __init__(self, config: MarketConfig) -> None:
        self._days, self._brands = config.days, list(config.brands)
        self.staff = [
            Staff(b, given.capacity * config.people.n / 1000, _days(given.max_wait))
            for b, given in enumerate(brand.staff for brand in config.brands.values())
            if given.capacity is not None
        ]

    def admit(self, world: World, w: Any, day: int) -> Rows:
        """Return the touches that are sent today: those due, and those whose turn it is.

        Parameters
        ----------
        world, w
            State of the market, and its handle.
        day
            Today.

        Returns
        -------
        int64[k]
            Rows of touches, in the order in which they are sent.
        """
        rows = calendar.due(world.touches_due, day)
        for staff in self.staff:
            step = world.touches["step"][rows]
            mine = world.steps["human"][step] & (world.steps["brand"][step] == staff.brand)
            rows = np.concatenate([rows[~mine], staff.turns(world, w, rows[mine], day)])
            if day == self._days - 1 and staff.dropped > staff.made:
                remarks.say(
                    ("brands", self._brands[staff.brand], "staff", "capacity"),
                    "most touches by a person were dropped before anybody had time for them",
                )
        if rows.size:
            rows, _ = admit(w, in_order(world, rows), rows.size, True, day)
        return rows


def _days(given: int | None) -> float:
    return math.inf if given is None else given


def _who_and_what(world: World, rows: Rows) -> Rows:
    """Return a number for the person and the touch of each row; -1 for those that follow orders."""
    touches = world.touches[rows]
    number = touches["person"].astype(np.int64) << 32 | world.steps["key"][touches["step"]]
    return np.where(touches["order"] < 0, number, -1)


def _give_up(world: World, rows: Rows) -> None:
    """Give the rows of touches back, as `sim.people.touches.release` does with one."""
    free = used(world, "touches_free")
    world.free_touches[free : free + rows.size] = rows
    world.tally["touches_free"] += rows.size
