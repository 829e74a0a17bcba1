"""The market on its first day: people drawn from distributions, tables sized, nothing sold."""

import math
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim import growth, state
from sim.books import ACCOUNTS, Account
from sim.config.behaviour import Behaviour
from sim.config.market import Brand, Category, MarketConfig, Product
from sim.config.scalars import cents
from sim.counts import COUNTS
from sim.engine import calendar, memory
from sim.engine.draws import name_key, uniforms
from sim.engine.kernels import plain
from sim.mechanisms.declarations import relationship_tables, terms
from sim.people.ad_budget import Method
from sim.people.entry import entry_days, exit_days
from sim.people.satisfaction import aggregate
from sim.people.traits import alike_uniforms, log_gamma_quantile, proneness, quantile
from sim.purposes import Purpose
from sim.size import needed
from sim.state import NO_DAY
from sim.term_tables import tables_of
from sim.ties import contacts, network
from sim.ties.network import Ties
from sim.world import World

UNLIMITED = 2**31 - 1


def rules_record(
    behaviour: Behaviour, network_config: network.NetworkConfig, ties: Ties
) -> NDArray[np.void]:
    """Return the scalar parameters of behaviour as one record, `group_name` for `group.name`."""
    values: dict[str, float] = {}
    for group in type(behaviour).model_fields:
        part = getattr(behaviour, group)
        for name in type(part).model_fields:
            value = getattr(part, name)
            if isinstance(value, (bool, int, float)):
                values[f"{group}_{name}"] = float(value)
    # stored feelings are in single precision: one that starts at the threshold has to reach it
    values["experience_satisfaction_threshold"] = float(
        np.float32(behaviour.experience.satisfaction_threshold)
    )
    # a distribution is no scalar, but its field must not come and go with the kind chosen
    for name in ("dropout_propensity", "dropout_rate", "experience_expectation"):
        values.pop(name, None)
    outside, dropout = behaviour.choice.outside_weight, behaviour.dropout
    values |= {
        "choice_log_outside": math.log(outside) if outside > 0 else -math.inf,
        "dropout_below_threshold": float(dropout.disappoints != "below_expectation"),
        "dropout_below_expectation": float(dropout.disappoints != "below_threshold"),
        "network_complete": float(ties.complete),
        "network_mean_degree": float(ties.mean_degree),
        "network_strength": float(getattr(network_config, "strength", 0.0)),
        "network_contact_strength": float(getattr(network_config, "contact_strength", 0.0)),
    }
    dtype = np.dtype((np.record, np.dtype([(name, "f8") for name in values])))
    return np.array([tuple(values.values())], dtype)


def _seeded(seed: int, purpose: int) -> np.random.Generator:
    key = np.array([seed & 0xFFFFFFFFFFFFFFFF, int(purpose)], np.uint64)
    return np.random.Generator(np.random.Philox(key=key))


def _people(config: MarketConfig, seed: int) -> NDArray[np.void]:
    people = np.zeros(config.people.n, state.PERSON)
    people["id"] = np.arange(config.people.n)
    ids = people["id"]
    traits = {
        "price_sensitivity": Purpose.PRICE_SENSITIVITY,
        "sociability": Purpose.SOCIABILITY,
        "deal_proneness": Purpose.DEAL_PRONENESS,
        "contact_sensitivity": Purpose.CONTACT_SENSITIVITY,
        "willingness": Purpose.WILLINGNESS,
    }
    for name, purpose in traits.items():
        u = uniforms(seed, ids, 0, 0, purpose)[:, 0]
        people[name] = quantile(getattr(config.people, name), u)
    people["segment"] = _segments(list(config.people.segments.values()), seed, ids)
    people["entry_day"] = entry_days(config.people.entry, seed, ids)
    people["exit_day"] = exit_days(config.people, seed, ids, people["entry_day"])
    return people


