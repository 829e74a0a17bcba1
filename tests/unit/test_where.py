"""Every answer of docs/where.md is a path and a symbol that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"\| (.+\?.*) \| `(.+)` \| `(.+)` \|")
ANSWERS = ROW.findall((ROOT / "docs/where.md").read_text(encoding="utf-8"))
pytestmark = pytest.mark.quick


def symbols(path: str) -> set[str]:
    found = set()
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
            found |= {node.name, *(f"{node.name}.{method.name}" for method in methods)}
        elif isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def test_there_are_fifteen_questions():
    assert len(ANSWERS) == 15


@pytest.mark.parametrize(("question", "path", "symbol"), ANSWERS, ids=[row[2] for row in ANSWERS])
def test_each_answer_exists(question, path, symbol):
    assert symbol in symbols(path), question
