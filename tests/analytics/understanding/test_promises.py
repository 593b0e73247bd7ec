"""Marked lines: what is said, and the promise in it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics.understanding.promises import promises
from speech.recognition.words import Speaker, Transcript, Utterance, Word

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def lines(language: str) -> list[tuple[str, str, str]]:
    """Speaker, words, and what is promised: ``callback 2026-11-25 ; letter``."""
    rows = (Path(__file__).parents[1] / f"promises.{language}.txt").read_text("utf-8").splitlines()
    parts = [[part.strip() for part in row.split("|")] for row in rows if row and not row.startswith("#")]
    return [(speaker, text, wanted) for speaker, text, wanted in parts]


def talk(*said: tuple[Speaker, str], language: str = "ru") -> Transcript:
    """Utterances of two seconds, one a second after the other."""
    utterances = tuple(
        Utterance(speaker=speaker, start=3.0 * at, end=3.0 * at + 2, text=text)
        for at, (speaker, text) in enumerate(said)
    )
    return Transcript(language=language, engine="test", duration=3.0 * len(said) + 1, utterances=utterances)


def found(transcript: Transcript) -> str:
    return " ; ".join(f"{one.kind} {one.due}".strip() for one in promises(transcript, now=NOW))


@pytest.mark.parametrize("language", ["ru", "en"])
def test_marked_lines(language: str) -> None:
    cases = lines(language)
    assert len(cases) >= 60
    wrong = [
        f"{speaker}: {text}: want {wanted!r}, got {got!r}"
        for speaker, text, wanted in cases
        if sorted((got := found(talk((Speaker(speaker), text), language=language))).split(" ; "))
        != sorted(wanted.split(" ; "))
    ]
    assert not wrong, "\n".join(wrong)


def test_the_next_words_of_the_same_speaker_say_when() -> None:
    split = talk((Speaker.AGENT, "мы вам перезвоним"), (Speaker.AGENT, "завтра до двенадцати"))
    assert found(split) == "callback 2026-11-25T12:00"
    assert found(talk((Speaker.AGENT, "мы вам перезвоним"), (Speaker.CALLER, "завтра до двенадцати"))) == "callback"


def test_a_promise_said_twice_is_one_and_keeps_its_date() -> None:
    twice = talk((Speaker.AGENT, "мы вам перезвоним"), (Speaker.CALLER, "хорошо"), (Speaker.AGENT, "завтра перезвоним"))
    assert found(twice) == "callback 2026-11-25"


def test_a_day_that_has_passed_is_no_term() -> None:
    assert found(talk((Speaker.AGENT, "двадцатого ноября вернём вам деньги"))) in ("refund", "refund 2027-11-20")


def test_the_proof_is_the_sentence_with_the_times_of_its_words() -> None:
    text = "Поняла вас. Мы перезвоним вам завтра."
    heard = tuple(
        Word(text=word, start=10.0 + at, end=10.8 + at) for at, word in enumerate(text.lower().replace(".", "").split())
    )
    said = Utterance(speaker=Speaker.AGENT, start=10, end=16, text=text, words=heard)
    transcript = Transcript(language="ru", engine="test", duration=20, utterances=(said,))
    (promise,) = promises(transcript, now=NOW)
    assert (promise.evidence.start, promise.evidence.end) == (12.0, 15.8)
    assert promise.evidence.quote == "Мы перезвоним вам завтра."
    assert promise.speaker == Speaker.AGENT


def test_another_language_and_no_words_promise_nothing() -> None:
    assert found(talk((Speaker.AGENT, "wir rufen sie morgen zurück"), language="de")) == ""
    assert promises(Transcript(language="ru", engine="test", duration=1, utterances=()), now=NOW) == ()
