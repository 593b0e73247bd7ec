"""`otklik slots` and `otklik numbers`: what phrases mean, a JSON line a phrase."""

from __future__ import annotations

import sys
from datetime import datetime

from api.command.json_lines import Row, each_line, text_field
from speech.slots.inverse_text_normalization import written
from speech.slots.slots import KINDS, PACKAGES, find_slot


def print_slots(language: str, expect: str, now: str, region: str) -> int:
    """Answer each ``{"text"}`` with the ``{"value", "confidence"}`` it holds. Returns the exit code."""
    problem = _wrong_language(language) or _wrong_kind(expect) or _wrong_region(region)
    try:
        clock = datetime.fromisoformat(now) if now else datetime.now().astimezone()
    except ValueError:
        problem = problem or f"--now wants a moment in ISO 8601 as 2026-11-24T10:00, got {now!r}"
    if problem:
        print(problem, file=sys.stderr)
        return 2

    def answer(row: Row) -> Row:
        slot = find_slot(text_field(row), expect, language, now=clock, region=region)
        return {"value": slot.value, "confidence": round(slot.confidence, 3)}

    return each_line(sys.stdin.buffer, answer, sys.stdout.buffer)


def print_written(language: str) -> int:
    """Answer each ``{"text"}`` with its text in which numbers are digits. Returns the exit code."""
    if problem := _wrong_language(language):
        print(problem, file=sys.stderr)
        return 2
    return each_line(sys.stdin.buffer, lambda row: {"text": written(text_field(row), language)}, sys.stdout.buffer)


def _wrong_language(language: str) -> str:
    return "" if language in PACKAGES else f"--language wants one of {', '.join(PACKAGES)}, got {language!r}"


def _wrong_kind(kind: str) -> str:
    return "" if kind in KINDS else f"--expect wants one of {', '.join(KINDS)}, got {kind!r}"


def _wrong_region(region: str) -> str:
    fits = not region or (len(region) == 2 and region.isascii() and region.isalpha())
    return "" if fits else f"--region wants two letters as RU, US or GB, got {region!r}"
