"""What a caller wants, learnt from a few examples of each intent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speech.errors import IntentModelError
from speech.meaning.embeddings import DIMENSIONS, embed
from speech.meaning.tokens import tokens

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A phrase and what its speaker wanted."""

    text: str
    intent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a phrase asks for."""

    intent: str | None
    """None: nothing that the model knows."""
    confidence: float
    """0..1: how likely the first of ``ranked`` is right; low where ``intent`` is None."""
    ranked: tuple[tuple[str, float], ...]
    """Every intent with its probability, likeliest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentModel:
    """Knows the intents it was trained on. Safe from several threads."""

    version: str
    intents: tuple[str, ...]
    vocabulary: dict[str, int]
    rarity: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    least: float

    def predict(self, text: str) -> Prediction:
        return self.predict_many([text])[0]

    def predict_many(self, texts: Sequence[str]) -> list[Prediction]:
        if not texts:
            return []
        features = _features(texts, self.vocabulary, self.rarity)
        logits = features @ self.weights + self.bias
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        return [self._prediction(row) for row in raised / raised.sum(axis=1, keepdims=True)]

    def predict_all(self, text: str) -> tuple[Prediction, ...]:
        return (self.predict(text),)

    def _prediction(self, shares: NDArray[np.float32]) -> Prediction:
        order = np.argsort(-shares, kind="stable")
        ranked = tuple((self.intents[at], float(shares[at])) for at in order)
        best, share = ranked[0]
        known = share >= self.least
        return Prediction(intent=best if known else None, confidence=share, ranked=ranked)


def train(
    samples: Sequence[Sample], *, outside: Sequence[str] = (), progress: Callable[[int, int], None] | None = None
) -> IntentModel:
    """Learn from samples.

    Raises:
        ValueError: fewer than two intents.
    """
    from sklearn.linear_model import LogisticRegression

    intents = tuple(sorted({sample.intent for sample in samples}))
    if len(intents) < 2:
        raise ValueError(f"want samples of at least two intents, got {len(intents)}")
    texts = [sample.text for sample in samples]
    vocabulary: dict[str, int] = {}
    for text in texts:
        for term in _terms(text):
            vocabulary.setdefault(term, len(vocabulary))
    counts = np.zeros(len(vocabulary))
    for text in texts:
        counts[[vocabulary[term] for term in set(_terms(text))]] += 1
    rarity = (np.log((1 + len(texts)) / (1 + counts)) + 1).astype(np.float32)
    features = _features(texts, vocabulary, rarity)
    wanted = [intents.index(sample.intent) for sample in samples]
    fitted = LogisticRegression(C=30, max_iter=300).fit(features, wanted)
    weights, bias = fitted.coef_.T, fitted.intercept_
    if len(intents) == 2:
        weights, bias = np.hstack([-weights / 2, weights / 2]), np.array([-bias[0] / 2, bias[0] / 2])
    if progress:
        progress(len(texts), len(texts))
    return IntentModel(
        version=_version(samples, outside),
        intents=intents,
        vocabulary=vocabulary,
        rarity=rarity,
        weights=weights.astype(np.float32),
        bias=bias.astype(np.float32),
        least=min(0.4, 1.5 / len(intents)) if len(intents) > 3 else 0.6,
    )


def save(model: IntentModel, path: Path) -> None:
    """Write one file."""
    header = {"format": FORMAT, "version": model.version, "intents": model.intents, "vocabulary": model.vocabulary}
    with path.open("wb") as file:
        np.savez(
            file,
            header=np.array(json.dumps({**header, "least": model.least}, ensure_ascii=False)),
            rarity=model.rarity,
            weights=model.weights,
            bias=model.bias,
        )


def load(path: Path) -> IntentModel:
    """Read what ``save`` wrote.

    Raises:
        IntentModelError: it is no such file.
    """
    try:
        with np.load(path, allow_pickle=False) as parts:
            header = json.loads(str(parts["header"]))
            return IntentModel(
                version=header["version"],
                intents=tuple(header["intents"]),
                vocabulary=header["vocabulary"],
                rarity=parts["rarity"],
                weights=parts["weights"],
                bias=parts["bias"],
                least=header["least"],
            )
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise IntentModelError(f"{path} is no intent model; train it again with `otklik intents train`") from error


def _version(samples: Sequence[Sample], outside: Sequence[str]) -> str:
    seen = json.dumps([FORMAT, [[sample.text, sample.intent] for sample in samples], list(outside)])
    return hashlib.sha256(seen.encode()).hexdigest()[:12]


def _terms(text: str) -> list[str]:
    words = tokens(text)
    return words + [f"{one} {two}" for one, two in pairwise(words)]


def _features(texts: Sequence[str], vocabulary: dict[str, int], rarity: NDArray[np.float32]) -> Any:
    from scipy.sparse import csr_matrix, hstack

    rows, columns = [], []
    for row, text in enumerate(texts):
        known = [vocabulary[term] for term in _terms(text) if term in vocabulary]
        rows += [row] * len(known)
        columns += known
    counts = csr_matrix((rarity[columns], (rows, columns)), shape=(len(texts), len(rarity)))
    lengths = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1))).ravel()
    scaled = counts.multiply(1 / np.maximum(lengths, 1e-9)[:, None])
    return hstack([scaled, csr_matrix(embed(texts) * (DIMENSIONS**0 * 3))]).tocsr()
