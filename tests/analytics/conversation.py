"""Conversations written down for rules: who says what when, and what the detector hears of it."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.rules.rule_input import RuleInput
from recordings.calls.facts import IMPORTED, CallFacts
from recordings.results.acoustics import STEP, Acoustics
from speech.recognition.words import Speaker, Transcript, Utterance, Word

Line = tuple[Speaker, float, float, str]
"""Who, from, to, what."""


def conversation(
    *lines: Line,
    duration: float,
    language: str = "ru",
    call: CallFacts = IMPORTED,
    channels: int = 2,
    dead: Sequence[int] = (),
) -> RuleInput:
    """The caller is left, whoever else speaks right; of one channel all is left."""
    said = tuple(_said(line, 0 if channels == 1 or line[0] is Speaker.CALLER else 1) for line in lines)
    speech = tuple(tuple((u.start, u.end) for u in said if u.channel == channel) for channel in range(channels))
    return RuleInput(
        transcript=Transcript(language=language, engine="test", duration=duration, utterances=said),
        acoustics=Acoustics(
            version="test",
            duration=duration,
            speech=speech,
            levels=((-25,) * round(duration / STEP),) * channels,
            lufs=(-24.0,) * channels,
            pitch=(None,) * channels,
            dead=tuple(dead),
        ),
        meaning=None,
        call=call,
    )


def _said(line: Line, channel: int) -> Utterance:
    speaker, start, end, text = line
    texts = text.split()
    step = (end - start) / len(texts)
    words = tuple(Word(text=word, start=start + n * step, end=start + (n + 1) * step) for n, word in enumerate(texts))
    return Utterance(speaker=speaker, start=start, end=end, text=text, words=words, channel=channel)
