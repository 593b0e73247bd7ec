"""The one reader of YAML: what it gives, what it refuses, and that nothing of it ends the process."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from speech.yaml_source import FileRefused, read_bytes, read_text, read_yaml
from speech.yaml_tree import MOST_PROBLEMS, MOST_VALUES
from tests.hostile import HOSTILE
from tests.services import ROOT

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "typed", "texts"),
    [
        ("", None, None),
        ("# nothing\n", None, None),
        ("a: 1\nb: [no, 1.5, ~, 'no', 2026-11-30]", {"a": 1, "b": [False, 1.5, None, "no", date(2026, 11, 30)]},
         {"a": "1", "b": ["no", "1.5", "~", "no", "2026-11-30"]}),
        ("a: !!str 1\nb: !!int '2'", {"a": "1", "b": 2}, {"a": "1", "b": "2"}),
        ("a: &x {b: c}\nd: *x", {"a": {"b": "c"}, "d": {"b": "c"}}, {"a": {"b": "c"}, "d": {"b": "c"}}),
        ("a: &x {b: c, e: f}\nd: {<<: *x, e: g}", {"a": {"b": "c", "e": "f"}, "d": {"b": "c", "e": "g"}},
         {"a": {"b": "c", "e": "f"}, "d": {"b": "c", "e": "g"}}),
        ("d: {<<: [{a: b}, {a: c, e: f}]}", {"d": {"a": "b", "e": "f"}}, {"d": {"a": "b", "e": "f"}}),
        ("'<<': {a: b}", {"<<": {"a": "b"}}, {"<<": {"a": "b"}}),
        ("\ufeffa: b", {"a": "b"}, {"a": "b"}),
        ("a: 1:30\n=: =", {"a": 90, "=": "="}, {"a": "1:30", "=": "="}),
    ],
)  # fmt: skip
def test_data(text: str, typed: Any, texts: Any) -> None:
    assert read_yaml(text, "f.yaml").data == typed
    assert read_yaml(text.encode(), "f.yaml", as_texts=True).data == texts


TREE = """\
first:
  - a
  - b: 1
    c:
      - d
base: &base
  x: 1
other:
  <<: *base
  y: 2
