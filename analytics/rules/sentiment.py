"""Utterances that are clearly pleased or displeased, and where a speaker's feeling turned. The robot has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean

from analytics.rules.rule_input import RuleInput
from recordings.results.finding import Evidence, Finding, FindingKind
from speech.recognition.words import Speaker, Utterance

CLEAR = 0.4
"""Score 0..1: from here it is worth a mark."""
TURNED = 0.3
"""Mean of the clear utterances on either side, below zero and above it, that makes a turn."""
BETTER, WORSE = "turned_positive", "turned_negative"

Felt = tuple[Utterance, float]


def sentiment(heard: RuleInput) -> Iterator[Finding]:
    clear = [(said, feeling) for said, feeling in heard.sentiments if abs(feeling) >= CLEAR]
    for said, feeling in clear:
        yield Finding(
            kind=FindingKind.SENTIMENT,
            label="positive" if feeling > 0 else "negative",
            speaker=said.speaker,
            evidence=Evidence(start=said.start, end=said.end, quote=said.text),
            value=round(feeling, 2),
        )
    for speaker in (Speaker.CALLER, Speaker.AGENT):
        yield from _turn([(said, feeling) for said, feeling in clear if said.speaker is speaker])


def _turn(felt: Sequence[Felt]) -> Iterator[Finding]:
    """The one place, if any, that parts a speaker's call into a displeased and a pleased half, whichever is first.

    It is where the halves differ most from each other and least within themselves (Otsu, 1979). Its proof begins with
    the last utterance of the old mood and ends with the first of the new one.
    """
    if len(felt) < 2:
        return
    values = [value for _, value in felt]
    at = max(range(1, len(values)), key=lambda place: _apart(values, place))
    before, after = fmean(values[:at]), fmean(values[at:])
    if min(abs(before), abs(after)) < TURNED or before * after > 0:
        return
    last = next(said for said, value in reversed(felt[:at]) if value * before > 0)
    first = next(said for said, value in felt[at:] if value * after > 0)
    yield Finding(
        kind=FindingKind.SENTIMENT,
        label=BETTER if after > 0 else WORSE,
        speaker=last.speaker,
        evidence=Evidence(start=last.start, end=max(first.end, last.start), quote=f"{last.text} … {first.text}"),
        value=round((after - before) / 2, 2),
    )


def _apart(values: Sequence[float], at: int) -> float:
    """Variance between the values before a place and from it on, times their squared number."""
    return at * (len(values) - at) * (fmean(values[:at]) - fmean(values[at:])) ** 2
