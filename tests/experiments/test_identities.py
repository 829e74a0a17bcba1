"""The identities that targets must obey: of sets that can hold, of sets that cannot, of markets."""

import numpy as np
import pytest

from experiments import metrics
from experiments.identities import Range, check
from experiments.identities.__main__ import main
from experiments.identities.catalogue import COMPLEMENTS, IDENTITIES
from experiments.identities.known import of_market
from experiments.markets import plain
from experiments.records import observe
from experiments.study import load
from sim.config.load import load_market
from sim.market import Market
from tests.markets import CREAMS

KNOWN = {"aov": (199.0, 199.0), "margin": (0.65, 0.70)}
SKINCARE = {
    "aware": Range("awareness", 0.2, 0.4),
    "penetration": Range("penetration", 0.05, 0.13),
    "orders": Range("orders_per_buyer", 1.4, 1.7),
    "once": Range("one_order_share", 0.65, 0.75),
    "returning": Range("returning_revenue", 0.45, 0.60),
    "refunds": Range("refund_rate", 0.05, 0.12),
    "cac": Range("advertising_cac", 75, 130),
}
"""The set of shared targets that holds together."""


def conflicts(targets, known=KNOWN):
    return [f for f in check(targets, known) if f.kind == "conflict"]


@pytest.mark.quick
def test_their_vocabulary_is_metrics():
    named = {name for identity in IDENTITIES for name in identity.powers}
    others = {*COMPLEMENTS.values(), "margin", "entrants"}
    assert named - others <= set(metrics.METRICS)
    assert set(COMPLEMENTS) <= set(metrics.METRICS)


@pytest.mark.quick
def test_the_set_that_holds_together_implies_what_was_derived_for_it_by_hand():
    found = {f.targets[0]: f for f in check(SKINCARE, KNOWN)}
    assert not conflicts(SKINCARE)
    assert found["advertising_ratio"].kind == "implied"
    assert found["advertising_ratio"].interval == pytest.approx((0.16, 0.41), abs=0.01)
    least = found["contribution_per_new"].interval[0]
    assert least == pytest.approx(0.65 * 199 * (1 - 0.12) / (1 - 0.45), rel=1e-3)
    assert "aware" not in found, "it is in no identity"


@pytest.mark.quick
def test_a_marketing_share_that_is_no_advertising_share_conflicts_with_cac():
    wrong = SKINCARE | {"selling": Range("advertising_ratio", 0.45, 0.56)}
    (found,) = conflicts(wrong)
    assert set(found.targets) == {"selling", "cac", "returning", "refunds"}
    assert found.identities == (IDENTITIES[0].name,)
    # .408 is the most that the others allow, and each of the four gives way by as much
    assert found.by == pytest.approx((0.45 / 0.4083) ** (1 / 4), rel=1e-2)
    assert "cannot hold together" in found.text and "1.02" in found.text


@pytest.mark.quick
def test_orders_per_buyer_and_the_one_order_share():
    some = {"orders": SKINCARE["orders"], "once": Range("one_order_share", 0.2, 0.25)}
    (found,) = conflicts(some)
    assert found.targets == ("orders", "once")
    widened = {"orders": Range("orders_per_buyer", 1.4, 1.75 + 1e-6)} | {"once": some["once"]}
    assert not conflicts(widened), "2 - .25 orders per buyer can be had"
    (narrowed,) = [f for f in check(SKINCARE | {"once": Range("one_order_share", 0.2, 0.75)}, KNOWN)
                   if f.targets == ("once",)]  # fmt: skip
    assert narrowed.kind == "narrows" and narrowed.interval == pytest.approx((0.3, 0.75), abs=1e-3)


@pytest.mark.quick
def test_two_conflicts_are_both_named():
    wrong = SKINCARE | {
        "once": Range("one_order_share", 0.2, 0.25),
        "selling": Range("advertising_ratio", 0.45, 0.56),
    }
    assert {frozenset(f.targets) for f in conflicts(wrong)} >= {frozenset(("orders", "once"))}
    assert len(conflicts(wrong)) == 2


@pytest.mark.quick
def test_the_referral_funnel_and_the_referred_share_that_vendors_report():
    funnel = {
        "returning": SKINCARE["returning"],
        "share": Range("share_rate", 0.05, 0.15),
        "click": Range("click_rate", 0.10, 0.25),
        "buy": Range("buy_rate", 0.041, 0.048),
        "friends": Range("invitations_per_share", 1, 3),
    }
    assert conflicts(funnel | {"referred": Range("referred_share", 0.05, 0.15)})
    (found,) = [f for f in check(funnel) if f.targets == ("referred_share",)]
    assert found.interval[1] == pytest.approx(0.15 * 0.25 * 0.048 * 3 / 0.4, rel=1e-3)


@pytest.mark.quick
def test_targets_of_one_metric_that_do_not_overlap():
    apart = {"a": Range("aov", 100, 120), "b": Range("aov", 150, 160)}
    (found,) = conflicts(apart, {})
    assert found.targets == ("a", "b") and found.by == pytest.approx((150 / 120) ** 0.5, rel=1e-3)


@pytest.mark.quick
def test_no_targets_no_findings():
    assert check({}) == [] and check({"aware": SKINCARE["aware"]}) == []
    assert check({"returning": Range("returning_revenue", 0.5)}) == []
    (found,) = check({"orders": Range("orders_per_buyer", 1, 1.5)})
    assert found.text.startswith("one_order_share must be at least 0.")
    assert found.interval[0] == pytest.approx(0.5, abs=0.002)


