"""Reads ``written.<language>.txt``: spoken<TAB>written, one case a line; ``#`` begins a comment."""

from __future__ import annotations

from pathlib import Path


def written_lines(language: str) -> list[tuple[str, str, str]]:
    """Place, what was said and how it is written.

    Raises:
        ValueError: a line has not exactly one tab; says where.
    """
    file = Path(__file__).with_name(f"written.{language}.txt")
    cases = []
    for number, row in enumerate(file.read_text("utf-8").splitlines(), start=1):
        if not row.strip() or row.startswith("#"):
            continue
        place = f"{file.name}:{number}"
        parts = row.split("\t")
        if len(parts) != 2:
            raise ValueError(f"{place}: want spoken<TAB>written, got {row!r}")
        cases.append((place, parts[0], parts[1]))
    return cases
