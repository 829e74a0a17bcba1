"""A market before any strategy is in force."""

from sim.config.market import MarketConfig


def without_strategies(config: MarketConfig) -> MarketConfig:
    """Return a market with the same people, brands and products, in which no brand does anything."""
    brands = {
        name: brand.model_copy(update={"strategies": {}}) for name, brand in config.brands.items()
    }
    return config.model_copy(update={"brands": brands})
