"""What floating-point arithmetic does to means and variances, against exact fractions."""

from fractions import Fraction

import numpy as np
import pytest

from analysis.audit.floating_point import mean_slack, variance_slack


@pytest.mark.parametrize("n", [2, 10, 60, 500])
def test_no_way_of_computing_is_further_off(n):
    rng = np.random.default_rng(n)
    for _ in range(100):
        values = np.round(rng.normal(91, 0.3, n), 2)
        exact = [Fraction(f"{each:.2f}") for each in values]
        mean = sum(exact) / n
        variance = sum((each - mean) ** 2 for each in exact) / (n - 1)
        largest = max(exact)
        for found in (values.mean(), sum(values.tolist()) / n):
            assert abs(Fraction(float(found)) - mean) <= mean_slack(n, largest)
        one_pass = (sum((values**2).tolist()) - sum(values.tolist()) ** 2 / n) / (n - 1)
        for found in (values.var(ddof=1), one_pass):
            assert abs(Fraction(float(found)) - variance) <= variance_slack(n, largest)


def test_the_slack_stays_far_below_what_is_printed():
    assert mean_slack(60, Fraction(100)) < Fraction(1, 10**11)
    assert variance_slack(60, Fraction(100)) < Fraction(1, 10**8)
