"""Understanding on banking77 (Casanueva et al., 2020; CC-BY-4.0), beside TF-IDF with logistic regression.

The data is not part of the project: a folder with its train.csv and test.csv is named by OTKLIK_BANKING77, or stands
at ../shared/data/banking77. Out of scope is measured in two ways: ``near``, a quarter of the intents is left out of
training and their test phrases have to be told from the others; ``far``, everyday phrases of intents_outside.en.txt.
Those were written by who wrote the everyday phrases every model learns as "none of these", though apart from them.
"""

from __future__ import annotations

import csv
import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench import report
from speech.embeddings import embeddings
from speech.intents.intents import IntentModel, Sample, train

SEEDS = (0, 1, 2, 3, 4)
EACH = 10
"""Samples an intent of a draw."""
LEFT_OUT = 0.25
TIMED = 300
"""Phrases whose time is taken."""

Ranking = tuple[list[str], list[float]]
"""For each phrase the likeliest intent, and how likely it is."""
Trainer = Callable[[Sequence[Sample]], Callable[[Sequence[str]], Ranking]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    training: list[Sample]
    testing: list[Sample]
    everyday: list[str]


def run() -> None:
    """Measure and write results/intents.json."""
    folder = Path(os.environ.get("OTKLIK_BANKING77") or Path(__file__).parents[2] / "shared/data/banking77")
    if not (folder / "train.csv").is_file():
        print(f"no banking77 in {folder}: name its folder in OTKLIK_BANKING77", file=sys.stderr)
        return
    everyday = Path(__file__).with_name("intents_outside.en.txt").read_text("utf-8").splitlines()
    data = Data(training=_read(folder / "train.csv"), testing=_read(folder / "test.csv"), everyday=everyday)
    embeddings.REMEMBERED = 50_000  # each phrase is encoded once for all the models below
    started = time.perf_counter()
    whole = train(data.training)
    seconds = time.perf_counter() - started
    times = _milliseconds(whole, [sample.text for sample in data.testing[:TIMED]])
    report.write(
        "intents",
        {
            "data": {"training": len(data.training), "testing": len(data.testing), "everyday": len(data.everyday)},
            "seeds": SEEDS,
            "otklik": {**_figures(_otklik, data), **_refusal(whole, data), "ms_a_phrase_on_one_core": times},
            "tfidf_logistic_regression": _figures(_peer, data),
            "training_seconds": round(seconds, 1),
        },
    )


def _figures(trainer: Trainer, data: Data) -> dict[str, Any]:
    """Accuracy by the likeliest intent, refusal aside, and the area under the curve of telling what is out of scope."""
    few = [_right(trainer(_draw(data.training, seed)), data.testing) for seed in SEEDS]
    out = _left_out(data.training)
    known = [sample for sample in data.testing if sample.intent not in out]
    unknown = [sample.text for sample in data.testing if sample.intent in out]
    most = trainer([sample for sample in data.training if sample.intent not in out])
    some = trainer([sample for sample in _draw(data.training, 0) if sample.intent not in out])
    every = trainer(data.training)
    return {
        "accuracy_all": _right(every, data.testing),
        f"accuracy_{EACH}": {"mean": round(float(np.mean(few)), 4), "each_seed": few},
        "auroc_far_all": _auroc(every, data.testing, data.everyday),
        f"auroc_far_{EACH}": _auroc(some, known, data.everyday),
        "auroc_near_all": _auroc(most, known, unknown),
        f"auroc_near_{EACH}": _auroc(some, known, unknown),
    }


def _refusal(model: IntentModel, data: Data) -> dict[str, float]:
    """What the calibrated threshold does."""
    found = model.predict_many([sample.text for sample in data.testing])
    refused = model.predict_many(data.everyday)
    return {
        "accuracy_all_refusals_counted_wrong": _share(
            [p.intent == sample.intent for p, sample in zip(found, data.testing, strict=True)]
        ),
        "in_scope_kept": _share([p.intent is not None for p in found]),
        "far_refused": _share([p.intent is None for p in refused]),
    }


def _otklik(samples: Sequence[Sample]) -> Callable[[Sequence[str]], Ranking]:
    model = train(samples)

    def rank(texts: Sequence[str]) -> Ranking:
        found = model.predict_many(texts)
        return [p.ranked[0][0] for p in found], [p.confidence for p in found]

    return rank


def _peer(samples: Sequence[Sample]) -> Callable[[Sequence[str]], Ranking]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True),
    )
    model = make_pipeline(features, LogisticRegression(C=30, max_iter=200))
    model.fit([sample.text for sample in samples], [sample.intent for sample in samples])

    def rank(texts: Sequence[str]) -> Ranking:
        shares = model.predict_proba(list(texts))
        return [str(model.classes_[at]) for at in shares.argmax(axis=1)], shares.max(axis=1).tolist()

    return rank


def _right(rank: Callable[[Sequence[str]], Ranking], testing: Sequence[Sample]) -> float:
    found, _ = rank([sample.text for sample in testing])
    return _share([intent == sample.intent for intent, sample in zip(found, testing, strict=True)])


def _auroc(rank: Callable[[Sequence[str]], Ranking], inside: Sequence[Sample], outside: Sequence[str]) -> float:
    """Probability that a phrase in scope gets a higher confidence than one out of scope."""
    from sklearn.metrics import roc_auc_score

    _, high = rank([sample.text for sample in inside])
    _, low = rank(outside)
    return round(float(roc_auc_score([1] * len(high) + [0] * len(low), high + low)), 4)


def _milliseconds(model: IntentModel, texts: Sequence[str]) -> dict[str, dict[str, float]]:
    """Of phrases that were never seen, on one core: on the clock, and of its work alone, whatever else it does."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        spent, worked = [], []
        for text in texts:
            started, began = time.perf_counter(), time.process_time()
            model.predict(text)
            spent.append(1000 * (time.perf_counter() - started))
            worked.append(1000 * (time.process_time() - began))
    finally:
        os.sched_setaffinity(0, cores)
    return {"clock": report.spread(spent), "work": report.spread(worked)}


def _draw(samples: Sequence[Sample], seed: int) -> list[Sample]:
    by_intent: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_intent[sample.intent].append(sample)
    draw = random.Random(seed)
    return [sample for intent in sorted(by_intent) for sample in draw.sample(by_intent[intent], EACH)]


def _left_out(samples: Sequence[Sample]) -> set[str]:
    intents = sorted({sample.intent for sample in samples})
    return set(random.Random(0).sample(intents, round(LEFT_OUT * len(intents))))


def _read(path: Path) -> list[Sample]:
    with path.open(encoding="utf-8", newline="") as file:
        return [Sample(text=row["text"], intent=row["category"]) for row in csv.DictReader(file)]


def _share(found: Sequence[bool]) -> float:
    return round(sum(found) / len(found), 4)
