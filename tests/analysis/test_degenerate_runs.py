"""Whatever the runs are, `compare` answers honestly or refuses in its own words."""

import json
import math
from itertools import product

import numpy as np
import pandas as pd
import pytest

from analysis.comparison import compare
from analysis.errors import AnalysisError, TooLargeError
from analysis.presentation.tables import as_html, as_text
from analysis.protocol import Protocol

NAN, INF = math.nan, math.inf
NOISE = np.round(np.random.default_rng(0).normal(0.9, 0.01, 400), 4).tolist()
BASE, OTHER, THIRD = NOISE[:12], NOISE[12:24], NOISE[24:36]

RUNS = {
    "one run": ([0.1], [0.2]),
    "one run, equal": ([0.1], [0.1]),
    "two runs": ([0.1, 0.15], [0.2, 0.33]),
    "two runs, equal": ([0.1, 0.1], [0.1, 0.1]),
    "three runs": ([0.1, 0.15, 0.11], [0.2, 0.33, 0.4]),
    "identical": (BASE, BASE),
    "identical, many": (BASE * 4, BASE * 4),
    "constant": ([0.5] * 12, [0.5] * 12),
    "constant, apart": ([0.5] * 12, [0.6] * 12),
    "shifted": (BASE, [each + 0.01 for each in BASE]),
    "zero": ([0.0] * 12, [-0.0] * 12),
    "right or wrong": ([0.0, 1.0] * 6, [1.0, 0.0] * 6),
    "one NaN": (BASE, [NAN, *OTHER[1:]]),
    "one infinity": (BASE, [INF, *OTHER[1:]]),
    "no value": (BASE, [NAN] * 12),
    "no value at all": ([NAN, INF], [-INF, NAN]),
    "control without values": ([NAN] * 12, OTHER),
    "no block in common": ([1.0, NAN], [NAN, 1.0]),
    "one far away": (BASE, [*BASE[:-1], 1e12]),
    "far apart": ([e * 1e-6 for e in NOISE[:60]], [1 + e * 1e-6 for e in NOISE[60:120]]),
    "large": ([1e149, -1e149, 1e149], [1e150, 1e149, -1e150]),
    "tiny": ([5e-324, 0.0, 1e-323, 0.0], [1e-323, 5e-324, 0.0, 0.0]),
    "small": ([1e-200, 2e-200, 3e-200], [2e-200, 2e-200, 5e-200]),
    "unequal sizes": ([1.0], NOISE[:20]),
    "one differs of many": ([0.5] * 45, [*[0.5] * 44, 0.6]),
    "whole": ([1, 2, 3, 4], [2, 3, 4, 6]),
}  # fmt: skip
SAME = {name for name, (first, second) in RUNS.items() if first == second}
NEVER_SIGNIFICANT = SAME | {
    "one run", "two runs", "no value", "no value at all", "control without values",
    "no block in common", "unequal sizes",
}  # fmt: skip

DESIGNS = [
    *product(["seed"], ["permutation", "t", "wilcoxon"]),
    *product([None], ["permutation", "t", "mann_whitney", "dunnett"]),
]

PROTOCOLS = {
    "plain": {},
    "worst": {"missing": "worst", "alternative": "greater", "correction": "benjamini_hochberg"},
    "effect": {"smallest_effect": 0.01, "direction": "minimize", "correction": "bonferroni"},
    "lax": {"alpha": 0.9, "alternative": "less", "correction": "none", "smallest_effect": 1e3},
    "fail": {"missing": "fail", "correction": "hochberg", "alpha": 0.5, "direction": "minimize"},
}


def protocol(**changes):
    return Protocol(**{"metric": "accuracy", "direction": "maximize", "control": "a", **changes})


def refuse(constant):
    raise AssertionError(f"{constant} is no JSON")


def assert_honest(comparison, results):
    """What holds for every comparison of whatever runs."""
    for test in comparison.tests:
        if test.p_value is not None:
            assert 0 < test.p_value <= 1
            assert test.p_value >= (test.p_floor or 0) * (1 - 1e-12)
        assert test.p_floor is None or 0 < test.p_floor <= 1
    if comparison.p_adjusted is not None:
        assert comparison.p_value <= comparison.p_adjusted <= 1
    if comparison.ci_low is not None:
        assert comparison.ci_low <= comparison.difference <= comparison.ci_high
    if comparison.bca_low is not None:
        assert comparison.bca_low <= comparison.bca_high
    if comparison.decision in {"better", "worse"}:
        assert comparison.p_adjusted <= results.protocol.alpha
        assert min(comparison.n, comparison.n_reference) >= 2
        higher_is_better = results.protocol.direction == "maximize"
        assert (comparison.difference > 0) == (
            (comparison.decision == "better") == higher_is_better
        )
    if comparison.difference is None:
        assert (comparison.p_value, comparison.decision) == (None, "undecided")
    if results.protocol.alternative == "less" and comparison.decision in {"better", "worse"}:
        assert comparison.difference < 0


