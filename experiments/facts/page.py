"""The page of the facts: a table, a paragraph and a picture for each, and the numbers beside it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from experiments import formats, style
from experiments.facts.fact import EMERGES, NOT, OPEN, Check, Fact, Finding, findings, verdict
from experiments.files import write_bytes
from experiments.intervals import Interval
from experiments.study import Study

PAGE = "validation.md"
NUMBERS = "validation.csv"
PICTURES = "validation"
AGAIN = "make facts"

WAITING = (
    (
        "Targeting by predicted response is at least as good as by churn risk (Ascarza 2018)",
        "a strategy that scores customers and wins them back (row 38 of the playbook)",
    ),
    (
        "A promotion bump splits into switching, timing and expansion (Van Heerde 2004)",
        "a strategy that lowers a price for some days (none sets prices yet)",
    ),
    (
        "A deep acquisition discount brings customers of about half the value (Lewis 2006)",
        "a strategy with a price for first orders (row 26)",
    ),
)
"""Facts that no strategy can show yet, and what they wait for."""

_OFF = {EMERGES: "there", NOT: "not there", OPEN: OPEN}
_INTRODUCTION = """\
What is known of markets like these and is not put into the simulator: does it come out? Each fact
has a study under [configs/facts/](../../configs/facts/), which says what is checked and which
`huitou` runs as any other. No parameter was chosen for a row. What counts as agreement is that of
the model's description and was written down before anything was run, but for what *Changed* lists
at the end.

Intervals are 95 % t intervals over replicates. A number *emerges* if all of its interval agrees,
does not if none does, and *cannot be said* if some does. With the mechanism off it is *not there*
if it does not agree, or if less than a tenth of the effect is left; where it is *there*, something
else makes it. A fact *emerges* if all its numbers do and none is there without the mechanism, and
*in part* if that holds for some.

The studies are of two markets of their own, in
[configs/facts/markets/](../../configs/facts/markets/), and not of the calibrated ones."""

_CHANGED = """\
What was changed after a first look at two replicates: of the best fifth's next year five per cent
less had been asked, where the description says less (of 95.4 % it would be said that it does not
emerge); the ladder of contacts was lengthened, since
the first one ended before contact was much; recommenders got a third pair of arms, in which nobody
leaves; referred customers of all brands are looked at, for more of them; of contact the best step
is held against the better end, where each end had a check of its own; the success of invitations
became a condition of cascades that does not count (with it they would emerge in part); and that
less than a tenth of an effect is none was said then. When all results were there, the rule for a
fact was made stricter: a number that is there without the mechanism counts for nothing (referred
customers emerged in part before). Most of what recommenders show is there when all are equally
content, the arms that were off at first; only those in which nobody leaves take it away. So it is
mostly that who has left does not recommend, and less that who recommends is content. The ranges of
spillover (half to one and a half of what was published), of leaving (half, give or take a tenth)
and of the success of invitations (half to twice) are ours."""


@dataclass(frozen=True)
class Shown:
    """A fact with its study and all that was measured."""

    fact: Fact
    study: Study
    table: pd.DataFrame

    @property
    def found(self) -> list[Finding]:
        """What came out of each check."""
        return findings(self.fact, self.table)


def write(shown: list[Shown], folder: Path) -> Path:
    """Write page, numbers and pictures; return where the page is."""
    for each in shown:
        _picture(each, folder / PICTURES / f"{each.fact.name}.png")
    write_bytes(folder / NUMBERS, numbers(shown).to_csv(index=False, float_format="%.6g").encode())
    write_bytes(folder / PAGE, "\n".join(_lines(shown)).encode())
    return folder / PAGE


def numbers(shown: list[Shown]) -> pd.DataFrame:
    """Return a row per check: the verdict on its fact, and numbers and verdicts on and off."""
    rows = []
    for each in shown:
        for finding in each.found:
            row = {
                "fact": each.fact.name,
                "verdict": verdict(each.found),
                "check": finding.check.name,
                "replicates": finding.on.n,
            }
            for side, got, said in (
                ("on", finding.on, finding.verdict),
                ("off", finding.off, finding.verdict_off),
            ):
                row |= {f"{side}_verdict": said, f"{side}_mean": got.mean}
                row |= {f"{side}_low": got.low, f"{side}_high": got.high}
            rows.append(row)
    return pd.DataFrame(rows)


def _picture(each: Shown, file: Path) -> None:
    import matplotlib as mpl

    file.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(style.STYLE):
        # No version and no date: the same numbers are the same file.
        each.fact.draw(each.table).savefig(file, metadata={"Software": None})


def _lines(shown: list[Shown]) -> Iterator[str]:
    yield from ("# Facts of the field", "")
    for notice in dict.fromkeys(each.study.notice for each in shown if each.study.notice):
        yield from (f"> **Note.** {notice}", "")
    yield from (_INTRODUCTION, "")
    yield from table(shown)
    yield from ("", "Not yet to be seen:", "", "| fact | waits for |", "|---|---|")
    yield from (f"| {fact} | {what} |" for fact, what in WAITING)
    for each in shown:
        yield from ("", *_section(each))
    yield from ("", "## Changed", "", _CHANGED)
    yield from ("", "## Again", "", f"`{AGAIN}`; the numbers are in [{NUMBERS}]({NUMBERS}).", "")


def table(shown: list[Shown]) -> Iterator[str]:
    """Yield the lines of the table: a row for each fact, and one for each of its checks."""
    yield "| | published | agrees if | ours [95 %] | verdict | mechanism off [95 %] | then |"
    yield "|---|---|---|---|---|---|---|"
    for each in shown:
        yield f"| **{each.fact.title}** | | | | **{verdict(each.found)}** | | |"
        for finding in each.found:
            check = finding.check
            cells = (
                check.name,
                check.published,
                _range(check),
                _number(check, finding.on),
                finding.verdict,
                _number(check, finding.off),
                _OFF[finding.verdict_off],
            )
            yield "| " + " | ".join(cells) + " |"


def _section(each: Shown) -> Iterator[str]:
    fact, study = each.fact, each.study
    caption = (fact.draw.__doc__ or "").partition("\n")[0]
    people = study.base["people"]["n"]
    file = f"configs/facts/{fact.name}.yaml"
    yield from (f"## {fact.title}: {verdict(each.found)}", "")
    size = f"{study.replicates.n} replicates of {people:,} people"
    yield f"{fact.source}. Off: {fact.mechanism}. [{file}](../../{file}), {size}."
    yield from (
        "",
        fact.remark,
        "",
        f"![{caption}]({PICTURES}/{fact.name}.png)",
        "",
        f"*{caption}*",
    )


def _range(check: Check) -> str:
    low, high = (_value(check, bound) for bound in (check.low, check.high))
    if check.low == float("-inf"):
        return f"below {high}"
    return f"above {low}" if check.high == float("inf") else f"{low} to {high}"


def _number(check: Check, found: Interval) -> str:
    mean, low, high = (_value(check, x) for x in found[:3])
    return f"{mean} [{low}, {high}]"


def _value(check: Check, number: float) -> str:
    return formats.value(number, "share" if check.share else "ratio")


def summary(shown: list[Shown]) -> Mapping[str, str]:
    """Return the verdict on each fact, by name."""
    return {each.fact.name: verdict(each.found) for each in shown}
