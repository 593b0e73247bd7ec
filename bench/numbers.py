"""How often spoken numbers are written as people write them, and how long a phrase takes.

What the cases gave on the first try, before the rules were mended by them, stands in the heads of the files.
"""

from __future__ import annotations

import time
from typing import Any

from bench import report
from speech.slots.inverse_text_normalization import written
from tests.speech.written_lines import written_lines


def run() -> None:
    report.write("numbers", {"numbers": {language: _language(language) for language in ("ru", "en")}})


def _language(language: str) -> dict[str, Any]:
    cases = written_lines(language)
    for _, said, _ in cases[:20]:
        written(said, language)  # dictionaries are read at first use
    seconds: list[float] = []
    wrong: list[str] = []
    for place, said, want in cases:
        start = time.thread_time()
        got = written(said, language)
        seconds.append(time.thread_time() - start)
        if got != want:
            wrong.append(f"{place}: {said!r} is {got!r}, want {want!r}")
    return {
        "accuracy": round(1 - len(wrong) / len(cases), 4),
        "cases": len(cases),
        "milliseconds_of_one_core": report.spread([value * 1000 for value in seconds]),
        "wrong": wrong,
    }
