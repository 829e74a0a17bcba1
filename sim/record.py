"""What is counted each day, per brand."""

COUNTS = (
    "orders",
    "first_orders",
    "refunded",
    "faults",
    "dropouts_product",
    "dropouts_service",
    "dropouts_both",
    "dropouts_neither",
    "opt_outs",
    "touches",
    "answers",
    "reminded_orders",
    "words",
    "aware_by_ads",
    "aware_by_words",
)
"""Names of the daily counts; a dropout is filed under the side that had failed the gate."""

(
    ORDERS,
    FIRST_ORDERS,
    REFUNDED,
    FAULTS,
    DROPOUTS_PRODUCT,
    DROPOUTS_SERVICE,
    DROPOUTS_BOTH,
    DROPOUTS_NEITHER,
    OPT_OUTS,
    TOUCHES_SENT,
    ANSWERS,
    REMINDED_ORDERS,
    WORDS,
    AWARE_BY_ADS,
    AWARE_BY_WORDS,
) = range(len(COUNTS))
