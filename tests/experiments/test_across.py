"""A study over an ensemble: which runs it has, that they stay the same, and what is refused."""

import warnings

import pytest
import tiny_ensembles as tiny
import tiny_studies
import yaml
from tiny_ensembles import AWARE, PRICE, carried_out, known, said, study, write_ensemble

from experiments import ensembles
from experiments.designs import Design
from experiments.identity import config_hash, digest
from experiments.study import load, reread
from sim.config.remarks import Remark
from sim.config.yaml_file import ConfigError


def design(given):
    return Design(given, "code", "metrics").table


def refused(folder, text=None, **options):
    with pytest.raises(ConfigError) as error:
        study(folder, text, **options)
    return str(error.value).replace(str(folder), "")


def test_a_study_without_an_ensemble_is_what_it_was(tmp_path):
    """Identities as they were before there were ensembles: bit for bit."""
    given = tiny_studies.study(tmp_path, 3)
    table = design(given)
    assert "market_id" not in table
    seeds = [7577292875421651765, 3245202408162882904, 6590200163841733524]
    assert table["seed"].unique().tolist() == seeds  # of which no code and no market is a part
    measured = ["long_run_contribution", "long_run_revenue"]
    columns = [response.column for response in given.responses]
    assert [column.split("@")[0] for column in columns] == measured
    parts = ("compare", "A", "1", "block", *columns, *given.points.identity())
    assert given.hash8 == digest(*parts, size=4)
    assert given.across is None
    assert given.planned is given.points
    text = (tmp_path / "tiny.yaml").read_text()
    none = text.replace("{use: market.yaml}", "{use: market.yaml, ensemble: null}")
    (tmp_path / "none.yaml").write_text(none)
    again = load(tmp_path / "none.yaml")
    assert again.hash8 == given.hash8
    assert design(again)["run_id"].equals(table["run_id"])


def test_each_market_has_its_values_and_its_draws(tmp_path):
    write_ensemble(tmp_path)
    given = study(tmp_path)
    table = design(given)
    assert len(table) == 4 * 2 * 2  # markets, arms, replicates: two by default
    assert set(table["market_id"]) == {"s00", "s01", "s02", "s03"}
    per_seed = table.groupby("seed")
    assert len(per_seed) == 4 * 2
    assert (per_seed["market_id"].nunique() == 1).all()
    assert (per_seed["arm"].nunique() == 2).all()
    placed = given.across.members[2]
    k = [one.member.id for one in given.across.members].index("s02") * 2
    market = given.planned.market(k)
    assert market["brands"]["A"]["products"]["cream"]["price"] == placed.member.set[PRICE]
    assert [b["awareness"] for b in market["brands"].values()] == [placed.member.set[AWARE]] * 2


@pytest.mark.parametrize("text", [None, tiny.TOURNAMENT, tiny.SWEEP, tiny.SENSITIVITY])
def test_what_is_written_out_is_the_same_study(tmp_path, text):
    write_ensemble(tmp_path)
    given = study(tmp_path, text)
    _, outcome, _ = carried_out(tmp_path, given)
    for name in ("small.csv", "small.yaml", "market.yaml"):
        (tmp_path / name).unlink()
    again = load(outcome.store.config())
    assert again.hash8 == given.hash8
    assert design(again)["run_id"].equals(design(given)["run_id"])
    assert reread(outcome.store.config()).hash8 == given.hash8
    _, once_more, _ = carried_out(tmp_path, again)
    assert once_more.computed == 0


