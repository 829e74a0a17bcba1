"""Roles: what a person is to a brand, taking a role up and giving it up."""

import numpy as np

from sim.books import Account, post
from sim.counts import QUITS
from sim.engine.calendar import cancel, schedule
from sim.engine.kernels import rule
from sim.state import NO_DAY

CUSTOMER, KOC, DISTRIBUTOR = 0, 1, 2
"""Values of `role`; a person's is the highest with any brand."""


@rule
def take_role(w, i, b):
    """Give person `i` the role with brand `b` that is due, and the discount that comes with it."""
    bond, ally = w.bonds[i, b], w.allies[i, b]
    bond.role, bond.privilege = CUSTOMER, 0.0
    if ally.koc and not bond.left:
        bond.role = KOC
        for row in range(w.brands[b].programme_start, w.brands[b].programme_end):
            if w.programmes[row].koc_from > 0:
                bond.privilege = w.programmes[row].koc_privilege
    if ally.agent > 0:
        bond.role = DISTRIBUTOR
        level = w.agents[ally.agent - 1].level
        bond.privilege = max(bond.privilege, w.levels[b, level].discount)
    highest = CUSTOMER
    for k in range(w.brands.size):
        highest = max(highest, w.bonds[i, k].role)
    w.people[i].role = highest


@rule
def quit_work(w, row, day):
    """Let distributor `row` give up; the brand takes back the share of stock that it promised."""
    agent = w.agents[row]
    i, b = np.int64(agent.person), np.int64(agent.brand)
    agent.quit_day = day
    cancel(w.agents_due, row)
    agency, ally = w.agencies[b], w.allies[i, b]
    if agent.stock_cents > 0 and agency.buyback > 0.0:
        back = int(agent.stock_cents * agency.buyback + 0.5)
        paid = agent.paid_cents * back // agent.stock_cents
        post(w, i, b, Account.CHANNEL_DEPOSITS, Account.CASH, paid)
        agent.stock_cents -= back
        agent.paid_cents -= paid
    ally.agent = 0
    ally.pitch_from = day + agency.refusal_days
    w.counts[b, QUITS] += 1
    take_role(w, i, b)


@rule
def give_up(w, i, b, day):
    """Let person `i`, who has left brand `b`, be no KOC any more; who works for it quits tonight.

    Not at once, so that what others buy today does not depend on who comes first.
    """
    agent = w.allies[i, b].agent
    if agent > 0:
        schedule(w.agents_due, agent - 1, day)
    take_role(w, i, b)


@rule
def working(w, agent):
    """Tell whether `agent`, a row of AGENT plus 1 or 0, is a distributor at work."""
    return agent > 0 and w.agents[agent - 1].quit_day == NO_DAY
