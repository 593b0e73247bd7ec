"""Reads ``private.<language>.txt``: one phrase a line, with what is private in it marked ``{text|kind}``.

``#`` begins a comment. Lines below the heading ``# --- written after the rules`` were tried once before any mending,
all above were there while the rules were made. A line without marks holds nothing private.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from speech.redaction.redaction import KINDS, PrivateSpan

AFTER = "# --- written after the rules"
MARK = re.compile(r"\{([^{}|]+)\|(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A phrase and what is private in it."""

    place: str
    """``private.en.txt:12``."""
    language: str
    text: str
    spans: tuple[PrivateSpan, ...]
    after_rules: bool


def private_lines(language: str) -> list[Line]:
    """All lines of a language.

    Raises:
        ValueError: a mark names no kind; says where.
    """
    file = Path(__file__).with_name(f"private.{language}.txt")
    after_rules = False
    lines: list[Line] = []
    for number, row in enumerate(file.read_text("utf-8").splitlines(), start=1):
        after_rules = after_rules or row.startswith(AFTER)
        if row.strip() and not row.startswith("#"):
            place = f"{file.name}:{number}"
            text, spans = _marked(row, place)
            lines.append(Line(place=place, language=language, text=text, spans=spans, after_rules=after_rules))
    return lines


def _marked(row: str, place: str) -> tuple[str, tuple[PrivateSpan, ...]]:
    text, spans, end = "", [], 0
    for mark in MARK.finditer(row):
        text += row[end : mark.start()]
        if mark.group(2) not in KINDS:
            raise ValueError(f"{place}: {mark.group(2)!r} is no kind")
        spans.append(PrivateSpan(start=len(text), end=len(text) + len(mark.group(1)), kind=mark.group(2)))
        text += mark.group(1)
        end = mark.end()
    text += row[end:]
    if "{" in text or "}" in text:
        raise ValueError(f"{place}: a mark is not as {{text|kind}}")
    return text, tuple(spans)
