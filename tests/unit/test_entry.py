"""Coming into the category and leaving it: days as the rule says, logs as they were written."""

import numpy as np
import pytest
from scipy import stats

from sim.config.market import Entry, People
from sim.engine.calendar import NEVER
from sim.people.entry import entry_days, exit_days
from sim.transactions.log import read

CDNOW = "package:lifetimes/datasets/CDNOW_sample.txt"
IDS = np.arange(4000, dtype=np.uint64)
ALWAYS = -(2**30)


def log(path, text, **given):
    path.write_text(text)
    return Entry(kind="log", log=str(path), **given)


# --- rules ----------------------------------------------------------------------------------------


@pytest.mark.quick
def test_all_are_there_from_the_start_unless_told_otherwise():
    assert set(entry_days(Entry(), 1, IDS)) == {ALWAYS}
    assert set(exit_days(People(n=4000), 1, IDS, entry_days(Entry(), 1, IDS))) == {NEVER}


@pytest.mark.quick
def test_steady_entry_brings_its_share_evenly():
    entry = entry_days(Entry(kind="steady", later=0.3, over_days=200), 1, IDS)
    later = entry[entry != ALWAYS]
    assert later.size / IDS.size == pytest.approx(0.3, abs=0.03)
    assert later.min() >= 0
    assert later.max() < 200
    assert stats.chisquare(np.bincount(later // 20, minlength=10)).pvalue > 1e-3
    assert set(entry_days(Entry(kind="steady", later=0.0), 1, IDS)) == {ALWAYS}
    assert (entry_days(Entry(kind="steady", later=1.0), 1, IDS) >= 0).all()


@pytest.mark.quick
def test_when_one_comes_depends_on_seed_and_id_alone():
    rule = Entry(kind="steady", later=0.5)
    days = entry_days(rule, 1, IDS)
    np.testing.assert_array_equal(entry_days(rule, 1, IDS[::-1]), days[::-1])
    assert (entry_days(rule, 2, IDS) != days).any()


@pytest.mark.quick
def test_lifetimes_are_exponential_from_entry():
    people = People(n=4000, exit_rate=2.0)  # half a year on average
    entry = entry_days(Entry(kind="steady", later=0.5, over_days=300), 1, IDS)
    lifetime = exit_days(people, 1, IDS, entry) - np.maximum(entry, 0)
    assert lifetime.min() >= 1, "who comes is there for a day at least"
    mean = 365 / 2
    assert stats.kstest(lifetime - 0.5, stats.expon(scale=mean).cdf).pvalue > 1e-3
    assert np.corrcoef(lifetime, entry)[0, 1] == pytest.approx(0, abs=0.06)


def test_nobody_buys_before_entry_or_after_exit(busy):
    market = busy(
        **{
            "people.entry": {"kind": "steady", "later": 0.5, "over_days": 60},
            "people.exit_rate": 4,
            "brands.A.awareness": 1,
            "categories.soap.usage": 100,
        }
    )
    market.run_model()
    people, orders = market.world.people, market.orders
    late, gone = people["entry_day"] > 5, people["exit_day"] < 55
    assert np.isin(orders["person"], np.flatnonzero(late)).sum() > 50
    assert np.isin(orders["person"], np.flatnonzero(gone)).sum() > 50
    assert (orders["day"] >= people["entry_day"][orders["person"]]).all()
    assert (orders["day"] < people["exit_day"][orders["person"]]).all()


@pytest.mark.quick
def test_a_refund_on_the_last_day_comes_too_late_to_buy_again(still):
    """Paid back on day 3 and in need again at once; gone from day 4 on."""
    changes = {"behaviour.experience.complaint": 1, "categories.cream.retry_days": 0.3}
    market = still(**changes, **{"brands.A.products.cream.fault_rate": 1})
    market.world.people["exit_day"][:50] = 4
    market.run_model()
    again = market.orders["person"][market.orders["day"] == 4]
    assert again.tolist() == list(range(50, 100))


# --- logs -----------------------------------------------------------------------------------------


@pytest.mark.quick
def test_people_of_a_log_come_on_the_day_of_their_first_purchase(tmp_path):
    text = "id,when,cds\nb,2020-01-04,1\na,2020-01-01,2\nb,2020-01-02,1\nc,20200131,9\n"
    entry = log(tmp_path / "log.csv", text, date="when")
    assert read(entry).first_days.tolist() == [0, 1, 30]
    # nobody twice before all came; of a last part, those in the middle of equal parts of the log
    for n, days in (
        (3, [0, 1, 30]),
        (1, [1]),
        (2, [0, 30]),
        (5, [0, 0, 1, 30, 30]),
        (6, [0, 0, 1, 1, 30, 30]),
    ):
        assert sorted(entry_days(entry, 1, IDS[:n])) == days


@pytest.mark.quick
@pytest.mark.parametrize("n", [500, 2357, 5000])
def test_people_come_as_the_customers_do_however_many(n):
    """In CDNOW early customers have low numbers: the first 500 would all come in three weeks."""
    entry = Entry(kind="log", log=CDNOW, customer=1, date=2)
    ids, real = np.arange(n, dtype=np.uint64), read(entry).first_days
    days = entry_days(entry, 1, ids)
    assert days.mean() == pytest.approx(real.mean(), abs=0.2)
    assert stats.ks_2samp(days, real).statistic < 0.002


@pytest.mark.quick
def test_who_of_a_log_one_is_is_random(tmp_path):
    text = "".join(f"{1000 + k},2020-{1 + k // 28:02d}-{1 + k % 28:02d}\n" for k in range(300))
    entry = log(tmp_path / "log.csv", "id,date\n" + text)
    one, same, two = (entry_days(entry, seed, IDS[:300]) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != two).any()
    assert (np.sort(one) == np.sort(two)).all()
    assert abs(np.corrcoef(one, np.arange(300))[0, 1]) < 0.15, "early customers are no neighbours"


def test_a_log_drives_the_first_orders(still, tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("id,date\n1,2020-01-01\n2,2020-01-08\n3,2020-01-31\n")
    market = still(**{"people.n": 3, "people.entry": {"kind": "log", "log": str(path)}})
    market.run_model()
    days = [market.orders["day"][market.orders["person"] == p].tolist() for p in range(3)]
    assert sorted(days) == [[0, 30], [7, 37], [30]]
