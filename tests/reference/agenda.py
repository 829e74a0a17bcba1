"""What is due on which day. A row is due on one day at a time; to schedule it again moves it."""

from typing import Any

from .figures import NEVER
from .things import Accrual, Order, Planned


class Days:
    """Rows by day. A row that has moved stays where it was, so its owner says which day holds."""

    def __init__(self) -> None:
        self.rows: dict[int, set[Any]] = {}

    def add(self, day: int, row: Any) -> None:
        if day < NEVER:
            self.rows.setdefault(day, set()).add(row)

    def take(self, day: int) -> list[Any]:
        """Return what is due, in ascending order."""
        return sorted(self.rows.pop(day, ()))


class Agenda:
    def __init__(self) -> None:
        self.needs, self.talks, self.orders = Days(), Days(), Days()
        self.accruals = Days()
        self.forgetting = Days()
        self.touches: dict[int, list[Planned]] = {}

    def deliver(self, order: Order, day: int) -> None:
        order.due = day
        self.orders.add(day, order.number)

    def touch(self, planned: Planned) -> None:
        self.touches.setdefault(planned.due, []).append(planned)

    def settle(self, accrual: Accrual, day: int) -> None:
        accrual.due = day
        self.accruals.add(day, accrual.number)