def why_refused(name, asked, block, frame):
    """What a refusal says; None when there has to be an answer."""
    incomplete = not np.isfinite(frame["accuracy"]).all() or (block and name == "unequal sizes")
    return "missing or infinite" if incomplete and asked.missing == "fail" else None


@pytest.mark.parametrize(("block", "test"), DESIGNS)
@pytest.mark.parametrize("changes", PROTOCOLS.values(), ids=PROTOCOLS)
@pytest.mark.parametrize("name", RUNS)
def test_every_answer_is_honest_or_the_runs_are_refused(name, changes, block, test, long_form):
    frame = long_form(dict(zip("ab", RUNS[name], strict=True)))
    asked = protocol(test=test, **changes)
    if refusal := why_refused(name, asked, block, frame):
        with pytest.raises(AnalysisError, match=refusal):
            compare(frame, asked, block=block, resamples=100)
        return
    results = compare(frame, asked, block=block, resamples=100)
    (comparison,) = results.comparisons
    assert_honest(comparison, results)
    if name in NEVER_SIGNIFICANT and asked.alpha == 0.05 and asked.missing == "exclude":
        assert comparison.decision not in {"better", "worse"}
    if name in SAME:
        assert comparison.decision not in {"better", "worse"}
    json.loads(results.to_json(), parse_constant=refuse)
    as_text(results)
    as_html(results)
    assert len(results.to_frame()) == 1


@pytest.mark.parametrize("block", ["seed", None])
@pytest.mark.parametrize("name", RUNS)
def test_three_arms_and_all_pairs_of_them_are_no_harder(name, block, long_form):
    first, second = RUNS[name]
    third = (THIRD * 9)[: len(first)]
    frame = long_form({"a": first, "b": second, "c": third})
    results = compare(frame, protocol(comparisons="all_pairs"), block=block, resamples=100)
    for comparison in results.comparisons:
        assert_honest(comparison, results)
    json.loads(results.to_json(), parse_constant=refuse)
    as_text(results)


@pytest.mark.parametrize("block", ["seed", None])
def test_ten_identical_arms_are_all_undecided_and_all_suspected(block, long_form):
    results = compare(long_form(dict.fromkeys("abcdefghij", BASE)), protocol(), block=block)
    assert {each.decision for each in results.comparisons} == {"undecided"}
    for comparison in results.comparisons:
        assert any("is the parameter in which they differ used?" in w for w in comparison.warnings)


def test_a_single_run_against_many_decides_nothing_however_far_it_lies(long_form):
    frame = long_form({"a": NOISE[:40], "b": [5.0]})
    comparison = compare(frame, protocol(), block=None).comparison("b")
    assert comparison.p_adjusted == pytest.approx(1 / 41)
    assert comparison.decision == "undecided"
    assert any("A single run of b" in each for each in comparison.warnings)
    assert "No difference between b and a in accuracy was shown" in str(
        compare(frame, protocol(), block=None)
    )


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize("block", ["seed", None])
def test_one_run_of_each_is_undecided_at_any_alpha(alternative, block, long_form):
    frame = long_form({"a": [0.1], "b": [0.9]})
    lax = protocol(alpha=0.99, alternative=alternative, correction="none", smallest_effect=1e9)
    assert compare(frame, lax, block=block).comparison("b").decision == "undecided"


def test_a_one_sided_test_finds_nothing_on_the_other_side(long_form):
    frame = long_form({"a": BASE, "b": [each + 0.5 for each in OTHER]})
    for test in ("permutation", "t"):
        wrong = protocol(alternative="less", alpha=0.999999, test=test)
        assert compare(frame, wrong).comparison("b").decision == "undecided"
        right = protocol(alternative="greater", test=test)
        assert compare(frame, right).comparison("b").decision == "better"


@pytest.mark.parametrize("test", ["wilcoxon", "mann_whitney"])
def test_ranks_and_means_that_point_to_opposite_sides_decide_nothing(test, long_form):
    control = [0.9 + step / 1000 for step in range(20)]
    arm = [each + 0.05 for each in control[:-2]] + [0.01, 0.02]
    block = "seed" if test == "wilcoxon" else None
    results = compare(long_form({"a": control, "b": arm}), protocol(test=test), block=block)
    comparison = results.comparison("b")
    assert comparison.p_value < 0.05
    assert comparison.difference < 0
    assert comparison.decision == "undecided"


def test_an_arm_without_spread_is_equivalent_only_with_enough_runs_that_share_nothing(long_form):
    asked = protocol(smallest_effect=0.1)
    # C(4, 2) = 6 splits are too few for alpha = 0.05, C(8, 4) = 70 are not.
    for n, decision in ((2, "undecided"), (4, "equivalent")):
        frame = long_form({"a": [0.5] * n, "b": [0.501] * n})
        assert compare(frame, asked, block=None).comparison("b").decision == decision


def test_values_whose_squares_overflow_are_refused_by_name(long_form):
    frame = long_form({"a": [1.0, 2.0], "b": [1e151, 1.0]})
    for block in ("seed", None):
        with pytest.raises(TooLargeError, match=r"'b' has a run whose 'accuracy' is 1e\+151"):
            compare(frame, protocol(), block=block)
    frame["accuracy"] = frame["accuracy"].replace(1e151, INF)
    assert compare(frame, protocol()).comparison("b").n == 1


