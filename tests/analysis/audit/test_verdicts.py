"""Verdicts: each is reached, in an order in which what is worse for a claim comes first."""

import itertools

import pytest

from analysis.audit import Case, Finding, Outcome, Support, Verdict, judge, printed
from analysis.audit.decision_test import DecisionTest

FAIL = Finding("arithmetic", Outcome.FAIL, "1.2 does not follow.")
PASS = Finding("arithmetic", Outcome.PASS, "1.1 follows.")
FLAG = Finding("seeds", Outcome.FLAG, "No run has a seed.")
MISSING = Finding("noise_floor", Outcome.MISSING_INPUT, "The test set's size is missing.")


def effect(*p_values, estimate=1.0, half_width=0.5, name="runs", **changes):
    """An effect whose decision tests have these corrected p-values."""
    tests = tuple(
        DecisionTest(test, p, p)
        for test, p in zip(("welch_t", "permutation", "dunnett"), p_values, strict=False)
    )
    ends = (estimate - half_width, estimate + half_width)
    return Support(**{
        "data": name, "estimate": estimate, "ci_low": ends[0], "ci_high": ends[1],
        "tests": tests, "runs": 20, **changes,
    })  # fmt: skip


def case(*supports, own=(), others=(), claimed=None, **changes):
    number = None if claimed is None else printed(claimed)
    return Case(own, others, supports, **{"alpha": 0.05, "claimed": number, **changes})


def verdict(*supports, **changes):
    return judge(case(*supports, **changes)).verdict


CLEAR = effect(0.001, 0.001, 0.002)

# From the worst to the best, each made so that no worse one applies.
REACHED = {
    Verdict.INTERNALLY_INCONSISTENT: {"own": [FAIL]},
    Verdict.CONTRADICTED: {"supports": [effect(0.001, 0.001, 0.001, estimate=-1.0)]},
    Verdict.STATISTIC_MISLABELLED: {"supports": [CLEAR], "mislabelled": "92.6 is the maximum."},
    Verdict.NOT_SUPPORTED: {"supports": [effect(0.2, 0.3, 0.4, half_width=2.0)]},
    Verdict.FRAGILE: {"supports": [effect(0.04, 0.06, 0.03)]},
    Verdict.INCONCLUSIVE: {
        "supports": [effect(half_width=2.0)], "claimed": "1.1",
    },
    Verdict.REPRODUCED_SMALLER: {"supports": [CLEAR], "claimed": "1.1"},
    Verdict.REPRODUCED_LARGER: {"supports": [CLEAR], "claimed": "0.9"},
    Verdict.REPRODUCED_WITH_CAVEATS: {"supports": [CLEAR], "claimed": "1.0", "others": [FLAG]},
    Verdict.REPRODUCED: {"supports": [CLEAR], "claimed": "1.0"},
    Verdict.ARITHMETIC_OK: {"own": [PASS], "stated": [PASS]},
    Verdict.NOT_CHECKABLE: {"others": [MISSING]},
}  # fmt: skip


def judged(parts):
    parts = dict(parts)
    return judge(case(*parts.pop("supports", ()), **parts))


@pytest.mark.parametrize("expected", Verdict)
def test_every_verdict_is_reached(expected):
    found = judged(REACHED[expected])
    assert found.verdict is expected
    assert found.reason


def test_the_verdicts_stand_in_the_order_in_which_they_are_tried():
    assert list(REACHED) == list(Verdict)


def _together(first, second):
    """Two cases in one, where they do not say different things of one matter."""
    both = {**second, **first}
    for key in ("supports", "own", "others"):
        both[key] = [*first.get(key, ()), *second.get(key, ())]
    return both


# Of two sets of data, one without any effect and one whose tests disagree, neither is the worse.
WORST = list(Verdict)[:5]
PAIRS = [
    each
    for each in itertools.combinations(WORST, 2)
    if each != (Verdict.NOT_SUPPORTED, Verdict.FRAGILE)
]


@pytest.mark.parametrize(("worse", "milder"), PAIRS)
def test_the_worse_verdict_wins(worse, milder):
    assert judged(_together(REACHED[worse], REACHED[milder])).verdict is worse


@pytest.mark.parametrize("milder", list(Verdict)[5:])
@pytest.mark.parametrize("worse", ["inconsistent", "mislabelled", "refuted"])
def test_what_the_numbers_say_of_themselves_wins_over_their_reproduction(worse, milder):
    expected, objection = {
        "inconsistent": (Verdict.INTERNALLY_INCONSISTENT, {"own": [FAIL]}),
        "mislabelled": (Verdict.STATISTIC_MISLABELLED, {"mislabelled": "It is the maximum."}),
        "refuted": (Verdict.NOT_SUPPORTED, {"refuted": "It exceeds its bound."}),
    }[worse]
    assert judged(_together(objection, REACHED[milder])).verdict is expected


def test_a_failure_of_others_numbers_is_not_the_claims_inconsistency():
    assert verdict(CLEAR, others=[FAIL], claimed="1.0") is Verdict.REPRODUCED


