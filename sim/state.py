"""The state of a market: one record array per kind of thing, one line per field.

Rows, not columns, so that one person is on one or two cache lines. Columns kept in float32 round
when stored; arithmetic is float64. Days are whole days since day 0 (burn-in is negative); money is
integer cents. What mechanisms keep is in `state.py` of their folders.
"""

import numpy as np

from sim.engine.records import record

NO_DAY = -(2**31)
"""The day of something that has not happened."""


PERSON = record(
    ("id", "u8"),  # identity in draws; does not depend on the row
    ("entry_day", "i4"),  # first day in the category
    ("exit_day", "i4"),  # first day no longer in it
    ("price_sensitivity", "f4"),  # multiplies effects of price
    ("sociability", "f4"),  # multiplies the rate of talk
    ("deal_proneness", "f4"),  # multiplies the pull of an offer
    ("contact_sensitivity", "f4"),  # multiplies fatigue per touch
    ("willingness", "f4"),  # wish to sell on one's own account, 0 to 1, before prejudice
    ("place", "i4"),  # on the circle on which contacts stand at given distances
    ("role", "i1"),  # highest role with any brand: 0 customer, 1 KOC, 2 distributor
    ("segment", "i1"),  # of the segments in the file, from 1; 0 for none
)

OCCASION = record(  # person x category
    ("cycle", "f8"),  # days between occasions, mean
    ("due", "f8"),  # when stock runs out and the occasion is due, in days
    ("slot", "i4"),  # how many occasions fell due earlier on the day of `due`
    ("last_brand", "i4"),  # brand bought last, -1 for none
)

RELATIONSHIP = record(  # person x brand
    ("net_cents", "i8"),  # net revenue from this person since day 0
    ("cost_cents", "i8"),  # costs attributed to this person since day 0
    ("talk_due", "f8"),  # when this customer next talks about the brand, in days
    ("hazard_left", "f8"),  # hazard of dropout still to be taken before one drops out
    ("hazard_rate", "f8"),  # of it per day, before contagion, since hazard_day
    ("offer", "f8"),  # best discount in hand, as a share of the price
    ("log_taste", "f4"),  # log of the taste weight
    ("product", "f4"),  # P, satisfaction with products, 0 to 1
    ("service", "f4"),  # V, satisfaction with service, 0 to 1
    ("overall", "f4"),  # S, the CES aggregate of P and V
    ("trust", "f4"),  # T, 0 to 1
    ("expectation", "f4"),  # E, quality expected, 0 to 1
    ("log_reference", "f4"),  # log of the price remembered over the list price at the start
    ("fatigue", "f4"),  # contact fatigue as of fatigue_day
    (
        "word_of_mouth",
        "f4",
    ),  # positive less negative messages received, decayed, as of word_of_mouth_day
    ("dropout", "f4"),  # chance of dropout per experience, before the effect of satisfaction
    ("dropout_rate", "f4"),  # hazard of dropout per day, before the effect of satisfaction
    ("delight", "f4"),  # what is left of good surprises, 0 to 1, as of delight_day
    ("delight_day", "i4"),
    ("fatigue_day", "i4"),
    ("word_of_mouth_day", "i4"),
    ("contagion_day", "i4"),  # last day a tie left the brand
    ("hazard_day", "i4"),  # until this morning the hazard of time is taken from hazard_left
    ("offer_until", "i4"),  # last day of that offer
    ("offer_account", "i4"),  # sim.books.Account to which it is booked when it is used
    ("orders", "i4"),  # orders so far
    ("first_day", "i4"),  # day of the first order
    ("last_day", "i4"),  # day of the last order
    ("dropped_out_day", "i4"),  # day of defection
    ("dropouts", "i4"),  # times dropped out so far
    ("week", "i4"),  # seven-day window of `week_touches`
    ("week_touches", "i4"),  # touches received in that window
    ("answered", "i4"),  # touches answered so far
    ("unanswered", "i4"),  # touches sent since the last answer
    ("times_aware", "u2"),  # how often the person has come to know the brand since day 0
    ("times_reached", "u2"),  # how often advertising has reached the person
    ("role", "i1"),  # with this brand: 0 customer, 1 KOC, 2 distributor
    ("aware", "?"),  # knows the brand
    ("dropped_out", "?"),  # has dropped out of the brand, and has not come back
    ("opted_out", "?"),  # takes no more touches
    ("in_base", "?"),  # was a customer at the end of the run: counts in the terminal period
)

HOLDING = record(  # person x product
    ("orders", "i4"),  # orders so far
    ("units", "i4"),  # units bought before the last order
    ("first_day", "i4"),  # day of the first order
    ("last_day", "i4"),  # day of the last order
    ("last_order", "i4"),  # its row of ORDER
    ("uses", "i4"),  # orders used so far
)

