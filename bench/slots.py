"""How often slots are found rightly in the marked lines of each language, and how long a phrase takes.

Lines written before the rules are counted apart. The rules were mended until these lists held, so the share tells of
regressions more than of phrases that nobody has tried.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from bench import report
from tests.speech.slot_lines import Line, found, slot_lines


def run() -> None:
    figures = {language: _language(slot_lines(language)) for language in ("ru", "en")}
    report.write("slots", {"slots": figures})


def _language(lines: Sequence[Line]) -> dict[str, Any]:
    for line in lines[:20]:
        found(line)  # dictionaries are read at first use
    right: dict[str, list[bool]] = defaultdict(list)
    before: list[bool] = []
    seconds, wrong = [], []
    for line in lines:
        start = time.perf_counter()
        value = found(line)
        seconds.append(time.perf_counter() - start)
        fits = value == line.value and type(value) is type(line.value)
        right[line.kind].append(fits)
        if line.before_rules:
            before.append(fits)
        if not fits:
            wrong.append(f"{line.place}: {line.text!r} is {value!r}, want {line.value!r}")
    everything = [fits for fitting in right.values() for fits in fitting]
    return {
        "accuracy": _share(everything),
        "lines": len(everything),
        "accuracy_before_the_rules": _share(before),
        "lines_before_the_rules": len(before),
        "by_kind": {kind: {"accuracy": _share(fitting), "lines": len(fitting)} for kind, fitting in right.items()},
        "milliseconds": report.spread([value * 1000 for value in seconds]),
        "wrong": wrong,
    }


def _share(fitting: Sequence[bool]) -> float:
    return round(sum(fitting) / len(fitting), 4) if fitting else 0.0
