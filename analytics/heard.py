"""What the rules look at: the words and the sound of one recording."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.dictionary import Lexicon
from speech.audio import Sound
from speech.vad import Span
from speech.words import Speaker, Transcript, Utterance


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One recording, recognised."""

    transcript: Transcript
    sound: Sound
    speech: tuple[tuple[Span, ...], ...]
    """Stretches of speech of each channel, by time, as the detector heard them: words or not."""
    keywords: Lexicon | None
    """Of the transcript's language; None where it has no dictionary."""
    feelings: tuple[tuple[Utterance, float], ...]
    """Sentiment of what people said, -1..1, by time; the robot has none."""
    hold: Span | None = None
    """From the robot's last words to the agent's joining, when the caller hears music; None where no agent came."""

    def speaker(self, channel: int, time: float) -> Speaker:
        """Who has the channel at a time in seconds: whoever's words are nearest."""
        near = [said for said in self.transcript.utterances if said.channel == channel]
        if not near:
            return Speaker.UNKNOWN
        return min(near, key=lambda said: max(said.start - time, time - said.end, 0)).speaker
