"""Sentiment on the kept-back fifth of our own phrases, beside the lexicon alone and TF-IDF with logistic regression.

All learn the same phrases and are asked the same ones, in one run. The phrases were written by one hand: figures on
other people's words will be lower.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench import report
from speech.embeddings.embeddings import embed
from speech.sentiment.lexicon import cues, features
from speech.sentiment.model import encoder_of, train
from speech.sentiment.samples import LABELS, Sample, held_back, samples, training
from speech.sentiment.sentiment import TELLS

LANGUAGES = ("ru", "en")
TIMED = 100
"""Phrases whose time is taken."""

Teller = Callable[[Sequence[str]], list[str]]


def run() -> None:
    """Measure, print the confusion matrices and write results/sentiment.json."""
    figures = {language: _measured(language) for language in LANGUAGES}
    report.write("sentiment", figures)
    for language, found in figures.items():
        _print_matrix(language, found["confusion"])


def _measured(language: str) -> dict[str, Any]:
    from sklearn.metrics import confusion_matrix, f1_score

    learning, testing = training(language), held_back(language)
    truth, texts = [sample.label for sample in testing], [sample.text for sample in testing]
    embed([sample.text for sample in learning], encoder_of(language))  # so that no model's time is that of the encoder
    started = time.perf_counter()
    model = train(learning, language)
    seconds = time.perf_counter() - started

    def ours(asked: Sequence[str]) -> list[str]:
        return [LABELS[at] for at in model.probabilities(asked).argmax(axis=1)]

    spent = []
    for text in texts[:TIMED]:
        began = time.process_time()
        ours([text])
        spent.append(1000 * (time.process_time() - began))
    tellers: dict[str, Teller] = {
        "otklik": ours,
        "lexicon_alone": lambda asked: _by_lexicon(asked, language),
        "tfidf_logistic_regression": _tfidf(learning),
        "vectors_and_cues_logistic_regression": _vectors(learning, language),
    }
    found = {name: tell(texts) for name, tell in tellers.items()}
    return {
        "phrases": len(samples(language)),
        "learned": len(learning),
        "kept_back": len(testing),
        "macro_f1": {name: round(f1_score(truth, told, average="macro"), 4) for name, told in found.items()},
        "f1_by_label": dict(
            zip(LABELS, f1_score(truth, found["otklik"], average=None, labels=LABELS).round(4).tolist(), strict=True)
        ),
        "confusion": confusion_matrix(truth, found["otklik"], labels=LABELS).tolist(),
        "training_seconds_without_encoder": round(seconds, 2),
        "milliseconds_of_work_a_phrase": report.spread(spent),
        "cores": os.cpu_count(),
    }


def _by_lexicon(asked: Sequence[str], language: str) -> list[str]:
    values = [cues(text, language).value for text in asked]
    return ["neutral" if abs(value) < TELLS else "positive" if value > 0 else "negative" for value in values]


def _tfidf(learning: Sequence[Sample]) -> Teller:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    terms = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True),
    )
    model = make_pipeline(terms, LogisticRegression(C=10, max_iter=1000))
    model.fit([sample.text for sample in learning], [sample.label for sample in learning])
    return lambda asked: [str(label) for label in model.predict(list(asked))]


def _vectors(learning: Sequence[Sample], language: str) -> Teller:
    from sklearn.linear_model import LogisticRegression

    def described(texts: Sequence[str]) -> Any:
        return np.hstack([embed(texts, encoder_of(language)), np.array([features(text, language) for text in texts])])

    model = LogisticRegression(C=10, max_iter=2000)
    model.fit(described([sample.text for sample in learning]), [sample.label for sample in learning])
    return lambda asked: [str(label) for label in model.predict(described(asked))]


def _print_matrix(language: str, matrix: Sequence[Sequence[int]]) -> None:
    table = Table("meant, told →", *LABELS, title=f"{language}: kept-back phrases")
    for label, row in zip(LABELS, matrix, strict=True):
        table.add_row(label, *map(str, row))
    Console().print(table)
