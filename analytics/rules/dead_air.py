"""A question, and then nothing: the one who was asked keeps silent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analytics.rules.hold_time import holds, last_before
from analytics.rules.rule_input import RuleInput
from recordings.results.finding import Evidence, Finding, FindingKind
from speech.audio.acoustics import gaps
from speech.audio.vad import Span
from speech.display.punctuation import punctuated
from speech.recognition.words import Utterance

LONG = 3.0
"""Seconds. In telephone talk an answer comes within one; from three on people ask "hello?"."""
NEAR = 1.0
"""Seconds by which the times of words and of the detector may differ."""


def dead_air(heard: RuleInput) -> Iterator[Finding]:
    """The finding's speaker is who was asked and answered late."""
    said = heard.transcript.utterances
    waits: Sequence[Span] | None = None
    for gap in gaps(heard.speech, heard.acoustics.duration):
        if gap.duration < LONG or (asked := last_before(said, gap)) is None or gap.start - asked.end > NEAR:
            continue
        answer = next((each for each in said if each.start >= gap.end - NEAR and each.start > asked.start), None)
        if answer is None or answer.speaker is asked.speaker or not is_question(asked, heard.transcript.language):
            continue
        waits = holds(heard) if waits is None else waits
        if any(wait.start < gap.end and gap.start < wait.end for wait in waits):
            continue
        yield Finding(
            kind=FindingKind.DEAD_AIR,
            label="dead_air",
            speaker=answer.speaker,
            evidence=Evidence(start=gap.start, end=gap.end, quote=asked.text),
            value=round(gap.duration, 1),
        )


def is_question(said: Utterance, language: str) -> bool:
    """Its last sentence, as people read it, ends with a question mark."""
    marked = punctuated(said.words, language) or [said.text]
    return marked[-1].rstrip(' "»”)').endswith("?")