@pytest.mark.quick
def test_what_a_market_says_of_its_orders():
    market = plain(load_market(CREAMS))
    found = of_market(market, "A")
    assert found["aov"] == (199, 199)
    assert found["margin"][1] == pytest.approx((199 - 56 - 6) / 199)
    assert found["margin"][0] == pytest.approx((0.8 * 199 - 56 - 6) / (0.8 * 199))
    assert of_market(market, "A", ["brands.B.products.cream.price"]) == found
    assert of_market(market, "A", ["brands.A.products.cream.quality"]) == found
    for priced in ("A.products.cream.price", "*.products.*.sizes", "A.shipping_cost", "A.products"):
        assert of_market(market, "A", [f"brands.{priced}"]) == {}, "it is not known"
    market["brands"]["A"]["strategies"] = {"service_followup": {}}
    assert of_market(market, "A") == {}, "strategies may change what an order brings"


FILE = (
    f"schema: 1\nstudy: calibrate\nmarket: {{use: {CREAMS}}}\n"
    + """\
of: A
free: {behaviour.choice.habit: {range: [0, 2]}}
targets:
  returning: {metric: returning_revenue, low: 0.45, high: 0.60, source: books}
  refunds: {metric: refund_rate, value: 0.08, tolerance: 0.03, source: books}
  cac: {metric: advertising_cac, value: 100, factor: 1.3, source: books}
  elsewhere: {metric: returning_revenue, of: B, low: 0.01, high: 0.02, source: books}
"""
)
SELLING = "  selling: {metric: advertising_ratio, low: 0.5, high: 0.6, source: books}\n"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "study.yaml"


@pytest.mark.quick
def test_on_the_command_line(file, capsys):
    file.write_text(FILE)
    assert main([str(file)]) == 0
    assert "can hold together" in (out := capsys.readouterr().out) and "advertising_ratio" in out
    file.write_text(FILE + SELLING)
    assert main([str(file)]) == 1
    assert "selling" in capsys.readouterr().out
    file.write_text(f"study: run\nmarket: {{use: {CREAMS}}}\n")
    assert main([str(file)]) == 2
    assert "a run study has no targets" in capsys.readouterr().err


@pytest.mark.quick
def test_a_target_that_cannot_be_read_is_named_where_it_stands(file, capsys):
    for wrong in ("low: abc, high: 3", "low: 3, high: 1", "value: .nan, tolerance: 1", "low: 1"):
        file.write_text(FILE + f"  x: {{metric: aov, {wrong}, source: books}}\n")
        assert main([str(file)]) == 2
        assert "study.yaml:11:" in capsys.readouterr().err, wrong


@pytest.mark.quick
def test_a_calibrate_study_says_which_of_its_targets_cannot_hold(file):
    file.write_text(FILE)
    study = load(file)
    assert not any("cannot hold" in text for text in study.rules.remarks(study))
    file.write_text(FILE + SELLING)
    study = load(file)
    (text,) = [text for text in study.rules.remarks(study) if "cannot hold" in text]
    assert "selling" in text and "elsewhere" not in text


# -- in simulated markets -------------------------------------------------------------------------

STATIONARY = {
    "people.n": 6000,
    "burn_in": 730,
    "days": 730,
    "terminal_period": 0,
    "behaviour.dropout.comeback": 1.0,
    "brands.A.advertising.spend": 60,
}


@pytest.fixture(scope="module")
def records():
    return observe(Market(CREAMS, rng=1, **STATIONARY))


def test_the_identities_of_the_books_hold_in_a_market_within_three_per_cent(records):
    found = metrics.columns(records)
    profit = found["contribution_profit"] + found["acquisition_spend"]
    found["margin"] = profit / found["net_revenues"]
    found |= {name: 1 - found[metric] for metric, name in COMPLEMENTS.items()}
    assert (found["new_customers"] > 200).all()
    for identity in IDENTITIES:
        if "entrants" in identity.powers or identity.powers.get("referred_share"):
            continue
        product = np.prod([found[q] ** float(p) for q, p in identity.powers.items()], axis=0)
        off = np.abs(product - 1) if identity.equal else np.maximum(product - 1, 0)
        assert (off < 0.03).all(), (identity.name, product)
    assert (found["orders_per_buyer"] >= 2 - found["one_order_share"] - 1e-9).all()


def test_what_a_new_customer_brings_in_a_lifetime_is_what_the_stationary_books_say():
    """One brand, everybody loyal until dropout by chance p at each order: 1 / p orders in all."""
    p, changes = 0.25, {"days": 2190, "burn_in": 1460, "terminal_period": 0}
    market = {
        "people": {"n": 12_000, "entry": {"kind": "steady", "later": 1.0, "over_days": 2190}},
        "network": {"kind": "none"},
        "categories": {"c": {"usage": 24, "price": 100, "start": "immediate", "retry_days": 1e6}},
        "behaviour": {
            "choice": {"outside_weight": 0},
            "experience": {"complaint": 0, "regret": 0},
            "dropout": {"propensity": p, "satisfaction_effect": 0, "contagion": 1},
        },
        "brands": {
            "A": {
                "awareness": 1,
                "misdelivery": 0,
                "late": 0,
                "products": {"x": {"category": "c", "price": 100, "unit_cost": 40}},
            }
        },
    }
    records = observe(Market(market | changes, rng=3))
    late = records.between(records.days - 730, records.days)
    first = (records.orders["nth"][late] == 1).sum()
    assert first == pytest.approx(12_000 * 730 / 2190, rel=0.03), "those who enter, no more"
    assert len(records.day[late]) / first == pytest.approx(1 / p, rel=0.03)
