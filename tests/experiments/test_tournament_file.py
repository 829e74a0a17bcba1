"""Tournaments as files: what one may say, and which markets are played."""

import pytest
from known_games import STAG_HUNT
from tiny_studies import MARKET, Notes
from tiny_tournaments import THIRD, Table, file

from experiments.conduct import conduct
from experiments.study import load
from experiments.tournament import played
from sim.config.yaml_file import ConfigError

STAG = Table(STAG_HUNT)


def mistakes(folder, text):
    (folder / "market.yaml").write_text(MARKET)
    (folder / "bad.yaml").write_text("schema: 1\nstudy: tournament\n" + text)
    with pytest.raises(ConfigError) as error:
        load(folder / "bad.yaml")
    return [f"{p.mark.line}:{p.path}: {p.what}" for p in error.value.problems]


# -- what a file may say --------------------------------------------------------------------------


def test_a_mistake_in_a_portfolio_is_said_where_it_stands(tmp_path):
    found = mistakes(
        tmp_path,
        "market: {use: market.yaml}\n"
        "portfolios:\n"
        "  none:\n"
        "  much: {service_followup: {coupon: 7}}\n"
        "  wrong: {service_folowup: {}}\n",
    )
    assert found[0].startswith("6:portfolios.much.service_followup.coupon: must be <= 1")
    assert found[1].startswith("7:portfolios.wrong.service_folowup: unknown strategy")
    assert len(found) == 2


def test_mistakes_of_the_market_are_said_once(tmp_path):
    found = mistakes(
        tmp_path,
        "market: {use: market.yaml, set: {days: 0}}\nportfolios: {a: {}, b: {referral: {}}}\n",
    )
    assert len(found) == 1 and "days" in found[0]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("players: [A, C]", "players.1: there is no brand 'C'; brands: A, B"),
        ("players: [A, A]", "players.1: A plays already"),
        ("players: [A]", "players: a tournament needs two players (got 1)"),
        ("payoff: {name: spend, of: B}", "payoff.of: must be left out"),
        ("payoff: {name: spend, warmup: 100}", "payoff.warmup: must be less than"),
        ("payoff: profits", "payoff: there is no metric 'profits'"),
        ("idle: advertise", "idle: advertise needs `spend`"),
        ("replicates: {crn: none}", "replicates.crn: must be block"),
        ("spend: 0", "spend: must be >= 0.01"),
        ("symmetric: maybe", "symmetric: must be"),
        ("of: Z", "of: there is no brand 'Z'"),
        ("portfolio: {}", "portfolio: unknown key"),
    ],
)
def test_what_makes_no_tournament_is_refused(tmp_path, more, said):
    found = mistakes(
        tmp_path,
        f"market: {{use: market.yaml}}\nportfolios: {{a: , b: {{referral: {{}}}}}}\n{more}\n",
    )
    assert any(said in text for text in found), found


def test_one_portfolio_is_no_choice(tmp_path):
    (text,) = mistakes(tmp_path, "market: {use: market.yaml}\nportfolios: {a: }\n")
    assert text == "4:portfolios: a tournament needs two portfolios (got 1)"


def test_budgets_of_strategies_do_not_go_with_equal_budgets(tmp_path):
    (text,) = mistakes(
        tmp_path,
        "market: {use: market.yaml}\nspend: 100\nportfolios:\n  a:\n  b: {referral: {budget: 5}}\n",
    )
    assert text.startswith("7:portfolios.b.referral.budget: must be left out")


def test_too_many_profiles_are_refused(tmp_path):
    (tmp_path / "market.yaml").write_text(THIRD)
    many = ", ".join(f"p{k}: " for k in range(30))
    path = tmp_path / "many.yaml"
    text = f"schema: 1\nstudy: tournament\nmarket: {{use: market.yaml}}\nportfolios: {{{many}}}\n"
    path.write_text(text + "symmetric: false\n")
    with pytest.raises(ConfigError, match="3 players with 30 portfolios each make 27,000 profiles"):
        load(path)


# -- the markets ----------------------------------------------------------------------------------


def test_brands_that_are_alike_play_a_symmetric_game(tmp_path):
    assert len(load(file(tmp_path, 3)).points) == 6
    own = load(file(tmp_path, 3, more="symmetric: false\n"))
    assert len(own.points) == 9 and not played.form_of(own).symmetric
    unlike = load(file(tmp_path, 3, market=MARKET))
    assert len(unlike.points) == 9 and not played.form_of(unlike).symmetric


