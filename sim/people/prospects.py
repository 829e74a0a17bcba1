"""Prospects of a brand: people in the category who have never ordered from it.

How many know the brand and how many do not is kept as they come and go, and with it the derivative
of these numbers by the log of advertising spend. Each change is that of one person among those who
are alike to the brand, so of a derivative of so many people it moves one part of as many.
"""

from sim.engine.kernels import rule


@rule
def part(slope, people):
    """Return what one of `people` is of a derivative of their number."""
    return slope / people if people > 0 else 0.0


@rule
def arrives(prospects, aware):
    """Count one who comes into the category."""
    if aware:
        prospects.aware += 1
    else:
        prospects.unaware += 1


@rule
def departs(prospects, aware):
    """Count one who leaves the category without an order."""
    if aware:
        prospects.aware_slope -= part(prospects.aware_slope, prospects.aware)
        prospects.aware -= 1
    else:
        prospects.unaware_slope -= part(prospects.unaware_slope, prospects.unaware)
        prospects.unaware -= 1


@rule
def learns(prospects):
    """Count one who has come to know the brand."""
    one = part(prospects.unaware_slope, prospects.unaware)
    prospects.unaware_slope -= one
    prospects.aware_slope += one
    prospects.reached_slope += one
    prospects.unaware -= 1
    prospects.aware += 1
    prospects.reached += 1


@rule
def forgets(prospects):
    """Count one who has forgotten the brand."""
    one = part(prospects.aware_slope, prospects.aware)
    prospects.aware_slope -= one
    prospects.unaware_slope += one
    prospects.aware -= 1
    prospects.unaware += 1


@rule
def orders(prospects, made_aware):
    """Count a first order, of one made aware in the run or not."""
    prospects.aware_slope -= part(prospects.aware_slope, prospects.aware)
    prospects.aware -= 1
    if made_aware:
        prospects.won += 1


@rule
def spends_more(prospects, slope):
    """Note whom a little more advertising would have reached today.

    Parameters
    ----------
    prospects : PROSPECTS
    slope : float
        Derivative of today's rate of being reached by the log of spend.
    """
    more = prospects.unaware * slope
    prospects.unaware_slope -= more
    prospects.aware_slope += more
    prospects.reached_slope += more
