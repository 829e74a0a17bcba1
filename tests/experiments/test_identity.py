import numpy as np
import pytest

from experiments import identity

pytestmark = pytest.mark.quick


def test_seeds_are_64_bits_and_all_different():
    seeds = {identity.seed(base, k) for base in range(20) for k in range(500)}
    assert len(seeds) == 10_000
    assert max(seeds) < 2**64
    assert max(seeds) > 2**63


def test_replicates_of_neighbouring_studies_do_not_overlap():
    # base + replicate, or base x constant, would shift one study's replicates into another's
    one = {identity.seed(1, k) for k in range(1000)}
    two = {identity.seed(2, k) for k in range(1000)}
    assert not one & two
    assert identity.seed(1, 2, 3) != identity.seed(1, 3, 2)


def test_the_bits_of_seeds_are_balanced():
    seeds = np.array([identity.seed(7, k) for k in range(4000)], np.uint64)
    share = [(seeds >> np.uint64(bit) & np.uint64(1)).mean() for bit in range(64)]
    assert 0.46 < min(share) < max(share) < 0.54


def test_a_seed_never_changes():
    # Results on disk are found again by their seeds.
    assert identity.seed(1, 0) == 7577292875421651765
    assert identity.seed(20, 3) == 16579731003045051437


def test_parts_of_a_hash_are_kept_apart():
    assert identity.digest("ab", "c") != identity.digest("a", "bc")


def test_a_run_is_its_configuration_seed_code_and_definitions():
    base = identity.run_id("c", 1, "v", "m")
    assert identity.run_id("c", 1, "v", "m") == base
    changed = [("d", 1, "v", "m"), ("c", 2, "v", "m"), ("c", 1, "w", "m"), ("c", 1, "v", "n")]
    others = {identity.run_id(*x) for x in changed}
    assert base not in others
    assert len(others) == 4


@pytest.mark.parametrize(
    "same",
    [
        'def f(x):\n    """Other words."""\n    return x + 1\n',
        "# a comment\ndef f( x ):\n\n    return (x + 1)  # another\n",
        "def f(x):\r\n    return x + 1\r\n",
    ],
)
def test_words_about_code_are_not_code(same):
    assert identity.essence(same) == identity.essence("def f(x):\n    return x + 1\n")


def test_code_is_code():
    assert identity.essence("x = 1\n") != identity.essence("x = 2\n")
    assert identity.essence("x = 'doc'\n") != identity.essence("x = 'cod'\n")


def test_the_order_of_brands_counts_but_not_that_of_the_file():
    a = {"brands": {"A": {}, "B": {}}}
    b = {"brands": {"B": {}, "A": {}}}
    assert identity.config_hash(a) != identity.config_hash(b)


def test_whole_numbers_are_the_same_however_they_are_written():
    assert identity.config_hash({"x": 7, "y": [1.0]}) == identity.config_hash({"x": 7.0, "y": (1,)})
    assert identity.config_hash({"x": True}) != identity.config_hash({"x": 1})


def test_strategies_belong_to_the_code_version(monkeypatch):
    from sim.strategies import interface as strategy

    class Foreign:
        __module__ = "elsewhere"

    known = strategy.strategies()
    monkeypatch.setattr(strategy, "strategies", lambda: {**known, "foreign": Foreign})
    assert identity.code_version(["foreign"]) != identity.code_version([])
    assert identity.code_version(["service_followup"]) != identity.code_version([])
