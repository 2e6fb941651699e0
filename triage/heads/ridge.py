"""Kernel ridge regression on a similarity matrix: many targets at once, per-row weights, out-of-fold scores in
closed form.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


class KernelRidge:
    """Least squares with a kernel: scores = K(x, rows) · alpha, where (K + penalty / weights) · alpha = targets.

    A row of weight 0.5 counts like half a case; that is how duty phrases join the cases. One factorisation serves every
    target, and `out_of_fold` gives what a model without a fold would have answered for it without fitting again: with
    A = K + penalty / weights, the residuals of the fold S are (A⁻¹)_SS⁻¹ · (A⁻¹ Y)_S (the block form of the
    leave-one-out identity, e.g. Rifkin & Lippert, "Notes on Regularized Least Squares", 2007, section 4).
    """

    def __init__(self, penalty: float = 0.2) -> None:
        self.penalty = penalty

    def fit(self, kernel: Floats, targets: Floats, weights: Floats | None = None) -> KernelRidge:
        """`kernel` (n, n) symmetric, `targets` (n, t), `weights` (n,) positive. Costs n³ and two matrices of n²."""
        count = len(kernel)
        matrix: Floats = np.array(kernel, np.float64 if count < 2000 else np.float32, order="F")
        ridge: Floats = self.penalty / (np.ones(count) if weights is None else np.asarray(weights, float))
        np.fill_diagonal(matrix, matrix.diagonal() + ridge)
        inverse = _inverse(matrix)
        self.alpha_ = (inverse @ targets.astype(inverse.dtype)).astype(np.float32)
        self._inverse = inverse
        self._targets = targets
        return self

    def out_of_fold(self, folds: Sequence[NDArray[np.intp]]) -> NDArray[np.float32]:
        """Scores of the rows of each fold by the model without that fold, shape (n, t); rows in no fold keep zeros."""
        scores = np.zeros(self._targets.shape, np.float32)
        alone = np.array([fold[0] for fold in folds if len(fold) == 1], np.intp)
        scores[alone] = self._targets[alone] - self.alpha_[alone] / self._inverse[alone, alone][:, None]
        for fold in folds:
            if len(fold) > 1:
                block = self._inverse[np.ix_(fold, fold)]
                scores[fold] = self._targets[fold] - np.linalg.solve(block, self.alpha_[fold].astype(block.dtype))
        return scores

    def forget(self) -> KernelRidge:
        """Drop what only `out_of_fold` needs: two matrices of n²."""
        self._inverse = self._targets = np.zeros((0, 0), np.float32)
        return self

    def decision_function(self, kernel: Floats) -> NDArray[np.float32]:
        """Scores from similarities to the fitted rows: (q, n) → (q, t)."""
        scores: NDArray[np.float32] = np.asarray(kernel, np.float32) @ self.alpha_
        return scores


def _inverse(matrix: Floats) -> Floats:
    """The inverse of a symmetric positive definite matrix, which is overwritten."""
    from scipy.linalg import lapack

    if not len(matrix):  # LAPACK takes no matrix without rows
        return matrix
    double = matrix.dtype == np.float64
    factorise, invert = (lapack.dpotrf, lapack.dpotri) if double else (lapack.spotrf, lapack.spotri)
    factor, failed = factorise(matrix, lower=0, overwrite_a=1)
    if failed:
        raise ValueError(f"the similarity matrix is not positive definite (LAPACK potrf says {failed})")
    upper, _ = invert(factor, lower=0, overwrite_c=1)
    for start in range(0, len(upper), 512):  # by blocks, as the lower triangle's indices would need more room than it
        block = slice(start, start + 512)
        upper[block, :start] = upper[:start, block].T
        upper[block, block] = np.triu(upper[block, block]) + np.triu(upper[block, block], 1).T
    return np.asarray(upper)
