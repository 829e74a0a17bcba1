"""Tournaments as studies: what a file may say, and all the way from runs to tables."""

import re

import numpy as np
import pytest
from known_games import HAWK_DOVE, STAG_HUNT
from tiny_studies import MARKET, Notes
from tiny_tournaments import ALIKE, THIRD, Table, file, play

from experiments import console, formats, report, show
from experiments.conduct import conduct
from experiments.study import load
from experiments.tournament import findings, played, stability
from sim.config.yaml_file import parse

STAG = Table(STAG_HUNT)


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch):
    """Tests of stability are elsewhere; here it should be quick."""
    monkeypatch.setattr(stability, "RESAMPLES", 60)
    monkeypatch.setattr(stability, "SOLVED", {12: 20})


def tables_of(study, outcome):
    return study.rules.tables(study, outcome.store, outcome.design)


# -- from runs to tables --------------------------------------------------------------------------


def test_a_symmetric_tournament_gives_back_the_game_that_was_played(tmp_path):
    study, outcome = play(tmp_path, Table(STAG_HUNT, luck=3.0), n=6)
    tables = tables_of(study, outcome)
    gains = tables["against"].set_index(["portfolio", "against"])["gain"]
    assert gains["paper", "rock"] == pytest.approx(3 - 5)
    assert gains["paper", "paper"] == pytest.approx(1 - 0)
    assert (tables["against"]["gain_high"] - tables["against"]["gain_low"]).max() < 1e-9
    wins = tables["wins"].set_index(["portfolio", "against"])["wins"]
    assert wins["paper", "rock"] == 1 and wins["rock", "rock"] == 0.5
    kinds = tables["equilibria"].drop_duplicates("equilibrium")
    assert kinds["kind"].tolist() == ["pure", "pure", "mixed"] and kinds["all_alike"].all()
    assert (kinds["share"] == 1).all()
    mixed = tables["equilibria"].query("kind == 'mixed' and player == 'A'")
    assert mixed["chance"].tolist() == pytest.approx([1 / 3, 2 / 3])
    shares = tables["shares"].set_index("portfolio")["mean"]
    assert shares["rock"] == pytest.approx(2 / 3, abs=0.02)
    assert tables["game"].iloc[0]["same"] == 1


def test_players_that_differ_have_payoffs_of_their_own(tmp_path):
    table = Table(HAWK_DOVE)
    study, outcome = play(tmp_path, table, market=MARKET)
    tables = tables_of(study, outcome)
    assert set(tables["against"]["player"]) == {"A", "B"}
    assert len(tables["payoffs"]) == 8
    own = tables["payoffs"].set_index(["profile", "player"])["mean"]
    assert own["rock vs paper", "A"] == pytest.approx(4, abs=1e-9)
    assert own["rock vs paper", "B"] == pytest.approx(0, abs=1e-9)
    fates = tables["fates"].drop_duplicates(["fate", "player"])
    assert sorted(zip(fates["player"], fates["portfolio"], strict=True)) == [
        ("A", "paper"), ("A", "rock"), ("B", "paper"), ("B", "rock"),
    ]  # fmt: skip


@pytest.mark.parametrize(("alike", "profiles"), [("true", 4), ("false", 8)])
def test_three_players_find_their_equilibria(tmp_path, alike, profiles):
    study, outcome = play(tmp_path, STAG, market=THIRD, more=f"symmetric: {alike}\n")
    tables = tables_of(study, outcome)
    assert len(study.points) == profiles == len(tables["profiles"])
    # Against the mean of two others: all the same is an equilibrium; so is, of two stags and a
    # hare, none, since a hare among stags would earn 5 for 3.
    assert tables["profiles"].set_index("profile")["equilibrium"].to_dict() == {
        name: len(set(name.split(" vs "))) == 1 for name in tables["profiles"]["profile"]
    }
    assert "With more than two players" in " ".join(study.rules.caveats(study, tables))


def test_an_incomplete_replicate_is_left_out_of_the_game_and_that_is_said(tmp_path):
    table = Table(STAG_HUNT, missing={(0, 1)})
    study, outcome = play(tmp_path, table, n=5)
    tables = tables_of(study, outcome)
    assert tables["game"].iloc[0]["replicates"] == 4
    assert tables["payoffs"].set_index(["profile", "portfolio"])["n"].to_dict() == {
        ("rock vs rock", "rock"): 5,
        ("rock vs paper", "rock"): 4,
        ("rock vs paper", "paper"): 4,
        ("paper vs paper", "paper"): 5,
    }
    said = show.caveats(study, outcome, tables)
    assert any(text.startswith("4 of 5 replicates have every profile") for text in said)


