"""What the code of a strategy, or a parameter of it, names: modules, files and folders."""

import pytest

from experiments import foreign, identity
from experiments.errors import StudyError

pytestmark = pytest.mark.quick

LAYOUTS = {
    "solo.py": """
        from importlib import import_module as im, resources
        from pathlib import Path
        HERE = Path(__file__).parent
        def calc(): return im("apart.calc").DAY
        def by_parts(x): return im(f"parts.{x}")
        def entry(): return im("entry:function".partition(":")[0])
        def data(): return (HERE / "data" / "solo.txt").read_text()
        def put_together(day): return (HERE / f"days/day_{day}.txt").read_text()
        def output(): (HERE / "out").mkdir(); Path("out/list.txt").open("w")
        NAMES = ("email", "__main__", "yaml", ".", "./", "..", "/", "mine", "no.such", "")
        """,
    "taker.py": "X = (resources.files('taken') / 't.json').read_text()\n",
    "plug/__init__.py": "",
    "plug/strat.py": "A = Path(__file__).parent.parent / 'shared' / 't.json'\n",
    "plug/deep/__init__.py": "",
    "plug/deep/strat.py": "A = Path(__file__).parents[2] / 'deeper' / 't.json'\n",
    "apart/__init__.py": "",
    "apart/calc.py": "DAY = 3\n",
    "taken/__init__.py": "",
    "taken/t.json": "3\n",
    "parts/__init__.py": "",
    "parts/one.py": "X = 1\n",
    "entry.py": "X = 1\n",
    "data/solo.txt": "3\n",
    "data/code.py": "X = 1\n",
    "days/day_1.txt": "3\n",
    "shared/t.json": "3\n",
    "deeper/t.json": "3\n",
}


@pytest.mark.parametrize(
    ("module", "name", "text"),
    [
        ("solo", "apart/calc.py", "DAY = 20\n"),
        ("solo", "parts/one.py", "X = 2\n"),
        ("solo", "entry.py", "X = 2\n"),
        ("solo", "data/solo.txt", "20\n"),
        ("solo", "data/new.txt", "20\n"),
        ("solo", "data/code.py", "X = 2\n"),
        ("solo", "days/day_1.txt", "20\n"),
        ("taker", "taken/t.json", "20\n"),
        ("plug.strat", "shared/t.json", "20\n"),
        ("plug.strat", "deeper/t.json", "20\n"),
    ],
)
def test_what_a_text_in_the_code_names_counts(files, module, name, text):
    files(LAYOUTS)
    before = foreign.depends([module])
    files({name: text})
    assert foreign.depends([module]) != before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("apart/calc.py", "# how long\nDAY = 3\n"),
        ("data/code.py", "'shared'\nX = 1  # others\n"),
        ("data/run-1/config.resolved.yaml", "study: run\n"),
        ("data/__pycache__/code.pyc", "x"),
        ("out/list.txt", "x"),
        ("shared/t.json", "20\n"),
        ("stranger.txt", "x"),
    ],
)
def test_what_no_text_in_the_code_names_does_not(files, name, text):
    files(LAYOUTS)
    before = foreign.depends(["solo"])
    assert not any(label.startswith("library") for label in before)
    files({name: text})
    assert foreign.depends(["solo"]) == before


def test_a_module_elsewhere_that_is_named_alone_counts(files, tmp_path, monkeypatch):
    files({"solo.py": "im('afar.calc')\n"})
    monkeypatch.syspath_prepend(str(tmp_path / "other"))
    files({"afar/__init__.py": "", "afar/calc.py": "X = 1\n"}, tmp_path / "other")
    before = foreign.depends(["solo"])
    files({"afar/calc.py": "X = 1  # a comment\n"}, tmp_path / "other")
    assert foreign.depends(["solo"]) == before
    files({"afar/calc.py": "X = 2\n"}, tmp_path / "other")
    assert foreign.depends(["solo"]) != before


def test_a_folder_in_the_current_one_counts(files, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    files({"solo.py": "X = open(Path('tables') / 'x.csv')\n"})
    files({"tables/x.csv": "1\n"}, tmp_path / "here")
    before = foreign.depends(["solo"])
    files({"tables/x.csv": "2\n"}, tmp_path / "here")
    assert foreign.depends(["solo"]) != before


def test_a_name_that_is_put_together_is_seen_where_it_is_declared(files, tmp_path, monkeypatch):
    """The limit that docs/plugins.md states, and what it says to do."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    reading = 'def read(region): return open("ta" + "bles/" + region + ".csv").read()\n'
    files({"solo.py": reading, "declared.py": reading + 'DATA = ("tables/north.csv",)\n'})
    files({"tables/north.csv": "1\n"}, tmp_path / "here")
    unseen, seen = foreign.depends(["solo"]), foreign.depends(["declared"])
    files({"tables/north.csv": "2\n"}, tmp_path / "here")
    assert foreign.depends(["solo"]) == unseen
    assert foreign.depends(["declared"]) != seen


def test_of_a_large_folder_sizes_count_and_one_that_is_too_large_is_refused(files, monkeypatch):
    files(LAYOUTS)
    monkeypatch.setattr("experiments.folders.MOST_BYTES", 1)
    before = foreign.depends(["solo"])
    assert foreign.depends(["solo"]) == before
    files({"data/solo.txt": "20\n"})
    assert foreign.depends(["solo"]) != before
    monkeypatch.setattr("experiments.folders.MOST_FILES", 1)
    with pytest.raises(StudyError, match=r"names the folder .*, which has more than 1 files"):
        foreign.depends(["solo"])


def test_all_files_of_a_folder_that_a_parameter_of_a_strategy_names_count(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "plug" / "folder"
    given = {"folder": "plug/folder", "none": "", "mark": ".", "root": "/", "above": ".."}
    market = {"brands": {"A": {"strategies": {"mine": given}}}}
    found = [identity.config_hash(market)]
    (folder / "deep").mkdir(parents=True)
    for name, text in (("day.txt", "3"), ("day.txt", "20"), ("deep/x.txt", "1")):
        (folder / name).write_text(text)
        found.append(identity.config_hash(market))
    (folder / "day.txt").rename(folder / "date.txt")
    (folder / "back").symlink_to(folder)
    found.append(identity.config_hash(market))
    assert len(set(found)) == 5
    (tmp_path / "other.txt").write_text("x")
    assert identity.config_hash(market) == found[-1]
    assert list(identity.data_files(market)) == ["plug/folder"]
