"""Phrases labelled by feeling that the model of sentiment learns from: ``languages/<code>/sentiment_samples.txt``.

What a label means, for whoever adds a phrase or corrects one:

- it is the feeling the *speaker* shows in these words, and of mixed words the one they end on;
- ``negative``: displeasure, worry, irony, and complaints however polite, also a plain "you have not delivered";
- ``positive``: praise, relief, joy, thanks that are meant;
- ``neutral``: facts, questions, requests, also about unpleasant things, and what courtesy prescribes: "thanks,
  goodbye", an agent's "sorry for the wait".

A fifth is kept back for measuring, by the words themselves, and never learned from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from speech.embeddings.embeddings import clean
from speech.text.language import data
from speech.text.tokens import tokens

Label = Literal["negative", "neutral", "positive"]
LABELS: tuple[Label, ...] = get_args(Label)
HELD_BACK = 5
"""One phrase in so many is kept back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A phrase and the feeling its speaker shows."""

    text: str
    label: Label


@cache
def samples(language: str) -> tuple[Sample, ...]:
    """The project's own phrases of a language; none where it has none.

    Raises:
        ValueError: a line is not a label, a tab and words.
    """
    file = data(language, "sentiment_samples.txt")
    lines = file.read_text("utf-8").splitlines() if file.is_file() else ()
    return tuple(_sample(number, line) for number, line in enumerate(lines, start=1))


def is_held_back(text: str) -> bool:
    """By the words alone, so that no new label moves a phrase between learning and measuring."""
    return hashlib.sha256(" ".join(tokens(text)).encode()).digest()[0] % HELD_BACK == 0


def training(language: str, corrections: Sequence[Sample] = ()) -> tuple[Sample, ...]:
    """What is learned from, in an order that does not depend on how it came; a person's correction beats our label.

    Args:
        language: Of all phrases.
        corrections: By time; the last one of the same words counts. Kept-back ones and ones without words are left out.
    """
    return _distinct(sample for sample in (*samples(language), *corrections) if not is_held_back(sample.text))


def held_back(language: str, corrections: Sequence[Sample] = ()) -> tuple[Sample, ...]:
    """What is measured on; the counterpart of ``training``."""
    return _distinct(sample for sample in (*samples(language), *corrections) if is_held_back(sample.text))


def _distinct(found: Iterable[Sample]) -> tuple[Sample, ...]:
    by_words: dict[str, Sample] = {}
    for sample in found:
        words = " ".join(tokens(sample.text))
        if words:
            by_words[words] = Sample(text=clean(sample.text), label=sample.label)
    return tuple(by_words[words] for words in sorted(by_words))


def _sample(number: int, line: str) -> Sample:
    label, _, text = line.partition("\t")
    known = next((name for name in LABELS if name == label), None)
    if known is None or not text.strip():
        raise ValueError(f"line {number}: want one of {', '.join(LABELS)}, a tab and words, got {line!r}")
    return Sample(text=text, label=known)
