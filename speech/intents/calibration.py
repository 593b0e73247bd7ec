"""From scores to probabilities, with room for "none of these".

Probabilities are a softmax over the scores of all labels times a sharpness (Guo et al., 2017, "On Calibration of Modern
Neural Networks": temperature scaling). The last label is "none of these"; its score grows with how far a phrase is from
all that was learned. Both numbers come from held-out scores: of every sample left out, and of every intent left out
whole, whose samples are then phrases of something unknown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

CLOSENESS = 0.5
"""How much of the cosine to the nearest sample counts beside the best score; on banking77 0.3 to 1 do equally well."""
UNKNOWN_SHARE = 0.2
"""Assumed share of phrases that ask for something unknown."""
KEPT = 0.995
"""Share of the samples recognised when left out that must not be refused, at least."""
TAIL = 0.5
"""Few samples do not show how low a score can be: the lowest of n is taken to be lower by this over the root of n."""
LOWEST = -0.2
"""Threshold below which even two samples do not bring it: the weather is refused, whatever else is learned."""
SHARPNESSES = np.geomspace(4, 60, 40)
THRESHOLDS = np.linspace(0.0, 1.6, 81)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What makes probabilities of scores."""

    sharpness: float
    threshold: float
    """Best score plus closeness below which a phrase is likelier none of these."""


def probabilities(scores: Matrix, nearest: Matrix, by: Calibration) -> Matrix:
    """Probabilities of all labels, the last of them "none of these"; shape as ``scores``.

    Args:
        scores: (phrases, labels + 1) of the regression.
        nearest: (phrases,) cosine to the nearest sample of any intent.
        by: Found by ``calibrate``.
    """
    logits = by.sharpness * scores
    logits[:, -1] += by.sharpness * (by.threshold - CLOSENESS * nearest)
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)


def calibrate(scores: Matrix, nearest: Matrix, truth: NDArray[np.intp], weights: Matrix) -> Calibration:
    """Find the sharpness and the threshold under which the held-out samples are likeliest.

    Args:
        scores: (samples, labels + 1), held out.
        nearest: (samples,) cosine to the nearest other sample.
        truth: Label of each; the last label for what is unknown.
        weights: How much each counts.
    """
    none = scores.shape[1] - 1
    known = truth != none
    rows = np.flatnonzero(known)

    def loss(by: Calibration) -> float:
        right = probabilities(scores, nearest, by)[np.arange(len(truth)), truth]
        return float(-(weights @ np.log(np.maximum(right, 1e-6))))

    by = Calibration(sharpness=15.0, threshold=0.7)
    for _ in range(2):
        by = min((Calibration(sharpness=float(x), threshold=by.threshold) for x in SHARPNESSES), key=loss)
        by = min((Calibration(sharpness=by.sharpness, threshold=float(x)) for x in THRESHOLDS), key=loss)
    recognised = rows[scores[rows, :none].argmax(axis=1) == truth[rows]]
    if len(recognised):
        best = scores[recognised, :none].max(axis=1) - scores[recognised, none] + CLOSENESS * nearest[recognised]
        highest = float(np.quantile(best, 1 - KEPT)) - TAIL / np.sqrt(len(best))
        by = Calibration(sharpness=by.sharpness, threshold=min(by.threshold, max(highest, LOWEST)))
    return by
