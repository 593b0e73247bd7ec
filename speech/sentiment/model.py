"""Negative, neutral or positive, learned from labelled phrases.

A phrase is compared with every sample by meaning (cosine of sentence vectors), by wording (TF-IDF) and by its cues
(``cue_words.features``), and a kernel ridge regression on these similarities scores the three labels. The scores that
samples get when they are left out come for free; probabilities are calibrated on them. On the kept-back fifth it is as
good as logistic regression on the same vectors and cues in Russian (macro-F1 0.86), and 5 points better in English
(0.90); single words alone make 0.57 and 0.59 (``python -m bench sentiment``, 22 November 2026).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speech.embeddings.embeddings import Encoder, clean, embed
from speech.embeddings.kernel_ridge import Matrix, fit, held_out, inverse_part
from speech.embeddings.one_core import one_core
from speech.embeddings.tfidf import Terms, learn_terms, weigh
from speech.sentiment.lexicon import features, lexicon_hash
from speech.sentiment.samples import LABELS, Sample

FORMAT = 1
"""Raised when the same samples are learned in another way, or older programs could not make sense of a file."""
WIDTH = 2.0
"""Similarity by meaning is exp(-WIDTH * (1 - cosine)); 2 to 4 do about equally well."""
WORDING = 0.5
"""Weight of wording beside meaning; 0.2 to 1 do about equally well."""
CUES = 0.2
"""Weight of cues beside meaning; 0.1 to 0.3 do equally well."""
NOISE = 0.1
"""How far a sample is mistrusted; 0.1 to 0.3 do equally well."""
STRIP = 1_000
"""Texts that are compared with all samples at a time."""
ENCODERS: dict[str, Encoder] = {"en": "english"}
"""Other languages share ``multilingual``."""
SHARPNESSES = np.geomspace(1, 20, 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentModel:
    """Knows one language. Safe from several threads."""

    version: str
    """Version of the samples and the way of learning: the same samples make the same version."""
    language: str
    encoder: Encoder
    centre: Matrix
    """(dimensions,) mean vector of the samples, taken off every vector: what all of them share tells nothing."""
    memory: Matrix
    """(samples, dimensions)"""
    coefficients: Matrix
    """(samples, 3)"""
    terms: Terms
    term_scores: Matrix
    """(terms, 3)"""
    cue_scores: Matrix
    """(features, 3)"""
    shares: Matrix
    """(3,) of the labels among the samples: what is scored where nothing tells."""
    sharpness: float
    """Factor that makes probabilities of scores."""

    def probabilities(self, texts: Sequence[str]) -> Matrix:
        """Of ``LABELS``; shape (len(texts), 3)."""
        strips = [self._strip(texts[first : first + STRIP]) for first in range(0, len(texts), STRIP)]
        return np.concatenate([np.zeros((0, len(LABELS)), np.float32), *strips])

    def _strip(self, texts: Sequence[str]) -> Matrix:
        vectors = _centred(embed(texts, self.encoder), self.centre)
        cues = _cues(texts, self.language)
        with one_core():
            scores = _by_meaning(vectors @ self.memory.T) @ self.coefficients + CUES * (cues @ self.cue_scores)
        for row, text in enumerate(texts):
            places, weights = weigh(self.terms, text)
            scores[row] += WORDING * (weights @ self.term_scores[places])
        return _softmax(self.sharpness * (scores + self.shares))


def train(
    samples: Sequence[Sample], language: str, *, progress: Callable[[int, int], None] | None = None
) -> SentimentModel:
    """Learn from samples of one language.

    Args:
        samples: As ``sentiment_samples.training`` gives them.
        language: Chooses the encoder and the lexicon.
        progress: Told how many of how many phrases are encoded.

    Raises:
        ValueError: fewer than two labels are among the samples.
        ImportError: the package of the encoder is not installed.
    """
    labels = np.array([LABELS.index(sample.label) for sample in samples], np.intp)
    if len(set(labels.tolist())) < 2:
        raise ValueError("want samples of at least two of the labels")
    texts = [sample.text for sample in samples]
    encoder = encoder_of(language)
    vectors = embed(texts, encoder, progress=progress)
    centre = vectors.mean(axis=0)
    vectors = _centred(vectors, centre).astype(np.float16).astype(np.float32)  # as precise as the file keeps them
    terms = learn_terms(texts)
    wording = np.zeros((len(texts), len(terms.index)), np.float32)
    for row, text in enumerate(texts):
        places, weights = weigh(terms, text)
        wording[row, places] = weights
    cues = _cues(texts, language)
    targets = np.eye(len(LABELS), dtype=np.float32)[labels]
    shares = targets.mean(axis=0)
    with one_core():
        alike = _by_meaning(vectors @ vectors.T) + WORDING * (wording @ wording.T) + CUES * (cues @ cues.T)
        solved = fit(alike, targets - shares, np.full(len(texts), NOISE, np.float32))
        everyone = np.arange(len(texts))
        inverse = inverse_part(solved, everyone)
        alone = held_out(solved, everyone, inverse, [np.array([at]) for at in everyone])
    return SentimentModel(
        version=version_of(samples, language),
        language=language,
        encoder=encoder,
        centre=centre,
        memory=vectors,
        coefficients=solved.coefficients.astype(np.float32),
        terms=terms,
        term_scores=(wording.T @ solved.coefficients).astype(np.float16).astype(np.float32),
        cue_scores=(cues.T @ solved.coefficients).astype(np.float32),
        shares=shares,
        sharpness=_sharpness(alone + shares, labels),
    )


def version_of(samples: Sequence[Sample], language: str) -> str:
    """Twelve hexadecimal digits over what would be learned and how."""
    how = [FORMAT, language, WIDTH, WORDING, CUES, NOISE, lexicon_hash(language)]
    seen = json.dumps([how, [[sample.label, sample.text] for sample in samples]])
    return hashlib.sha256(seen.encode()).hexdigest()[:12]


def encoder_of(language: str) -> Encoder:
    return ENCODERS.get(language, "multilingual")


def _sharpness(scores: Matrix, labels: NDArray[np.intp]) -> float:
    """Under which the labels of samples that were left out are likeliest (temperature scaling, Guo et al., 2017)."""
    rows = np.arange(len(labels))

    def loss(sharpness: float) -> float:
        return -float(np.log(np.maximum(_softmax(sharpness * scores)[rows, labels], 1e-6)).mean())

    return float(min(SHARPNESSES, key=loss))


def _cues(texts: Sequence[str], language: str) -> Matrix:
    return np.array([features(clean(text), language) for text in texts], np.float32)


def _centred(vectors: Matrix, centre: Matrix) -> Matrix:
    moved = vectors - centre
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-6), np.float32)


def _by_meaning(cosines: Matrix) -> Matrix:
    return np.asarray(np.exp(WIDTH * (cosines - 1)), np.float32)


def _softmax(logits: Matrix) -> Matrix:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)
