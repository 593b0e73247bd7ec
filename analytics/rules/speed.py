"""Speech faster or slower than people follow, by the words of each speaker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from analytics.rules.rule_input import RuleInput
from recordings.results.finding import Evidence, Finding, FindingKind
from speech.recognition.words import Speaker, Utterance
from speech.text.tokens import tokens

FOLLOWED: Mapping[str, tuple[float, float]] = {"ru": (70.0, 170.0), "en": (90.0, 220.0)}
"""Words a minute of a person's own speech, pauses between utterances left out. English conversation runs at 150 to 190
(Tauroza, Allison 1990: 210 in conversation, without long pauses); Russian words are longer by about a third."""
ENOUGH_WORDS = 30
"""Words of a speaker in a call, below which there is no usual speed."""
PROVING_WORDS = 8
"""Words of the utterance that proves it."""


def speed(heard: RuleInput) -> Iterator[Finding]:
    """One finding a speaker: their speed over the whole call, proved by their most extreme utterance."""
    if heard.transcript.language not in FOLLOWED:
        return
    slow, fast = FOLLOWED[heard.transcript.language]
    by_speaker: defaultdict[Speaker, list[tuple[Utterance, int]]] = defaultdict(list)
    for said in heard.transcript.utterances:
        if said.speaker is not Speaker.ROBOT:
            by_speaker[said.speaker].append((said, len(tokens(said.text))))
    for speaker, utterances in by_speaker.items():
        words = sum(count for _, count in utterances)
        minutes = sum(said.end - said.start for said, _ in utterances) / 60
        rate = words / minutes
        if words < ENOUGH_WORDS or slow <= rate <= fast:
            continue
        pick = max if rate > fast else min
        whole = [pair for pair in utterances if pair[1] >= PROVING_WORDS] or utterances
        proof, _ = pick(whole, key=lambda pair: pair[1] / (pair[0].end - pair[0].start))
        yield Finding(
            kind=FindingKind.SPEED,
            label="fast" if rate > fast else "slow",
            speaker=speaker,
            evidence=Evidence(start=proof.start, end=proof.end, quote=proof.text),
            value=round(rate),
        )
