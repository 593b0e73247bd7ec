"""What the rules look at: the words of one recording, how it sounds, what it means and what is known of the call."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10

from recordings.calls.facts import IMPORTED, CallFacts
from recordings.redaction.redaction import redact_transcript
from recordings.results.acoustics import SILENT, STEP, Acoustics
from recordings.results.meaning import CallMeaning
from speech.audio.vad import Span
from speech.recognition.words import Speaker, Transcript, Utterance


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInput:
    """One recording, recognised, measured and understood: rules need no sound."""

    transcript: Transcript
    acoustics: Acoustics
    meaning: CallMeaning | None
    """None where the models have not looked at it."""
    call: CallFacts = IMPORTED
    redacted: Transcript | None = None
    """The same words as everyone reads them, where they are at hand."""

    @property
    def readable(self) -> Transcript:
        """The words without their private parts. Phrases of dictionaries and alerts are looked for here alone: whoever
        may write one could ask for hidden words by it, and what it finds is counted, scored and told to everyone."""
        return self.redacted or redact_transcript(self.transcript).transcript

    @property
    def speech(self) -> tuple[tuple[Span, ...], ...]:
        """Stretches of speech of each channel, by time, as the detector heard them: words or not."""
        return tuple(tuple(Span(start=start, end=end) for start, end in channel) for channel in self.acoustics.speech)

    @property
    def sentiments(self) -> tuple[tuple[Utterance, float], ...]:
        """Sentiment of what people said, -1..1, by time; the robot has none."""
        values = self.meaning.sentiments if self.meaning else ()
        said = zip(self.transcript.utterances, values, strict=False)
        return tuple((each, value) for each, value in said if value is not None and each.speaker is not Speaker.ROBOT)

    def level(self, channel: int, *spans: Span) -> float | None:
        """RMS level of stretches of a channel, dBFS; None where there is no sound in them."""
        levels = self.acoustics.levels[channel] if channel < len(self.acoustics.levels) else ()
        powers = [
            10 ** (level / 10)
            for span in spans
            for level in levels[floor(span.start / STEP + 0.5) : max(ceil(span.end / STEP - 0.5), 1)]
            if level > SILENT
        ]
        return 10 * log10(sum(powers) / len(powers)) if powers else None

    def speaker(self, channel: int, time: float) -> Speaker:
        """Who has the channel at a time in seconds: whoever's words are nearest."""
        near = [said for said in self.transcript.utterances if said.channel == channel]
        if not near:
            return Speaker.UNKNOWN
        return min(near, key=lambda said: max(said.start - time, time - said.end, 0)).speaker
