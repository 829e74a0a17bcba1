"""Terms that tests of recognition offer."""

from typing import Any

from sim.mechanisms.referral.terms import Referral
from sim.mechanisms.status.terms import Status
from sim.terms import BrandTerm


def honoured(
    koc_from: int, koc_cost: float = 0.0, koc_privilege: float = 0.0, **given: Any
) -> tuple[Referral, Status]:
    """Return a referral programme, and what who has referred `koc_from` friends gets."""
    return Referral(**given), Status(koc_from, koc_cost, koc_privilege)


def offered(**given: Any) -> tuple[BrandTerm, ...]:
    """Return a referral programme, and recognition if `koc_from` is given."""
    return honoured(**given) if "koc_from" in given else (Referral(**given),)
