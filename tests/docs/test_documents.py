"""What the documents name exists: commands with their options, settings, files, modules, make targets, links."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from docs import reference

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
GENERATED = {"settings.md", "settings.ru.md", "commands.md", "commands.ru.md"}
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.md"), *ROOT.glob(".github/*.md")]
)
WRITTEN = [page for page in PAGES if page.name not in GENERATED]
COMMANDS = {command.path: command for command in reference.commands()}
FOLDERS = {*reference.TOPS, "bench", "docs", "examples", "tests", ".ci", ".github"}
INSTALLS = ("Makefile", "docker/*.sh", "docker/*.yaml", "docker/*.py", "bench/*.py", "tests/*.py")
"""What may read the environment beside the settings: it installs, measures or tests."""
GREATEST = {"README.md": 4000, "README.ru.md": 4000, "ARCHITECTURE.md": 8000}
"""Characters."""


def _named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _tokens(page: Path) -> Iterator[Token]:
    for token in MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8")):
        yield token
        yield from token.children or ()


def _code(page: Path) -> Iterator[str]:
    """Each code span, and each line of each code block."""
    for token in _tokens(page):
        if token.type == "code_inline":
            yield token.content
        elif token.type in {"fence", "code_block"}:
            yield from token.content.splitlines()


@pytest.mark.parametrize("page", WRITTEN, ids=_named)
def test_commands_exist(page: Path) -> None:
    wrong = [
        line for code in _code(page) for line in re.findall(r"\botklik (?!:)[^\n#]*", code) if not _is_command(line)
    ]
    assert not wrong


def _is_command(line: str) -> bool:
    """Whether the words after ``otklik`` lead to a command that has the options named."""
    words = shlex.split(re.split(r"   | [|>&;<] |  #| [()…]", line, maxsplit=1)[0], posix=False)[1:]
    path: tuple[str, ...] = ()
    while words and (*path, words[0]) in COMMANDS:
        path = (*path, words.pop(0))
    if not path or (not COMMANDS[path].runs and words):
        return False
    options = {word.split("=")[0].strip("[]") for word in words if word.strip("[]").startswith("-")}
    return options <= COMMANDS[path].options | {"--help"}


@pytest.mark.parametrize("page", WRITTEN, ids=_named)
def test_settings_exist(page: Path) -> None:
    named = set(re.findall(r"OTKLIK_[A-Z]+(?:_[A-Z]+)*", page.read_text(encoding="utf-8")))
    unknown = {name for name in named - reference.all_settings().keys() if not _is_read_by_set_up(name)}
    assert not unknown


def _is_read_by_set_up(name: str) -> bool:
    return any(name in file.read_text(encoding="utf-8") for pattern in INSTALLS for file in ROOT.glob(pattern))


@pytest.mark.parametrize("page", WRITTEN, ids=_named)
def test_paths_exist(page: Path) -> None:
    missing = [code for code in _code(page) for path in _paths(code) if not _exists(path)]
    assert not missing


def _paths(code: str) -> Iterator[str]:
    for word in code.split():
        path = word.strip("`'\".,:;()[]").rstrip("/")
        if "/" in path and path.split("/")[0] in FOLDERS and re.fullmatch(r"[\w./*-]+", path):
            yield path


def _exists(path: str) -> bool:
    return any(ROOT.glob(path)) if "*" in path else (ROOT / path).exists()


@pytest.mark.parametrize("page", WRITTEN, ids=_named)
def test_modules_and_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    wrong = []
    for code in _code(page):
        wrong += [name for name in re.findall(r"\bpython -m ([\w.]+)", code) if not _is_module(name)]
        wrong += [name for name in re.findall(r"\bmake ([a-z][a-z-]*)", code) if name not in targets]
    assert not wrong


def _is_module(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_links_resolve(page: Path) -> None:
    wrong = []
    for token in _tokens(page):
        address = str(token.attrGet("href") or token.attrGet("src") or "")
        if not address or re.match(r"[a-z]+:", address):
            continue
        path, _, anchor = address.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            wrong.append(address)
    assert not wrong


def _anchors(page: Path) -> set[str]:
    tokens = list(_tokens(page))
    headings = [after.content for token, after in pairwise(tokens) if token.type == "heading_open"]
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(("name", "greatest"), GREATEST.items())
def test_entry_pages_stay_short(name: str, greatest: int) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8")) <= greatest


def test_every_guide_is_there_in_both_languages() -> None:
    english = {page.name for page in (ROOT / "docs").glob("*.md") if not page.name.endswith(".ru.md")}
    russian = {page.name.replace(".ru.md", ".md") for page in (ROOT / "docs").glob("*.ru.md")}
    assert english - russian == {"glossary.md"}  # one page for both
    assert russian <= english


def test_every_decision_has_its_four_parts() -> None:
    for page in sorted((ROOT / "docs/decisions").glob("*.md")):
        for part in page.read_text(encoding="utf-8").split("\n## ")[1:]:
            parts = re.findall(r"^- \*\*(\w+):\*\*", part, re.MULTILINE)
            assert parts[:4] == ["Context", "Choice", "Price", "Refused"], f"{page.name}: {part.splitlines()[0]}"
