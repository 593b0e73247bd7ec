"""Somebody takes the word from somebody who speaks: who from whom.

One speaks, another begins over them and goes on, and the first one stops. Two who begin together, a "mhm", and words
that meet the end of the other's do not count.
"""

from __future__ import annotations

from collections.abc import Iterator

from analytics.rules.rule_input import RuleInput
from recordings.results.finding import Evidence, Finding, FindingKind
from speech.audio.vad import Span
from speech.recognition.words import Speaker

HAD_THE_WORD = 1.0
"""Seconds the first one has spoken before."""
TOGETHER = 0.5
"""Seconds both speak."""
GOES_ON = 0.5
"""Seconds the second one speaks on alone."""


def interruption(heard: RuleInput) -> Iterator[Finding]:
    """The finding's speaker is who interrupts; its label says whom: a person, or the robot (``barge_in``)."""
    if len(heard.acoustics.speech) != 2:
        return
    found = [_of(heard, second, first) for second, first in ((0, 1), (1, 0))]
    yield from sorted((one for side in found for one in side), key=lambda one: one.evidence.start)


def _of(heard: RuleInput, second: int, first: int) -> Iterator[Finding]:
    """What the channel ``second`` takes from the channel ``first``."""
    mine, theirs = heard.speech[second], heard.speech[first]
    at = 0
    for span in mine:
        while at < len(theirs) and theirs[at].end <= span.start:
            at += 1
        if at == len(theirs):
            return
        if not _takes_the_word(span, theirs[at]):
            continue
        whom = heard.speaker(first, span.start)
        yield Finding(
            kind=FindingKind.INTERRUPTION,
            label="barge_in" if whom is Speaker.ROBOT else "interruption",
            speaker=heard.speaker(second, span.start),
            evidence=Evidence(start=span.start, end=span.end, quote=_words(heard, second, span)),
            value=round(theirs[at].end - span.start, 1),
        )


def _takes_the_word(span: Span, other: Span) -> bool:
    had_it = span.start - other.start >= HAD_THE_WORD
    return had_it and other.end - span.start >= TOGETHER and span.end - other.end >= GOES_ON


def _words(heard: RuleInput, channel: int, span: Span) -> str:
    said = [
        u for u in heard.transcript.utterances if u.channel == channel and u.start < span.end and u.end > span.start
    ]
    return said[0].text if said else ""