# ── Direction ────────────────────────────────────────────────────────────────────────────────────


def test_significance_in_the_other_direction_is_no_support():
    # The interval reaches no effect, so that it is not contradicted either.
    other_way = effect(0.001, 0.001, 0.001, estimate=-1.0, half_width=1.0)
    assert verdict(other_way) is Verdict.NOT_SUPPORTED


def test_a_claim_is_contradicted_by_the_data_with_most_runs_alone():
    few = effect(0.01, 0.01, estimate=-1.0, runs=6, name="few")
    many = effect(0.001, 0.001, runs=60, name="many")
    assert verdict(few, many) is Verdict.INCONCLUSIVE
    assert verdict(effect(0.01, estimate=-1.0, runs=60), effect(0.01, runs=6)) is (
        Verdict.CONTRADICTED
    )


def test_an_interval_that_touches_no_effect_contradicts_nothing():
    assert verdict(effect(0.05, estimate=-0.5)) is not Verdict.CONTRADICTED
    assert verdict(effect(0.05, estimate=-0.5001)) is Verdict.CONTRADICTED


def test_a_ratio_has_no_effect_at_one():
    assert verdict(effect(estimate=0.8, half_width=0.1), null=1.0) is Verdict.CONTRADICTED
    assert verdict(effect(estimate=0.8, half_width=0.3), null=1.0) is Verdict.INCONCLUSIVE
    assert verdict(effect(estimate=1.5, half_width=0.1), null=1.0) is Verdict.REPRODUCED


def test_a_value_below_zero_contradicts_nothing_where_no_effect_is_no_question():
    assert verdict(effect(estimate=-3.0), null=None) is Verdict.REPRODUCED


# ── Significance ─────────────────────────────────────────────────────────────────────────────────


def test_a_p_equal_to_alpha_counts_as_significant():
    assert verdict(effect(0.05, 0.05, 0.05)) is Verdict.REPRODUCED
    assert verdict(effect(0.0501, 0.0501, 0.0501)) is Verdict.NOT_SUPPORTED
    assert verdict(effect(0.01, 0.01, 0.01), alpha=0.01) is Verdict.REPRODUCED
    assert verdict(effect(0.02, 0.02, 0.02), alpha=0.01) is Verdict.NOT_SUPPORTED


def test_tests_that_disagree_make_a_claim_fragile():
    for p_values in itertools.permutations((0.01, 0.02, 0.2)):
        assert verdict(effect(*p_values)) is Verdict.FRAGILE


def test_one_run_that_decides_makes_a_claim_fragile():
    found = judge(case(effect(0.01, 0.01, decided_by_one_run=True)))
    assert found.verdict is Verdict.FRAGILE
    assert "a single run" in found.reason


def test_one_run_decides_nothing_where_no_test_finds_anything():
    assert verdict(effect(0.06, 0.06, decided_by_one_run=True)) is Verdict.NOT_SUPPORTED


def test_data_that_disagree_are_inconclusive():
    found = judge(case(effect(0.001, 0.001, name="theirs"), effect(0.3, 0.4, name="ours")))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "theirs" in found.reason
    assert "ours" in found.reason


def test_all_data_must_lack_the_effect_before_it_is_not_supported():
    assert verdict(effect(0.3, 0.3), effect(0.4, 0.4)) is Verdict.NOT_SUPPORTED
    assert verdict(effect(0.3, 0.3), effect(0.01, 0.01)) is not Verdict.NOT_SUPPORTED


def test_data_without_tests_neither_support_nor_refute():
    untested = effect(estimate=-0.2, runs=2)
    assert verdict(untested, CLEAR) is Verdict.REPRODUCED


# ── Size ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("estimate", "expected"),
    [
        (1.05, Verdict.REPRODUCED),
        (1.0499, Verdict.REPRODUCED_SMALLER),
        (1.15, Verdict.REPRODUCED),
        (1.1501, Verdict.REPRODUCED_LARGER),
    ],
)
def test_an_estimate_on_the_edge_of_the_claims_rounding_reproduces_it(estimate, expected):
    assert verdict(effect(0.001, estimate=estimate), claimed="1.1") is expected


def test_the_last_bit_of_a_mean_makes_no_other_size():
    # The mean of these ten is 50.125 exactly, and printed as 50.12 or as 50.13.
    runs = [50.12, 50.13] * 5
    mean = sum(runs) / 10
    for text in ("50.12", "50.13"):
        for off in (-1e-13, 0.0, 1e-13):
            assert verdict(effect(0.001, estimate=mean + off), claimed=text) is Verdict.REPRODUCED


def test_trailing_zeros_of_a_claim_count():
    assert verdict(effect(0.001, estimate=1.12), claimed="1.1") is Verdict.REPRODUCED
    assert verdict(effect(0.001, estimate=1.12), claimed="1.10") is Verdict.REPRODUCED_LARGER


