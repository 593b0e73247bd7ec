"""Whose turn it is: when a speaker has begun, and when they have finished. Pure arithmetic over time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PRE_ROLL = 0.3
"""Seconds to keep from before speech: detectors wake late, and first letters must not be lost."""
FORGETFUL = 0.4
"""Seconds of silence after which a sound that was too short to be speech is forgotten."""

ROUNDING = 1e-6
"""Seconds; sums of frame lengths are off by less."""


class Phase(StrEnum):
    """Where a turn stands."""

    WAITING = "waiting"
    """Nothing said yet."""
    SPEAKING = "speaking"
    ENDED = "ended"
    """Said something, then was silent for as long as the question's patience."""
    SILENT = "silent"
    """Said nothing until the time was out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """What was heard in a turn so far, in seconds."""

    speech: float
    """Sum of all speech."""
    silence: float
    """Silence since the last speech."""


def end_of_turn(pause: Pause, *, patience: float, min_speech: float = 0.2) -> bool:
    """Tell whether the speaker has finished.

    Args:
        pause: Speech and trailing silence heard in this turn so far.
        patience: Seconds of silence that end a turn; 0.7 suits free speech.
        min_speech: Seconds of speech below which the turn is taken for noise.

    Raises:
        ValueError: ``patience`` is not positive.

    Source: the idea of counters, Home Assistant ``assist_pipeline/vad.py``.
    """
    if patience <= 0:
        raise ValueError(f"patience must be positive, got {patience} s")
    return pause.speech >= min_speech - ROUNDING and pause.silence >= patience - ROUNDING


class TurnDetector:
    """Follows one turn, frame by frame. One a turn."""

    def __init__(self, *, patience: float, timeout: float, min_speech: float = 0.2) -> None:
        """Begin to wait with the first frame.

        Args:
            patience: Seconds of silence that end a turn.
            timeout: Seconds without speech after which the turn is given up.
            min_speech: Seconds of speech below which it is taken for noise.
        """
        self._patience = patience
        self._timeout = timeout
        self._min_speech = min_speech
        self._began: float | None = None
        self._speech = 0.0
        self._last_speech: float | None = None
        self._phase = Phase.WAITING
        self.started: float | None = None
        """Seconds at which speech began; None while there is none."""

    def advance(self, start: float, end: float, speech: bool, partial: str = "") -> Phase:
        """Take the next frame; once ended or silent, a turn stays so.

        Args:
            start: Seconds of the frame's start.
            end: Seconds of the frame's end.
            speech: Whether the detector heard speech in it.
            partial: What the recogniser has so far; words make even a short sound an answer.
        """
        if self._began is None:
            self._began = start
        if speech:
            self.started = start if self.started is None else self.started
            self._speech += end - start
            self._last_speech = end
        if self._phase in {Phase.WAITING, Phase.SPEAKING}:
            self._phase = self._next(end, partial)
        return self._phase

    def _next(self, now: float, partial: str) -> Phase:
        enough = 0.0 if partial else self._min_speech
        if self._last_speech is not None:
            pause = Pause(speech=self._speech, silence=now - self._last_speech)
            if end_of_turn(pause, patience=self._patience, min_speech=enough):
                return Phase.ENDED
            if pause.speech >= enough - ROUNDING or self._phase is Phase.SPEAKING:
                return Phase.SPEAKING
            if pause.silence >= FORGETFUL - ROUNDING:  # a click, a cough
                self._speech, self._last_speech, self.started = 0.0, None, None
        waited = now - (self._began or 0.0)
        return Phase.SILENT if self._last_speech is None and waited >= self._timeout - ROUNDING else Phase.WAITING


def keep_from(started: float) -> float:
    """Seconds from which a turn's sound belongs to it, when its speech was noticed at ``started``."""
    return max(0.0, started - PRE_ROLL)
