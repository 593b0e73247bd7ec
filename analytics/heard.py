"""What the rules look at: the words and the sound of one recording."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.dictionary import Keyword
from speech.audio import Sound
from speech.vad import Span
from speech.words import Transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One recording, recognised."""

    transcript: Transcript
    sound: Sound
    speech: tuple[tuple[Span, ...], ...]
    """Stretches of speech of each channel, by time, as the detector heard them: words or not."""
    keywords: tuple[Keyword, ...]
    """Of the transcript's language."""