def test_players_can_be_made_alike(tmp_path):
    study = load(file(tmp_path, 2, market=MARKET, more="symmetric: true\n"))
    for market in study.arms.values():
        a, b = ({**brand, "strategies": {}} for brand in market["brands"].values())
        assert a == b and a["advertising"]["spend"] == 50
    assert list(study.arms) == ["rock vs rock", "rock vs paper", "paper vs paper"]


def test_players_do_what_their_portfolio_says_and_others_nothing(tmp_path):
    busy = THIRD.replace("  C:\n", "  C:\n    strategies: {referral: {}}\n")
    busy = busy.replace("  A:\n", "  A:\n    strategies: {referral: {}}\n")
    study = load(file(tmp_path, 2, market=busy, more="players: [B, A]\n"))
    brands = study.arms["rock vs paper"]["brands"]
    assert brands["B"]["strategies"]["service_followup"]["coupon_days"] == 1
    assert brands["A"]["strategies"]["service_followup"]["coupon_days"] == 2
    assert "referral" not in brands["A"]["strategies"] and brands["C"]["strategies"] == {}
    frame = study.points.frame().set_index("arm")
    assert frame.loc["rock vs paper", ["plays.B", "plays.A"]].tolist() == ["rock", "paper"]


def tournament(folder, portfolios, more=""):
    (folder / "market.yaml").write_text(MARKET)
    path = folder / "t.yaml"
    path.write_text(
        "schema: 1\nstudy: tournament\nmarket: {use: market.yaml}\n"
        f"portfolios: {{{portfolios}}}\nexecute: {{engine: inline}}\n{more}"
    )
    return load(path)


def test_money_is_divided_evenly_among_strategies_that_act(tmp_path):
    three = "idle: , one: {referral: {}}, two: {none: {}, referral: {}, service_followup: {}}"
    study = tournament(tmp_path, three, "spend: 500\n")
    own = study.arms["one vs two"]["brands"]
    assert own["A"]["strategies"]["referral"]["budget"] == 500
    budgets = {name: given["budget"] for name, given in own["B"]["strategies"].items()}
    assert budgets == {"none": None, "referral": 250, "service_followup": 250}
    assert study.arms["idle vs one"]["brands"]["A"]["advertising"]["spend"] == 50


def test_idle_money_can_go_into_advertising(tmp_path):
    study = tournament(
        tmp_path, "idle: {none: {}}, one: {referral: {}}", "spend: 500\nidle: advertise\n"
    )
    brands = study.arms["idle vs one"]["brands"]
    # 500 CNY over 100 days for 80 people are 62.5 a day for 1,000, beside the 50 that A spends.
    assert brands["A"]["advertising"]["spend"] == pytest.approx(50 + 62.5)
    assert brands["B"]["advertising"]["spend"] == 0
    assert study.arms["one vs one"]["brands"]["A"]["advertising"]["spend"] == 50


def test_what_is_really_spent_on_advertising_is_the_money_given(tmp_path):
    from experiments.metrics import METRICS
    from experiments.records import observe
    from sim.market import Market

    study = tournament(
        tmp_path, "idle: {none: {}}, one: {referral: {}}", "spend: 500\nidle: advertise\n"
    )
    spent = {}
    for arm in ("idle vs one", "one vs one"):
        records = observe(Market(study.arms[arm], rng=1))
        spent[arm] = METRICS["acquisition_spend"].function(records)[0]
    assert spent["idle vs one"] - spent["one vs one"] == pytest.approx(500, rel=0.05)


def test_a_written_out_study_is_the_same_study(tmp_path):
    study = tournament(
        tmp_path,
        "idle: , one: {referral: {reward: 7}}",
        "spend: 500\nidle: advertise\nsymmetric: true\npayoff: {name: spend, discount: 0.1}\n",
    )
    outcome = conduct(study, tmp_path / "results", Notes(), simulate=with_payoff)
    again = load(outcome.store.folder / "config.resolved.yaml")
    assert again.hash8 == study.hash8 and dict(again.arms) == dict(study.arms)


def with_payoff(job, record):
    """Compute a run in which a response that is no metric is a column of its own."""
    runs = STAG(job, record)["runs"]
    return {"runs": runs.append_column("spend[10 %]", [[1.0, 2.0]])}


def test_what_players_are_and_play_names_the_folder(tmp_path):
    first = load(file(tmp_path, 2))
    assert load(file(tmp_path, 2, n=9)).hash8 == first.hash8
    assert load(file(tmp_path, 3)).hash8 != first.hash8
    assert load(file(tmp_path, 2, more="symmetric: false\n")).hash8 != first.hash8
    assert load(file(tmp_path, 2, more="payoff: net_revenues\n")).hash8 != first.hash8
