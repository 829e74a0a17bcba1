"""Contacts: weak ties beside the close ones, which cost memory of a place a person, and no more.

People stand on a circle in random order, and a person's contacts are those who stand at certain
distances, the same for all, on either side: a random circulant graph. So being a contact is mutual,
all have the same number, nobody is one twice, and the k-th is found at once. Contacts of one person
are hardly contacts of each other, as Granovetter (1973) has it of weak ties: they lead to people
whom close ties do not reach. Two contacts of a person do have another acquaintance in common (two
distances add up the same either way), so K contacts have about K**2 / 2 others, not K**2.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.ties.graphs import require


class Contacts(NamedTuple):
    """Who is a contact of whom.

    Attributes
    ----------
    place : int32[n]
        Where on the circle each person stands; 0 where nobody has contacts.
    circle : int32[n]
        The person at each place; empty where nobody has contacts.
    distances : int32[contacts / 2]
        Ascending, from 1 to less than n / 2.
    """

    place: NDArray[np.int32]
    circle: NDArray[np.int32]
    distances: NDArray[np.int32]


def contacts_of(contacts: Contacts, person: int) -> NDArray[np.int32]:
    """Return int32[contacts]: the contacts of one person, as the market's rules number them."""
    if contacts.circle.size == 0:
        return contacts.circle
    steps = np.stack([contacts.distances, -contacts.distances], axis=1).ravel()
    return contacts.circle[(int(contacts.place[person]) + steps) % contacts.circle.size]


def no_contacts(n: int) -> Contacts:
    """Return what there is where `n` people have no contacts."""
    return Contacts(np.zeros(n, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int32))


def arrange(
    count: int, ids: NDArray[np.uint64], places: NDArray[np.float64], lots: NDArray[np.float64]
) -> Contacts:
    """Give everybody contacts.

    Parameters
    ----------
    count
        Contacts of each person, even.
    ids : uint64[n]
        Who decides between equal draws.
    places : float64[n]
        A draw of each person: they stand on the circle in this order.
    lots : float64[(n - 1) // 2]
        A draw of each distance, from 1: the lowest are taken, so a larger count adds contacts.

    Raises
    ------
    ValueError
        If there are not so many people.
    """
    n = ids.size
    require(
        n > count,
        f"{count} contacts need at least {count + 1} people, not {n}: lower contacts or add people",
    )
    circle = np.lexsort((ids, places)).astype(np.int32)
    place = np.empty(n, np.int32)
    place[circle] = np.arange(n, dtype=np.int32)
    lowest = np.argsort(lots, kind="stable")[: count // 2]
    return Contacts(place, circle, np.sort(lowest + 1).astype(np.int32))
