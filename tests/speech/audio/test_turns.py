"""Ends of turns, on hand-made time lines: each letter is 0.1 s, ``s`` speech and ``.`` silence."""

from __future__ import annotations

import pytest

from speech.audio.turns import Pause, Phase, TurnDetector, end_of_turn, keep_from

pytestmark = pytest.mark.unit


def follow(line: str, *, patience: float = 0.7, timeout: float = 3.0, partial: str = "") -> tuple[Phase, float]:
    """Last phase of a turn, and the seconds at which it was reached."""
    detector = TurnDetector(patience=patience, timeout=timeout)
    phase, since = Phase.WAITING, 0.0
    for number, letter in enumerate(line):
        said = partial if detector.started is not None else ""
        now = detector.advance(number / 10, (number + 1) / 10, letter == "s", said)
        if now is not phase:
            phase, since = now, (number + 1) / 10
    return phase, round(since, 2)


@pytest.mark.parametrize(
    ("line", "phase", "since"),
    [
        ("..", Phase.WAITING, 0.0),
        (".....sss", Phase.SPEAKING, 0.7),
        ("ssss......", Phase.SPEAKING, 0.2),
        ("ssss.......", Phase.ENDED, 1.1),
        ("ssss.....ssss.......", Phase.ENDED, 2.0),
        ("." * 30, Phase.SILENT, 3.0),
        ("." * 29, Phase.WAITING, 0.0),
        (".....s" + "." * 40, Phase.SILENT, 3.0),
        ("s...." * 10, Phase.SILENT, 3.0),
        ("." * 28 + "s.......", Phase.SILENT, 3.3),
        ("." * 28 + "sss.......", Phase.ENDED, 3.8),
        ("ssss.......ssss", Phase.ENDED, 1.1),
    ],
)
def test_phases(line: str, phase: Phase, since: float) -> None:
    assert follow(line) == (phase, since)


def test_patience_decides_when_a_turn_ends() -> None:
    assert follow("ssss" + "." * 20, patience=0.3) == (Phase.ENDED, 0.7)
    assert follow("ssss" + "." * 20, patience=1.5) == (Phase.ENDED, 1.9)


def test_a_word_makes_a_short_sound_an_answer() -> None:
    assert follow("..s........") == (Phase.WAITING, 0.0)
    assert follow("..s........", partial="да") == (Phase.ENDED, 1.0)


def test_speech_is_noticed_after_it_began_and_its_first_letters_are_kept() -> None:
    detector = TurnDetector(patience=0.7, timeout=3)
    for number in range(10):
        detector.advance(number / 10, (number + 1) / 10, number >= 5)
    assert detector.started == pytest.approx(0.5)
    assert keep_from(0.5) == pytest.approx(0.2)
    assert keep_from(0.1) == 0.0


def test_patience_must_be_positive() -> None:
    with pytest.raises(ValueError, match="patience must be positive, got 0 s"):
        end_of_turn(Pause(speech=1, silence=1), patience=0)
