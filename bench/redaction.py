"""How much of what is private in the marked lines is found, how much of what is found is private, and what it costs.

A mark counts as found where a span of its kind overlaps it; ``exact`` asks for the same characters. Lines written after
the rules are counted apart, too; what they gave on the first try, before any mending, stands in the heads of the files.
The baseline is what a handful of regular expressions for digits, e-mails and capitals would do.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

from bench import report
from speech.redaction.redaction import PrivateSpan, find_private
from tests.speech.private_lines import Line, private_lines

Finder = Callable[[str, str], Sequence[PrivateSpan]]
BASELINE = (
    ("email", re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")),
    ("url", re.compile(r"(?:https?://|www\.)\S+")),
    ("ip", re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")),
    ("card", re.compile(r"\b(?:\d[ -]?){15}\d\b")),
    ("phone", re.compile(r"\+?\d?[ -]?\(?\d{3}\)?[ -]?\d{3}[ -]?\d{2}[ -]?\d{2}\b")),
    ("person", re.compile(r"\b[A-ZА-Я][a-zа-яё]+ [A-ZА-Я][a-zа-яё]+\b")),
)


def run() -> None:
    figures = {}
    for language in ("ru", "en"):
        lines = private_lines(language)
        after = [line for line in lines if line.after_rules]
        figures[language] = {
            "all_lines": _measured(lines, find_private),
            "written_after_the_rules": _measured(after, find_private, by_kind=False),
            "plain_regular_expressions": _measured(lines, _baseline, by_kind=False),
        }
    report.write("redaction", {"redaction": figures})


def _baseline(text: str, language: str) -> Sequence[PrivateSpan]:
    del language
    return [
        PrivateSpan(start=match.start(), end=match.end(), kind=kind)
        for kind, pattern in BASELINE
        for match in pattern.finditer(text)
    ]


def _measured(lines: Sequence[Line], find: Finder, *, by_kind: bool = True) -> dict[str, Any]:
    for line in lines[:20]:
        find(line.text, line.language)  # dictionaries are read at first use
    recalled: dict[str, list[bool]] = defaultdict(list)
    precise: dict[str, list[bool]] = defaultdict(list)
    exact: dict[str, list[bool]] = defaultdict(list)
    seconds: list[float] = []
    wrong: list[str] = []
    for line in lines:
        start = time.thread_time()
        spans = find(line.text, line.language)
        seconds.append(time.thread_time() - start)
        for mark in line.spans:
            recalled[mark.kind].append(_overlaps(mark, spans))
            exact[mark.kind].append(mark in spans)
        for span in spans:
            precise[span.kind].append(_overlaps(span, line.spans))
        if by_kind and set(spans) != set(line.spans):
            wrong.append(f"{line.place}: {line.text}: {[(line.text[s.start : s.end], s.kind) for s in spans]}")
    result: dict[str, Any] = {
        "lines": len(lines),
        "without_anything_private": sum(not line.spans for line in lines),
        **_shares(*(chain.from_iterable(group.values()) for group in (recalled, precise, exact))),
        "milliseconds_of_one_core": report.spread([value * 1000 for value in seconds]),
    }
    if by_kind:
        kinds = sorted(recalled | precise)
        result["by_kind"] = {kind: _shares(recalled[kind], precise[kind], exact[kind]) for kind in kinds}
        result["not_exact"] = wrong
    return result


def _overlaps(span: PrivateSpan, others: Sequence[PrivateSpan]) -> bool:
    return any(span.kind == other.kind and span.start < other.end and other.start < span.end for other in others)


def _shares(recalled: Iterable[bool], precise: Iterable[bool], exact: Iterable[bool]) -> dict[str, float | int]:
    found = list(recalled)
    return {
        "marks": len(found),
        "recall": _share(found),
        "precision": _share(list(precise)),
        "exact": _share(list(exact)),
    }


def _share(fitting: Sequence[bool]) -> float:
    return round(sum(fitting) / len(fitting), 4) if fitting else 0.0
