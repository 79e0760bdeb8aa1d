"""McNemar's test of two classifiers that were tested on the same examples.

Only the examples on which they disagree say anything. The test is of these two trained models and
their one test set: with other seeds both would have erred elsewhere, and what it finds for a pair
of trials is not yet a finding about two training methods (Dietterich 1998, Neural Computation 10,
1895-1923).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analysis.errors import AnalysisError
from analysis.inference.result import SMALLEST_P

NO_DISAGREEMENT = "The two never disagree about an example: nothing speaks for either."

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class McNemarResult:
    """Two classifiers on the same test examples.

    Attributes:
        both: examples that both got right.
        only_arm: examples that only the arm got right.
        only_reference: examples that only the reference got right.
        neither: examples that both got wrong.
        p_value: exact, two-sided, in (0, 1]: twice the smaller tail of a fair binomial over the
            examples on which they disagree. It never errs too often, and is on the safe side.
        mid_p: the same with half the probability of what was observed left out (Fagerland,
            Lydersen & Laake 2013, BMC Medical Research Methodology 13:91). Closer to its level, and
            now and then a little above it.
        warning: why nothing can be said; None when something can.
    """

    both: int
    only_arm: int
    only_reference: int
    neither: int
    p_value: float
    mid_p: float
    warning: str | None = None

    @property
    def n(self) -> int:
        """Number of examples."""
        return self.both + self.only_arm + self.only_reference + self.neither

    @property
    def difference(self) -> float:
        """Accuracy of the arm minus that of the reference, from -1 to 1."""
        return (self.only_arm - self.only_reference) / self.n

    @property
    def chi_square(self) -> float | None:
        """McNemar's own statistic without continuity correction (1947, Psychometrika 12, 153-157).

        On one degree of freedom; None when the two never disagree.
        """
        disagreements = self.only_arm + self.only_reference
        if disagreements == 0:
            return None
        return (self.only_arm - self.only_reference) ** 2 / disagreements


def mcnemar(correct_arm: ArrayLike, correct_reference: ArrayLike) -> McNemarResult:
    """Test whether two classifiers are right equally often on the same examples.

    Args:
        correct_arm: shape (examples,), whether the arm got each right: bools, or 0 and 1.
        correct_reference: the same for the reference, in the same order of examples.

    Raises:
        AnalysisError: the shapes differ, there is no example, or a value is neither 0 nor 1.
    """
    arm, reference = _paired(correct_arm, correct_reference, dimensions=1)
    return mcnemar_from_counts(
        both=int(np.count_nonzero(arm & reference)),
        only_arm=int(np.count_nonzero(arm & ~reference)),
        only_reference=int(np.count_nonzero(~arm & reference)),
        neither=int(np.count_nonzero(~arm & ~reference)),
    )


def mcnemar_from_counts(
    *, both: int, only_arm: int, only_reference: int, neither: int
) -> McNemarResult:
    """Test the same from the four counts of examples.

    Raises:
        AnalysisError: a count is negative, or all are 0.
    """
    counts = (both, only_arm, only_reference, neither)
    if min(counts) < 0 or sum(counts) == 0:
        raise AnalysisError(f"McNemar's test needs counts of examples; given: {counts}")
    disagreements = only_arm + only_reference
    if disagreements == 0:
        return McNemarResult(*counts, p_value=1.0, mid_p=1.0, warning=NO_DISAGREEMENT)
    fewer = min(only_arm, only_reference)
    tail = float(special.bdtr(fewer, disagreements, 0.5))
    below = float(special.bdtr(fewer - 1, disagreements, 0.5)) if fewer else 0.0
    # Where both sides are as large, half of what was observed belongs to each side.
    mid_p = tail + below if 2 * fewer < disagreements else 0.5 + below
    return McNemarResult(
        *counts,
        p_value=min(1.0, max(SMALLEST_P, 2 * tail)),
        mid_p=min(1.0, max(SMALLEST_P, mid_p)),
    )


def mcnemar_by_seed(correct_arm: ArrayLike, correct_reference: ArrayLike) -> pd.DataFrame:
    """Test every pair of trials that share a seed; one row a seed, no correction.

    Args:
        correct_arm: shape (seeds, examples).
        correct_reference: the same shape, with the same seeds and examples at the same places.

    Returns:
        A frame with the columns seed (the place, from 0), both, only_arm, only_reference,
        neither, difference, p_value and mid_p.

    Raises:
        AnalysisError: as for `mcnemar`.
    """
    arm, reference = _paired(correct_arm, correct_reference, dimensions=2)
    rows = []
    for seed, pair in enumerate(zip(arm, reference, strict=True)):
        found = mcnemar(*pair)
        rows.append(
            {
                "seed": seed,
                "both": found.both,
                "only_arm": found.only_arm,
                "only_reference": found.only_reference,
                "neither": found.neither,
                "difference": found.difference,
                "p_value": found.p_value,
                "mid_p": found.mid_p,
            }
        )
    return pd.DataFrame(rows)


def _paired(arm: ArrayLike, reference: ArrayLike, *, dimensions: int) -> tuple[Bools, Bools]:
    first, second = as_correct(arm), as_correct(reference)
    if first.shape != second.shape:
        raise AnalysisError(
            f"the arm has shape {first.shape} and the reference {second.shape}: both must have "
            "been tested on the same examples"
        )
    if first.ndim != dimensions or first.size == 0:
        wanted = "(examples,)" if dimensions == 1 else "(seeds, examples)"
        raise AnalysisError(f"correctness needs shape {wanted}; shape given: {first.shape}")
    return first, second


def as_correct(values: ArrayLike) -> Bools:
    """Return correctness as bools.

    Raises:
        AnalysisError: a value is neither 0 nor 1.
    """
    array = np.asarray(values)
    if array.dtype == np.bool_:
        return array
    if array.dtype.kind not in "iuf" or not np.isin(array, (0, 1)).all():
        raise AnalysisError("correctness is True or False, or 1 or 0, for every example")
    return array.astype(np.bool_)
