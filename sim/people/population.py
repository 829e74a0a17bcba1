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
from sim.config.parameters import Beta, Constant, Gamma, LogNormal
from sim.config.scalars import cents
from sim.counts import COUNTS
from sim.engine import calendar, memory
from sim.engine.draws import name_key, uniforms
from sim.engine.kernels import plain
from sim.mechanisms.declarations import relationship_tables, terms
from sim.people.ad_budget import Method
from sim.people.entry import entry_days, exit_days
from sim.people.satisfaction import aggregate
from sim.purposes import Purpose
from sim.size import needed
from sim.state import NO_DAY
from sim.term_tables import tables_of
from sim.ties import network
from sim.ties.homophily import alike
from sim.ties.network import Ties
from sim.world import World

Uniforms = NDArray[np.float64]
_TINY = 1e-250
UNLIMITED = 2**31 - 1


def quantile(dist: Any, u: Uniforms) -> NDArray[np.float64]:
    """Return the quantiles of a `Distribution` at `u`.

    Parameters
    ----------
    dist : Distribution
        A number means the same for everybody.
    u : float64[n]
        In (0, 1).

    Returns
    -------
    float64[n]
    """
    if isinstance(dist, Gamma):
        return np.exp(log_gamma_quantile(dist.shape, u)) * (dist.mean_value / dist.shape)
    if isinstance(dist, Beta):
        return np.asarray(special.betaincinv(dist.a, dist.b, u))
    if isinstance(dist, LogNormal):
        centre = math.log(dist.mean) - 0.5 * dist.sigma**2
        return np.exp(centre + dist.sigma * special.ndtri(u))
    return np.full(u.size, dist.value if isinstance(dist, Constant) else float(dist))


def log_gamma_quantile(shape: float, u: Uniforms) -> NDArray[np.float64]:
    """Return the logarithm of Gamma(shape, scale 1) quantiles, exact where they underflow.

    Near zero the distribution function is x**shape / Gamma(shape + 1).
    """
    value = special.gammaincinv(shape, u)
    near_zero = (np.log(u) + special.gammaln(shape + 1)) / shape
    return np.where(value > _TINY, np.log(np.maximum(value, _TINY)), near_zero)


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
    values.pop("dropout_propensity", None)
    outside = behaviour.choice.outside_weight
    values |= {
        "choice_log_outside": math.log(outside) if outside > 0 else -math.inf,
        "network_complete": float(ties.complete),
        "network_mean_degree": float(ties.mean_degree),
        "network_strength": float(getattr(network_config, "strength", 0.0)),
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
    people["entry_day"] = entry_days(config.people.entry, seed, ids)
    people["exit_day"] = exit_days(config.people, seed, ids, people["entry_day"])
    return people


def _alike(
    config: MarketConfig, ties: Ties, seed: int, ids: NDArray[np.uint64], key: int, purpose: int
) -> Uniforms:
    """Return a trait's uniforms, alike across ties as far as the network's homophily says."""
    own, field, _, _ = uniforms(seed, ids, key, 0, purpose).T
    homophily = getattr(config.network, "homophily", 0.0)
    if homophily == 0.0:
        return own
    return alike(ties, own, field, homophily)


def _occasions(
    config: MarketConfig, people: NDArray[np.void], ties: Ties, seed: int
) -> NDArray[np.void]:
    occasions = np.zeros((config.people.n, len(config.categories)), state.OCCASION)
    occasions["last_brand"] = -1
    start = np.maximum(people["entry_day"], -config.burn_in).astype(float)
    for c, (name, category) in enumerate(config.categories.items()):
        key = name_key(name)
        u = _alike(config, ties, seed, people["id"], key, Purpose.USAGE)
        usage = quantile(category.usage, u)
        with np.errstate(divide="ignore", over="ignore"):
            cycle = np.where(usage > 0, category.period_days / usage, np.inf)
        occasions[:, c]["cycle"] = cycle
        first = uniforms(seed, people["id"], key, 0, Purpose.FIRST_NEED)
        wait = np.where(usage > 0, _first_wait(category, first), np.inf)
        with np.errstate(over="ignore"):
            occasions[:, c]["due"] = start + cycle * wait
    return occasions


def _first_wait(category: Category, u: Uniforms) -> NDArray[np.float64]:
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
    relationships["product"] = relationships["service"] = experience.prior
    relationships["overall"] = plain(aggregate)(
        experience.prior, experience.prior, experience.exponent
    )
    relationships["trust"] = rules.trust.prior
    relationships["expectation"] = experience.expectation
    relationships["talk_due"] = np.nan
    relationships["offer_account"] = Account.COUPONS
    for b, (name, brand) in enumerate(config.brands.items()):
        key, column = name_key(name), relationships[:, b]
        taste = _alike(config, ties, seed, people["id"], key, Purpose.TASTE)
        column["log_taste"] = log_gamma_quantile(brand.share * rules.choice.concentration, taste)
        u = uniforms(seed, people["id"], key, 0, Purpose.DROPOUT_PROPENSITY)[:, 0]
        column["dropout"] = quantile(rules.dropout.propensity, u)
        u = uniforms(seed, people["id"], key, 0, Purpose.INITIAL_AWARENESS)[:, 0]
        column["aware"] = brand.rest_of_category | (u < brand.awareness)
    return relationships


def _brand(name: str, brand: Brand, config: MarketConfig) -> NDArray[np.void]:
    row = np.zeros(1, state.BRAND)
    row["key"] = name_key(name)
    for field in ("service", "transparency", "misdelivery", "late", "late_days"):
        row[field] = getattr(brand, field)
    row["price_cents"] = cents(fmean(product.price for product in brand.products.values()))
    for field in ("shipping", "message", "human"):
        row[f"{field}_cents"] = cents(getattr(brand, f"{field}_cost"))
    row["contact_cap"] = UNLIMITED if brand.contact_cap is None else brand.contact_cap
    row["never_forgotten"] = row["never_left"] = brand.rest_of_category
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
        brands=brands,
        products=products,
        categories=_categories(config),
        ad_queue=queue,
        ad_threshold=threshold,
        occasions_due=calendar.empty(occasions.size),
        talk_due=calendar.empty(relationships.size),
        forgetting_due=calendar.empty(
            relationships.size if config.behaviour.awareness.forgets else 0
        ),
        presence_due=calendar.empty(people.size),
        **_without_strategies(brands.size),
        **_without_events(brands.size),
    )


def _without_strategies(brands: int) -> dict[str, Any]:
    """Return the tables of what strategies say, as long as they say nothing."""
    tables: dict[str, Any] = {
        name: one.empty(brands) for name, one in relationship_tables().items()
    }
    for term in terms():
        tables |= tables_of(term, (), brands)
    return tables | {
        "steps": np.zeros(0, state.STEP),
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
