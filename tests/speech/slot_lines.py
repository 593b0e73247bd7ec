"""Reads ``slots.<language>.txt``: one phrase a line, with the value it holds.

    now | 2026-11-24T10:00 | Tuesday
    # --- date
    date | next tuesday | "2026-12-01"
    phone GB | oh two oh seven nine four six oh nine five eight | "+442079460958"

``kind [REGION] | text | JSON value``; the text may hold anything but a bar, ``#`` begins a comment. Lines below the
heading ``# --- added with the rules`` were written after them, all above before. Kinds are those of
``speech.slots.slots``, and ``corrected`` and ``written`` for the functions of these names.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from speech.slots.inverse_text_normalization import written
from speech.slots.slots import corrected, find_slot

ADDED = "# --- added with the rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A phrase and the value it holds."""

    place: str
    """``slots.en.txt:12``."""
    language: str
    now: datetime
    kind: str
    region: str
    text: str
    value: Any
    before_rules: bool


def slot_lines(language: str) -> list[Line]:
    """All lines of a language.

    Raises:
        ValueError: a line is not in the format above; names it.
    """
    file = Path(__file__).with_name(f"slots.{language}.txt")
    now, before_rules, lines = None, True, []
    for number, row in enumerate(file.read_text("utf-8").splitlines(), start=1):
        place = f"{file.name}:{number}"
        before_rules = before_rules and not row.startswith(ADDED)
        if not row.strip() or row.startswith("#"):
            continue
        if row.startswith("now |"):
            now = datetime.fromisoformat(row.split("|")[1].strip())
        else:
            try:
                kind, text, value = (part.strip() for part in row.split("|"))
                kind, _, region = kind.partition(" ")
                lines.append((place, kind, region, text, json.loads(value), before_rules))
            except ValueError as problem:
                raise ValueError(f"{place}: {problem}: {row!r}") from problem
    if now is None:
        raise ValueError(f"{file.name}: no line says now")
    return [
        Line(place=p, language=language, now=now, kind=k, region=r, text=t, value=v, before_rules=b)
        for p, k, r, t, v, b in lines
    ]


def found(line: Line) -> Any:
    """What the rules find in a line."""
    if line.kind == "corrected":
        return corrected(line.text, line.language)
    if line.kind == "written":
        return written(line.text, line.language)
    return find_slot(line.text, line.kind, line.language, now=line.now, region=line.region).value
