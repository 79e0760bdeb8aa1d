"""The spread of an accuracy that comes from which examples happen to be in the test set."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.errors import AnalysisError
from analysis.variance.intervals import tail_of
from analysis.variance.mcnemar import as_correct
from analysis.variance.source_results import Source

TEST_EXAMPLES = "test examples"


def sampling_of_examples(predictions: ArrayLike, level: float) -> Source:
    """Return the variance of one trained model's accuracy over test sets of the same size.

    For accuracy p on m examples drawn at random it is p (1 - p) / m; p (1 - p) / (m - 1) is
    unbiased for it, and averaged over the runs. The interval is the one that Wilson's interval of
    p gives (Wilson 1927, JASA 22, 209-212), with n = m whatever the number of runs, as they share
    their examples.

    Args:
        predictions: shape (runs, examples), whether each prediction was right, examples >= 2.
        level: confidence level, above 0 and below 1.

    Raises:
        AnalysisError: the shape is another, or a value is neither 0 nor 1.
    """
    correct = as_correct(predictions)
    if correct.ndim != 2 or correct.shape[0] < 1 or correct.shape[1] < 2:
        raise AnalysisError(
            "predictions need shape (runs, examples), with at least two examples; "
            f"shape given: {correct.shape}"
        )
    examples = correct.shape[1]
    accuracies = np.sort(correct.mean(axis=1))
    variance = float((accuracies * (1 - accuracies)).mean()) / (examples - 1)
    if variance == 0:
        return Source(TEST_EXAMPLES, examples, examples - 1, variance=0.0)
    mean = float(accuracies.mean())
    low, high = _wilson(mean, examples, level)
    ends = sorted((low * (1 - low), high * (1 - high)))
    largest = 0.25 if low <= 0.5 <= high else ends[1]
    scale = variance / (mean * (1 - mean))
    return Source(
        TEST_EXAMPLES,
        examples,
        examples - 1,
        variance,
        (scale * ends[0]) ** 0.5,
        (scale * largest) ** 0.5,
    )


def _wilson(share: float, n: int, level: float) -> tuple[float, float]:
    z = float(special.ndtri(1 - tail_of(level)))
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5 / (1 + z * z / n)
    return max(0.0, centre - reach), min(1.0, centre + reach)
