"""What a caller wants, learned from a few examples of each intent.

A phrase is compared with every sample, by meaning (cosine of sentence vectors) and by wording (TF-IDF), and a kernel
ridge regression on these similarities scores the intents. Chosen on banking77 against logistic regression, linear
discriminants, nearest neighbours and their ensembles: 1 to 2 points better than the best of them with 10 examples an
intent, solved in closed form, and its held-out scores, from which confidence and refusal are calibrated, come for free.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from speech.embeddings.embeddings import Encoder, clean, embed
from speech.embeddings.kernel_ridge import Matrix, fit
from speech.embeddings.one_core import one_core
from speech.embeddings.tfidf import Terms, learn_terms, weigh
from speech.errors import ModelFileError
from speech.intents.calibration import Calibration, probabilities
from speech.intents.leave_one_out import calibrated
from speech.intents.samples import Sample as Sample
from speech.intents.samples import distinct, encoder_for, everyday, names, thinned
from speech.intents.splitting import parts
from speech.models.model_file import FORMAT as FORMAT
from speech.models.model_file import read, write
from speech.text.tokens import tokens

WIDTH = 2.0
"""Similarity by meaning is exp(-WIDTH * (1 - cosine)); 1 to 3 do equally well on banking77."""
WORDING = 0.2
"""Weight of wording beside meaning; 0.1 to 0.3 do equally well."""
NOISE = 0.1
"""How far a sample is mistrusted; 0.03 to 0.3 do equally well."""
ALIKE = 0.6
"""Cosine from which an everyday phrase is too near to a sample to serve as an example of what nobody asks for."""
STRIP = 1_000
"""Texts that are compared with all others at a time."""
SURE = 0.5
"""Confidence from which a part of a phrase is a wish of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a phrase asks for."""

    intent: str | None
    """None where "none of these" is likelier than any."""
    confidence: float
    """0..1: how likely the first of ``ranked`` is right; low where ``intent`` is None."""
    ranked: tuple[tuple[str, float], ...]
    """Every intent with its probability, likeliest first; they add up to 1 less that of "none of these"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentModel:
    """Knows the intents it was trained on. Safe from several threads."""

    version: str
    """Version of the samples and the way of learning: the same samples make the same version."""
    intents: tuple[str, ...]
    encoder: Encoder
    centre: Matrix
    """(dimensions,) mean vector of the samples, taken off every vector: what all of them share tells nothing."""
    memory: Matrix
    """(rows, dimensions) vectors of the samples, then of phrases that ask for nothing known."""
    known: int
    """Rows of ``memory`` that belong to intents."""
    coefficients: Matrix
    """(rows, intents + 1)"""
    terms: Terms
    term_scores: Matrix
    """(terms, intents + 1)"""
    calibration: Calibration
    accuracy: float
    """Share of samples that are recognised by a model that has not seen them, in scope or not; 0..1."""

    def predict(self, text: str) -> Prediction:
        """What one phrase asks for."""
        return self.predict_many([text])[0]

    def predict_many(self, texts: Sequence[str]) -> list[Prediction]:
        """What each phrase asks for, in order."""
        strips = (texts[first : first + STRIP] for first in range(0, len(texts), STRIP))
        return [prediction for strip in strips for prediction in self._predict(strip)]

    def _predict(self, texts: Sequence[str]) -> list[Prediction]:
        vectors = _centred(embed(texts, self.encoder), self.centre)
        with one_core():
            cosines = vectors @ self.memory.T
            scores = _by_meaning(cosines) @ self.coefficients
        for row, text in enumerate(texts):
            places, weights = weigh(self.terms, text)
            scores[row] += WORDING * (weights @ self.term_scores[places])
        shares = probabilities(scores, cosines[:, : self.known].max(axis=1), self.calibration)
        return [self._prediction(text, row) for text, row in zip(texts, shares, strict=True)]

    def predict_all(self, text: str) -> tuple[Prediction, ...]:
        """The wishes of a phrase in the order said; one prediction for the whole where it does not hold several."""
        said = parts(text)
        whole, *each = self.predict_many([text, *said])
        wishes: dict[str, Prediction] = {}
        for one in each:
            if one.intent and one.confidence >= SURE:
                wishes.setdefault(one.intent, one)
        misled = whole.intent is not None and whole.confidence >= SURE and whole.intent not in wishes
        return tuple(wishes.values()) if len(wishes) > 1 and not misled else (whole,)

    def _prediction(self, text: str, shares: Matrix) -> Prediction:
        if not tokens(text):  # nothing but marks and pictures
            return Prediction(intent=None, confidence=0.0, ranked=tuple((intent, 0.0) for intent in self.intents))
        order = np.argsort(-shares[:-1], kind="stable")
        ranked = tuple((self.intents[at], round(float(shares[at]), 4)) for at in order)
        intent, confidence = ranked[0]
        return Prediction(
            intent=intent if shares[-1] <= shares[order[0]] else None, confidence=confidence, ranked=ranked
        )


