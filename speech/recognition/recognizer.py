"""What every recognition engine does for us, live and on recordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from speech.audio.audio import AudioChunk, Sound
from speech.recognition.words import Speaker, Utterance


@dataclass(frozen=True, slots=True)
class Partial:
    """What the engine believes it has heard so far in this turn; may still change."""

    text: str = ""


class LiveRecognizer(Protocol):
    """Turns one leg's sound into words. One instance a turn; not thread-safe; calls may block for the decoding."""

    def feed(self, chunk: AudioChunk) -> Partial: ...
    def finish(self) -> Utterance | None:
        """Final words of the turn, times counted as in the chunks; None when nothing was recognised."""
        ...


class Recognizer(Protocol):
    """One loaded model of one language. Thread-safe: many turns are decoded side by side."""

    @property
    def engine(self) -> str:
        """Engine and model with versions, as ``vosk-0.3.45/vosk-model-small-ru-0.22``."""
        ...

    @property
    def language(self) -> str: ...

    def live(self, *, phrases: Sequence[str] = (), speaker: Speaker = Speaker.CALLER) -> LiveRecognizer:
        """Recogniser of one turn. ``phrases`` is the whole grammar of a closed question; empty means free speech.

        An engine without grammars may take ``phrases`` as a hint.
        """
        ...

    def recognize(self, sound: Sound, *, speaker: Speaker, channel: int) -> tuple[Utterance, ...]:
        """All utterances of a mono sound, by time. Speech is found by VAD first; silence yields ()."""
        ...