ORDER = record(
    ("list_cents", "i8"),  # at the list price of the day, all units
    ("paid_cents", "i8"),  # paid
    ("margin_cents", "i8"),  # of that, what a distributor who sold it kept
    ("day", "i4"),
    ("person", "i4"),
    ("seller", "i4"),  # row of the engagement of the distributor who sold it, -1 for none
    ("reseller", "i4"),  # row of the one that sells it once all have bought, -1 for none
    ("invitation", "i4"),  # row of the invitation that led to it, -1 for none
    ("nth", "i4"),  # 1 for this person's first order with the brand
    ("nth_product", "i4"),  # 1 for the first order of the product
    ("arrived_day", "i4"),  # NO_DAY until it arrives
    ("brand", "i2"),
    ("product", "i2"),
    ("units", "i2"),
    ("misaddressed", "?"),  # on its way to a wrong address
    ("faulty", "?"),  # arrived defective or damaged and not put right
    ("taught", "?"),  # the buyer knows how to use it
    ("misused", "?"),  # was used wrongly
    ("refunded", "?"),
    ("reminded", "?"),  # bought early because of a reminder
)

TOUCH = record(  # a touch due on a known day
    ("person", "i4"),
    ("order", "i4"),  # the order it follows up, -1 for none
    ("step", "i4"),  # row of STEP
    ("nth_product", "i4"),  # orders of the product when it was planned
    ("due", "i4"),  # its day; it is sent later if nobody has time
)

MESSAGE = record(  # said on one day, heard on the next
    ("speaker_id", "u8"),
    ("receiver", "i4"),
    ("brand", "i4"),
    ("about", "i4"),  # row of a table of the mechanism whose kind it is, -1 for none
    ("kind", "i1"),  # sim.people.messages.Kind
    ("opinion", "f4"),  # the speaker's satisfaction with the product, 0 to 1
    ("valence", "f4"),  # -1 to 1: how good the word is
    ("strength", "f4"),  # of the tie
)

ACCRUAL = record(  # something promised that is paid, or not, when a window has closed
    ("cash_cents", "i8"),  # cost accrued: cash,
    ("goods_cents", "i8"),  # goods,
    ("points_cents", "i8"),  # points
    ("reserve_cents", "i8"),  # of the strategy's budget, for what may come on top
    ("due_day", "i4"),  # first day on which it may vest
    ("order", "i4"),  # the order it hangs on, or -1
    ("person", "i4"),  # who gets it
    ("distributor", "i4"),  # row of the engagement of a distributor that it is about, or -1
    ("programme", "i4"),  # row of the referral programme, or -1
    ("points_days", "i4"),  # how long the points hold
    ("lot_key", "i8"),  # identity of its lot, where budgets are short: draw key,
    ("lot_person", "i4"),  # person,
    ("lot_slot", "i4"),  # and which event
    ("brand", "i2"),
    ("strategy", "i2"),
    ("kind", "i1"),  # sim.accruals.Kind
    ("goods", "?"),  # it counts toward goods
    ("friend", "?"),  # it is for a friend who bought, the first of its strategy for that friend
    ("keep_reserve", "?"),  # the reserve stays when it is due
    ("state", "i1"),  # sim.accruals.State
)

BRAND = record(
    ("key", "i8"),  # identity in draws
    ("price_cents", "i8"),  # mean list price at the start: the yardstick of rewards
    ("transparency", "f8"),
    ("service", "f8"),
    ("misdelivery", "f8"),
    ("late", "f8"),
    ("late_days", "i4"),
    ("shipping_cents", "i8"),
    ("message_cents", "i8"),
    ("human_cents", "i8"),
    ("contact_cap", "i4"),  # touches per 7 days
    ("step_start", "i4"),  # its rows of STEP
    ("step_end", "i4"),
    ("mechanisms", "i8"),  # bit mask of the mechanisms that the brand uses
    ("closed", "?"),  # takes in nobody any more: the terminal period
    ("ad_cents", "i8"),  # spend per day
    ("ad_spend", "f8"),  # the same in CNY per 1,000 people
    ("ad_least", "f8"),  # what is spent whatever the method says, in CNY per 1,000 people per day
    ("ad_method", "i1"),  # sim.people.ad_budget.Method
    ("ad_share", "f8"),  # spend as a share of recent net revenue
    ("ad_value", "f8"),  # what a new customer is worth, in CNY
    ("ad_keep", "f8"),  # weight of the past in recent means, per day
    ("ad_stock", "f8"),  # spend that works today, what is carried over included, at today's price
    ("ad_hazard", "f8"),  # rate of being reached, summed over the days so far
    ("ad_waiting", "i8"),  # how many wait to be reached
    ("net_mean", "f8"),  # recent mean of net revenue, in cents per day
    ("reached_mean", "f8"),  # recent means of prospects made aware, per day,
    ("won_mean", "f8"),  # and of new customers among those made aware in the run
    ("never_forgotten", "?"),  # everybody always knows it
    ("never_left", "?"),  # nobody drops out of it
)

