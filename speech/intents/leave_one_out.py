"""Calibrates a model of intents on what it makes of samples it has not learned from."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from speech.embeddings.kernel_ridge import Fit, Matrix, held_out, inverse_part
from speech.intents.calibration import UNKNOWN_SHARE, Calibration, calibrate, probabilities

PROBES = 1_500
"""Samples that are left out at most."""


def calibrated(
    solved: Fit, vectors: Matrix, labels: NDArray[np.intp], *, phrases: int, known: int
) -> tuple[Calibration, float]:
    """Calibrate on samples left out one by one, on intents left out whole and on what asks for nothing known.

    Args:
        solved: The fit of all rows: samples, then names of intents, then phrases of no intent.
        vectors: Of all rows.
        labels: Of all rows; the last label is that of no intent.
        phrases: Rows that are samples.
        known: Rows that are samples or names.

    Returns:
        The calibration, and the share of samples recognised when left out.
    """
    none = solved.targets.shape[1] - 1
    whole, rest = _blocks(labels[:known])
    places = np.concatenate([*whole, rest, np.arange(known, min(len(labels), known + PROBES))])
    inverse = inverse_part(solved, places)
    alone = held_out(solved, places, inverse, [np.array([at]) for at in range(len(places))])
    near = vectors[places] @ vectors[:known].T
    inner = np.flatnonzero(places < known)
    near[inner, places[inner]] = -1.0
    ends = np.cumsum([0, *(len(block) for block in whole)])
    together = [np.arange(first, last) for first, last in pairwise(ends)]
    strange = held_out(solved, places, inverse, together) if together else alone[:0]
    far = near[: len(strange)].copy()
    for block in together:
        far[np.ix_(block, places[block])] = -1.0
    said = np.flatnonzero(places < phrases)  # names of intents are no phrases
    unknown = np.flatnonzero(places[: len(strange)] < phrases)
    idle = np.flatnonzero(places >= known)
    counts = [len(said), len(idle), len(unknown)]
    shares = np.array([1 - UNKNOWN_SHARE, UNKNOWN_SHARE / 2, UNKNOWN_SHARE / 2], np.float32)
    calibration = calibrate(
        np.concatenate([alone[said], alone[idle], strange[unknown]]),
        np.concatenate([near[said].max(axis=1), near[idle].max(axis=1), far[unknown].max(axis=1)]),
        np.concatenate([labels[places[said]], np.full(len(idle) + len(unknown), none)]),
        np.repeat(shares / np.maximum(counts, 1), counts).astype(np.float32),
    )
    found = probabilities(alone[said], near[said].max(axis=1), calibration)
    return calibration, float((found.argmax(axis=1) == labels[places[said]]).mean())


def _blocks(labels: NDArray[np.intp]) -> tuple[list[NDArray[np.intp]], NDArray[np.intp]]:
    """Rows to leave out: all rows of some intents, and some rows of an intent for which there was no more room."""
    draw = np.random.default_rng(0)
    whole: list[NDArray[np.intp]] = []
    left = PROBES
    for label in draw.permutation(labels.max() + 1):
        rows = np.flatnonzero(labels == label)
        if len(rows) > left:
            return whole, np.sort(draw.choice(rows, left, replace=False))
        whole.append(rows)
        left -= len(rows)
    return whole, np.zeros(0, np.intp)
