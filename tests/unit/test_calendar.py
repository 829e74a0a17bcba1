"""Calendars: what is due comes out on its day, once, whatever was moved or cancelled before."""

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sim.engine import calendar
from sim.engine.calendar import NEVER, WHEEL, Calendar

ROWS = 12
# close days, and days whole turns of the wheel apart, which share a list
days = st.one_of(
    st.integers(-5, 5), st.sampled_from([-WHEEL, WHEEL - 1, WHEEL, WHEEL + 1, 3 * WHEEL])
) | st.integers(-3 * WHEEL, 3 * WHEEL)


def listed(cal: Calendar) -> dict[int, int]:
    """Walk every list, check its links both ways, and return the day of each row found."""
    found: dict[int, int] = {}
    for spoke in range(WHEEL):
        row, before, length = int(cal.head[spoke]), -1, 0
        while row >= 0:
            link = cal.link[row]
            assert row not in found, "a row stands on the calendar twice"
            assert int(link["before"]) == before
            assert int(link["day"]) % WHEEL == spoke
            found[row] = int(link["day"])
            before, row, length = row, int(link["after"]), length + 1
        assert length == cal.length[spoke]
    return found


class AgainstADict(RuleBasedStateMachine):
    """A calendar must do what a dict of row to day would do."""

    def __init__(self) -> None:
        super().__init__()
        self.cal = calendar.empty(ROWS)
        self.model: dict[int, int] = {}
        self.rows = ROWS

    @rule(row=st.integers(0, ROWS - 1), day=days)
    def put(self, row: int, day: int) -> None:
        calendar.schedule(self.cal, row, day)
        self.model[row] = day

    @precondition(lambda self: self.rows > ROWS)
    @rule(back=st.integers(1, 5), day=days)
    def put_a_new_row(self, back: int, day: int) -> None:
        calendar.schedule(self.cal, self.rows - back, day)
        self.model[self.rows - back] = day

    @rule(row=st.integers(0, ROWS - 1))
    def cancel(self, row: int) -> None:
        calendar.cancel(self.cal, row)
        self.model.pop(row, None)

    @rule(row=st.integers(0, ROWS - 1), beyond=st.integers(0, 3))
    def put_on_no_day(self, row: int, beyond: int) -> None:
        calendar.schedule(self.cal, row, int(NEVER) + beyond)
        self.model.pop(row, None)

    @rule(day=days)
    def take(self, day: int) -> None:
        rows = calendar.due(self.cal, day)
        assert rows.dtype == np.int64
        assert rows.tolist() == sorted(row for row, due in self.model.items() if due == day)
        self.model = {row: due for row, due in self.model.items() if due != day}

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def take_a_day_with_something_due(self, data: st.DataObject) -> None:
        self.take(data.draw(st.sampled_from(sorted(set(self.model.values())))))

    @precondition(lambda self: self.rows < 40)
    @rule(more=st.integers(5, 9))
    def grow(self, more: int) -> None:
        self.rows += more
        self.cal = calendar.grown(self.cal, self.rows)

    @invariant()
    def holds_what_the_dict_holds(self) -> None:
        assert self.cal.link.size == self.rows
        due = {row: int(day) for row, day in enumerate(self.cal.link["day"]) if day != NEVER}
        assert due == self.model
        assert listed(self.cal) == self.model


TestAgainstADict = pytest.mark.quick(AgainstADict.TestCase)
TestAgainstADict.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)


@pytest.mark.quick
def test_a_row_waits_for_its_own_turn_of_the_wheel():
    cal = calendar.empty(3)
    for row, day in enumerate((5 + 2 * WHEEL, 5, 5 + WHEEL)):
        calendar.schedule(cal, row, day)
    found = {day: calendar.due(cal, day).tolist() for day in range(-10, 5 + 3 * WHEEL)}
    assert {day: rows for day, rows in found.items() if rows} == {
        5: [1],
        5 + WHEEL: [2],
        5 + 2 * WHEEL: [0],
    }


@pytest.mark.quick
def test_moving_a_row_leaves_one_due_day():
    cal = calendar.empty(2)
    for day in (3, 8, 3 + WHEEL, 4):
        calendar.schedule(cal, 0, day)
    calendar.schedule(cal, 1, 4)
    assert [calendar.due(cal, day).tolist() for day in (3, 8, 3 + WHEEL)] == [[], [], []]
    assert calendar.due(cal, 4).tolist() == [0, 1]
    assert calendar.due(cal, 4).tolist() == []


@pytest.mark.quick
def test_rows_come_out_in_ascending_order():
    rng = np.random.default_rng(1)
    cal = calendar.empty(500)
    for row in rng.permutation(500):
        calendar.schedule(cal, int(row), -7)
    np.testing.assert_array_equal(calendar.due(cal, -7), np.arange(500))
