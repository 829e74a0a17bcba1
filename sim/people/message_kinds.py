"""Kinds of messages along ties: an opinion, and what mechanisms add."""

from typing import NamedTuple


class MessageKind(NamedTuple):
    """A kind of message, as a mechanism declares it.

    Attributes
    ----------
    number
        Its value in `kind` of MESSAGE; 0 is a mere opinion.
    opinion
        It carries the speaker's opinion too.
    makes_aware
        Who hears it knows the brand in any case.
    """

    number: int
    opinion: bool = True
    makes_aware: bool = False
