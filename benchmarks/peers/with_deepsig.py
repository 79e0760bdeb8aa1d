"""deepsig (Ulmer et al. 2022): one-sided resampling tests, and almost stochastic order."""

from collections.abc import Mapping, Sequence

import deepsig
import numpy as np

from benchmarks.serving import Run


def resampling(values: Mapping[str, Sequence[float]], flips: int, bootstraps: int) -> Run:
    """Permutation and bootstrap tests of every arm against the first one."""
    control, *others = (np.array(each) for each in values.values())
    return lambda: [
        (
            deepsig.permutation_test(each, control, num_samples=flips),
            deepsig.bootstrap_test(each, control, num_samples=bootstraps),
        )
        for each in others
    ]


def order(values: Mapping[str, Sequence[float]]) -> Run:
    """Almost stochastic order of every arm and the first one, with the package's own numbers."""
    control, *others = (np.array(each) for each in values.values())
    return lambda: [
        deepsig.aso(each, control, num_comparisons=len(others), show_progress=False)
        for each in others
    ]
