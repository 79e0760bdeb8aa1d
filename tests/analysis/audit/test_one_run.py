"""Whether one run decides."""

import numpy as np
import pytest

from analysis.audit.family import decision_tests
from analysis.audit.one_run import turned_by_a_pair, turned_by_a_run


def without(runs, place):
    return [each for i, each in enumerate(runs) if i != place]


def stands(arms, arm, *, matched):
    found = decision_tests(arms, "control", matched=matched, direction="maximize")
    return found[arm].all_significant(0.05)


def studies():
    """Small studies around the edge of significance."""
    for seed in range(3):
        rng = np.random.default_rng(seed)
        yield {
            "control": rng.normal(0, 1, 5).round(2).tolist(),
            "a": rng.normal(2.2, 1, 5).round(2).tolist(),
            "b": rng.normal(3.2, 1, 6 - seed % 2).round(2).tolist(),
        }


def test_a_run_decides_if_the_whole_analysis_without_it_ends_otherwise():
    turned = 0
    for arms in studies():
        found = decision_tests(arms, "control", matched=False, direction="maximize")
        for arm in ("a", "b"):
            before = stands(arms, arm, matched=False)
            again = [
                stands({**arms, left: without(arms[left], place)}, arm, matched=False)
                for left in ("control", arm)
                for place in range(len(arms[left]))
            ]
            expected = any(each != before for each in again)
            assert found[arm].decided_by_one_run == expected
            turned += expected
    # The studies hold both kinds.
    assert 0 < turned < 6


def test_a_pair_decides_if_the_arms_tests_without_it_end_otherwise():
    turned = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        runs = {"control": rng.normal(0, 1, 8), "a": rng.normal(1.5, 1, 8)}
        found = decision_tests(runs, "control", matched=True, direction="maximize")["a"]
        before = stands(runs, "a", matched=True)
        again = [
            stands({arm: np.delete(each, i) for arm, each in runs.items()}, "a", matched=True)
            for i in range(8)
        ]
        assert found.decided_by_one_run == any(each != before for each in again)
        turned += found.decided_by_one_run
    assert 0 < turned < 12


def test_an_outlier_alone_makes_no_difference_and_takes_none_away():
    control = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    hidden = np.array([11.0, 12.0, 13.0, 14.0, -30.0])
    clear = np.array([111.0, 112.0, 113.0, 114.0, 115.0])
    assert turned_by_a_run({"hidden": hidden}, control, 0.05) == {"hidden"}
    assert turned_by_a_run({"clear": clear}, control, 0.05) == set()


def test_a_single_run_cannot_be_left_out():
    assert turned_by_a_run({"a": np.array([2.0])}, np.array([1.0]), 0.05) == set()
    assert turned_by_a_pair({"a": np.array([[2.0, 1.0]])}, 0.05) == set()


@pytest.mark.parametrize("runs", [11, 14])
def test_with_many_runs_the_t_tests_alone_are_made_again(runs):
    rng = np.random.default_rng(0)
    control, arm = rng.normal(0, 1, runs), rng.normal(9, 1, runs)
    assert turned_by_a_run({"a": arm}, control, 0.05) == set()
    assert turned_by_a_pair({"a": np.column_stack((arm, control))}, 0.05) == set()


def test_a_floor_that_rises_with_a_run_fewer_makes_no_run_decide():
    # 6 pairs: 2 / 2^6 = 0.031; 5 pairs: 0.0625, whatever the pair that is left out.
    arm, control = (
        np.array([9.0, 9.1, 9.2, 9.3, 9.4, 9.5]),
        np.array([1.0, 1.2, 1.1, 1.3, 1.0, 1.1]),
    )
    assert turned_by_a_pair({"a": np.column_stack((arm, control))}, 0.05) == set()
    # 4 + 4 runs: 2 / C(8, 4) = 0.029; 3 + 4: 1 / C(7, 4) = 0.029, which two arms double.
    arms = {"a": arm[:4], "b": arm[2:]}
    assert turned_by_a_run(arms, control[:4], 0.05) == set()
