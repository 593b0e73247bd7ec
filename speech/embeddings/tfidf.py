"""Texts as weighted words and pieces of words (TF-IDF): what a sentence encoder blurs, as names and numbers.

Source of the formula and its defaults: scikit-learn's ``TfidfVectorizer`` with ``sublinear_tf``, ``smooth_idf`` and the
analysers ``word`` (1–2 words) and ``char_wb`` (2–4 letters within a word and its edges).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from speech.embeddings.embeddings import clean
from speech.text.tokens import tokens

PIECES = (2, 3, 4)
"""Lengths of pieces of words, in characters."""
MANY = 1_000
"""Texts from which on terms are chosen; of fewer, all are kept."""
RARE, FREQUENT = 2, 0.2
"""Texts at least, and share of them at most, a kept term stands in: the others are most of all and tell little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Words, pairs of words and pieces of words of a set of texts."""

    index: Mapping[str, int]
    rarity: NDArray[np.float32]
    """Weight of each term: the rarer, the more."""


def learn_terms(texts: Sequence[str]) -> Terms:
    """The terms of some texts and how rare each is."""
    found = Counter(term for text in texts for term in {*_words(text), *_pieces(text)})
    least, most = (RARE, FREQUENT * len(texts)) if len(texts) >= MANY else (1, len(texts))
    kept = sorted(term for term, count in found.items() if least <= count <= most)
    counts = np.array([found[term] for term in kept], np.float64)
    rarity = np.log((1 + len(texts)) / (1 + counts)) + 1
    return Terms(index={term: place for place, term in enumerate(kept)}, rarity=rarity.astype(np.float32))


def weigh(terms: Terms, text: str) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Places and weights of a text's known terms; the squares of the weights add up to 1, or to 0 where none is known.

    Whole words and pieces of words count half each, however many there are.
    """
    places, weights = [], []
    for found in (Counter(_words(text)), Counter(_pieces(text))):
        known = {terms.index[term]: count for term, count in found.items() if term in terms.index}
        at = np.fromiter(known, np.intp, len(known))
        weight = (1 + np.log(np.fromiter(known.values(), np.float64, len(known)))) * terms.rarity[at]
        length = np.sqrt(2 * (weight @ weight))
        places.append(at)
        weights.append((weight / length if length else weight).astype(np.float32))
    return np.concatenate(places), np.concatenate(weights)


def _words(text: str) -> list[str]:
    words = tokens(clean(text))
    return [*words, *(f"{first} {second}" for first, second in pairwise(words))]


def _pieces(text: str) -> list[str]:
    """Pieces are marked off from words by the edge they carry or by a leading ``~``."""
    words = (f" {word} " for word in tokens(clean(text)))
    return [f"~{word[at : at + size]}" for word in words for size in PIECES for at in range(len(word) - size + 1)]
