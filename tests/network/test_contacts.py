"""Contacts: weak ties, mutual and as many for everybody, of which only places are stored."""

import numpy as np
import pytest

from sim.config.yaml_file import ConfigError
from sim.mesa.agents import Customer
from sim.people.population import build_world
from sim.ties.contacts import Contacts, arrange, contacts_of


def drawn(n: int, count: int, seed: int = 1) -> Contacts:
    rng = np.random.default_rng(seed)
    return arrange(count, np.arange(n, dtype=np.uint64), rng.random(n), rng.random((n - 1) // 2))


def matrix(contacts: Contacts) -> np.ndarray:
    """Return int[n, n]: how often each is a contact of each."""
    n = contacts.circle.size
    table = np.zeros((n, n), int)
    for i in range(n):
        np.add.at(table[i], contacts_of(contacts, i), 1)
    return table


@pytest.mark.quick
@pytest.mark.parametrize(("n", "count"), [(3, 2), (50, 2), (51, 50), (52, 50), (400, 150)])
def test_being_a_contact_is_mutual_and_all_have_as_many(n: int, count: int) -> None:
    table = matrix(drawn(n, count))
    assert (table == table.T).all()
    assert (table.sum(axis=0) == count).all()
    assert table.max() == 1, "nobody twice"
    assert np.diag(table).sum() == 0, "nobody knows themselves"


@pytest.mark.quick
def test_more_contacts_are_added_to_those_there_are() -> None:
    few, many = matrix(drawn(300, 20)), matrix(drawn(300, 60))
    assert (few <= many).all()


@pytest.mark.quick
def test_contacts_of_a_person_are_hardly_contacts_of_each_other() -> None:
    """They are bridges: two contacts know each other as often as any two people do."""
    table = matrix(drawn(2000, 100))
    closed = np.trace(table @ table @ table) / (2000 * 100 * 99)
    assert closed == pytest.approx(100 / 2000, rel=0.3)


@pytest.mark.quick
def test_within_two_steps_are_half_of_the_square() -> None:
    table = matrix(drawn(40_000 // 10, 20))
    two = (table[0] @ table > 0).sum()
    assert two == pytest.approx(20**2 / 2, rel=0.1)


@pytest.mark.quick
def test_who_is_a_contact_does_not_depend_on_rows() -> None:
    rng = np.random.default_rng(3)
    ids, places, lots = np.arange(90, dtype=np.uint64), rng.random(90), rng.random(44)
    order = rng.permutation(90)
    one, two = arrange(12, ids, places, lots), arrange(12, ids[order], places[order], lots)
    for row, person in enumerate(order):
        assert (order[contacts_of(two, row)] == contacts_of(one, person)).all()


@pytest.mark.quick
def test_they_depend_on_the_seed_and_on_nothing_else(market_config) -> None:
    def contacts(seed: int, **changes: object) -> list[int]:
        world = build_world(market_config(**{"network.contacts": 20, **changes}), seed)
        known = Contacts(world.people["place"], world.circle, world.distances)
        return sorted(contacts_of(known, 5).tolist())

    assert contacts(1) == contacts(1, **{"network.rewire": 0.9, "behaviour.talk.contacts": 0.5})
    assert contacts(1) != contacts(2)


@pytest.mark.quick
def test_they_change_no_other_draw(market_config) -> None:
    without, with_them = (
        build_world(market_config(**{"network.contacts": count}), 1) for count in (0, 20)
    )
    assert without.circle.size == without.distances.size == without.last_use.size == 0
    for name in ("occasions", "relationships", "neighbours", "strength"):
        assert getattr(without, name).tobytes() == getattr(with_them, name).tobytes()


@pytest.mark.quick
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"network.contacts": 7}, "contacts must be even, not 7"),
        ({"network": {"kind": "none", "contacts": 10}}, "contacts"),
        ({"network": {"kind": "complete", "contacts": 10}}, "contacts"),
        ({"network.contacts": -2}, "contacts"),
    ],
)
def test_a_network_that_cannot_have_them_is_refused(market_config, given, said) -> None:
    with pytest.raises(ConfigError, match=said):
        market_config(**given)


@pytest.mark.quick
def test_too_few_people_are_refused(market_config) -> None:
    with pytest.raises(ValueError, match="150 contacts need at least 151 people, not 120"):
        build_world(market_config(**{"network.contacts": 150}), 1)


@pytest.mark.quick
def test_an_agent_knows_its_contacts(busy) -> None:
    market = busy(**{"network.contacts": 10, "days": 1})
    for person in market.agents_by_type[Customer]:
        known = {other.unique_id for other in person.contacts}
        assert len(known) == 10
        assert all(person in other.contacts for other in person.contacts)
    assert not len(next(iter(busy(days=1).agents_by_type[Customer])).contacts)
