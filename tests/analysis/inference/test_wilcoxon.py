from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.inference import wilcoxon as module
from analysis.inference.paired import pair
from analysis.inference.wilcoxon import wilcoxon_signed_rank

per_ten_thousand = st.integers(9495, 9505)
some_pairs = st.lists(st.tuples(per_ten_thousand, per_ten_thousand), min_size=1, max_size=9)
sides = st.sampled_from(["two-sided", "greater", "less"])


def by_enumeration(differences, alternative):
    """R+ and its p from all sign patterns of the non-zero differences, in exact arithmetic."""
    ranks = stats.rankdata(np.abs(differences))
    signs = np.sign(differences)
    positive = ranks[signs > 0].sum()
    middle = ranks[signs != 0].sum() / 2
    sums = [
        sum(rank for rank, up in zip(ranks[signs != 0], pattern, strict=True) if up)
        for pattern in product((False, True), repeat=int(np.count_nonzero(signs)))
    ]
    beyond = {
        "two-sided": [abs(each - middle) >= abs(positive - middle) for each in sums],
        "greater": [each >= positive for each in sums],
        "less": [each <= positive for each in sums],
    }[alternative]
    return positive + ranks[signs == 0].sum() / 2, np.mean(beyond)


def test_the_depression_data_give_what_r_prints():
    # Hollander & Wolfe 1973, p. 29; R's help page of wilcox.test prints V = 40, p = 0.01953.
    first = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    second = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    result = wilcoxon_signed_rank(pair(first, second), alternative="greater")
    assert result.statistic == 40
    assert result.p_value == 10 / 512
    assert result.exact
    assert result.p_floor == 1 / 512


def test_two_classifiers_on_fourteen_data_sets_give_the_rank_sums_of_demsar():
    # Demšar 2006, Journal of Machine Learning Research 7, Table 2 and section 3.1.3: AUC of C4.5
    # without and with m tuned; R+ = 93, R- = 12, hence T = 12, and p < 0.05 (critical value 21).
    plain = [
        *(0.763, 0.599, 0.954, 0.628, 0.882, 0.936, 0.661),
        *(0.583, 0.775, 1.000, 0.940, 0.619, 0.972, 0.957),
    ]
    tuned = [
        *(0.768, 0.591, 0.971, 0.661, 0.888, 0.931, 0.668),
        *(0.583, 0.838, 1.000, 0.962, 0.666, 0.981, 0.978),
    ]
    assert wilcoxon_signed_rank(pair(tuned, plain)).statistic == 93
    assert wilcoxon_signed_rank(pair(plain, tuned)).statistic == 12
    assert wilcoxon_signed_rank(pair(plain, tuned)).p_value < 0.05


@pytest.mark.parametrize(
    ("n", "tail", "p"), [(5, 0, 1 / 32), (8, 5, 10 / 256), (10, 10, 43 / 1024)]
)
def test_small_samples_have_the_tabled_tails(n, tail, p):
    # Wilcoxon 1945 and every table since: P(T <= 0) at n = 5, P(T <= 5) at 8, P(T <= 10) at 10.
    differences = -np.arange(1.0, n + 1)
    for rank in range(n, 0, -1):
        if rank <= tail:
            differences[rank - 1] = rank
            tail -= rank
    result = wilcoxon_signed_rank(pair(differences, np.zeros(n)), alternative="less")
    assert result.p_value == pytest.approx(p, abs=1e-12)


@given(some_pairs, sides)
def test_float_accuracies_give_the_p_value_of_their_integers(counts, alternative):
    first, second = (np.array(each) / 10_000 for each in zip(*counts, strict=True))
    statistic, p_value = by_enumeration([a - b for a, b in counts], alternative)
    result = wilcoxon_signed_rank(pair(first, second), alternative=alternative)
    assert result.statistic == statistic
    assert result.p_value == p_value
    assert result.p_floor <= result.p_value


@given(some_pairs)
def test_single_precision_accuracies_do_too(counts):
    first, second = (np.float32(each) / np.float32(10_000) for each in zip(*counts, strict=True))
    expected = by_enumeration([a - b for a, b in counts], "two-sided")
    result = wilcoxon_signed_rank(pair(first, second))
    assert (result.statistic, result.p_value) == expected


