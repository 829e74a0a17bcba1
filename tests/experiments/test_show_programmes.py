"""Tables and pictures of referral, distributors and legal flags: there, or left out."""

import io

import pytest
from tiny_studies import MARKET, SOCIAL, Notes

from experiments import console, show, tabular
from experiments.conduct import conduct
from experiments.run.views import GROUPS
from experiments.study import load
from sim.config.yaml_file import parse
from sim.market import Market

PROGRAMMES = [g.title for g in GROUPS if g.needs not in (None, "human_capacity")]
TIES = "network: {kind: small_world, mean_degree: 8, rewire: 0.1}"
ARMS = """\
study: compare
replicates: {{n: 2}}
execute: {{engine: inline}}
arms:
  none: {{brands.A.strategies: {{}}}}
  both: {{}}
  {more}
market:
  {market}
"""


def made(folder, text):
    (folder / "s.yaml").write_text(text)
    study = load(folder / "s.yaml")
    outcome = conduct(study, folder / "results", Notes())
    return study, outcome, study.rules.tables(study, outcome.store, outcome.design)


def arms(more: str = "") -> str:
    return ARMS.format(more=more, market=SOCIAL.replace("\n", "\n  ").rstrip())


def shown(study, tables) -> dict[str, tabular.View]:
    return {view.title: view for view in study.rules.views(study, tables) if view.rows}


def test_a_run_without_programmes_says_nothing_of_them(tmp_path):
    study, _, tables = made(tmp_path, MARKET)
    assert not set(PROGRAMMES) & set(shown(study, tables))
    assert not {"funnel", "distributors"} & set(show.draw(study, tables))


def test_a_run_with_programmes_shows_all_of_them(tmp_path):
    study, _, tables = made(tmp_path, SOCIAL)
    found = shown(study, tables)
    assert set(PROGRAMMES) < set(found)
    figures = show.draw(study, tables)
    assert {"funnel", "distributors"} < set(figures)
    for _, figure in figures.values():
        figure.savefig(io.BytesIO(), format="png", dpi=30)
    flags = {row[0]: row[1:] for row in found[PROGRAMMES[-1]].rows}
    assert flags["entry fee, % of runs"] == ["100", "–"]  # the other brand has no distributors
    (stay,) = (
        row for row in found["Where the next purchase goes, % of purchases"].rows if row[0] == "A"
    )
    assert 50 < float(stay[1]) < 100


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    return made(tmp_path_factory.mktemp("social"), arms())


def test_a_comparison_shows_what_each_arm_has(comparison):
    study, _, tables = comparison
    found = shown(study, tables)
    flags = found["Legal flags: share of runs in which each is raised"]
    assert [row[0] for row in flags.rows] == ["both"]  # the other arm has no distributors
    assert flags.columns[:2] == ["arm", "pay for recruiting, % of runs"]
    assert set(flags.rows[0][1:]) <= {"0", "50", "100"}
    for title in ("Referral, ± 95 %", "Distributors, ± 95 %", "What distributors sell, ± 95 %"):
        assert [row[0] for row in found[title].rows] == ["both"]
    money = found["Gross, net and contribution over the run, ± 95 %"]
    assert [row[0] for row in money.rows] == ["none", "both"]
    assert money.columns[1:] == ["GMV, k CNY", "net revenue, k CNY", "contribution profit, k CNY"]


def test_flags_are_left_out_when_no_arm_has_distributors(tmp_path):
    text = arms().replace(
        "agent_recruitment: {referrals_needed: 0,", "agent_recruitment: {referrals_needed: 999,"
    )
    study, _, tables = made(tmp_path, text)
    titles = set(shown(study, tables))
    assert "Referral, ± 95 %" in titles
    assert not {title for title in titles if "egal" in title or "istributors" in title}


def test_what_is_detail_is_in_the_report_and_not_on_the_terminal(comparison):
    study, outcome, tables = comparison
    detail = [view.title for view in study.rules.views(study, tables) if view.detail]
    assert "Where the next purchase goes, % of purchases, ± 95 %" in detail
    stream = io.StringIO()
    console.show(console.make(stream), study, outcome, tables)
    text = stream.getvalue()
    assert not [title for title in detail if title in text]
    assert "Legal flags" in text


def test_where_several_brands_act_rows_say_which_and_all_is_shown(tmp_path):
    rival = "rival: {brands.B.strategies: {agent_recruitment: {referrals_needed: 0}}}"
    study, _, tables = made(tmp_path, arms(rival))
    assert not [view.title for view in study.rules.views(study, tables) if view.detail]
    found = shown(study, tables)
    flags = found["Legal flags: share of runs in which each is raised"]
    assert [row[0] for row in flags.rows] == ["both: A", "rival: A", "rival: B"]
    switching = found["Where the next purchase goes, % of purchases, ± 95 %"]
    assert [row[0] for row in switching.rows[:2]] == ["none: after A", "none: after B"]
    figures = show.draw(study, tables)
    assert {"rivals", "switching"} < set(figures)
    for _, figure in figures.values():
        figure.savefig(io.BytesIO(), format="png", dpi=30)


def test_the_network_shows_customers_and_their_roles():
    from experiments.run.customers import network

    market = Market(parse(SOCIAL).data, rng=4)
    market.run_model()
    figure = network(market, "A", people=200)
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert {"no customer", "customer", "distributor of any brand"} <= set(labels)
    spots = [len(dots.get_offsets()) for dots in figure.axes[0].collections if dots.get_label()]
    assert spots[labels.index("customer")] > spots[labels.index("distributor of any brand")] > 0
    lonely = Market(parse(SOCIAL.replace(TIES, "network: {kind: none}")).data, rng=3)
    assert network(lonely).axes  # nobody knows anybody, and still there is a picture
