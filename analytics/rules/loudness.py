"""Speech that is hard to hear, or a voice that was raised."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from analytics.rules.rule_input import RuleInput
from recordings.results.finding import Evidence, Finding, FindingKind
from speech.audio.vad import Span
from speech.recognition.words import Speaker, Utterance

QUIET = -42.0
"""dBFS; below it a telephone line's own noise is near."""
RAISED = 8.0
"""dB above the speaker's own median."""
LONG = 0.8
"""Seconds; shorter utterances have no loudness worth the name."""
ENOUGH = 3
"""Utterances from which a speaker has a usual loudness."""


def loudness(heard: RuleInput) -> Iterator[Finding]:
    """Whoever cannot be heard well, and a caller who raises their voice: the voices of employees are not judged."""
    by_speaker: dict[tuple[Speaker, int], list[tuple[Utterance, float]]] = {}
    for said in heard.transcript.utterances:
        if said.end - said.start >= LONG and said.speaker is not Speaker.ROBOT:
            level = heard.level(said.channel, Span(start=said.start, end=said.end))
            if level is not None:
                by_speaker.setdefault((said.speaker, said.channel), []).append((said, level))
    for (speaker, _), levels in by_speaker.items():
        usual = median(level for _, level in levels)
        for said, level in levels:
            raised = speaker is not Speaker.AGENT and len(levels) >= ENOUGH and level >= usual + RAISED
            if raised or level < QUIET:
                yield Finding(
                    kind=FindingKind.LOUDNESS,
                    label="loud" if raised else "quiet",
                    speaker=speaker,
                    evidence=Evidence(start=said.start, end=said.end, quote=said.text),
                    value=round(level, 1),
                )
