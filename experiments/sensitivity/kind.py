"""A study of which parameters drive a response: what its kind does."""

from collections.abc import Iterator

from experiments import starter
from experiments.kinds import Kind
from experiments.measured import responses
from experiments.responses import Response
from experiments.sensitivity import plots, spec, stages, tables, texts
from experiments.sensitivity.methods import ScreenFirst, SobolMethod
from sim.config.load import load_market
from sim.config.parameters import describe

_FACTORS = """\
# What is varied: a dotted path, and over what.
#   range: [a, b]           a real number; dist: uniform, loguniform, normal or triangular
#   integers: [a, b]        a whole number; step: from one to the next
#   choices: [x, y, z]      one of several values of any kind
#   values: [1, 2, 5]       one of several numbers
#   scale: [0.5, 2]         the market's own value, times a number
# Factors with the same `group` are moved together, and count as one input. A `*` in a path stands
# for every key there."""


def lines() -> Iterator[str]:
    """Yield the lines of a starter file."""
    yield from starter.head(
        "sensitivity", "Which parameters drive a brand's long-run revenue, and how sure is that?"
    )
    first = next(iter(load_market(starter.PRESET).brands))
    yield from starter.market()
    yield "    days: 365"
    yield f"    brands.{first}.strategies.service_followup: {{}}"
    yield from starter.ensemble()
    yield ""
    yield f"of: {first}  # the brand that a response is about if it names none"
    yield ""
    yield "response:  # or responses: and a list of them"
    yield from starter.block(Response(name="long_run_revenue"), 1)
    yield ""
    yield from _FACTORS.splitlines()
    yield "factors:"
    yield f"  brands.{first}.strategies.service_followup.lead_days: {{integers: [1, 21]}}"
    yield f"  brands.{first}.strategies.service_followup.coupon: {{range: [0, 0.3]}}"
    yield f"  brands.{first}.strategies.service_followup.automated: {{choices: [false, true]}}"
    yield f"  brands.{first}.products.cream.price: {{range: [159, 239]}}"
    yield f"  brands.{first}.products.cream.quality: {{range: [0.55, 0.85]}}"
    yield "  behaviour.talk.rate: {scale: [0.25, 4], dist: loguniform, group: social}"
    yield "  network.mean_degree: {integers: [4, 20], step: 2, group: social}"
    yield ""
    yield "# Or morris, pawn, delta, rbd_fast, fast, dgsm, hdmr: see docs/sensitivity.md."
    yield "method:"
    yield from starter.block(SobolMethod(n=128, screen_first=ScreenFirst(trajectories=20)), 1)
    yield ""
    yield from _own()
    yield ""
    yield from starter.parts(spec.SensitivityStudy)


def _own() -> Iterator[str]:
    for name in ("inert_control", "surrogate", "threshold"):
        info = next(i for i in describe(spec.SensitivityStudy) if i.name == name)
        value = str(info.default).lower()
        yield f"{name}: {value}  # {info.doc}"


KIND = Kind(
    schema=spec.SensitivityStudy,
    points=spec.points,
    tables=tables.tables,
    views=texts.views,
    main="indices",
    title=texts.title,
    method=texts.method,
    starter=lines,
    findings=texts.findings,
    caveats=texts.caveats,
    responses=responses,
    plots=plots.PLOTS,
    carry_out=stages.carry_out,
    at_most=stages.at_most,
    remarks=spec.remarks,
    over=spec.over,
    precision=tables.precision,
)