def test_sizes_under_other_conditions_are_not_compared():
    other = effect(0.001, 0.001, estimate=5.0, comparable=False)
    assert verdict(other, claimed="1.1") is Verdict.REPRODUCED


def test_an_interval_with_no_effect_and_the_claimed_one_is_inconclusive():
    wide = effect(half_width=2.0)
    assert verdict(wide, claimed="1.1") is Verdict.INCONCLUSIVE
    assert verdict(wide) is Verdict.INCONCLUSIVE
    # It holds no effect, and not the claimed one.
    assert verdict(wide, claimed="4.0") is Verdict.REPRODUCED_SMALLER


# ── Words ────────────────────────────────────────────────────────────────────────────────────────


def test_caveats_name_every_flag_once():
    found = judge(case(CLEAR, others=[FLAG, FLAG], own=[PASS], claimed="1.0"))
    assert found.verdict is Verdict.REPRODUCED_WITH_CAVEATS
    assert found.reason.count("seeds") == 1


def test_a_flag_without_an_effect_is_told_with_the_arithmetic():
    found = judge(case(own=[PASS], stated=[PASS], others=[FLAG]))
    assert found.verdict is Verdict.ARITHMETIC_OK
    assert "seeds" in found.reason


def test_what_cannot_be_checked_says_what_is_missing():
    assert judge(case(others=[MISSING])).reason == MISSING.detail
    assert "Nothing was declared" in judge(case()).reason


def test_an_effect_without_any_spread_is_shown_with_its_digits():
    constant = effect(0.01, estimate=0.1, half_width=0.0)
    assert constant.effect() == "0.1 (95 % interval 0.1 to 0.1)"


def test_a_mislabelled_statistic_says_whether_the_effect_is_significant():
    found = {
        p: judge(case(effect(p, p), mislabelled="It is the maximum.")).reason for p in (0.01, 0.2)
    }
    assert "it is significant" in found[0.01]
    assert "it is not significant" in found[0.2]


@pytest.mark.parametrize("each", Verdict)
def test_a_claim_stands_when_it_is_reproduced_or_its_arithmetic_is_in_order(each):
    stands = {
        Verdict.REPRODUCED,
        Verdict.REPRODUCED_LARGER,
        Verdict.REPRODUCED_WITH_CAVEATS,
        Verdict.ARITHMETIC_OK,
    }
    assert each.holds == (each in stands)


def test_what_only_the_data_pass_says_nothing_of_the_claim():
    assert verdict(own=[PASS]) is Verdict.NOT_CHECKABLE


def test_flags_of_a_claims_own_numbers_do_not_support_it_where_nothing_else_does():
    upside_down = Finding("arithmetic", Outcome.FLAG, "It is the ratio upside down.")
    found = judge(case(own=[upside_down], stated=[upside_down]))
    assert found.verdict is Verdict.NOT_SUPPORTED
    assert found.reason == "It is the ratio upside down."


def test_printed_numbers_in_the_wrong_order_contradict_a_claim():
    assert verdict(CLEAR, opposed="78.7 against 80.9.") is Verdict.CONTRADICTED


def test_what_was_confirmed_without_a_test_is_reproduced():
    assert verdict(confirmed="The model gives 92.1.") is Verdict.REPRODUCED
    flagged = verdict(confirmed="The model gives 92.1.", others=[FLAG])
    assert flagged is Verdict.REPRODUCED_WITH_CAVEATS


def test_a_test_that_could_reach_no_significance_decides_nothing():
    # Five pairs: no sign-flip test can go below 2 / 2^5.
    tests = (
        DecisionTest("paired_t", 1e-5, 1e-5),
        DecisionTest("sign_flip", 0.0625, 0.0625, 0.0625),
    )
    assert verdict(effect(tests=tests)) is Verdict.REPRODUCED
    alone = effect(tests=tests[1:], half_width=2.0)
    assert verdict(alone) is Verdict.INCONCLUSIVE


def test_a_claim_that_nothing_was_found_fails_where_something_is():
    assert verdict(CLEAR, expects_effect=False) is Verdict.NOT_SUPPORTED
    nothing = effect(0.5, 0.6, 0.7, half_width=2.0)
    assert verdict(nothing, expects_effect=False) is Verdict.REPRODUCED


@pytest.mark.parametrize(
    ("larger_is_better", "expected"),
    [(True, Verdict.REPRODUCED_LARGER), (False, Verdict.REPRODUCED_SMALLER)],
)
def test_a_larger_error_than_claimed_is_no_better_result(larger_is_better, expected):
    found = judge(case(CLEAR, claimed="0.9", null=None, larger_is_better=larger_is_better))
    assert found.verdict is expected
    assert "larger than the claimed 0.9" in found.reason


def test_the_correction_is_told_where_it_made_a_difference():
    family = effect(0.1, 0.1, 0.2, half_width=0.9, family=7)
    assert "no test finds it after correction for 7 comparisons" in judge(case(family)).reason