def test_more_markets_and_replicates_add_runs_and_repeat_none(tmp_path):
    write_ensemble(tmp_path, n=6, doubled=3)
    small = "{file: small, members: 3}"
    first = carried_out(tmp_path, study(tmp_path, ensemble=small))[1]
    assert first.computed == 3 * 2 * 2
    for options, planned in (
        ({"ensemble": "{file: small, members: 5}"}, 5 * 2 * 2),
        ({"ensemble": "{file: small, members: 3, ranges: both}"}, 6 * 2 * 2),
        ({"ensemble": small, "options": "replicates: {n: 3}"}, 3 * 3 * 2),
    ):
        given = study(tmp_path, **options)
        outcome = carried_out(tmp_path, given)[1]
        assert outcome.store.folder == first.store.folder
        assert outcome.planned == planned
        assert outcome.computed <= planned - first.computed
        assert set(design(study(tmp_path, ensemble=small))["seed"]) <= set(design(given)["seed"])


def test_the_study_s_own_word_counts_and_is_remarked_on(tmp_path):
    write_ensemble(tmp_path)
    with pytest.warns(Remark, match=r"counts in every market.*price"):
        given = study(tmp_path, more=f", set: {{{PRICE}: 123, brands.A.awareness: 0.5}}")
    market = given.planned.market(2)
    assert market["brands"]["A"]["products"]["cream"]["price"] == 123
    assert market["brands"]["A"]["awareness"] == 0.5
    placed = given.across.members[1]
    assert market["brands"]["B"]["awareness"] == placed.member.set[AWARE]
    assert list(placed.free) == [AWARE]  # which it still varies in one brand
    with pytest.warns(Remark, match=r"arms\.dear.*price"):
        given = study(tmp_path, options=f"  dear: {{{PRICE}: 290}}")
    assert given.planned.market(2)["brands"]["A"]["products"]["cream"]["price"] == 290
    with warnings.catch_warnings():
        warnings.simplefilter("error", Remark)
        study(tmp_path, more=", set: {days: 90}")


def test_a_nested_mapping_of_the_study_counts_too(tmp_path):
    write_ensemble(tmp_path)
    given = study(tmp_path, more=", set: {brands: {A: {awareness: 0.25}}}")
    assert given.planned.market(0)["brands"]["A"]["awareness"] == 0.25


def test_an_impossible_market_is_named_with_line_and_path(tmp_path):
    write_ensemble(tmp_path, **{AWARE: [0.5, 0.5, 1.5, 0.5]})
    found = refused(tmp_path)
    assert "/small.csv:4:6: brands.A.awareness: must be <= 1 (got 1.5)" in found
    assert "(market 's02' of the ensemble, /small.csv:4)" in found
    write_ensemble(tmp_path, **{AWARE: [0.5, 1.5, 1.5, 1.5]})
    for text in (None, tiny.SENSITIVITY):
        found = refused(tmp_path, text)
        assert found.count("brands.A.awareness") == 1  # though it is wrong in three markets
        assert "(market 's01' and 2 others of the ensemble, /small.csv:3)" in found


@pytest.mark.parametrize("text", [None, tiny.TOURNAMENT])
def test_what_the_market_has_not_is_not_added_to_every_arm(tmp_path, text):
    coupon = "brands.A.strategies.service_followup.coupon"
    write_ensemble(tmp_path, **{coupon: [0.1, 0.2, 0.3, 0.2]})
    found = refused(tmp_path, text)
    assert f"/small.csv:1:7: {coupon}: the market of the study has no " in found
    assert "brands.A.strategies.service_followup, and" in found
    write_ensemble(tmp_path, **{"brands.*.products.soap.price": [1.0, 2.0, 3.0, 4.0]})
    assert "has no brands.A.products.soap, and" in refused(tmp_path, text)


def test_a_strategy_that_the_market_has_is_set_in_every_arm(tmp_path):
    coupon = "brands.A.strategies.service_followup.coupon"
    write_ensemble(tmp_path, **{coupon: [0.15, 0.2, 0.3, 0.2]})
    more = ", set: {brands.A.strategies.service_followup: {}}"
    market = study(tmp_path, more=more).planned.market(0)
    assert market["brands"]["A"]["strategies"]["service_followup"]["coupon"] == 0.1  # by the study