def test_equal_differences_tie_though_their_floats_differ():
    first, second = np.array([0.9501, 0.9007, 0.9503]), np.array([0.9500, 0.9008, 0.9500])
    sizes = np.abs(first - second)
    assert sizes[0] != sizes[1]
    assert wilcoxon_signed_rank(pair(first, second)).statistic == 4.5


@given(some_pairs)
def test_exchanging_the_arms_mirrors_the_test_and_their_order_does_nothing(counts):
    first, second = (np.array(each) / 10_000 for each in zip(*counts, strict=True))
    n = len(counts)
    one, other = (wilcoxon_signed_rank(pair(*each)) for each in ((first, second), (second, first)))
    assert one.p_value == other.p_value
    assert one.statistic + other.statistic == n * (n + 1) / 2
    assert wilcoxon_signed_rank(pair(first[::-1], second[::-1])) == one
    upwards = wilcoxon_signed_rank(pair(first, second), alternative="greater")
    downwards = wilcoxon_signed_rank(pair(second, first), alternative="less")
    assert upwards.p_value == downwards.p_value


@pytest.mark.parametrize("n", [1, 2, 200, 201])
def test_identical_arms_give_p_one(n):
    values = np.linspace(0.1, 0.9, n)
    result = wilcoxon_signed_rank(pair(values, values))
    assert result.p_value == 1
    assert result.statistic == n * (n + 1) / 4


@pytest.mark.parametrize("n", [2, 30, 200])
def test_differences_of_one_sign_reach_the_floor(n):
    pairs = pair(np.arange(1.0, n + 1), np.zeros(n))
    for alternative, floor in (("two-sided", 2 / 2**n), ("greater", 1 / 2**n)):
        result = wilcoxon_signed_rank(pairs, alternative=alternative)
        assert result.exact
        assert result.p_value == result.p_floor == floor
    assert wilcoxon_signed_rank(pairs, alternative="less").p_value == 1


def test_one_pair_can_show_nothing():
    assert wilcoxon_signed_rank(pair([1.0], [0.0])).p_value == 1


def test_no_p_value_is_zero_however_many_pairs_agree():
    result = wilcoxon_signed_rank(pair(np.arange(5000.0) + 1, np.zeros(5000)))
    assert 0 < result.p_value < 1e-300
    assert (result.exact, result.p_floor) == (False, None)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_many_pairs_have_the_normal_p_value_of_pratts_test(alternative):
    # SciPy's pratt method and its tie and continuity corrections, on whole numbers.
    differences = np.random.default_rng(3).integers(-20, 25, size=250)
    assert (differences == 0).any()
    theirs = stats.wilcoxon(
        differences, zero_method="pratt", correction=True, method="asymptotic",
        alternative=alternative,
    )  # fmt: skip
    ours = wilcoxon_signed_rank(pair(differences, np.zeros(250)), alternative=alternative)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)


def test_the_normal_p_value_comes_close_to_the_exact_one(monkeypatch):
    differences = np.random.default_rng(4).normal(0.15, 1, size=200)
    pairs = pair(differences, np.zeros(200))
    exact = wilcoxon_signed_rank(pairs)
    monkeypatch.setattr(module, "EXACT_UP_TO_PAIRS", 0)
    normal = wilcoxon_signed_rank(pairs)
    assert exact.exact
    assert not normal.exact
    assert normal.p_value == pytest.approx(exact.p_value, rel=0.05)


def test_evidence_for_a_rise_never_grows_when_every_difference_falls():
    # Pratt 1959: Wilcoxon's own treatment of zeros, dropping them before ranking, fails here.
    def p_of(differences):
        pairs = pair(differences, np.zeros(len(differences)))
        return wilcoxon_signed_rank(pairs, alternative="greater").p_value

    differences = np.array([0.0, 2, 3, 4, 6, 7, 8, 9, 11, 14, 15, 17, -18])
    assert p_of(differences[differences != 0]) > p_of(differences - 1), "the paradox"
    assert p_of(differences + 1) < p_of(differences) < p_of(differences - 1)


@given(st.lists(st.integers(-4, 9), min_size=1, max_size=12), st.integers(1, 3))
def test_nor_does_it_in_any_other_sample(differences, shift):
    base, none = np.array(differences), np.zeros(len(differences))
    higher = wilcoxon_signed_rank(pair(base + shift, none), alternative="greater")
    assert higher.p_value <= wilcoxon_signed_rank(pair(base, none), alternative="greater").p_value