def _segments(shares: list[float], seed: int, ids: NDArray[np.uint64]) -> NDArray[np.int64] | int:
    """Return the segment of each person, from 1 in the order of the file; 0 for none."""
    if not shares:
        return 0
    u = uniforms(seed, ids, 0, 0, Purpose.SEGMENT)[:, 0]
    ends = np.cumsum(shares)
    return np.where(u < ends[-1], np.searchsorted(ends, u, side="right") + 1, 0)


def _occasions(
    config: MarketConfig, people: NDArray[np.void], ties: Ties, seed: int
) -> NDArray[np.void]:
    occasions = np.zeros((config.people.n, len(config.categories)), state.OCCASION)
    occasions["last_brand"] = -1
    start = np.maximum(people["entry_day"], -config.burn_in).astype(float)
    for c, (name, category) in enumerate(config.categories.items()):
        key = name_key(name)
        u = alike_uniforms(config, ties, seed, people["id"], key, Purpose.USAGE)
        usage = quantile(category.usage, u)
        with np.errstate(divide="ignore", over="ignore"):
            cycle = np.where(usage > 0, category.period_days / usage, np.inf)
        occasions[:, c]["cycle"] = cycle
        first = uniforms(seed, people["id"], key, 0, Purpose.FIRST_NEED)
        wait = np.where(usage > 0, _first_wait(category, first), np.inf)
        with np.errstate(over="ignore"):
            occasions[:, c]["due"] = start + cycle * wait
    return occasions


