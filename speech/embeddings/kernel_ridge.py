"""Kernel ridge regression on one-hot labels, with the scores each sample would get if it had not been learned from.

The held-out scores cost no second fit: with A = (K + D)⁻¹ and coefficients C = A·Y, the scores of a block b of samples
learned without them are Y_b - A_bb⁻¹·C_b. Source: Rifkin and Lippert (2007), "Notes on Regularized Least Squares", for
single samples; the same identity of the block inverse for several.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A solved regression."""

    coefficients: Matrix
    """(samples, labels): the scores of a phrase are its similarities to the samples times these."""
    targets: Matrix
    factor: Any
    """Cholesky factor of the matrix that was solved, as scipy has it."""


def fit(similarities: Matrix, targets: Matrix, noise: Matrix) -> Fit:
    """Solve (K + diag(noise))·C = Y.

    Args:
        similarities: K, (samples, samples), positive semi-definite; overwritten.
        targets: Y, (samples, labels), one 1 a row.
        noise: (samples,) how far a sample is mistrusted, > 0.
    """
    from scipy.linalg import cho_factor, cho_solve

    similarities[np.diag_indices_from(similarities)] += noise
    # the transpose is the same matrix in the order LAPACK works in: no second copy of what may be half a gigabyte
    factor = cho_factor(similarities.T, lower=True, overwrite_a=True, check_finite=False)
    return Fit(coefficients=cho_solve(factor, targets, check_finite=False), targets=targets, factor=factor)


def inverse_part(solved: Fit, places: NDArray[np.intp]) -> Matrix:
    """Rows and columns ``places`` of (K + D)⁻¹."""
    from scipy.linalg import cho_solve

    columns = np.zeros((len(solved.targets), len(places)), np.float32)
    columns[places, np.arange(len(places))] = 1
    part: Matrix = cho_solve(solved.factor, columns, overwrite_b=True, check_finite=False)[places]
    return part


def held_out(solved: Fit, places: NDArray[np.intp], inverse: Matrix, blocks: Sequence[NDArray[np.intp]]) -> Matrix:
    """Scores of samples by a fit that lacked the block each is in; rows as in the blocks one after the other.

    Args:
        solved: The fit of all samples.
        places: The samples of ``inverse``.
        inverse: ``inverse_part(solved, places)``.
        blocks: Indexes into ``places``.
    """
    rows = []
    for block in blocks:
        at = places[block]
        rows.append(solved.targets[at] - np.linalg.solve(inverse[np.ix_(block, block)], solved.coefficients[at]))
    return np.concatenate(rows).astype(np.float32)
