"""The page for Mesa users says what is so: its code runs."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "mesa.md"


@pytest.mark.quick
def test_the_code_on_the_page_runs():
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == text.count("```python") == 7
    names: dict[str, object] = {}
    for block in blocks:
        before = text[: text.index(block)].count("\n")
        exec(compile("\n" * before + block, str(PAGE), "exec"), names)
    assert {"market", "regulator", "people", "frame", "watched", "rows"} <= set(names)
