"""Where a text is cut into sentences."""

from __future__ import annotations

import pytest

from speech.text.sentences import sentences

pytestmark = pytest.mark.unit


def test_sentences() -> None:
    assert sentences("Здравствуйте, Анна! Чем помочь? ") == ("Здравствуйте, Анна!", "Чем помочь?")
