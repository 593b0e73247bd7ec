"""Every pattern of the product on what makes patterns walk: none takes the square of a text's length.

A pattern that meets none but short texts may be worth an entry in ``SHORT``, with what bounds them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest

from speech.redaction import cues
from tests.fuzz.growth import is_steep
from tests.fuzz.pumps import ENDS, Found, patterns, pumps

pytestmark = pytest.mark.unit

SHORT: Mapping[str, str] = {
    "speech.display.fact_values:_CLOCK": "fact_values.LONGEST",
}
"""Pattern → what bounds the texts it is asked about."""


def asked(pattern: re.Pattern[str], method: str) -> Callable[[str], object]:
    match method:
        case "finditer":
            return lambda text: sum(1 for _ in pattern.finditer(text))
        case "sub" | "subn":
            return lambda text: pattern.sub("", text)
        case _:
            return getattr(pattern, method)  # type: ignore[no-any-return]


def steep(found: Found) -> str:
    for method in found.methods:
        work = asked(found.pattern, method)
        for start, pump in pumps(found.pattern):
            for end in ENDS:

                def text_of(size: int, start: str = start, pump: str = pump, end: str = end) -> str:
                    return start + (pump * (size // len(pump) + 1))[:size] + end

                if slow := is_steep(work, text_of, short=500, long=2000):
                    return f"{found.name} ({method}): {slow}"
    return ""


def test_no_pattern_takes_the_square() -> None:
    made = [Found(f"cues:{kind}", pattern, ("search", "finditer"))
            for language in cues.TABLES for kind, pattern in cues._patterns(language).items()]  # fmt: skip
    found = [*patterns(), *made]
    assert len(found) > 120
    slow = [what for one in found if one.name not in SHORT and (what := steep(one))]
    assert not slow, "\n".join(slow)


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"^(on .{4,200} wrote)\s*:?-*\s*$", "match"),  # what held the web server for an hour
        (r"pwd\s*(\S*\d\S*)", "finditer"),
        (r"\s+(?=[.,])", "sub"),
        (r"\S+@\S+", "search"),
        (r"(a+)+b", "fullmatch"),
    ],
)
def test_those_that_did_would_be_found(pattern: str, method: str) -> None:
    assert steep(Found("former", re.compile(pattern), (method,)))
