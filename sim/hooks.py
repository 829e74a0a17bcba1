"""The hooks of the market: where its rules ask the mechanisms, without naming any.

A mechanism answers a hook by a rule of the same name and parameters in its `rules.py`. It is asked
about the brands that use it, and about no others, so a rule need not check that.
"""

from collections.abc import Callable
from typing import Any

from sim.engine.hooks import Hook

HOOKS: dict[str, Hook] = {}


def _bind_all() -> None:
    from sim.mechanisms import bind

    bind()


def _hook(combine: str, brand: str, start: str = "") -> Callable[[Callable[..., Any]], Any]:
    """Declare the hook below: how answers combine, and the brand whose mechanisms are asked."""

    def declare(stub: Callable[..., Any]) -> Any:
        hook = Hook(stub, combine, f"w.brands[{brand}].mechanisms", _bind_all, start)
        HOOKS[hook.name] = hook
        return hook.caller

    return declare


# --- choosing and buying -----------------------------------------------------------------------


@_hook("sum", "w.products[p].brand")
def utility(w, i, p, units, day):
    """Return what is added to the log weight of `units` packs of product `p` for person `i`."""


@_hook("max", "w.products[p].brand")
def discount(w, i, p, units, day):
    """Return the discount that person `i` has on such an order, as a share of the price."""


@_hook("any", "w.products[p].brand")
def offers_units(w, i, p, units, day):
    """Return whether person `i` is offered `units` packs at once, whatever the product's sizes."""


@_hook("any", "w.orders[number].brand")
def on_order(w, number, day):
    """Act on an order placed; return whether to look at it again when all have bought."""


@_hook("chain", "w.orders[number].brand")
def on_close(w, number):
    """Look again at an order of today; they come in order of the buyers' identity."""


# --- using and leaving -------------------------------------------------------------------------


@_hook("chain", "w.orders[number].brand")
def on_refund(w, number, day):
    """Act on an order that has been paid back."""


@_hook("chain", "w.orders[number].brand")
def on_judged(w, number, day):
    """Act on a buyer's first order of a product, judged in use or because it came broken."""


@_hook("chain", "b")
def on_dropout(w, i, b, day):
    """Act on the dropout of person `i`, a customer of brand `b`."""


@_hook("chain", "b")
def on_comeback(w, i, b, day):
    """Act on the return of person `i`, who had dropped out of brand `b`."""


@_hook("max", "b", start="0")
def role(w, i, b):
    """Return the role of person `i` with brand `b`, see `sim.people.roles`."""


@_hook("sum", "b", start="0")
def friends_referred(w, i, b):
    """Return how many friends of person `i` have bought from brand `b` and kept it."""


@_hook("sum", "b")
def reward_ahead(w, i, b, day):
    """Return the motive to refer that something gives of which more friends bring one nearer."""


# --- being contacted ---------------------------------------------------------------------------


@_hook("all", "w.steps[touch.step].brand")
def touch_fits(w, touch, day):
    """Return whether a touch still makes sense."""


@_hook("chain", "w.steps[touch.step].brand")
def on_touch(w, touch, day):
    """Act on a touch that has reached a customer who has not dropped out."""


@_hook("chain", "w.steps[touch.step].brand")
def on_answer(w, touch, day):
    """Act on a touch that has been answered."""


# --- word of mouth -----------------------------------------------------------------------------


@_hook("any", "b")
def speaks(w, i, b, whom, u, day):
    """Return whether customer `i`, about to talk, has said something in place of an opinion.

    The tie is the one that uniform `whom` picks; `u` is a uniform to decide by.
    """


@_hook("chain", "message.brand")
def on_message(w, message, slot, knew, day):
    """Act on a message that is more than an opinion; `knew`: the brand was known before."""


# --- accruals ----------------------------------------------------------------------------------


@_hook("chain", "accrual.brand")
def on_accrual(w, accrual, day):
    """Add to a claim just entered, before the budget is asked."""


@_hook("chain", "accrual.brand")
def book_accrual(w, accrual, sign):
    """Post the costs of an accrual (sign 1), or take them back (sign -1)."""


@_hook("chain", "accrual.brand")
def on_accept(w, accrual):
    """Act on a claim accepted; what is reserved beyond its costs may still change."""


@_hook("chain", "accrual.brand")
def on_fail(w, accrual):
    """Act on a claim that came to nothing: the budget had no room, or it is void."""


@_hook("all", "accrual.brand")
def vests(w, accrual):
    """Return whether an accrual that is due, and whose order was kept, is earned."""


@_hook("chain", "accrual.brand")
def on_vest(w, accrual, day):
    """Act on an accrual that is earned."""


@_hook("chain", "accrual.brand")
def on_void(w, accrual):
    """Act on an accrual that is void: the order was paid back, or a condition failed."""
