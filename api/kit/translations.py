"""Words of the pages in the reader's language, plural forms included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from babel import Locale

from api.kit.assets import folders
from speech.yaml_source import read_table

LANGUAGES = ("ru", "en")

Phrase = str | Mapping[str, str]
"""A text, or its plural forms by CLDR category (one, few, many, other)."""

_PLURALS = {"zero", "one", "two", "few", "many", "other"}


@cache
def phrases(language: str) -> Mapping[str, Phrase]:
    """All texts of a language by dotted key: of every noun's ``texts/<language>.yaml``."""
    files = [folder / f"{language}.yaml" for folder in folders("texts").values()]
    return {key: text for file in files for key, text in _flatten("", read_table(file, dict[str, Any]))}


def say(language: str, key: str, **values: object) -> str:
    """The text of ``key`` with ``values`` put in; ``n`` chooses the plural form.

    Raises:
        KeyError: no such text, form or value.
    """
    phrase = phrases(language)[key]
    if not isinstance(phrase, str):
        n = values["n"]
        if not isinstance(n, int | float):
            raise KeyError(f"{key}: n must be a number, got {n!r}")
        phrase = phrase[Locale.parse(language).plural_form(n)]
    return phrase.format(**values) if values else phrase


def label(language: str, key: str, name: str) -> str:
    """The text of ``key.name`` where there is one, else the name itself made readable: for names that data brings."""
    found = phrases(language).get(f"{key}.{name}")
    return found if isinstance(found, str) else name.replace("_", " ")


def choose(wanted: str | None, accept: str) -> str:
    """The page language: the wanted one, else the first the browser asks for that there is, else Russian."""
    if wanted in LANGUAGES:
        return wanted
    ranked = sorted(_accepted(accept), key=lambda pair: -pair[1])
    return next((language for language, _ in ranked if language in LANGUAGES), LANGUAGES[0])


def _accepted(header: str) -> Iterator[tuple[str, float]]:
    for part in header.split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            yield tag.split("-")[0].lower(), float(quality or 1)
        except ValueError:
            continue


def _flatten(prefix: str, node: Mapping[str, Any]) -> Iterator[tuple[str, Phrase]]:
    for key, value in node.items():
        path = f"{prefix}{key}"
        if isinstance(value, str) or (isinstance(value, dict) and value.keys() <= _PLURALS):
            yield path, value
        else:
            yield from _flatten(f"{path}.", value)