def train(
    samples: Sequence[Sample], *, outside: Sequence[str] = (), progress: Callable[[int, int], None] | None = None
) -> IntentModel:
    """Learn from samples. Their order and repeats do not matter.

    Args:
        samples: One is enough for an intent, ten are good. The words of an intent's name serve as one more.
        outside: Phrases known to ask for none of the intents; a list of everyday phrases is always added.
        progress: Told how many of how many phrases are encoded.

    Raises:
        ValueError: the samples with words in them have fewer than two intents.
    """
    rows = distinct(samples)
    intents = tuple(sorted({row.intent for row in rows}))
    if len(intents) < 2:
        raise ValueError(f"want samples of at least two intents, got {len(intents)}")
    named = [*rows, *names(intents)]
    encoder = encoder_for([row.text for row in rows])
    apart = thinned(sorted({text for text in map(clean, outside) if tokens(text)}))
    idle = everyday([row.text for row in rows])
    vectors = embed([*(row.text for row in named), *apart, *idle], encoder, progress=progress)
    centre = vectors[: len(rows)].mean(axis=0)
    vectors = _centred(vectors, centre)
    near = (vectors[-len(idle) :] @ vectors[: len(rows)].T).max(axis=1) >= ALIKE
    kept = np.concatenate([np.ones(len(named) + len(apart), bool), ~near])
    vectors = vectors[kept].astype(np.float16).astype(np.float32)  # as precise as the file keeps them
    none = len(intents)
    place = {intent: at for at, intent in enumerate(intents)}
    labels = np.array([place[row.intent] for row in named] + [none] * (len(vectors) - len(named)))
    terms = learn_terms([row.text for row in named])
    texts = [row.text for row in named] + apart + [text for text, gone in zip(idle, near, strict=True) if not gone]
    wording = _wording(terms, texts)
    targets = np.eye(none + 1, dtype=np.float32)[labels]
    solved = fit(_similarities(vectors, wording), targets, np.full(len(texts), NOISE, np.float32))
    calibration, accuracy = calibrated(solved, vectors, labels, phrases=len(rows), known=len(named))
    return IntentModel(
        version=_version(rows, apart),
        intents=intents,
        encoder=encoder,
        centre=centre,
        memory=vectors,
        known=len(named),
        coefficients=solved.coefficients,
        terms=terms,
        term_scores=(wording.T @ solved.coefficients).astype(np.float16).astype(np.float32),
        calibration=calibration,
        accuracy=accuracy,
    )


def _centred(vectors: Matrix, centre: Matrix) -> Matrix:
    """Vectors less what all samples share, again of length 1."""
    moved = vectors - centre
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-6), np.float32)


def _by_meaning(cosines: Matrix) -> Matrix:
    return np.asarray(np.exp(WIDTH * (cosines - 1)), np.float32)


def _similarities(vectors: Matrix, wording: csr_matrix) -> Matrix:
    """Of all texts with all; in strips, because the whole is 0.4 GB for 10,000 texts and should be there once."""
    found = np.empty((len(vectors), len(vectors)), np.float32)
    for first in range(0, len(vectors), STRIP):
        strip = slice(first, first + STRIP)
        found[strip] = _by_meaning(vectors[strip] @ vectors.T) + WORDING * (wording[strip] @ wording.T).toarray()
    return found


def _wording(terms: Terms, texts: Sequence[str]) -> csr_matrix:
    """Weights of the terms of each text: (texts, terms)."""
    weighed = [weigh(terms, text) for text in texts]
    columns, weights = (np.concatenate(part) for part in zip(*weighed, strict=True))
    ends = np.cumsum([0, *(len(places) for places, _ in weighed)])
    return csr_matrix((weights, columns, ends), shape=(len(texts), len(terms.index)))


def _version(rows: Sequence[Sample], outside: Sequence[str]) -> str:
    """Twelve hexadecimal digits."""
    seen = json.dumps([FORMAT, [[row.intent, row.text] for row in rows], list(outside)])
    return hashlib.sha256(seen.encode()).hexdigest()[:12]


def save(model: IntentModel, path: Path) -> None:
    """Write a model to one file, whole or not at all.

    Raises:
        OSError: it cannot be written there.
    """
    header = {
        "version": model.version,
        "intents": model.intents,
        "encoder": model.encoder,
        "known": model.known,
        "terms": list(model.terms.index),
        "sharpness": model.calibration.sharpness,
        "threshold": model.calibration.threshold,
        "accuracy": model.accuracy,
    }
    arrays: dict[str, NDArray[Any]] = {
        "centre": model.centre,
        "memory": model.memory.astype(np.float16),
        "coefficients": model.coefficients,
        "rarity": model.terms.rarity,
        "term_scores": model.term_scores.astype(np.float16),
    }
    write(path, header, arrays)


def load(path: Path) -> IntentModel:
    """Read what ``save`` wrote.

    Raises:
        ModelFileError: the file is not there, damaged, something else or of a newer program; says what to do.
    """
    header, arrays = read(path)
    try:
        model = IntentModel(
            version=header["version"],
            intents=tuple(header["intents"]),
            encoder=header["encoder"],
            centre=arrays["centre"],
            memory=arrays["memory"].astype(np.float32),
            known=header["known"],
            coefficients=arrays["coefficients"],
            terms=Terms(index={term: at for at, term in enumerate(header["terms"])}, rarity=arrays["rarity"]),
            term_scores=arrays["term_scores"].astype(np.float32),
            calibration=Calibration(sharpness=header["sharpness"], threshold=header["threshold"]),
            accuracy=header["accuracy"],
        )
    except KeyError as error:
        raise ModelFileError(f"{path}: {error} is missing; train it again with `otklik intents train`") from error
    labels = len(model.intents) + 1
    shapes = (model.memory.shape[0], labels) == model.coefficients.shape
    if not shapes or model.term_scores.shape != (len(model.terms.rarity), labels):
        raise ModelFileError(f"{path}: its parts do not fit together; train it again with `otklik intents train`")
    return model
