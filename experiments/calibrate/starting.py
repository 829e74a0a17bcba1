"""The starter file of a calibrate study."""

from collections.abc import Iterator

from experiments import starter
from experiments.calibrate.method import Method
from experiments.calibrate.spec import CalibrateStudy
from sim.config.load import load_market

_FREE = """\
# What is not known: a dotted path, and over what. Ranges are what you hold possible before the data
# are looked at; do not change them once you have seen a wave.
#   range: [a, b]           a real number; dist: uniform, loguniform, normal or triangular
#   integers: [a, b]        a whole number; choices: [x, y, z]; values: [1, 2, 5]
#   scale: [0.5, 2]         the market's own value, times a number"""
_TARGETS = """\
# What the market is to give, and how one knows. A metric (see the last section of any report) and
# an interval: low and high, or value with tolerance (value +- tolerance) or factor (value / factor
# to value x factor). A vendor's figure deserves a factor of 1.5."""
_HELD = "# Held against the result, never fitted."
_TESTS = """\
# Randomised experiments: the touches of these strategies go to a share of people, and orders are
# counted in a window after each first touch, beside what the same people order without."""


def lines() -> Iterator[str]:
    """Yield the lines of a starter file."""
    yield from starter.head("calibrate", "Which markets do these figures not rule out?")
    brand = next(iter(load_market(starter.PRESET).brands))
    yield from starter.market()
    yield "    days: 365"
    yield ""
    yield f"of: {brand}  # the brand that a target is about if it names none"
    yield ""
    yield from _FREE.splitlines()
    yield "free:"
    yield f"  brands.{brand}.advertising.spend: {{range: [5, 400], dist: loguniform}}"
    yield "  behaviour.advertising.reach: {range: [0.001, 0.02], dist: loguniform}"
    yield "  behaviour.awareness.forgetting: {range: [0, 0.01]}"
    yield "  categories.cream.usage.mean: {range: [3, 9]}"
    yield "  behaviour.dropout.satisfaction_effect: {scale: [0.5, 2], dist: loguniform}"
    yield ""
    yield from _TARGETS.splitlines()
    yield "targets:"
    yield "  awareness: {metric: awareness, value: 0.3, tolerance: 0.1, source: your own survey}"
    yield "  cac: {metric: advertising_cac, value: 100, factor: 1.3, source: your own books}"
    yield "  repeat: {metric: repeat_rate, low: 0.12, high: 0.3, source: your own books}"
    yield ""
    yield _HELD
    yield "held:"
    yield "  one_order: {metric: one_order_share, low: 0.6, high: 0.75, source: your own books}"
    yield ""
    yield from _TESTS.splitlines()
    yield "lift_tests:"
    yield "  reminder:"
    yield "    strategies: {service_followup: {follow: false, coupon: 0, automated: true}}"
    yield "    share: 0.5"
    yield "    window: 14"
    yield "    low: 0.3   # extra orders per 100 touches"
    yield "    high: 0.7"
    yield "    source: randomised e-mails, Hillstrom 2008"
    yield ""
    yield "# A log of the brand, and its last weeks, kept to be compared with what comes out:"
    yield "# log: {log: shop.csv, customer: Customer ID, date: Created at, amount: Total}"
    yield "# hold_out: {start: 2024-10-01, weeks: 13}"
    yield ""
    yield "method:"
    yield from starter.block(Method(waves=2, runs=60, ensemble=16), 1)
    yield ""
    yield from starter.parts(CalibrateStudy)