def test_without_one_whole_replicate_payoffs_are_shown_all_the_same(tmp_path, capsys):
    table = Table(STAG_HUNT, missing={(1, 1)})
    study = load(file(tmp_path, 2, n=2, more="on_failure: {max_fraction: 1}\n"))

    def only_the_second(job, record):
        if job.replicate == 0 and job.arm == "rock vs rock":
            raise ValueError("no luck either")
        return table(job, record)

    outcome = conduct(study, tmp_path / "results", Notes(), simulate=only_the_second)
    tables, _ = report.present(study, outcome)
    console.show(console.make(), study, outcome, tables)
    out = capsys.readouterr().out
    assert "0 of 2 replicates have every profile" in out and "What survives" not in out
    assert study.rules.findings(study, tables) == []


def test_one_replicate_is_a_game_without_stability(tmp_path):
    study, outcome = play(tmp_path, STAG, n=1)
    tables = tables_of(study, outcome)
    assert tables["equilibria"]["share"].isna().all() and np.isnan(tables["game"].iloc[0]["same"])
    said = findings.findings(study, tables)
    assert len(said) == 3 and all(text.startswith("Not decided: which ") for text in said)
    assert show.draw(study, tables)


def test_what_portfolios_spent_is_held_against_the_idle_one(tmp_path):
    study, outcome = play(tmp_path, STAG, n=3, more="spend: 1000\n")
    assert "extra_mean" not in tables_of(study, outcome)["spent"]
    path = file(tmp_path / "idle", 2, n=3, more="spend: 1000\n")
    path.write_text(path.read_text().replace("portfolios:\n", "portfolios:\n  idle:\n"))
    study = load(path)
    outcome = conduct(study, tmp_path / "idle" / "results", Notes(), simulate=STAG)
    tables = tables_of(study, outcome)
    spent = tables["spent"].set_index("portfolio")
    assert spent["extra_mean"].to_dict() == {"idle": 0, "rock": 100, "paper": 200}
    assert study.rules.findings(study, tables)[0] == (
        "Actual spend on customers over the run more than idle, where each portfolio may spend "
        "1.00 k CNY: rock 0.10, paper 0.20 k CNY. Portfolios are therefore not compared at equal "
        "spend."
    )


def test_a_name_that_brings_luck_is_reported(tmp_path):
    class Unfair(Table):
        def __call__(self, job, record):
            runs = super().__call__(job, record)["runs"]
            place = runs.column_names.index("long_run_contribution")
            earned = runs["long_run_contribution"].to_numpy() + np.array([1.0, 0.0])
            return {"runs": runs.set_column(place, "long_run_contribution", [earned])}

    study, outcome = play(tmp_path / "unfair", Unfair(STAG_HUNT, noise=0.01), n=12)
    said = study.rules.caveats(study, tables_of(study, outcome))
    (text,) = [text for text in said if "only the name differs" in text]
    earned = re.match(r"A earns (\S+) CNY \(95 % interval \S+ to \S+ CNY\) more than", text)
    assert float(earned[1]) == pytest.approx(0.5, abs=0.02)
    study, outcome = play(tmp_path / "fair", Table(STAG_HUNT, luck=1.0), n=12)
    said = study.rules.caveats(study, tables_of(study, outcome))
    assert not any("only the name" in text for text in said)


def test_a_forecast_says_how_precise_gains_will_be(tmp_path):
    study, outcome = play(tmp_path, Table(STAG_HUNT, noise=1.0), n=40)
    (text,) = study.rules.precision(study, outcome.store, outcome.design)
    assert text.startswith(
        "With 40 replicates expect what a player gains by changing its portfolio"
    )
    found = played.played(study, outcome.store, outcome.design)
    assert found.complete.shape == (40, 3, 2)
    few = study.with_replicates(1)
    assert "Too few" in study.rules.precision(few, outcome.store, outcome.design)[0]


# -- what is shown --------------------------------------------------------------------------------


