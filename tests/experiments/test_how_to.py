"""Every command of a how-to page runs, with fewer people and markets, in the order of the page."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml
from test_brand_numbers import log

PAGE = Path(__file__).parents[2] / "docs/how-to/your-brand.md"
BLOCKS = re.findall(r"```(sh|yaml)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def shrink(path):
    """Make a calibration one of seconds: few people, markets and days before the year."""
    data = yaml.safe_load(path.read_text())
    data["market"]["set"] |= {"people.n": 300, "burn_in": 60}
    data["method"] = {"waves": 1, "runs": 12, "ensemble": 3}
    data["execute"] = {"engine": "inline"}
    path.write_text(yaml.safe_dump(data, sort_keys=False))


@pytest.mark.parametrize("begin", ["numbers", "log"])
def test_the_commands_of_your_brand_run(begin, huitou, tmp_path, monkeypatch):
    monkeypatch.setattr("experiments.report._pictures", lambda *_: [])
    log(tmp_path / "shop.csv")
    said = []
    for kind, text in BLOCKS:
        if kind == "yaml":
            data = yaml.safe_load(text)
            data["market"]["set"]["terminal_period"] = 90
            data["execute"] = {"engine": "inline"}
            (tmp_path / "question.yaml").write_text(yaml.safe_dump(data, sort_keys=False))
            continue
        for line in text.strip().splitlines():
            words = shlex.split(line)
            if words[:2] == ["huitou", "new"] and ("--from" in words) == (begin == "numbers"):
                continue  # the other beginning
            if words[0] != "huitou":
                subprocess.run(line, shell=True, cwd=tmp_path, check=True)
                continue
            code, out, err = huitou(*words[1:])
            assert code == 0, (line, out, err)
            said.append(words[1])
            if words[1] == "new":
                shrink(tmp_path / "brand.yaml")
    assert said == ["new", "validate", "plan", "calibrate", "validate", "compare"]
    assert (tmp_path / "brand/held_out.json").exists() == (begin == "log")
    assert "Cannot decide" in out and "markets" in out  # 3 are too few


def test_what_the_page_links_to_is_there():
    text = PAGE.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\(([^)#]+)(?:#([^)]+))?\)", text):
        path = PAGE.parent / target
        assert path.is_file(), target
        heads = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert not anchor or anchor in [head.lower().replace(" ", "-") for head in heads]
