"""Names as people give them: wherever they are shown, they are shown as they are."""

import io
import sys

import odd_names
import pytest
from matplotlib.font_manager import findfont

from experiments import cli, glyphs, publish, show
from experiments.plaintext import plain
from experiments.report import present
from sim.config.names import check_name

pytestmark = pytest.mark.quick


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    study, outcome = odd_names.carried_out(tmp_path_factory.mktemp("odd"))
    return study, outcome, present(study, outcome)[0]


def test_arms_may_be_named_as_people_name_them(odd):
    assert tuple(odd[0].arms) == odd_names.ARMS


@pytest.mark.parametrize(
    ("name", "said"),
    (
        ("", "without blanks at its ends"),
        (" x", "without blanks at its ends"),
        ("a\nb", "in one line; U+000A cannot be printed"),
        ("a\u202eb", "U+202E cannot be printed"),
        ("_x", "must not begin with _"),
        ("a.b", "must be a name without . / * (got 'a.b')"),
    ),
)
def test_a_name_that_cannot_work_is_refused_in_words(name, said):
    with pytest.raises(ValueError) as caught:
        check_name(name, "./*")
    assert said in str(caught.value)


@pytest.mark.parametrize("name", ("咖啡", "Crème brûlée 50 %", "👩\u200d🚀", "1", "a-b", "$x$"))
def test_a_name_that_can_be_shown_is_taken(name):
    assert check_name(name, "./*") == name


@pytest.mark.parametrize(
    ("name", "said"),
    (
        ("x" * 61, "must have at most 60 characters"),
        (" x", "without blanks at its ends"),
    ),
)
def test_a_file_says_what_is_wrong_with_an_arm(huitou, tmp_path, name, said):
    path = odd_names.write(tmp_path)
    path.write_text(path.read_text("utf-8").replace("'=1+1'", f"'{name}'"), "utf-8")
    code, _, err = huitou("validate", path)
    assert code == 2 and said in err and "pattern" not in err


def test_the_report_shows_names_and_takes_none_for_markup(odd):
    page = (odd[1].store.folder / "report.html").read_text("utf-8")
    assert "没有 策略" in page and "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<b>" not in page


def test_a_page_takes_no_name_for_markup(odd, tmp_path):
    study, outcome, tables = odd
    part = publish.Part(tmp_path / "odd.yaml", study, outcome, tables)
    text = publish.publish([part], tmp_path / "page", "again").read_text("utf-8")
    body = text.split("## Again")[0]
    assert "没有 策略" in body and "&#36;x&#36;" in body
    assert "<b>" not in body and "a*b" not in body and "$x$" not in body
    rows = [line for line in body.split("\n") if line.startswith("| ")]
    assert len({line.count(" | ") for line in rows if "&#124; a" in line}) >= 1
    assert not any("x</b> |" in line for line in rows)


def lacking(monkeypatch):
    """Leave matplotlib's own font only."""
    own = {glyphs.OWN: findfont(glyphs.OWN)}
    monkeypatch.setattr(glyphs, "_fonts", lambda: own)
    glyphs.families.cache_clear()


def written(figure):
    figure.draw_without_rendering()
    return [text.get_text() for text in figure.findobj(glyphs.Text) if text.get_text()]


def test_without_a_font_names_are_numbered_and_the_numbers_explained(odd, monkeypatch):
    study, outcome, tables = odd
    lacking(monkeypatch)
    figure = show.draw(study, tables)["incremental"][1]
    shown = written(figure)
    assert show.png(figure)  # a warning of a missing character would be an error
    assert {"#3", "=1+1", r"\$x\$ & 50 % {y}_z"} <= set(shown)
    assert "Brand #1: change against " in " ".join(shown).replace("#2", "")
    said = show.caveats(study, outcome, tables)[-1]
    assert "#1 is 品牌 <b>甲" in said and "fonts-noto-cjk" in said
    glyphs.families.cache_clear()


def test_long_names_are_cut_each_to_another(monkeypatch):
    one, two = odd_names.LONG, odd_names.LONG + " 2"
    short = glyphs._shortened([one, two, "short"])
    assert short.keys() == {one, two} and len(set(short.values())) == 2
    assert all(glyphs.width(text) <= glyphs.MOST for text in short.values())


def test_a_font_is_found_for_what_the_first_lacks(monkeypatch):
    monkeypatch.setattr(glyphs, "_fonts", lambda: {"Other": "other.ttf"})
    own = glyphs._characters
    monkeypatch.setattr(
        glyphs, "_characters", lambda file: {ord("咖")} if file == "other.ttf" else own(file)
    )
    glyphs.families.cache_clear()
    assert glyphs.families(frozenset("a咖")) == ((glyphs.OWN, "Other"), frozenset())
    assert glyphs.numbered(["a", "咖", "啡"]) == {"啡": "#1"}
    glyphs.families.cache_clear()


# -- terminals that have few characters -----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    (
        ("−82 ± 13 – “x” …", "ascii", '-82 +/- 13 - "x" ...'),
        ("−82 ± 13", "cp1252", "-82 ± 13"),
        ("Crème", "ascii", "Creme"),
        ("回访", "ascii", "\\u56de\\u8bbf"),
        ("回访 −", "utf-8", "回访 −"),
    ),
)
def test_what_a_terminal_lacks_is_replaced_so_that_it_can_be_read(text, encoding, shown):
    assert plain(text, encoding) == shown


@pytest.mark.parametrize("encoding", ("ascii", "cp1252"))
@pytest.mark.parametrize(
    "command", ("--help", "strategies", "new", "report", "validate", "run --help", "nothing")
)
def test_every_command_works_on_a_poor_terminal(odd, monkeypatch, tmp_path, command, encoding):
    folder = odd[1].store.folder
    given = {"report": [str(folder)], "validate": [str(folder / "config.resolved.yaml")]}
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding) for _ in range(2))
    monkeypatch.setattr(sys, "argv", ["huitou", *command.split(), *given.get(command, [])])
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    with pytest.raises(SystemExit) as done:
        cli.main()
    out.flush(), err.flush()
    said = (out.buffer.getvalue() + err.buffer.getvalue()).decode(encoding)
    assert done.value.code == (2 if command == "nothing" else 0), said
    assert "internal error" not in said and "\x1b[3" not in said
    if command == "report" and encoding == "ascii":
        assert "+/-" in said and "\\u6ca1" in said
