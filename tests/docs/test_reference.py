"""The references of settings and commands are what the program says today, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from docs import reference

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
RUSSIAN = yaml.safe_load((ROOT / "docs/reference.ru.yaml").read_text(encoding="utf-8"))


def test_committed_pages_are_current() -> None:
    stale = [
        name for name, text in reference.render().items() if (ROOT / "docs" / name).read_text(encoding="utf-8") != text
    ]
    assert not stale, f"{', '.join(stale)}: run `make docs` and commit the pages"


def test_every_setting_says_what_it_means_in_both_languages() -> None:
    settings = reference.all_settings()
    assert len(settings) > 50
    assert [one.name for one in settings.values() if not one.meaning] == []
    assert sorted(settings.keys() - RUSSIAN["settings"].keys()) == [], "write them into docs/reference.ru.yaml"
    assert sorted(RUSSIAN["settings"].keys() - settings.keys()) == [], "no such settings any more"


def test_words_of_types_are_translated() -> None:
    words = {part[0] for one in reference.all_settings().values() for part in one.kind}
    assert sorted(words - RUSSIAN["types"].keys()) == []


def test_every_command_says_what_it_does_in_both_languages() -> None:
    names = {" ".join(one.path): one for one in reference.commands() if one.path}
    assert len(names) > 60
    assert [name for name, one in names.items() if not one.first_line] == []
    assert sorted(names.keys() - RUSSIAN["commands"].keys()) == [], "write them into docs/reference.ru.yaml"


def test_settings_stand_in_files_of_that_name() -> None:
    """Only there does the reference look for them."""
    strays = [
        str(file.relative_to(ROOT))
        for top in reference.TOPS
        for file in (ROOT / top).rglob("*.py")
        if file.name != "settings.py"
        and re.search(r"^class \w+\(.*Settings\):", file.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert strays == []