def test_an_ensemble_of_another_market_is_remarked_on(tmp_path):
    own = {"days": 90}
    tiny.file(tmp_path)
    write_ensemble(tmp_path)
    first = ensembles.read(tmp_path / "small").members[0].set  # what is free has no value outside
    market = {"use": "market.yaml", "set": {"days": 90, **first}}
    (tmp_path / "run.yaml").write_text(yaml.safe_dump({"study": "run", "market": market}))
    market_hash = config_hash(load(tmp_path / "run.yaml").base)
    about = {"market": {"use": "far/market.yaml", "set": own}, "market_hash": market_hash}
    write_ensemble(tmp_path, about=about)
    with warnings.catch_warnings():
        warnings.simplefilter("error", Remark)
        study(tmp_path)
        study(tmp_path, more=", set: {days: 80}")  # on purpose
        path = tiny.file(tmp_path)
        market = (tmp_path / "market.yaml").read_text()
        (tmp_path / "market.yaml").write_text(market.replace("awareness: 0.6", "awareness: 0.4"))
        load(path)  # whatever the market has for what is free
    write_ensemble(tmp_path, about={**about, "market": {"use": "far/market.yaml"}})
    with pytest.warns(Remark, match=rf"market\.use: .*another market.*hash {market_hash}; here"):
        study(tmp_path)
    write_ensemble(tmp_path, about={"market": {"use": "other.yaml"}})  # without a hash
    with pytest.warns(Remark, match=r"market\.use: .*calibrated in other\.yaml"):
        study(tmp_path)


