"""Who has the word: utterances of one speaker that nobody really comes between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from speech.recognition.words import Speaker, Utterance
from speech.text.tokens import tokens

LONGEST_PAUSE = 3.0
"""Seconds; after a longer one the speaker begins anew."""
MHM_WORDS, MHM_SECONDS = 2, 1.2
"""Up to so many words in so many seconds are a sign of listening, and take nobody's word away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Monologue:
    """One speaker's words without anybody's in between."""

    speaker: Speaker
    start: float
    """Seconds from the start of the recording."""
    end: float
    said: tuple[Utterance, ...]

    @property
    def seconds(self) -> float:
        return self.end - self.start


def monologues(utterances: Sequence[Utterance]) -> Iterator[Monologue]:
    """By time. Where two speak at once, both keep the word."""
    open_: dict[Speaker, list[Utterance]] = {}
    for said in utterances:
        mine = open_.get(said.speaker)
        if mine and said.start - mine[-1].end > LONGEST_PAUSE:
            yield _closed(open_.pop(said.speaker))
        if not _is_mhm(said):
            for other in [who for who in open_ if who is not said.speaker]:
                if open_[other][-1].end <= said.start:
                    yield _closed(open_.pop(other))
        open_.setdefault(said.speaker, []).append(said)
    for mine in open_.values():
        yield _closed(mine)


def _closed(said: Sequence[Utterance]) -> Monologue:
    end = max(each.end for each in said)
    return Monologue(speaker=said[0].speaker, start=said[0].start, end=end, said=tuple(said))


def _is_mhm(said: Utterance) -> bool:
    return said.end - said.start <= MHM_SECONDS and len(tokens(said.text)) <= MHM_WORDS
