"""Three kernel regressions side by side: on wording and meaning mixed, on wording alone, on meaning alone.

Each errs in its own way; blended they beat the mix alone (log loss 1.07 → 1.05 on short titles, macro-F1 .902 →
.905 on long letters, both in cross-validation). Without a sentence encoder only the first is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.heads.ridge import KernelRidge
from triage.heads.similarity import Similarities

Floats = NDArray[np.float32]

PENALTIES = {"mixed": 0.2, "wording": 0.1, "meaning": 0.3}
"""The regressions' names and penalties: the noisier a similarity, the more."""


class Regressions:
    """Scores of every candidate from the similarities to reference rows; the single kernels share targets and
    weights. `penalty` multiplies `PENALTIES`.
    """

    def __init__(self, penalty: float = 1.0) -> None:
        self.penalty = penalty

    def fit(
        self,
        among: Similarities,
        known: NDArray[np.intp],
        targets: Floats,
        weights: Floats,
        shared: int | None = None,
        groups: Sequence[NDArray[np.intp]] = (),
    ) -> Regressions:
        """Learn from the rows `known` of `among`; targets (rows, t). Wording and meaning alone learn the first
        `shared` of them. `groups` of positions in `known` are held out for `out_of_fold`.

        One after the other: with thousands of cases each holds two matrices of several hundred megabytes while it
        is fitted.
        """
        self.known_ = known
        self.models_: dict[str, KernelRidge] = {}
        self._held: dict[str, Floats] = {}
        square = np.ix_(known, known)
        self._learn("mixed", among.kernel(known, known), targets, weights, groups)
        if among.meaning is not None:
            alone = targets[:, :shared]
            self._learn("wording", among.lexical[square], alone, weights, groups)
            self._learn("meaning", among.meaning[square], alone, weights, groups)
        return self

    def _learn(
        self, name: str, kernel: Floats, targets: Floats, weights: Floats, groups: Sequence[NDArray[np.intp]]
    ) -> None:
        model = KernelRidge(self.penalty * PENALTIES[name]).fit(kernel, targets, weights)
        self._held[name] = model.out_of_fold(groups)
        self.models_[name] = model.forget()

    def out_of_fold(self, cases: int, taught: NDArray[np.intp]) -> dict[str, Floats]:
        """Scores of all `cases` by models without their group, each (cases, t); zero for those not `taught`. Only once.

        The taught cases must be the first of the known rows, in order.
        """
        held, self._held = self._held, {}
        found = {}
        for name, scores in held.items():
            found[name] = np.zeros((cases, scores.shape[1]), np.float32)
            found[name][taught] = scores[: len(taught)]
        return found

    def scores(self, seen: Similarities) -> dict[str, Floats]:
        """Scores of new texts, each (q, t), by the name of the regression."""
        found = {"mixed": self.models_["mixed"].decision_function(seen.kernel(slice(None), self.known_))}
        if "wording" in self.models_ and seen.meaning is not None:
            found["wording"] = self.models_["wording"].decision_function(seen.lexical[:, self.known_])
            found["meaning"] = self.models_["meaning"].decision_function(seen.meaning[:, self.known_])
        return found

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The fitted coefficients, as half floats: scores move by less than .001."""
        return {f"alpha_{name}": model.alpha_.astype(np.float16) for name, model in self.models_.items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], known: NDArray[np.intp]) -> Regressions:
        """Rebuild for the rows `known`."""
        made = cls()
        made.known_ = known
        made.models_ = {}
        for name, penalty in PENALTIES.items():
            if f"alpha_{name}" in arrays:
                made.models_[name] = KernelRidge(penalty)
                made.models_[name].alpha_ = arrays[f"alpha_{name}"].astype(np.float32)
        return made


def known_rows(taught: NDArray[np.intp], phrases: slice) -> NDArray[np.intp]:
    """The rows that a head learns from: the cases that teach it something, and its phrases."""
    return np.concatenate([taught, np.arange(phrases.start, phrases.stop)])