def _first_wait(category: Category, u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the wait for the first occasion, in cycles."""
    shape = category.regularity
    if category.start == "immediate":
        return np.zeros(len(u))
    if category.start == "fresh":
        return np.ones(len(u)) if math.isinf(shape) else special.gammaincinv(shape, u[:, 0]) / shape
    # the gap that contains a random day is length-biased: Gamma of one shape more; the day falls
    # anywhere in it (Cox 1962, Renewal Theory)
    biased = 1.0 if math.isinf(shape) else special.gammaincinv(shape + 1.0, u[:, 0]) / shape
    return np.asarray(biased * u[:, 1])


def _relationships(
    config: MarketConfig, people: NDArray[np.void], ties: Ties, seed: int
) -> NDArray[np.void]:
    relationships = np.zeros((config.people.n, len(config.brands)), state.RELATIONSHIP)
    experience, rules = config.behaviour.experience, config.behaviour
    for field in ("contagion_day", "word_of_mouth_day", "offer_until", "first_day", "last_day"):
        relationships[field] = NO_DAY
    relationships["dropped_out_day"] = relationships["week"] = NO_DAY
    relationships["hazard_day"] = NO_DAY
    relationships["product"] = relationships["service"] = experience.prior
    relationships["overall"] = plain(aggregate)(
        experience.prior, experience.prior, experience.exponent
    )
    relationships["trust"] = rules.trust.prior
    expected = alike_uniforms(
        config, ties, seed, people["id"], 0, Purpose.EXPECTATION, "homophily_dropout"
    )
    relationships["expectation"] = quantile(experience.expectation, expected)[:, None]
    relationships["talk_due"] = np.nan
    relationships["offer_account"] = Account.COUPONS
    drops_out, in_time = (
        proneness(config, ties, seed, people["id"], purpose)
        for purpose in (Purpose.DROPOUT_PROPENSITY, Purpose.DROPOUT_RATE)
    )
    for b, (name, brand) in enumerate(config.brands.items()):
        key, column = name_key(name), relationships[:, b]
        taste = alike_uniforms(config, ties, seed, people["id"], key, Purpose.TASTE)
        column["log_taste"] = log_gamma_quantile(brand.share * rules.choice.concentration, taste)
        column["dropout"] = quantile(rules.dropout.propensity, drops_out[:, b])
        column["dropout_rate"] = (
            quantile(rules.dropout.rate, in_time[:, b]) / rules.dropout.period_days
        )
        u = uniforms(seed, people["id"], key, 0, Purpose.DROPOUT_THRESHOLD)[:, 0]
        column["hazard_left"] = -np.log(u)
        u = uniforms(seed, people["id"], key, 0, Purpose.INITIAL_AWARENESS)[:, 0]
        column["aware"] = brand.rest_of_category | (u < brand.awareness)
    return relationships


def _brand(name: str, brand: Brand, config: MarketConfig) -> NDArray[np.void]:
    row = np.zeros(1, state.BRAND)
    row["key"] = name_key(name)
    for field in ("service", "transparency", "misdelivery", "late", "late_days", "never_left"):
        row[field] = getattr(brand, field)
    row["price_cents"] = cents(fmean(product.price for product in brand.products.values()))
    for field in ("shipping", "message", "human"):
        row[f"{field}_cents"] = cents(getattr(brand, f"{field}_cost"))
    row["contact_cap"] = UNLIMITED if brand.contact_cap is None else brand.contact_cap
    row["never_forgotten"] = brand.rest_of_category
    row["never_left"] |= brand.rest_of_category
    given = brand.advertising
    row["ad_method"] = Method[given.method.upper()]
    row["ad_least"], row["ad_share"] = given.spend, given.revenue_share
    row["ad_value"], row["ad_keep"] = given.customer_value, 0.5 ** (1 / given.half_life)
    set_spend(row, given.spend, config.people.n)
    return row


def set_spend(row: NDArray[np.void], spend: float, people: int) -> None:
    """Set a brand's advertising, in CNY per 1,000 people per day, in its row of BRAND."""
    row["ad_spend"], row["ad_cents"] = spend, cents(spend * people / 1000)


def set_price(row: NDArray[np.void], price: int) -> None:
    """Set a product's list price, in cents, in its row of PRODUCT."""
    row["price_cents"] = price
    row["log_price"] = math.log(max(1, price))


def _product(
    brand: str, name: str, product: Product, config: MarketConfig, share: float
) -> NDArray[np.void]:
    row = np.zeros(1, state.PRODUCT)
    row["key"] = name_key(brand, name)
    row["base_cents"] = cents(product.price)
    row["log_base"] = math.log(max(1, cents(product.price)))
    set_price(row, cents(product.price))
    row["cost_cents"] = cents(product.unit_cost)
    row["log_share"] = math.log(share)
    row["sizes"] = sum(1 << (units - 1) for units in product.sizes)
    for field in ("quality", "spread", "fault_rate", "delivery_days", "effect_days", "refund_days"):
        row[field] = getattr(product, field)
    promised = product.promised_days
    row["promised_days"] = product.delivery_days if promised is None else promised
    nominal = config.categories[product.category].cycle_days
    supply = nominal if product.supply_days is None else product.supply_days
    row["cycle_days"] = supply
    row["cycles"] = 1.0 if product.supply_days is None else supply / nominal
    row["brand"] = list(config.brands).index(brand)
    row["category"] = list(config.categories).index(product.category)
    return row


def _products(config: MarketConfig) -> NDArray[np.void]:
    rows = []
    for brand, spec in config.brands.items():
        weight: dict[str, float] = {}
        for product in spec.products.values():
            weight[product.category] = weight.get(product.category, 0.0) + product.share
        for name, product in spec.products.items():
            share = product.share / weight[product.category]
            rows.append(_product(brand, name, product, config, share))
    return np.concatenate(rows)


def _categories(config: MarketConfig) -> NDArray[np.void]:
    rows = np.zeros(len(config.categories), state.CATEGORY)
    for row, (name, category) in zip(rows, config.categories.items(), strict=True):
        row["key"] = name_key(name)
        row["log_usual"] = math.log(category.price * 100)
        for field in ("regularity", "retry_days", "season_amplitude", "season_peak_day"):
            row[field] = getattr(category, field)
    return rows


def _advertising_queue(
    brands: list[str], people: NDArray[np.void], seed: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return whom advertising is to reach and when, sorted; at the end those who come later."""
    queue = np.empty((len(brands), people.size), np.int32)
    threshold = np.empty((len(brands), people.size))
    for b, name in enumerate(brands):
        u = uniforms(seed, people["id"], name_key(name), 0, Purpose.ADVERTISING)[:, 0]
        wait = np.where(people["entry_day"] <= 0, -np.log(u), np.inf)
        queue[b] = np.argsort(wait, kind="stable")
        threshold[b] = wait[queue[b]]
    return queue, threshold


def _contacts(config: MarketConfig, seed: int, ids: NDArray[np.uint64]) -> contacts.Contacts:
    count = getattr(config.network, "contacts", 0)
    if count == 0:
        return contacts.no_contacts(ids.size)
    distances = np.arange(1, (ids.size - 1) // 2 + 1, dtype=np.uint64)
    places = uniforms(seed, ids, 0, 0, Purpose.CONTACTS)[:, 0]
    lots = uniforms(seed, distances, 0, 0, Purpose.CONTACTS)[:, 1]
    return contacts.arrange(count, ids, places, lots)


def _last_use(config: MarketConfig, ties: Ties) -> NDArray[np.int32]:
    """Return the day of last use of each tie, the first day; nothing if ties do not fade."""
    fades = config.behaviour.ties.half_life < math.inf
    return np.full(ties.neighbours.size if fades else 0, -config.burn_in, np.int32)


def build_world(config: MarketConfig, seed: int) -> World:
    """Return the state of a market before its first day.

    Parameters
    ----------
    config
        The market.
    seed
        Key of all draws, 0 <= seed < 2**64.

    Raises
    ------
    ValueError
        If the network or the log of entries cannot be made.
    MemoryError
        If it would not fit into memory.
    """
    n = config.people.n
    memory.require(needed(config), f"a market of {n:,} people", "make it smaller")
    people = _people(config, seed)
    ties = network.build(config.network, people.size, _seeded(seed, Purpose.NETWORK))
    known = _contacts(config, seed, people["id"])
    people["place"] = known.place
    brands = np.concatenate([_brand(n, brand, config) for n, brand in config.brands.items()])
    occasions = _occasions(config, people, ties, seed)
    relationships = _relationships(config, people, ties, seed)
    queue, threshold = _advertising_queue(list(config.brands), people, seed)
    brands["ad_waiting"] = (people["entry_day"] <= 0).sum()
    products = _products(config)
    return World(
        seed=np.array([seed], np.uint64),
        rules=rules_record(config.behaviour, config.network, ties),
        people=people,
        occasions=occasions,
        relationships=relationships,
        holdings=np.zeros((people.size, products.size), state.HOLDING),
        indptr=ties.indptr,
        neighbours=ties.neighbours,
        strength=ties.strength,
        last_use=_last_use(config, ties),
        circle=known.circle,
        distances=known.distances,
        brands=brands,
        products=products,
        categories=_categories(config),
        ad_queue=queue,
        ad_threshold=threshold,
        occasions_due=calendar.empty(occasions.size),
        talk_due=calendar.empty(relationships.size),
        dropout_due=calendar.empty(relationships.size if config.behaviour.dropout.on_days() else 0),
        forgetting_due=calendar.empty(
            relationships.size if config.behaviour.awareness.forgets else 0
        ),
        presence_due=calendar.empty(people.size),
        **_without_strategies(brands.size, people.size),
        **_without_events(brands.size),
    )


def _without_strategies(brands: int, people: int) -> dict[str, Any]:
    """Return the tables of what strategies say, as long as they say nothing."""
    tables: dict[str, Any] = {
        name: one.empty(brands) for name, one in relationship_tables().items()
    }
    for term in terms():
        tables |= tables_of(term, (), brands)
    return tables | {
        "steps": np.zeros(0, state.STEP),
        "conditions": np.zeros(0, state.CONDITION),
        "tries": np.zeros((people, 0), np.int32),
        "spent": np.zeros(0, np.int64),
        "reserved": np.zeros(0, np.int64),
    }


def _without_events(brands: int) -> dict[str, Any]:
    """Return the tables of what has happened, when nothing has."""
    return growth.empty_tables() | {
        "ledger": np.zeros((3, brands, len(ACCOUNTS)), np.int64),
        "counts": np.zeros((brands, len(COUNTS)), np.int64),
        "prospects": np.zeros(brands, state.PROSPECTS),
    }
