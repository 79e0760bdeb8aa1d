import math

import numpy as np
import pytest
from scipy import stats

from analysis.errors import AnalysisError
from analysis.variance.mcnemar import mcnemar, mcnemar_by_seed, mcnemar_from_counts


def _counts(only_arm, only_reference, both=10, neither=10):
    return mcnemar_from_counts(
        both=both, only_arm=only_arm, only_reference=only_reference, neither=neither
    )


def test_agrestis_approval_ratings_give_his_statistic():
    # Agresti 1990, Categorical Data Analysis, p. 350, the data of R's ?mcnemar.test: z^2 = 17.36,
    # p = 3.099e-05 without continuity correction (as Penn State's STAT 504 prints it).
    found = _counts(150, 86, both=794, neither=570)
    assert found.n == 1600
    assert found.chi_square == pytest.approx(17.3559, abs=5e-5)
    assert stats.chi2.sf(found.chi_square, 1) == pytest.approx(3.099e-05, rel=1e-3)
    assert found.p_value == pytest.approx(stats.binomtest(86, 236).pvalue)
    assert found.p_value == pytest.approx(3.7e-5, abs=1e-6)
    assert found.difference == pytest.approx(0.04)


def test_fagerlands_airway_hyper_responsiveness_gives_his_p_values():
    # Fagerland, Lydersen & Laake 2013, Table 1 (Bentur et al. 2009) and Table 4: 1, 1, 7, 12;
    # exact conditional p 0.070, mid-p 0.039.
    found = _counts(1, 7, both=1, neither=12)
    assert found.p_value == pytest.approx(0.070, abs=5e-4)
    assert found.mid_p == pytest.approx(0.039, abs=5e-4)
    assert found.chi_square == pytest.approx(4.5)


def test_both_p_values_are_what_their_definition_says():
    for only_arm in range(9):
        for only_reference in range(9):
            n, reach = only_arm + only_reference, abs(only_arm - only_reference)
            if n == 0:
                continue
            chances = [math.comb(n, k) / 2**n for k in range(n + 1)]
            beyond = sum(c for k, c in enumerate(chances) if abs(2 * k - n) > reach)
            equal = sum(c for k, c in enumerate(chances) if abs(2 * k - n) == reach)
            found = _counts(only_arm, only_reference)
            assert found.p_value == pytest.approx(beyond + equal)
            assert found.mid_p == pytest.approx(beyond + equal / 2)


def test_counts_come_from_the_examples():
    arm = [True, True, False, False, True]
    reference = [True, False, True, False, False]
    found = mcnemar(arm, reference)
    assert (found.both, found.only_arm, found.only_reference, found.neither) == (1, 2, 1, 1)
    assert found == mcnemar(np.array(arm, dtype=float), np.array(reference, dtype=np.int8))


def test_exchanging_the_two_changes_only_the_sign():
    one, other = _counts(3, 11), _counts(11, 3)
    assert (one.p_value, one.mid_p) == (other.p_value, other.mid_p)
    assert one.difference == -other.difference


def test_perfect_agreement_is_no_evidence_and_says_so():
    found = mcnemar([1, 0, 1], [1, 0, 1])
    assert (found.p_value, found.mid_p, found.chi_square) == (1.0, 1.0, None)
    assert "never disagree" in found.warning


def test_p_is_never_zero():
    assert _counts(5000, 0).p_value > 0
    assert _counts(5000, 0).mid_p > 0


def test_every_seed_has_its_own_test():
    rng = np.random.default_rng(0)
    arm, reference = rng.random((2, 4, 100)) < 0.8
    frame = mcnemar_by_seed(arm, reference)
    assert frame["seed"].tolist() == [0, 1, 2, 3]
    assert frame.loc[2, "p_value"] == mcnemar(arm[2], reference[2]).p_value
    assert (frame[["both", "only_arm", "only_reference", "neither"]].sum(axis=1) == 100).all()


@pytest.mark.parametrize(
    ("arm", "reference", "message"),
    [
        ([True], [True, False], "same examples"),
        ([], [], "shape"),
        ([[True]], [[True]], "shape"),
        ([0.5], [1.0], "True or False"),
        ([float("nan")], [1.0], "True or False"),
        (["yes"], ["no"], "True or False"),
    ],
)
def test_what_is_no_correctness_is_refused(arm, reference, message):
    with pytest.raises(AnalysisError, match=message):
        mcnemar(arm, reference)


def test_impossible_counts_are_refused():
    with pytest.raises(AnalysisError, match="counts"):
        _counts(-1, 2)
    with pytest.raises(AnalysisError, match="counts"):
        _counts(0, 0, both=0, neither=0)


def test_the_exact_test_holds_its_level_and_mid_p_comes_closer():
    rng = np.random.default_rng(1)
    exact, mid = 0, 0
    for _ in range(2000):
        arm, reference = rng.random((2, 60)) < 0.7
        found = mcnemar(arm, reference)
        exact += found.p_value <= 0.05
        mid += found.mid_p <= 0.05
    assert exact / 2000 <= 0.05
    assert exact <= mid
    assert mid / 2000 <= 0.065