def test_a_factor_that_multiplies_takes_the_value_of_each_member(tmp_path):
    write_ensemble(tmp_path)
    text = tiny.SWEEP.replace(
        "factors:\n", f"factors:\n  {PRICE}: {{scale: [0.5, 2], dist: loguniform, levels: 3}}\n"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", Remark)
        given = study(tmp_path, text)
    frame = given.planned.frame()
    for point, row in frame[frame["role"] != "base"].iterrows():
        own = {one.member.id: one.member.set[PRICE] for one in given.across.members}
        price = given.planned.market(point)["brands"]["A"]["products"]["cream"]["price"]
        assert price == pytest.approx(own[row["market_id"]] * row[PRICE])


def test_what_members_override_is_remarked_on(tmp_path):
    write_ensemble(tmp_path)
    with pytest.warns(
        Remark, match=r"market\.brands\.A\.awareness: .*brands\.\*\.awareness.*`set`"
    ):
        given = study(tmp_path, more=", brands: {A: {awareness: 0.25}}")
    placed = given.across.members[0]
    assert given.planned.market(0)["brands"]["A"]["awareness"] == placed.member.set[AWARE]


def test_a_mistake_of_an_arm_is_said_once(tmp_path):
    write_ensemble(tmp_path)
    found = refused(tmp_path, options="  bad: {brands.A.awareness: 2}")
    assert found.count("arms.bad") == 1
    assert "of the ensemble" not in found  # it is wrong in every market


def test_paths_that_a_market_has_not_are_said(tmp_path):
    free = {"brands.A.awarenes": {"range": [0, 1]}}
    tiny.ensembles.write(
        tmp_path / "small",
        tiny.pd.DataFrame(
            {"id": ["a"], "ranges": ["stated"], "weight": [1.0], "implausibility": [1.0]}
            | {"brands.A.awarenes": [0.5]}
        ),
        {"free": free},
    )
    assert "small.csv:2:5: brands.A.awarenes: " in refused(tmp_path)


def test_what_cannot_be_over_an_ensemble_is_refused(tmp_path):
    write_ensemble(tmp_path, doubled=2)
    run = "study: run\nmarket: {use: market.yaml, ensemble: small}\n"
    assert "a study of kind 'run' is of one market" in refused(tmp_path, run)
    assert "at least 2 over an ensemble" in refused(tmp_path, options="replicates: {n: 1}")
    assert "must be block over an ensemble" in refused(tmp_path, options="replicates: {crn: none}")
    assert "has 4 markets with `ranges: stated`, and 9" in refused(
        tmp_path, ensemble="{file: small, members: 9}"
    )
    assert "there is no such ensemble" in refused(tmp_path, ensemble="smal")
    assert "must be the name of an ensemble" in refused(tmp_path, ensemble="''")
    assert "market.ensemble.range" in refused(tmp_path, ensemble="{file: small, range: both}")
    assert "needs one of `file` and `inline`" in refused(tmp_path, ensemble="{members: 3}")
    assert "`stop: {noise: 1}` is meant" in refused(tmp_path, options="stop: {half_width: 5}")
    bare = "study: compare\nmarket: {use: market.yaml}\narms: {a: , b: }\nstop: {noise: 1}\n"
    assert "there is none" in refused(tmp_path, bare)


def test_sensitivity_refuses_what_it_cannot_do(tmp_path):
    write_ensemble(tmp_path, doubled=2)

    def other(old, new):
        assert old in tiny.SENSITIVITY
        return refused(tmp_path, tiny.SENSITIVITY.replace(old, new))

    assert "cannot be one input" in other("small", "{file: small, ranges: both}")
    morris = "{name: morris, trajectories: 2, levels: 6}"
    assert "must be a multiple of 4" in other("{name: sobol, n: 4}", morris)
    assert "use sobol" in other("{name: sobol, n: 4}", "{name: dgsm, n: 4}")
    write_ensemble(tmp_path, n=2, weights=[0.9, 0.1])
    screen = "{name: sobol, n: 4, screen_first: {trajectories: 2, levels: 4}}"
    for method in ("{name: morris, trajectories: 2, levels: 4}", screen):
        assert "draws all markets alike" in other("{name: sobol, n: 4}", method)


def test_weights_draw_the_markets_of_a_sensitivity_study(tmp_path):
    write_ensemble(tmp_path, n=2, weights=[0.25, 0.75])
    given = study(tmp_path, tiny.SENSITIVITY.replace("n: 4", "n: 64"))
    frame = given.points.frame()
    own = frame[frame["role"] == "A"]["market"].value_counts(normalize=True)
    assert own["s00"] == pytest.approx(0.25, abs=0.02)


def test_members_keep_their_share_when_some_are_chosen(tmp_path):
    write_ensemble(tmp_path, n=4, weights=[0.1, 0.3, 0.3, 0.3])
    given = study(tmp_path, ensemble="{file: small, members: 2}")
    assert [one.member.weight for one in given.across.members] == pytest.approx([0.25, 0.75])


def test_a_failed_run_takes_its_replicate_of_the_market_with_it(tmp_path):
    write_ensemble(tmp_path)
    given = study(tmp_path, options="replicates: {n: 3}")
    lost = design(given).iloc[1]

    def failing(job, record):
        if (job.seed, job.arm) == (int(lost["seed"]), lost["arm"]):
            raise ValueError("no luck")
        return known(job, record)

    last, outcome, tables = carried_out(tmp_path, given, failing)
    own = tables["markets"].set_index("market_id")
    assert own.loc[lost["market_id"], "pairs"].tolist() == [2, 2]  # of both responses
    text = said(last, tables, outcome)
    assert "11 of 12 replicates of markets are complete" in text
    _, whole, _ = carried_out(tmp_path, given)
    assert whole.computed == 1


def test_a_market_without_a_whole_replicate_is_left_out(tmp_path):
    write_ensemble(tmp_path)
    given = study(tmp_path)

    def failing(job, record):
        price = job.market["brands"]["A"]["products"]["cream"]["price"]
        if price == given.across.members[1].member.set[PRICE] and job.arm == "followup":
            raise ValueError("no luck")
        return known(job, record)

    last, outcome, tables = carried_out(tmp_path, given, failing)
    assert tables["ensemble"]["markets"].unique().tolist() == [3]
    assert "with them 1 of 4 markets" in said(last, tables, outcome)
