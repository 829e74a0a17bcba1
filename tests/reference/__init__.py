"""The market written a second time, from docs/odd.md alone: plain Mesa, dicts, lists, floats.

It is the oracle of the fast market (`compare.py`), and the plain-Mesa baseline of its speed.
Nothing of `sim` is used but draws, configuration, ties, and the strategies with what they are
given. Read `market.py` first: the day is one list. Its core names no mechanism: each is a twin in
`mechanisms/`, and is asked by hooks (`twin.py`, `hooks.py`).
"""
