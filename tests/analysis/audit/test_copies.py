"""Copied, shuffled and shifted runs."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.audit.copies import duplicates
from analysis.errors import AnalysisError

# Hernandez, Chang & Nordling 2025: eight arms of ten runs, on a grid of 0.01.
ABLATION = {
    "student": "91.19 90.5 91.32 91.28 91.36 91.35 91.43 91.05 90.86 91.5",
    "kd": "91.73 91.45 91.19 91.37 92.29 91.88 92.01 91.41 92.01 90.88",
    "ig": "91.27 92.01 91.22 91.42 91.11 91.58 91.09 91.57 91.38 90.85",
    "kd_ig": "92.58 91.73 92.08 92.45 91.96 91.58 91.82 91.62 92.13 92.23",
    "at": "90.62 91.26 91.1 90.8 91.2 91.58 91.43 91.42 91.4 90.82",
    "kd_at": "91.48 92.05 91.49 91.69 91.58 91.92 92.2 91.62 92.06 91.39",
    "ig_at": "91.7 91.61 91.05 91.84 91.38 91.22 91.3 91.5 91.57 91.48",
    "kd_ig_at": "91.83 91.51 91.56 91.76 91.73 92.42 91.84 91.73 91.97 92.2",
}
ABLATION = {arm: texts.split() for arm, texts in ABLATION.items()}


def fresh(rng, arms=2, n=10, *, sd=0.3, decimals=2):
    return {
        f"arm {i}": [f"{each:.{decimals}f}" for each in rng.normal(91 + i / 3, sd, size=n)]
        for i in range(arms)
    }


def moved(texts, by):
    return [f"{float(each) + by:.2f}" for each in texts]


def kinds(found):
    return [(each["kind"], each["length"]) for each in found.values["copies"]]


def test_the_published_runs_repeat_as_often_as_rounding_makes_them():
    found = duplicates(ABLATION)
    assert found.outcome == "pass"
    everything = [(arm, float(each)) for arm, texts in ABLATION.items() for each in texts]
    equal = [(a, b) for (a, x), (b, y) in combinations(everything, 2) if x == y]
    within = sum(a == b for a, b in equal)
    assert found.values["within_arms"]["ties"] == within
    assert found.values["between_arms"]["ties"] == len(equal) - within
    assert found.values["between_arms"]["expected"] > 10, "ties are expected on a grid of 0.01"
    assert found.values["repeated_values"]["91.58"] == 4


@pytest.mark.parametrize(
    ("kind", "copy"),
    [
        ("identical", lambda texts: list(texts)),
        ("permuted", lambda texts: texts[3:] + texts[:3]),
        ("shifted", lambda texts: moved(texts, 0.4)),
        ("shifted and permuted", lambda texts: moved(texts[::-1], -0.25)),
    ],
)
def test_a_copied_arm_is_found_among_others(kind, copy):
    found = duplicates({**ABLATION, "copy": copy(ABLATION["ig"])})
    assert found.outcome == "flag"
    assert (kind, 10) in kinds(found)
    assert "ig and copy" in found.detail


@pytest.mark.parametrize("same_arm", [True, False])
def test_a_copied_stretch_is_found_where_it_was_pasted(same_arm):
    arms = fresh(np.random.default_rng(0), n=20)
    target = "arm 0" if same_arm else "arm 1"
    arms[target] = arms[target][:10] + arms["arm 0"][2:8] + arms[target][16:]
    found = duplicates(arms)
    assert found.outcome == "flag"
    assert kinds(found) == [("stretch", 6)]
    assert set(found.values["copies"][0]["arms"]) == {"arm 0", target}


def test_values_copied_here_and_there_are_too_many_ties():
    rng = np.random.default_rng(1)
    arms = fresh(rng, n=20)
    arms["arm 0"][1::2] = arms["arm 0"][::2]
    arms["arm 0"] = list(rng.permutation(arms["arm 0"]))
    found = duplicates(arms)
    assert found.outcome == "flag"
    assert found.values["within_arms"]["p_value"] < 0.001
    assert "within arms" in found.detail


def test_one_tie_of_many_digits_is_one_too_many():
    rng = np.random.default_rng(2)
    arms = fresh(rng, decimals=12)
    assert duplicates(arms).outcome == "pass"
    arms["arm 0"][4] = arms["arm 1"][7]
    assert duplicates(arms).outcome == "flag"


def test_short_coincidences_on_a_coarse_grid_are_ordinary():
    arms = {"a": ["91.2", "91.4", "91.3"], "b": ["91.3", "91.2", "91.4"]}
    assert duplicates(arms).outcome != "flag"


def test_where_most_values_are_equal_anyway_no_copy_would_show():
    arms = {"a": ["91", "91", "92", "91", "91", "91"], "b": ["91", "91", "91", "91", "92", "91"]}
    found = duplicates(arms)
    assert found.outcome == "not_testable"
    assert found.values["chance_of_detection"] == 0


def test_without_any_spread_nothing_can_be_expected():
    assert duplicates({"a": ["0.91"] * 5}).outcome == "not_testable"
    assert duplicates({"a": ["0.91"], "b": ["0.95"]}).outcome == "not_testable"


def test_a_constant_arm_beside_arms_that_vary_is_flagged():
    assert duplicates({**ABLATION, "constant": ["91.73"] * 10}).outcome == "flag"


def test_a_single_published_value_beside_runs_is_fine():
    assert duplicates({**ABLATION, "literature": ["91.40"]}).outcome == "pass"


def test_the_same_seed_gives_the_same_bits_and_trailing_zeros_change_nothing():
    padded = {arm: [f"{float(each):.2f}" for each in texts] for arm, texts in ABLATION.items()}
    one, again, other = duplicates(ABLATION), duplicates(ABLATION), duplicates(padded)
    assert one == again
    assert one.values["within_arms"] == other.values["within_arms"]
    assert duplicates(ABLATION, seed=1) != one


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(6, 12))
def test_any_copy_of_fresh_runs_is_found_however_shuffled_and_shifted(seed, n):
    rng = np.random.default_rng(seed)
    arms = fresh(rng, n=n)
    by = rng.integers(-40, 41) / 100
    arms["copy"] = moved(list(rng.permutation(arms["arm 0"])), by)
    assert duplicates(arms).outcome == "flag"


@pytest.mark.parametrize(("arms", "n", "decimals"), [(1, 10, 2), (3, 5, 2), (2, 10, 1)])
def test_fresh_runs_are_not_flagged(arms, n, decimals):
    rng = np.random.default_rng(n)
    flags = sum(
        duplicates(fresh(rng, arms, n, decimals=decimals), seed=each).outcome == "flag"
        for each in range(40)
    )
    # At .001 each, more than one in 40 has a chance of 0.0008.
    assert flags <= 1


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["normal", "heavy", "flat", "two humps", "skew"])
def test_fresh_runs_of_any_shape_are_flagged_once_in_a_thousand_or_less(shape):
    rng = np.random.default_rng(3)
    draw = {
        "normal": lambda size: rng.normal(size=size),
        "heavy": lambda size: rng.standard_t(3, size=size) / 3**0.5,
        "flat": lambda size: rng.uniform(-1.73, 1.73, size=size),
        "two humps": lambda size: rng.choice([-1, 1], size=size) + rng.normal(0, 0.2, size=size),
        "skew": lambda size: rng.exponential(size=size),
    }[shape]
    flags = 0
    for seed in range(800):
        values = 91 + 0.3 * draw((3, 10))
        arms = {str(i): [f"{each:.2f}" for each in row] for i, row in enumerate(values)}
        flags += duplicates(arms, seed=seed).outcome == "flag"
    # 0.8 expected at most; five or more have a chance of 0.0014.
    assert flags <= 4


def test_a_thousand_runs_and_huge_numbers_are_no_trouble():
    rng = np.random.default_rng(4)
    assert duplicates(fresh(rng, arms=2, n=500, decimals=3)).outcome == "pass"
    assert duplicates({"a": ["1e300", "2.5e300", "3.1e299"]}).outcome != "fail"


def test_values_too_far_apart_for_one_grid_are_refused():
    with pytest.raises(AnalysisError, match="orders of magnitude"):
        duplicates({"a": ["1e-390", "5", "2e300"]})


@pytest.mark.parametrize(
    "arms", [{}, {"a": []}, {"a": ["0.9"]}, {"a": "0.91"}, {"a": [0.9, 0.8]}, {"a": ["x", "y"]}]
)
def test_what_are_no_printed_runs_is_refused(arms):
    with pytest.raises(AnalysisError):
        duplicates(arms)
