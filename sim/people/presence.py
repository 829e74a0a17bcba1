"""Presence: people come into the category, with a share who know a brand, and leave it."""

from typing import Any

from sim.engine.calendar import cancel, due, schedule
from sim.engine.kernels import borrow, kernel, rule
from sim.people import prospects
from sim.people.advertising import await_advertising
from sim.people.awareness import forget, remember
from sim.world import World


@kernel
def begin(w):
    """Let all who are in the category on day 0 be counted, and begin to forget."""
    w = borrow(w)
    for i in range(w.people.size):
        person = w.people[i]
        if person.entry_day > 0:
            schedule(w.presence_due, i, person.entry_day)
        else:
            _arrive(w, i, 0)


@rule
def _arrive(w, i, day):
    """Let person `i` be in the category from today on."""
    schedule(w.presence_due, i, w.people[i].exit_day)
    for b in range(w.brands.size):
        relationship = w.relationships[i, b]
        if relationship.orders == 0:
            prospects.arrives(w.prospects[b], relationship.aware)
        if relationship.aware:
            remember(w, i, b, day)


@rule
def _depart(w, i):
    for b in range(w.brands.size):
        relationship = w.relationships[i, b]
        if relationship.orders == 0:
            prospects.departs(w.prospects[b], relationship.aware)
        if w.forgetting_due.link.size > 0:
            cancel(w.forgetting_due, i * w.brands.size + b)


@kernel
def come_and_go(w, rows, day):
    """Let people come into the category today, and then others leave it.

    Parameters
    ----------
    w : World
    rows : int64[k]
        Rows of the people of whom either is due.
    day : int
    """
    w = borrow(w)
    for i in rows:
        if w.people[i].entry_day == day:
            _arrive(w, i, day)
            for b in range(w.brands.size):
                await_advertising(w, i, b)
    for i in rows:
        if w.people[i].exit_day == day:
            _depart(w, i)


def begin_day(world: World, handle: Any, day: int) -> None:
    """Let people come into the category and leave it, and forget brands.

    Parameters
    ----------
    world
        The market's tables.
    handle
        By which kernels take them.
    day
        Today.
    """
    if day == 0:
        begin(handle)
    rows = due(world.presence_due, day)
    if rows.size:
        come_and_go(handle, rows, day)
    if world.forgetting_due.link.size:
        forget(handle, due(world.forgetting_due, day), day)
