"""The world: every table of a market, as one named tuple that kernels are given."""

from collections import namedtuple
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.calendar import Calendar
from sim.mechanisms.declarations import growing, relationship_tables, terms
from sim.plugins import ClashError
from sim.term_tables import names_of


class Core(NamedTuple):
    """What the market itself keeps.

    Attributes
    ----------
    seed : uint64
        Key of all draws.
    rules : record
        Scalar parameters of behaviour, a field `group_name` for each `behaviour.group.name`.
    people, occasions, relationships, holdings : PERSON[n], OCCASION[n, C], RELATIONSHIP[n, B], HOLDING[n, P]
    indptr, neighbours, strength : int64[n + 1], int32[m], float32[m]
        Ties in CSR form, see `sim.ties.network.Ties`.
    last_use : int32[m], or int32[0] if ties do not fade
        The day on which each tie was last used.
    circle, distances : int32[n], int32[contacts / 2], or empty if nobody has contacts
        See `sim.ties.contacts.Contacts`.
    brands, products, categories, steps : BRAND[B], PRODUCT[P], CATEGORY[C], STEP[S]
    prospects : PROSPECTS[B]
    ad_queue, ad_threshold : int32[B, n], float64[B, n]
        Heap of the people whom advertising is to reach, and at which summed rate.
    orders, touches, said : ORDER[...], TOUCH[...], MESSAGE[...]
    pending : ACCRUAL[...]
        These grow; `tally` tells how full they are.
    conditions : CONDITION[k]
        The rules of audiences.
    tries : int32[n, k]
        Touches of a kind that is given up, sent to a person since the last answer.
    free_touches : int32[...]
        Stack of unused rows of `touches`.
    reminded, woken, leavers : int32[..., 2]
        Today's (touch step, person), (person, category) and (person, brand).
    closing : int32[...]
        Today's orders to be looked at when all have bought.
    needs_due, talk_due, orders_due, touches_due, pending_due : Calendar
        Rows of occasions (person x category), relationships, orders, touches, accruals.
    dropout_due : Calendar
        Relationships: when the hazard per unit of time runs out, or a person comes back. Without
        rows if neither can be.
    forgetting_due, presence_due : Calendar
        Rows of relationships that will be forgotten, none if nobody forgets; of people who come
        into the category or leave it.
    ledger : int64[3, B, accounts]
        Today's postings: all; of customers held at the end; of nobody in particular.
    counts : int64[B, counts]
        Today's counts.
    spent, reserved : int64[strategies]
        What each strategy at work has spent or promised, and what may come on top, in cents.
    tally, limits : record
        See `TALLY`, `LIMITS`.
    """

    seed: NDArray[np.uint64]
    rules: NDArray[np.void]
    people: NDArray[np.void]
    occasions: NDArray[np.void]
    relationships: NDArray[np.void]
    holdings: NDArray[np.void]
    indptr: NDArray[np.int64]
    neighbours: NDArray[np.int32]
    strength: NDArray[np.float32]
    last_use: NDArray[np.int32]
    circle: NDArray[np.int32]
    distances: NDArray[np.int32]
    brands: NDArray[np.void]
    products: NDArray[np.void]
    categories: NDArray[np.void]
    steps: NDArray[np.void]
    conditions: NDArray[np.void]
    tries: NDArray[np.int32]
    prospects: NDArray[np.void]
    ad_queue: NDArray[np.int32]
    ad_threshold: NDArray[np.float64]
    orders: NDArray[np.void]
    touches: NDArray[np.void]
    messages: NDArray[np.void]
    accruals: NDArray[np.void]
    free_touches: NDArray[np.int32]
    reminded: NDArray[np.int32]
    triggered: NDArray[np.int32]
    dropouts: NDArray[np.int32]
    closing: NDArray[np.int32]
    occasions_due: Calendar
    talk_due: Calendar
    dropout_due: Calendar
    forgetting_due: Calendar
    presence_due: Calendar
    orders_due: Calendar
    touches_due: Calendar
    accruals_due: Calendar
    ledger: NDArray[np.int64]
    counts: NDArray[np.int64]
    spent: NDArray[np.int64]
    reserved: NDArray[np.int64]
    tally: NDArray[np.void]
    limits: NDArray[np.void]


def _of_mechanisms() -> list[str]:
    """Return the names of the tables that mechanisms declare; none may be the core's."""
    names = [name for term in terms() for name in names_of(term)]
    names += relationship_tables()
    for name, table in growing().items():
        names += [name, f"{name}_due"] if table.scheduled else [name]
    if twice := {*names} & {*Core._fields}:
        raise ClashError("TABLES", "the core", "a mechanism", min(twice))
    return names


if TYPE_CHECKING:

    class World(Core):
        """Everything a kernel may read or change: what the market and what mechanisms keep."""

        def __getattr__(self, name: str) -> Any: ...

else:
    World = namedtuple("World", (*Core._fields, *_of_mechanisms()), module=__name__)
    World.__doc__ = "Everything a kernel may read or change: what the market and mechanisms keep."


def used(world: World, name: str) -> int:
    """Return a number of the tally: as a rule, how many rows of the table `name` are in use."""
    return int(world.tally[name][0])  # in this order: a field of a record takes ten times as long


def duplicate(tables: Any) -> Any:
    """Return a copy of a table, or of a named tuple of tables such as a world."""
    if isinstance(tables, tuple):
        return type(tables)(*map(duplicate, tables))
    return tables.copy()
