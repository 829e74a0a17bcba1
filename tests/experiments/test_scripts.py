"""Studies from scripts as people write them: no main guard, and run once, wherever they are.

Each script writes a line into `ran.txt` beside it; a worker that ran it again would add another.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tiny_studies import write_study

WORKERS = """\
import os, sys
with open("ran.txt", "a") as note:
    print("once", file=note)

from experiments import engines
pool = engines.Local(2)
print(pool.submit(os.getpid).result() != os.getpid())
pool.shutdown()
"""
README = """\
with open("ran.txt", "a") as note:
    print("once", file=note)
import experiments

results = experiments.carry_out("mine.yaml", workers=2)
print(len(results.runs))
"""
OWN = """\
import os
from sim.strategies.interface import Does, Strategy, Touch


class Hello(Strategy):
    \"\"\"Say hello three days after each order.\"\"\"

    def journey(self, product):
        with open("used.txt", "a") as note:
            print(os.getpid(), file=note)
        yield Touch("hello", Does.CHECK_ARRIVAL, day=3)


"""


def python(folder: Path, *arguments: object, text: str | None = None) -> Any:
    """Run Python in a folder, as a shell does, and return what became of it."""
    path = os.pathsep.join(str(Path(p).absolute()) for p in sys.path if p)
    return subprocess.run(
        [sys.executable, "-W", "error", *map(str, arguments)],
        cwd=folder,
        input=text,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        encoding="utf-8",
        timeout=900,
        check=False,
    )


def once(folder: Path) -> bool:
    return (folder / "ran.txt").read_text() == "once\n"


@pytest.fixture(params=["plain", "with blanks", "中文"])
def folder(request, tmp_path) -> Path:
    """A folder for a script."""
    there = tmp_path / request.param
    there.mkdir()
    return there


def test_a_script(folder):
    name = "研究 1.py"
    (folder / name).write_text(WORKERS, encoding="utf-8")
    done = python(folder, name)
    assert (done.returncode, done.stdout.split()[0], done.stderr) == (0, "True", ""), done.stderr
    assert once(folder)


def package(folder: Path) -> list[str]:
    (folder / "mypackage").mkdir()
    (folder / "mypackage" / "__init__.py").touch()
    (folder / "mypackage" / "__main__.py").write_text(WORKERS)
    return ["-m", "mypackage"]


def module(folder: Path) -> list[str]:
    (folder / "mine.py").write_text(WORKERS)
    return ["-m", "mine"]


def thread(folder: Path) -> list[str]:
    body = "".join(f"    {line}\n" for line in WORKERS.splitlines())
    start = "import threading\nthread = threading.Thread(target=work)\nthread.start()\n"
    (folder / "script.py").write_text(f"def work():\n{body}\n{start}thread.join()\n")
    return ["script.py"]


def hidden(folder: Path) -> list[str]:
    """A script that is gone by the time the workers start."""
    (folder / "script.py").write_text(f"import os\nos.unlink(__file__)\n{WORKERS}")
    return ["script.py"]


@pytest.mark.parametrize(
    ("way", "text"),
    [
        (lambda folder: ["-c", WORKERS], None),
        (lambda folder: ["-"], WORKERS),
        (lambda folder: [], WORKERS),
        (lambda folder: ["-i", "-q"], WORKERS),  # what is typed at the prompt
        (package, None),
        (module, None),
        (thread, None),
        (hidden, None),
    ],
    ids=["command", "dash", "standard-input", "prompt", "package", "module", "thread", "gone"],
)
def test_however_python_is_started(tmp_path, way, text):
    done = python(tmp_path, *way(tmp_path), text=text)
    assert done.returncode == 0, done.stderr
    assert "True" in done.stdout and "Traceback" not in done.stderr
    assert once(tmp_path)


def test_the_lines_of_the_readme_without_a_main_guard(tmp_path):
    write_study(tmp_path, 3, engine="local", name="mine.yaml")
    (tmp_path / "script.py").write_text(README)
    done = python(tmp_path, "script.py")
    assert (done.returncode, done.stdout.split()) == (0, ["12"]), done.stderr
    assert once(tmp_path)


def test_a_worker_of_somebody_elses_pool_computes_by_itself(tmp_path):
    (tmp_path / "pooled.py").write_text(
        "from experiments import engines\n"
        "def kind(n):\n    return type(engines.make('local', 2, n)).__name__\n"
    )
    (tmp_path / "script.py").write_text(
        "import multiprocessing, pooled\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        print(pooled.kind(5), pool.apply(pooled.kind, (5,)))\n"
    )
    done = python(tmp_path, "script.py")
    assert done.stdout.split() == ["Local", "Inline"], done.stderr


def test_other_processes_of_the_program_know_its_script_as_ever(tmp_path):
    (tmp_path / "script.py").write_text(
        "import multiprocessing, os\n"
        "from experiments import engines\n"
        "def own(): return 7\n"
        "if __name__ == '__main__':\n"
        "    engines.Local(1).submit(os.getpid).result()\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        print(pool.apply(own))\n"
    )
    done = python(tmp_path, "script.py")
    assert (done.stdout.strip(), done.stderr) == ("7", "")


def users(folder: Path) -> set[str]:
    return set((folder / "used.txt").read_text().split())


def test_a_strategy_in_the_script_itself_works_and_says_what_it_costs(tmp_path):
    write_study(tmp_path, 3, engine="local", name="mine.yaml", strategies="{hello: {}}")
    (tmp_path / "script.py").write_text(OWN + README)
    done = python(tmp_path, "script.py")
    assert (done.returncode, done.stdout.split()) == (0, ["12"]), done.stderr
    assert "hello: defined where worker processes cannot import it" in done.stderr
    assert once(tmp_path) and len(users(tmp_path)) == 1


def test_a_strategy_in_a_module_beside_the_script_is_known_to_workers(tmp_path):
    write_study(tmp_path, 3, engine="local", name="mine.yaml", strategies="{hello: {}}")
    (tmp_path / "hellos.py").write_text(OWN)
    (tmp_path / "script.py").write_text("import hellos\n" + README)
    done = python(tmp_path, "script.py")
    assert (done.returncode, done.stdout.split()) == (0, ["12"]), done.stderr
    assert "worker processes" not in done.stderr
    assert once(tmp_path) and len(users(tmp_path)) >= 2


def test_a_strategy_made_by_a_function_is_known_here_only(known_strategies):
    from experiments.own import own
    from sim.strategies.interface import Strategy

    def made() -> None:
        class Local(Strategy):
            """Do nothing."""

    made()
    assert own(["local", "referral"]) == ((), ("local",))
    assert own(["referral"]) == ((), ())
