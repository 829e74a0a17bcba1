"""What a market's file says that its readers must know comes first, wherever results are shown."""

import json
from pathlib import Path

import pytest
import yaml
from tiny_studies import MARKET, Notes, write_study

from experiments import console, publish, report
from experiments.conduct import conduct
from experiments.identity import config_hash
from experiments.results import Results
from experiments.study import load
from sim.config.load import load_market
from sim.config.market import MarketConfig
from tests.markets import CREAMS

ROOT = Path(__file__).parents[2]
NOTICE = "This market is made up: 1 < 2."
WRITTEN = "notice: >-\n  This market is\n  made up: 1 < 2.\n"


@pytest.fixture(scope="module")
def carried_out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notice")
    write_study(folder, 2)
    (folder / "market.yaml").write_text(WRITTEN + MARKET)
    asked = load(folder / "tiny.yaml")
    outcome = conduct(asked, folder / "results", Notes())
    tables, _ = report.present(asked, outcome)
    return folder, asked, outcome, tables


def test_it_comes_before_all_that_was_found(carried_out, capsys):
    folder, asked, outcome, tables = carried_out
    first = asked.rules.findings(asked, tables)[0]
    console.show(console.make(), asked, outcome, tables)
    shown = capsys.readouterr().out
    assert 0 < shown.index(f"Note: {NOTICE}") < shown.index(first[:40])
    page = (outcome.store.folder / "report.html").read_text("utf-8")
    assert 0 < page.index("This market is made up: 1 &lt; 2.") < page.index('class="finding"')
    part = publish.Part(folder / "tiny.yaml", asked, outcome, tables)
    text = publish.publish([part], folder / "page", "again").read_text("utf-8")
    assert 0 < text.index("**Note.** This market is made up") < text.index("Answer, and how sure")


def test_programs_find_it(carried_out):
    results = carried_out[2].store.folder
    assert Results(results).notice == NOTICE
    assert json.loads((results / "summary.json").read_text("utf-8"))["notice"] == NOTICE


def test_it_is_no_part_of_what_a_run_is():
    with_it, other, without = (
        config_hash(load_market(source).model_dump())
        for source in (
            {"use": CREAMS, "notice": "a"},
            {"use": CREAMS, "notice": "b"},
            {"use": CREAMS, "set": {"notice": ""}},
        )
    )
    assert with_it == other == without


@pytest.mark.quick
@pytest.mark.parametrize("name", ["skincare", "coffee"])
def test_markets_of_facts_say_that_they_are_not_calibrated(name):
    market = load_market(ROOT / "configs" / "facts" / "markets" / f"{name}.yaml")
    assert isinstance(market, MarketConfig)
    assert "not calibrated" in market.notice


PAGES = ["results/published/README.md", "results/published/validation.md"]


@pytest.mark.quick
@pytest.mark.parametrize("page", PAGES)
def test_pages_on_markets_that_are_not_calibrated_say_so_before_any_number(page):
    lines = (ROOT / page).read_text("utf-8").splitlines()
    (first, *_) = [k for k, line in enumerate(lines) if "not calibrated" in line]
    assert first < 12
    assert not any("|" in line or "±" in line for line in lines[:first])


@pytest.mark.quick
@pytest.mark.parametrize("preset", ["skincare", "coffee"])
def test_no_claim_is_published_that_cannot_fail(preset):
    """Whether later orders are larger is asked only where one order can be larger than another."""
    claims = yaml.safe_load((ROOT / f"configs/published/claims_{preset}.yaml").read_text("utf-8"))
    asked = {claim["response"] for claim in claims["claims"].values()} | set(claims["responses"])
    prices = {item.price for item in load_market(preset).brands[claims["of"]].products.values()}
    assert "win_to_keep" in asked
    assert len(prices) > 1 or "later_to_first_aov" not in asked