def test_what_survives_is_said_in_words(tmp_path, capsys):
    study, outcome = play(tmp_path, Table([[1, 1], [3, 2]], luck=1.0), n=10)
    tables, _ = report.present(study, outcome)
    assert study.rules.findings(study, tables) == [
        "paper survives best: in the replicator dynamics it ends with 100 % (95 % interval 100 % "
        "to 100 %) of the population, averaged over all starts; the interval of every other "
        "portfolio lies below.",
        "paper has the most of alpha-rank's mass, 100 %, and the first place in 100 % of the "
        "resamples.",
        "There is one equilibrium: all: paper (in 100 % of the resamples). The set of equilibria "
        "is the same in 100 % of 20 resamples of the 10 replicates.",
    ]
    console.show(console.make(), study, outcome, tables)
    out = capsys.readouterr().out
    assert "Where the replicator dynamics ends" in out and "Nash equilibria" in out
    page = (outcome.store.folder / "report.html").read_text()
    assert "The game is symmetric (symmetric: auto, and the players are alike)" in page


def test_what_noise_decides_is_said_to_be_uncertain(tmp_path):
    study, outcome = play(tmp_path, Table([[1, 1], [1.1, 1.1]], noise=3.0), n=10)
    tables = tables_of(study, outcome)
    survives, ranks, equilibria = study.rules.findings(study, tables)
    assert survives.startswith("Not decided: which portfolio survives best. ")
    assert "but these intervals reach it: " in survives
    assert ranks.startswith("Not decided: which portfolio alpha-rank puts first. ")
    assert equilibria.startswith("Not decided: which equilibria the game has; the set is the same")
    assert not any("survives best:" in text for text in (survives, ranks, equilibria))


@pytest.mark.parametrize(
    ("k", "market"), [(2, ALIKE), (3, ALIKE), (9, ALIKE), (18, ALIKE), (2, MARKET), (4, MARKET)]
)
def test_tournaments_of_any_size_are_drawn(tmp_path, k, market):
    payoffs = np.random.default_rng(k).normal(0, 1e4, (k, k))
    study, outcome = play(tmp_path, Table(payoffs, noise=1e3), n=2, market=market)
    tables = tables_of(study, outcome)
    drawn = show.draw(study, tables)
    assert list(drawn) == ["payoffs", "gains", "wins", "survival", "dynamics"]
    told = drawn["payoffs"][1].get_supxlabel()
    assert told.startswith("16 of 18 portfolios: those with the largest share") == (k == 18)
    for _, figure in drawn.values():
        figure.savefig(tmp_path / "p.png", dpi=30)
    views = study.rules.views(study, tables)
    matrix = views[0]
    assert len(matrix.rows) == k and matrix.detail == (k > 6)


def test_every_cell_of_a_heat_map_says_its_number(tmp_path):
    study, outcome = play(tmp_path, Table([[4.0e5, 1.0e5], [3.0e5, 2.0e5]]), n=3)
    tables = tables_of(study, outcome)
    drawn = show.draw(study, tables)
    texts = {t.get_text() for t in drawn["payoffs"][1].axes[0].texts}
    assert texts == {"400\n± 0", "100\n± 0", "300\n± 0", "200\n± 0"}
    gains = {t.get_text() for t in drawn["gains"][1].axes[0].texts}
    assert gains == {"0\n± 0", "−100\n± 0", "+100\n± 0"}
    frames = drawn["payoffs"][1].axes[0].patches
    assert {(round(f.get_x() + 0.47), round(f.get_y() + 0.46)) for f in frames} == {(0, 0), (1, 1)}


def test_the_starter_is_a_tournament(tmp_path):
    from experiments.starter import starter

    path = tmp_path / "new.yaml"
    path.write_text(starter("tournament"))
    study = load(path)
    assert study.kind == "tournament" and study.replicates.n == 30
    assert parse(path.read_text()).data.keys() >= {"symmetric", "payoff", "spend", "idle"}


def test_a_tournament_runs_on_a_real_market(tmp_path):
    path = file(tmp_path, 2, n=2)
    path.write_text(path.read_text().replace("coupon_days: 2", "coupon: 0.3"))
    study = load(path)
    outcome = conduct(study, tmp_path / "results", Notes())
    tables = tables_of(study, outcome)
    assert len(tables["payoffs"]) == 4 and tables["payoffs"]["mean"].nunique() > 1
    assert formats.value(float(tables["payoffs"]["mean"].iloc[0]), "CNY") != formats.NOTHING