PROSPECTS = record(  # of a brand: people in the category who have never ordered from it
    ("unaware", "i8"),  # who do not know it,
    ("aware", "i8"),  # who do
    ("reached", "i8"),  # made aware since day 0, each as often as that happened
    ("won", "i8"),  # new customers among those made aware since day 0
    ("reached_before", "i8"),  # `reached` and `won` when the day began
    ("won_before", "i8"),
    ("unaware_slope", "f8"),  # derivatives by the log of advertising spend: of `unaware`,
    ("aware_slope", "f8"),  # of `aware`,
    ("reached_slope", "f8"),  # of `reached`
)

PRODUCT = record(
    ("key", "i8"),  # identity in draws
    ("base_cents", "i8"),  # list price at the start
    ("price_cents", "i8"),  # list price now
    ("log_base", "f8"),  # log of base_cents
    ("log_price", "f8"),  # log of price_cents
    ("cost_cents", "i8"),
    ("log_share", "f8"),  # log of the weight among the brand's products of the category
    ("sizes", "i8"),  # numbers of packs that one order may hold: bit u - 1 for u packs
    ("quality", "f8"),
    ("spread", "f8"),
    ("fault_rate", "f8"),
    ("cycles", "f8"),  # cycles of the category that one unit lasts
    ("cycle_days", "f8"),  # days one unit lasts the average user
    ("brand", "i4"),
    ("category", "i4"),
    ("delivery_days", "i4"),
    ("promised_days", "i4"),
    ("effect_days", "i4"),
    ("refund_days", "i4"),
)

CATEGORY = record(
    ("key", "i8"),  # identity in draws
    ("log_usual", "f8"),  # log of the usual price in cents
    ("regularity", "f8"),
    ("retry_days", "f8"),
    ("season_amplitude", "f8"),
    ("season_peak_day", "f8"),
)

STEP = record(  # one touch of a journey
    ("key", "i8"),  # identity in draws: brand, strategy and step
    ("brand", "i4"),
    ("strategy", "i4"),  # index into the market's list of portfolios
    ("product", "i4"),  # -1 for any
    ("does", "i4"),  # sim.strategies.interface.Does
    ("before_depletion", "?"),  # `days` counts back from the estimated depletion
    ("days", "f8"),  # after the order, or before depletion
    ("prior_orders", "f8"),  # weight of the product's cycle in the estimate, in orders
    ("brand_from", "i4"),  # for orders of the brand from the nth
    ("brand_to", "i4"),  # to the nth
    ("product_from", "i4"),  # the same for orders of the product
    ("product_to", "i4"),
    ("human", "?"),
    ("extra_cents", "i8"),  # cost beyond that of a message or a call
    ("account", "i4"),  # sim.books.Account to which contact and extra are booked
    ("offer", "f8"),  # discount, as a share of the price
    ("offer_days", "i4"),  # how long it holds
    ("share", "f8"),  # share of people in the audience
    ("audience_key", "i8"),  # identity of the audience in draws
    ("who_start", "i4"),  # rows of CONDITION that are its rule; none if both are equal
    ("who_end", "i4"),
    ("kind", "i8"),  # identity of the touch, whatever the product
    ("stop_after", "i4"),  # given up after so many in a row without an answer; 0: never
    ("tries", "i4"),  # column of `World.tries`, if there is such a number
)

CONDITION = record(  # a condition of a rule, or how the answers of those before are combined
    ("what", "i4"),  # sim.config.audience.CODES
    ("parts", "i4"),  # how many answers are combined
    ("low", "f8"),  # limits, inclusive
    ("high", "f8"),
)

CUSTOMER = np.dtype(
    [
        ("person", "i4"),
        ("brand", "i2"),
        ("orders", "u4"),
        ("first_day", "i4"),
        ("last_day", "i4"),
        ("entry_day", "i4"),  # of the person, in the category
        ("net_cents", "i8"),  # since day 0
        ("cost_cents", "i8"),  # since day 0
        ("dropped_out", "?"),
        ("dropped_out_day", "i4"),
        ("opted_out", "?"),
    ]
)
"""A customer as analysis sees one: `Market.customers`."""
