"""Roles: what a person is to a brand (ODD 7.9)."""

from typing import Any

from .people import Person
from .things import Brand

CUSTOMER = 0


def take(market: Any, person: Person, brand: Brand) -> None:
    """Give a person the role that is due, the highest."""
    bond = person.bonds[brand.number]
    bond.role = market.hooks.role(person, brand)