def test_more_than_a_thousand_tied_pairs_are_no_overflow(long_form):
    frame = long_form({"a": [0.5] * 3000, "b": [*[0.5] * 1500, *[0.6] * 1500]})
    assert compare(frame, protocol(), resamples=100).comparison("b").decision == "better"


def test_a_p_too_small_for_a_float_is_not_zero(long_form):
    frame = long_form({"a": NOISE, "b": [each + 100 for each in NOISE[::-1]]})
    for test in compare(frame, protocol(test="t"), resamples=100).comparison("b").tests:
        assert test.p_value > 0


@pytest.mark.parametrize("column", ["arm", "seed", "k"])
def test_a_key_that_is_a_list_is_refused(column, long_form):
    frame = long_form({"a": [1.0, 2.0], "b": [2.0, 3.0]}).assign(k=1).astype({column: object})
    frame[column] = [[each] for each in frame[column]]
    if column == "arm":
        with pytest.raises(AnalysisError, match=r"There are no runs of an arm 'a'"):
            compare(frame, protocol())
        return
    with pytest.raises(AnalysisError, match="values of the type list"):
        compare(frame, protocol(), within=["k"])


def test_blocks_written_as_numbers_and_as_text_are_the_same_blocks():
    frame = pd.DataFrame(
        {"arm": ["a", "a", "b", "b"], "seed": [1, 2, "1", "2"], "accuracy": [1.0, 2.0, 3.0, 5.0]}
    )
    assert compare(frame, protocol()).comparison("b").n == 2


@pytest.mark.parametrize(
    "values",
    [
        pd.to_datetime(["2020-01-01"] * 4),
        pd.to_timedelta([1, 2, 3, 4]),
        [1 + 2j] * 4,
        ["high", "low", "high", "low"],
        [10**400, 1, 2, 3],
        [{"a": 1}] * 4,
    ],
    ids=["dates", "durations", "complex", "text", "too long", "objects"],
)
def test_a_metric_that_is_no_number_is_refused(values, long_form):
    frame = long_form({"a": [1.0, 2.0], "b": [2.0, 3.0]}).assign(accuracy=values)
    with pytest.raises(AnalysisError, match="'accuracy' is not numeric"):
        compare(frame, protocol())


@pytest.mark.parametrize(
    "values",
    [
        ["1", " 2 ", "3e0", "5"],
        pd.array([1, 2, 3, 5], dtype="Int64"),
        pd.array([1.0, 2.0, 3.0, 5.0], dtype="float32"),
        pd.Categorical([1, 2, 3, 5]),
        np.array([1, 2, 3, 5], dtype=np.uint8),
    ],
    ids=["text", "nullable", "single", "categories", "bytes"],
)
def test_numbers_of_any_type_are_numbers(values, long_form):
    frame = long_form({"a": [1.0, 2.0], "b": [2.0, 3.0]}).assign(accuracy=values)
    assert compare(frame, protocol()).comparison("b").difference == 2.5


@pytest.mark.parametrize("word", ["nan", "NaN", "NA", "null", "None", "", " ", None])
def test_a_word_for_a_missing_value_is_one(word, long_form):
    frame = long_form({"a": [1.0, 2.0], "b": [2.0, 3.0]}).astype({"accuracy": object})
    frame["accuracy"] = ["1", "2", word, "3"]
    assert compare(frame, protocol()).comparison("b").n == 1


def test_the_only_arm_is_said_to_be_alone(long_form):
    for block in ("seed", None):
        results = compare(long_form({"a": [1.0, 2.0]}), protocol(), block=block)
        assert results.comparisons == ()
        assert any("there is nothing to compare" in each for each in results.warnings)


def test_more_levels_than_anybody_meant_are_answered_quickly(long_form):
    frame = long_form({"a": np.arange(500.0), "b": np.arange(500.0)})
    results = compare(frame, protocol(), block=None, within=["seed"], resamples=100)
    assert len(results.comparisons) == 500


def test_a_block_column_that_matches_nothing_is_told(long_form):
    frame = long_form({"a": [1.0, 2.0], "b": [2.0, 3.0]}).assign(seed=range(4))
    results = compare(frame, protocol())
    assert results.comparison("b").n == 0
    assert any(
        "No value of 'seed' occurs in more than one arm" in each for each in results.warnings
    )


def test_an_arm_of_which_every_run_diverged_does_not_stop_the_others(long_form):
    frame = long_form({"a": BASE, "b": [NAN] * 12, "c": [each + 0.1 for each in OTHER]})
    results = compare(frame, protocol())
    assert results.comparison("b").difference is None
    assert results.comparison("c").decision == "better"


def test_a_block_column_whose_runs_all_failed_is_not_blamed(long_form):
    results = compare(long_form({"a": BASE, "b": [NAN] * 12}), protocol())
    assert results.comparison("b").n == 0
    assert not any("occurs in more than one arm" in each for each in results.warnings)
