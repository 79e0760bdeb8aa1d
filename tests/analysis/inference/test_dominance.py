import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.inference.dominance import paired_dominance, unpaired_dominance
from analysis.inference.mann_whitney import mann_whitney
from analysis.inference.paired import pair
from analysis.inference.samples import samples

counts = st.integers(0, 12)
accuracies = st.lists(
    st.integers(9000, 9020).map(lambda each: each / 10_000), min_size=2, max_size=9
)


def outcomes(wins, losses, ties):
    """Pairs with so many wins, losses and ties of the first."""
    first = [1.0] * wins + [0.0] * losses + [0.5] * ties
    second = [0.0] * wins + [1.0] * losses + [0.5] * ties
    return pair(first, second)


@pytest.mark.parametrize(
    ("wins", "n", "low", "high"),
    # Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3 (Wilson).
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_without_ties_the_interval_is_wilsons(wins, n, low, high):
    _, interval = paired_dominance(outcomes(wins, n - wins, 0), 0.95)
    assert (interval.low + 1) / 2 == pytest.approx(low, abs=6e-5)
    assert (interval.high + 1) / 2 == pytest.approx(high, abs=6e-5)


def test_with_ties_it_is_tangos():
    # Fagerland, Lydersen & Laake 2014, Statistics in Medicine 33, 2850-2875: airway reactivity in
    # 21 children, 1 and 7 discordant pairs; Tango's interval is (-0.517, -0.026).
    delta, interval = paired_dominance(outcomes(1, 7, 13), 0.95)
    assert delta == pytest.approx(-6 / 21)
    assert interval.low == pytest.approx(-0.517, abs=6e-4)
    assert interval.high == pytest.approx(-0.026, abs=6e-4)


@given(counts, counts, counts)
def test_the_ends_are_where_the_score_test_just_rejects(wins, losses, ties):
    n = wins + losses + ties
    if n == 0:
        return
    delta, interval = paired_dominance(outcomes(wins, losses, ties), 0.95)
    assert -1 <= interval.low <= delta <= interval.high <= 1
    for end in (interval.low, interval.high):
        if abs(end) > 1 - 1e-9:
            continue
        # The likelihood under this delta is maximised on a grid, independently of the formula.
        loss = np.linspace(max(0, -end), (1 - end) / 2, 200_001)
        win, tie = loss + end, 1 - 2 * loss - end
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = [
                np.where(count == 0, 0.0, count * np.log(np.maximum(share, 0)))
                for count, share in ((wins, win), (losses, loss), (ties, tie))
            ]
        best = int(np.argmax(np.nan_to_num(sum(logs), nan=-np.inf)))
        variance = n * (win[best] + loss[best] - end**2)
        score = (wins - losses - n * end) / variance**0.5
        assert abs(score) == pytest.approx(1.959964, abs=2e-3)


def test_pairs_that_tie_at_the_datas_resolution_are_ties():
    delta, interval = paired_dominance(pair([0.1 + 0.2, 0.5], [0.3, 0.5]), 0.95)
    assert 0.1 + 0.2 != 0.3
    assert delta == 0
    # With nothing but ties the ends are z^2 / (n + z^2), as for no success in n trials.
    assert interval.high == -interval.low == pytest.approx(3.841459 / (2 + 3.841459), abs=1e-6)


@given(accuracies, accuracies)
def test_delta_over_all_pairs_is_u_on_another_scale(first, second):
    both = samples(first, second)
    delta, interval = unpaired_dominance(both, 0.95)
    by_hand = np.sign(np.subtract.outer(first, second)).mean()
    assert delta == pytest.approx(by_hand, abs=1e-12)
    u = mann_whitney(both).statistic
    assert delta == pytest.approx(2 * u / (len(first) * len(second)) - 1, abs=1e-12)
    assert -1 <= interval.low <= delta <= interval.high <= 1
    assert interval.low < interval.high


def test_the_variance_of_delta_is_cliffs():
    rng = np.random.default_rng(0)
    first, second = rng.normal(0.4, 1, size=7), rng.normal(size=9)
    matrix = np.sign(np.subtract.outer(first, second))
    delta = matrix.mean()
    # Cliff 1993, the unbiased estimate, written out over the whole matrix.
    squares = (
        9**2 * ((matrix.mean(axis=1) - delta) ** 2).sum()
        + 7**2 * ((matrix.mean(axis=0) - delta) ** 2).sum()
        - ((matrix - delta) ** 2).sum()
    )
    variance = squares / (7 * 9 * 6 * 8)
    quantile = 2.144787  # of Student's t at 0.975 with 14 degrees of freedom
    room = 1 - delta**2
    reach = quantile * (variance * (room**2 + quantile**2 * variance)) ** 0.5
    _, interval = unpaired_dominance(samples(first, second), 0.95)
    scale = room + quantile**2 * variance
    assert interval.low == pytest.approx((delta * room - reach) / scale, abs=1e-6)
    assert interval.high == pytest.approx((delta * room + reach) / scale, abs=1e-6)


def test_complete_separation_has_an_interval_that_shortens_with_n():
    few = unpaired_dominance(samples([2.0, 3.0, 4.0], [0.0, 1.0]), 0.95)
    many = unpaired_dominance(samples(np.arange(100, 140), np.arange(40)), 0.95)
    assert few[0] == many[0] == 1.0
    assert few[1].high == many[1].high == 1.0
    assert few[1].low < 0 < 0.7 < many[1].low < 1


def test_all_ties_have_an_interval_around_zero():
    delta, interval = unpaired_dominance(samples([1.0] * 4, [1.0] * 5), 0.95)
    assert delta == 0
    assert interval.low == -interval.high < 0


@pytest.mark.parametrize(
    ("n1", "n2", "shift", "lowest"), [(5, 5, 0.0, 0.93), (10, 15, 0.5, 0.93), (20, 20, 1.5, 0.93)]
)
def test_the_unpaired_interval_covers_about_as_often_as_it_says(n1, n2, shift, lowest):
    from scipy.stats import norm

    truth = 2 * norm.cdf(shift / 2**0.5) - 1
    rng = np.random.default_rng(n1)
    covered = 0
    for _ in range(4000):
        both = samples(rng.normal(shift, 1, n1), rng.normal(size=n2))
        interval = unpaired_dominance(both, 0.95)[1]
        covered += interval.low <= truth <= interval.high
    assert lowest <= covered / 4000 <= 0.985


@pytest.mark.parametrize(("win", "loss"), [(0.5, 0.5), (0.5, 0.2), (0.8, 0.1)])
def test_the_paired_interval_covers_about_as_often_as_it_says(win, loss):
    rng = np.random.default_rng(0)
    draws = rng.multinomial(15, [win, loss, 1 - win - loss], size=1000)
    covered = 0
    for wins, losses, ties in draws.tolist():
        interval = paired_dominance(outcomes(wins, losses, ties), 0.95)[1]
        covered += interval.low <= win - loss <= interval.high
    assert 0.92 <= covered / 1000 <= 0.985