"""


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ((), 1),
        (("first",), 1),
        (("first", 0), 2),
        (("first", 1, "c"), 4),
        (("first", 1, "a kind", "c", 0), 5),
        (("first", 7), 1),
        (("other", "y"), 10),
        (("other", "x"), 7),  # where it is written
        (("none",), 1),
    ],
)
def test_lines(where: tuple[str | int, ...], line: int) -> None:
    assert read_yaml(TREE, "f.yaml").line(where) == line


def test_has_asks_for_the_whole_path() -> None:
    source = read_yaml(TREE, "f.yaml")
    assert source.has(("first", 1, "b"))
    assert not source.has(("first", 1, "x"))


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    days: list[int] = []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("days: [1]", "f.yaml:3: name: Field required"),
        ("\nname: yes", 'f.yaml:4: name: Input should be a valid string (a bare yes or no is no text in YAML: write'),
        ("name: 2026-11-30", "f.yaml:3: name: Input should be a valid string (write it in quotes)"),
        ("name: a\ndays:\n - 1\n - x", "f.yaml:6: days.1: Input should be a valid integer"),
        ("name: a\nnom: b", "f.yaml:4: nom: Extra inputs are not permitted"),
        ("[a]", "f.yaml:3: Input should be a valid dictionary"),
    ],
)  # fmt: skip
def test_faults_of_form_are_told_by_line(text: str, problem: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_yaml(text, "f.yaml", first_line=3).shaped(Shape)
    assert str(refused.value.problems[0]).startswith(problem)


def test_all_faults_at_once_but_no_more_than_anybody_reads() -> None:
    with pytest.raises(FileRefused) as refused:
        read_yaml("a: 2026-02-30\nb: 0x_\na: 1\n", "f.yaml")
    assert [problem.line for problem in refused.value.problems] == [1, 2, 3]
    with pytest.raises(FileRefused) as refused:
        read_yaml("name: a\ndays: [" + "x, " * 5_000 + "]", "f.yaml").shaped(Shape)
    assert len(refused.value.problems) == MOST_PROBLEMS


@pytest.mark.parametrize("as_texts", [False, True])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_refused_with_their_line(name: str, as_texts: bool) -> None:
    text, line, what = HOSTILE[name]
    if as_texts and what == "is no":
        assert read_yaml(text, "f.yaml", as_texts=True).data  # nobody made a date of it
        return
    with pytest.raises(FileRefused) as refused:
        read_yaml(text, "f.yaml", as_texts=as_texts)
    assert any(problem.line == line and what in problem.text for problem in refused.value.problems), refused.value


def test_more_values_than_anybody_writes_are_refused() -> None:
    with pytest.raises(FileRefused, match=f"more than {MOST_VALUES:,} values"):
        read_yaml(f"[{'a,' * (MOST_VALUES + 1)}]", "f.yaml")


def test_a_file_is_not_read_beyond_its_bound(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_bytes(b"x" * 401)
    with pytest.raises(FileRefused, match=r"f\.yaml:1: longer than 100 characters"):
        read_bytes(file, most=100)
    with pytest.raises(FileRefused, match=r"f\.yaml:1: longer than 200 characters"):
        read_yaml(read_bytes(file, most=200), file, most=200)
    assert read_text(file, most=401) == "x" * 401
    with pytest.raises(FileRefused, match="longer than"):
        read_bytes(Path("/dev/zero"), most=1_000)
    with pytest.raises(FileRefused, match=r"none\.yaml:1: cannot be read: No such file"):
        read_bytes(tmp_path / "none.yaml")
    with pytest.raises(FileRefused, match="1: cannot be read"):
        read_bytes(tmp_path)
    with pytest.raises(FileRefused, match="cannot be read: embedded null"):
        read_bytes(tmp_path / "a\0b")


def test_no_text_ends_a_process_that_has_threads() -> None:
    """libyaml's composer recursed in C: 40,000 brackets in a thread ended all calls by SIGSEGV."""
    program = (
        "import threading, resource\n"
        "from speech.yaml_source import FileRefused, read_yaml\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "def read():\n"
        "    for sign in ('[', '{', '- ', '? ', '[{a: ', '&a [', '!x [', ' '):\n"
        "        for end in ('', ']'):\n"
        "            try: read_yaml(sign * 200_000 + end * 200_000, 'f')\n"
        "            except FileRefused: print('refused')\n"
        "thread = threading.Thread(target=read); thread.start(); thread.join()\n"
        "assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert (done.returncode, done.stdout.count("refused")) == (0, 15), done.stderr


def lines_of_faults(text: str, *, as_texts: bool) -> list[int]:
    try:
        read_yaml(text, "f.yaml", as_texts=as_texts)
    except FileRefused as refused:
        return [problem.line for problem in refused.problems]
    return []


def test_any_text_is_data_or_a_refusal() -> None:
    draw = Random(9)
    for _ in range(20_000):
        text = "".join(draw.choices("ab:-[]{}&*!<'\"#|>%@,? \n\t0x_~.=\0", k=draw.randrange(40)))
        for as_texts in (False, True):
            lines = lines_of_faults(text, as_texts=as_texts)
            assert all(1 <= line <= text.count("\n") + 1 for line in lines), repr(text)


def test_nothing_else_reads_yaml() -> None:
    folders = ("speech", "recordings", "ivr", "analytics", "api")
    readers = [
        str(file.relative_to(ROOT))
        for folder in folders
        for file in (ROOT / folder).rglob("*.py")
        if re.search(r"^\s*(?:import|from) yaml\b", file.read_text("utf-8"), re.MULTILINE)
    ]
    assert readers == ["speech/yaml_tree.py"]
