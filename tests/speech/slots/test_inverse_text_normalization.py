"""Spoken numbers as people write them, on some three hundred cases a language."""

from __future__ import annotations

import pytest

from speech.slots.inverse_text_normalization import written
from tests.speech.written_lines import written_lines

pytestmark = pytest.mark.unit

FLOOR = 0.97
"""Share of the cases, the project's aim."""


@pytest.mark.parametrize("language", ["ru", "en"])
def test_cases_are_written_as_people_do(language: str) -> None:
    cases = written_lines(language)
    wrong = [(place, written(said, language)) for place, said, want in cases if written(said, language) != want]
    assert len(cases) >= 300
    assert len({said for _, said, _ in cases}) == len(cases)
    assert 1 - len(wrong) / len(cases) >= FLOOR, wrong


@pytest.mark.parametrize("language", ["ru", "en"])
def test_what_is_written_already_stays(language: str) -> None:
    for place, _, text in written_lines(language):
        if not any(word.isalpha() for word in text.split()):
            assert written(text, language) == text, place
