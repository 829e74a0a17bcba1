"""Files written to do harm, and what is said of each; and some that only look like it."""

from tiny_studies import MARKET

_USE = "study: run\nmarket: {use: market.yaml, set: {%s}}\n"
_SWEEP = "study: sweep\nmarket: {use: market.yaml}\nresponses: [gmv]\n"
_BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30)
)
_RACE = "study: tournament\nmarket: {use: market.yaml}\nportfolios: {%s}\n"
_MANY_ARMS = "".join(f"  a{i}: {{days: x}}\n" for i in range(5000))

FILES: dict[str, tuple[str | bytes, str]] = {
    # tags, anchors, nesting
    "a call": ("a: !!python/object/apply:os.system [echo]", "is not allowed here"),
    "a call above": ("!!python/object/apply:os.system [echo]", "is not allowed here"),
    "a tag of its own": ("%TAG ! tag:x,2000:\n---\n!a {b: 1}\n", "is not allowed here"),
    "an alias bomb": (_BOMB, "values once the aliases are expanded"),
    "an alias in itself": ("a: &a [*a]", "stands inside its own anchor"),
    "brackets": (b"[" * 1_000_000, "nested more than 64 levels deep"),
    "braces": (b"{a: " * 250_000, "nested more than 64 levels deep"),
    "questions": (b"? " * 300_000, "nested more than 64 levels deep"),
    "many documents": (b"---\n" * 200_000, "a second document"),
    # size
    "100 MB": (b"a: " + b"x" * 100_000_000, "larger than"),
    "empty lines": (b"\n" * 1_000_000, "is empty"),
    "values": (b"a: [" + b"1," * 400_000 + b"]", "more than 50,000 values"),
    "a string without an end": (b'a: "' + b"x" * 900_000, "the text is not YAML"),
    "a long key": (f"? {'z' * 900_000}\n: 1\n", "unknown key"),
    "a long value": (MARKET.replace("small_world", "x" * 900_000), "network.kind: must be"),
    "mistakes": (
        MARKET + "".join(f"z{i}: 1\n" for i in range(15_000)),
        "15,000 mistakes in all",
    ),
    "changes": (_USE % ", ".join(f"x{i}.y: 1" for i in range(8000)), "more than 1000 parameters"),
    "arms": (
        f"study: compare\nmarket: {{use: market.yaml}}\narms:\n{_MANY_ARMS}",
        "arms: has 5,000 changes; at most 1,000",
    ),
    "portfolios": (_RACE % ", ".join(f"p{i}: {{}}" for i in range(3000)), "are 3,000; at most 90"),
    "runs": (
        _SWEEP + "factors: {brands.A.awareness: {range: [0, 1]}}\nreplicates: {n: 10000000}\n",
        "replicates.n: makes 60,000,000 runs",
    ),
    "a grid": (
        _SWEEP + "factors: {people.n: {integers: [1, 100000000]}}\n",
        "the grid would be 100,000,000 markets",
    ),
    "a long range": (
        _SWEEP + "factors: {people.n: {integers: [1, 1000000000000000000000]}}\n",
        "no end may be beyond 1,000,000,000,000",
    ),
    "choices": (
        _SWEEP + f"factors: {{brands.A.awareness: {{choices: {list(range(9000))}}}}}\n",
        "at most 1000 items",
    ),
    # circles
    "itself": ("use: h.yaml\n", "goes in a circle"),
    "itself, from a study": ("study: run\nmarket: {use: h.yaml}\n", "goes in a circle"),
    # encodings
    "UTF-16": (MARKET.encode("utf-16"), "save it as UTF-8"),
    "UTF-16 without a mark": (MARKET.encode("utf-16-le"), "U+0000"),
    "Latin-1": (b"a: caf\xe9\n", "not UTF-8"),
    "a NUL": (MARKET.replace("80", "8\0"), "U+0000"),
    "binary": (bytes(range(256)), "is not"),
    "nothing": (b"", "is empty"),
    # what YAML 1.1 made of it
    "a merge key": ("a: &a {x: 1}\nb: {<<: *a}\n", "merge keys"),
    "twice": (MARKET + "days: 100\n", "stands here twice"),
    "yes": (MARKET.replace("aware", "transparency: yes\n    aware", 1), "must be a number"),
    "an octal": (MARKET.replace("n: 80", "n: 0o7_7"), "must be a whole number"),
    "minutes": (MARKET.replace("days: 100", "days: 1:40"), "days: must be a whole number"),
    "a date": (MARKET.replace("days: 100", "days: 2001-01-01"), "days: must be a whole number"),
    "a number as text": (MARKET.replace("n: 80", "n: '80'"), "people.n: must be a whole number"),
    "another version": ("%YAML 9.9\n---\na: 1\n", "the text is not YAML"),
    # numbers
    "not a number": (MARKET.replace("199", ".nan", 1), "not a number"),
    "infinite people": (MARKET.replace("n: 80", "n: .inf"), "people.n: must be a whole number"),
    "minus one person": (MARKET.replace("n: 80", "n: -1"), "people.n: must be >= 1"),
    "half a person": (MARKET.replace("n: 80", "n: 0.5"), "people.n: must be a whole number"),
    "1e999": (MARKET.replace("n: 80", "n: 1e999"), "too large"),
    "50 digits": (MARKET.replace("n: 80", "n: " + "9" * 50), "more than 40 digits"),
    "a billion people": (MARKET.replace("n: 80", "n: 1e9"), "people.n: must be <= 100000000"),
    "infinite talk": (_USE % "behaviour.talk.rate: .inf", "talk.rate: must be <= 1000000"),
    "infinite need": (_USE % "categories.cream.usage: .inf", "usage: must be <= 1000000000000"),
    "a seed of 70 bits": (
        "study: run\nmarket: {use: market.yaml}\nreplicates: {seed: 999999999999999999999}\n",
        "replicates.seed: must be <=",
    ),
    # places on the disk
    "a name that climbs": (
        "study: run\nname: ../../x\nmarket: {use: market.yaml}\n",
        "name: names a",
    ),
    "a hidden name": ("study: run\nname: .x\nmarket: {use: market.yaml}\n", "name: names a"),
    "no such market": ("use: /etc/passwd\n", ""),
    "a long name": (f"use: {'x' * 5000}\n", "there is no market"),
    "a network that is none": (
        _USE % "network: {kind: edge_list, file: market.yaml}",
        "a tie is from,to",
    ),
    "a log that is none": (
        _USE % "people.entry: {kind: log, log: market.yaml, customer: 0, date: 1}",
        "values, where the first line has",
    ),
}

VALID: dict[str, str] = {
    "unlike any name": MARKET.replace("  A:", "  no:").replace("  B:", "  null_:"),
    "tags of the core": MARKET.replace("n: 80", "n: !!int 80"),
    "a mark in front": "\ufeff" + MARKET,
    "Windows": MARKET.replace("\n", "\r\n"),
    "an alias": MARKET.replace("{category: cream, price: 159", "{category: &c cream, price: 159"),
    "a whole number with a point": MARKET.replace("n: 80", "n: 8.0e1"),
    "many brands": MARKET
    + "".join(
        f"  b{i}: {{products: {{c: {{category: cream, price: 1, unit_cost: 1}}}}}}\n"
        for i in range(500)
    ),
    "a long question": f"study: run\nquestion: {'x' * 900_000}\nmarket: {{use: market.yaml}}\n",
    "far too many people": _USE % "people.n: 100000000",
    "far too many ties": _USE % "people.n: 200000, network.mean_degree: 199998",
    "far too many days": _USE % "days: 100000, burn_in: 100000, terminal_period: 100000",
    "far too many runs": "study: run\nmarket: {use: market.yaml}\nreplicates: {n: 10000000}\n",
}
