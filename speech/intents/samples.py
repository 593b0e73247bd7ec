"""What a model of intents learns from: samples, names of intents, phrases that ask for nothing known."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from speech.embeddings.embeddings import Encoder, clean
from speech.text.language import data
from speech.text.tokens import tokens

LARGEST = 12_000
"""Samples that are learned from at most: time grows with the cube of their number and is about a minute for these."""
MOST_OUTSIDE = 2_000
"""Phrases that ask for nothing known that are learned from at most."""
ENGLISH_LETTERS = 0.98
"""Share of unaccented Latin letters from which samples are taken for English."""
LONGEST_RUN = 3
"""Letters in a row a name has to have to hold a word: ``a1`` says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A phrase and what its speaker wanted."""

    text: str
    intent: str


def distinct(samples: Sequence[Sample]) -> list[Sample]:
    """Samples that hold words, each once, sorted; of too many, as even a choice over the intents as there is."""
    kept = {(sample.intent, clean(sample.text)) for sample in samples}
    by_intent: dict[str, list[str]] = defaultdict(list)
    for intent, text in sorted(kept):
        if tokens(text):
            by_intent[intent].append(text)
    share = _share([len(texts) for texts in by_intent.values()])
    return [Sample(text=text, intent=intent) for intent, texts in by_intent.items() for text in thinned(texts, share)]


def names(intents: Sequence[str]) -> list[Sample]:
    """Names of intents as samples: ``card_arrival`` is "card arrival". One more sample is worth a point on banking77.

    Names without words, or with the same words as another (``intent_1``, ``intent_2``), are left out.
    """
    worded: dict[str, list[str]] = defaultdict(list)
    for intent in intents:
        apart = re.sub(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])", " ", intent)
        words = [word for word in tokens(apart) if not word.isdigit()]
        if any(len(word) >= LONGEST_RUN for word in words):
            worded[" ".join(words)].append(intent)
    return [Sample(text=text, intent=found[0]) for text, found in worded.items() if len(found) == 1]


def encoder_for(texts: Sequence[str]) -> Encoder:
    """English has an encoder of its own; every other language shares one."""
    letters = [char for text in texts for char in text if char.isalpha()]
    plain = sum(char.isascii() for char in letters)
    return "english" if letters and plain >= ENGLISH_LETTERS * len(letters) else "multilingual"


def everyday(texts: Sequence[str]) -> list[str]:
    """Phrases people say to anyone about anything, in the language of the samples: Russian where they are Cyrillic."""
    letters = [char for text in texts for char in text.lower() if char.isalpha()]
    cyrillic = sum("а" <= char <= "я" or char == "ё" for char in letters)
    language = "ru" if 2 * cyrillic > len(letters) else "en"
    lines = data(language, "small_talk.txt").read_text("utf-8")
    return [clean(line) for line in lines.splitlines()]


def thinned(texts: Sequence[str], most: int = MOST_OUTSIDE) -> list[str]:
    """At most so many of the texts, sorted; always the same ones."""
    return sorted(texts if len(texts) <= most else sorted(texts, key=_drawn)[:most])


def _share(counts: Sequence[int]) -> int:
    """Samples an intent may have for all to be ``LARGEST`` at most."""
    share = max(counts, default=0)
    while sum(min(count, share) for count in counts) > LARGEST:
        share = share * 9 // 10
    return share


def _drawn(text: str) -> bytes:
    """An order that has nothing to do with the texts and is the same every time."""
    return hashlib.sha256(text.encode()).digest()
