"""What a dictionary says, as values: categories, conditions, phrases."""

from __future__ import annotations

from dataclasses import dataclass, replace

from analytics.conditions.value import Condition
from speech.recognition.words import Speaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Words that are looked for in any of their forms."""

    written: str
    """As it stands in the dictionary."""
    words: tuple[tuple[str, ...], ...]
    """Each word as the forms it stands for."""
    within: int
    """Most other words between two neighbouring words of the phrase."""
    any_order: bool
    fuzzy: float | None
    """Least likeness, 0..1, at which a word that was heard wrongly still counts; None: only the word itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something that is said: in which words, by whom, when."""

    phrases: tuple[Phrase, ...]
    excluded: tuple[Phrase, ...] = ()
    """Said in the same breath, they take a hit back."""
    speaker: Speaker | None = None
    """None: anybody."""
    first_seconds: float | None = None
    """It begins within so much of the start of the recording."""
    last_seconds: float | None = None
    """It ends within so much of the end of the recording."""
    after_pause: float | None = None
    """Seconds in which nobody spoke before the utterance began."""
    after_interruption: Speaker | bool = False
    """Said when or just after somebody was interrupted: by this speaker, or by anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A label and what earns it."""

    label: str
    """With its parents, as ``claims/refund``."""
    condition: Condition[Part]


def same_as(part: Part, phrase: Phrase) -> tuple[Part, Phrase]:
    """What two categories must not share, or nobody could tell them apart: a phrase under one and the same terms."""
    return replace(part, phrases=()), replace(phrase, written="", fuzzy=None)
