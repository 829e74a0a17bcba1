"""Messages along ties: said on one day and heard on the next."""

from enum import IntEnum

from sim.counts import MESSAGES
from sim.engine.draws import draw
from sim.engine.kernels import rule
from sim.mechanisms import message_kinds
from sim.people.satisfaction import valence_of
from sim.people.ties import degree, tie
from sim.purposes import Purpose

Kind = IntEnum(  # type: ignore[misc]
    "Kind", {"OPINION": 0, **{name: kind.number for name, kind in message_kinds().items()}}
)
"""What a message is: a mere opinion, or what a mechanism declares."""
OPINION = 0


@rule
def append(table, row, first, second):
    """Enter a pair in a table of pairs."""
    table[row, 0], table[row, 1] = first, second


@rule
def tell(w, i, b, receiver, strength, kind, about):
    """Say to `receiver` what person `i` thinks of brand `b`, and what else the word is."""
    relationship = w.relationships[i, b]
    message = w.messages[w.tally[0].messages]
    w.tally[0].messages += 1
    message.speaker_id = w.people[i].id
    message.receiver, message.brand, message.kind, message.about = receiver, b, kind, about
    message.opinion = relationship.product
    message.valence = valence_of(w.rules[0], relationship)
    message.strength = strength


@rule
def say(w, i, b, k, day):
    """Say to the `k`-th of all within reach what person `i` thinks of brand `b`."""
    receiver, strength = tie(w, i, k, day)
    tell(w, i, b, receiver, strength, OPINION, -1)
    w.counts[b, MESSAGES] += 1


@rule
def post_content(w, i, b, day, reach):
    """Show a post about brand `b` to at most `reach` close ties of person `i`."""
    close = degree(w, i)
    for k in range(min(reach, close)):
        u = draw(w.seed[0], w.people[i].id, k, w.brands[b].key, day, Purpose.POST)
        say(w, i, b, int(u * close), day)
