"""A short summary in the call's own words: why they rang, the figures, what was promised, how it ended."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.understanding.evidence import LONGEST_QUOTE
from recordings.results.finding import Evidence
from recordings.results.meaning import Entity, Promise
from speech.recognition.words import Speaker, Transcript, Utterance
from speech.text.tokens import tokens

MOST = 5
"""Utterances."""
FEWEST_WORDS = 3
TELLING = ("order", "money", "product", "date")
"""Kinds of entities whose utterance is worth a line, the most telling first."""


def summary(
    transcript: Transcript,
    *,
    reason: Evidence | None,
    entities: Sequence[Entity],
    promises: Sequence[Promise],
    outcome: Evidence | None,
) -> tuple[Evidence, ...]:
    """Three to five utterances by time, fewer of a short call; never the robot's own phrases.

    What proves the reason, the first figures, the last promise and the outcome comes first; what people said longest
    fills up to three.
    """
    people = [said for said in transcript.utterances if said.speaker is not Speaker.ROBOT]
    figures = sorted((one for one in entities if one.kind in TELLING), key=lambda one: TELLING.index(one.kind))
    proofs = [reason, *(one.evidence for one in promises[-1:]), outcome, *(one.evidence for one in figures[:2])]
    chosen: list[Utterance] = []
    for evidence in proofs:
        if evidence is not None and (said := _holding(people, evidence)) and said not in chosen:
            chosen.append(said)
    longest = sorted(people, key=lambda said: -len(tokens(said.text)))
    for said in longest[: MOST * 2]:
        if len(chosen) >= 3:
            break
        if said not in chosen and len(tokens(said.text)) >= FEWEST_WORDS:
            chosen.append(said)
    by_time = sorted(chosen[:MOST], key=lambda said: said.start)
    return tuple(Evidence(start=said.start, end=said.end, quote=said.text[:LONGEST_QUOTE]) for said in by_time)


def _holding(people: Sequence[Utterance], evidence: Evidence) -> Utterance | None:
    """The utterance a proof was taken from."""
    middle = (evidence.start + evidence.end) / 2
    holding = [said for said in people if said.start <= middle <= said.end]
    return next((said for said in holding if evidence.quote[:40] in said.text), holding[0] if holding else None)
