"""A study whose names try everything that shows names."""

from tiny_studies import MARKET, fake

from experiments.conduct import conduct
from experiments.progress import Silent
from experiments.study import load

LONG = "a name that is very long indeed, of sixty characters, or so"
ARMS = ("没有 策略", "回访 🚀", "=1+1", "$x$ & 50 % {y}_z", 'it\'s "q" <b>x</b> | a*b', LONG)
BRAND = "品牌 <b>甲"


def write(folder):
    """Write the study; return its file."""
    market = MARKET.replace("\n  A:", f'\n  "{BRAND}":')
    arms = [f"  {name!r}: {{'brands.{BRAND}.awareness': .{k}}}" for k, name in enumerate(ARMS, 3)]
    arms = [line.replace("\\'", "''").replace("\"it's", "\"it's") for line in arms]
    path = folder / "odd.yaml"
    (folder / "market.yaml").write_text(market, encoding="utf-8")
    text = ["study: compare", "market: {use: market.yaml}", "arms:", *arms]
    text += ["replicates: {n: 3}", "record: {series: false}", "execute: {engine: inline}"]
    path.write_text("\n".join(text), encoding="utf-8")
    return path


def named(job, record):
    """Stand in for a run of this market."""
    table = fake(job, record)["runs"]
    return {"runs": table.set_column(0, "brand", [[BRAND, "B"]])}


def carried_out(folder):
    """Return the study and its outcome."""
    study = load(write(folder))
    return study, conduct(study, folder / "results", Silent(), simulate=named)
