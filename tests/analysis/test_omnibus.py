"""Tests over all arms at once, as `compare` makes them."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from analysis.comparison import compare
from analysis.protocol import Protocol

NAN = math.nan
PROTOCOL = Protocol("seconds", "minimize", "round out")

# Hollander & Wolfe 1973, Nonparametric Statistical Methods, p. 140: seconds to round first base
# in three ways, by 22 players; R's example of friedman.test.
ROUNDING_TIMES = np.array(
    [
        5.40, 5.50, 5.55, 5.85, 5.70, 5.75, 5.20, 5.60, 5.50, 5.55, 5.50, 5.40, 5.90, 5.85, 5.70,
        5.45, 5.55, 5.60, 5.40, 5.40, 5.35, 5.45, 5.50, 5.35, 5.25, 5.15, 5.00, 5.85, 5.80, 5.70,
        5.25, 5.20, 5.10, 5.65, 5.55, 5.45, 5.60, 5.35, 5.45, 5.05, 5.00, 4.95, 5.50, 5.50, 5.40,
        5.45, 5.55, 5.50, 5.55, 5.55, 5.35, 5.45, 5.50, 5.55, 5.50, 5.45, 5.25, 5.65, 5.60, 5.40,
        5.70, 5.65, 5.55, 6.30, 6.30, 6.25,
    ]
).reshape(-1, 3)  # fmt: skip
WAYS = ("round out", "narrow angle", "wide angle")


@pytest.fixture
def rounding(long_form):
    return long_form(dict(zip(WAYS, ROUNDING_TIMES.T, strict=True)), metric="seconds")


def test_friedmans_test_is_the_textbooks(rounding):
    (found,) = compare(rounding, PROTOCOL).omnibus
    # R: Friedman chi-squared = 11.143, df = 2, p-value = 0.003805
    assert found.friedman.chi_square == pytest.approx(11.143, abs=5e-4)
    assert found.friedman.p_value == pytest.approx(0.003805, abs=5e-7)
    assert (found.n, found.dropped_blocks, found.arms) == (22, 0, WAYS)
    assert min(found.friedman.average_ranks) == found.friedman.average_ranks[2]


def test_the_order_of_rows_changes_nothing(rounding):
    shuffled = rounding.sample(frac=1, random_state=0)
    shuffled["arm"] = pd.Categorical(shuffled["arm"], WAYS)
    assert compare(shuffled, PROTOCOL).omnibus == compare(rounding, PROTOCOL).omnibus


def test_incomplete_blocks_are_left_out_and_counted(rounding):
    rounding.loc[0, "seconds"] = NAN
    (found,) = compare(rounding.drop(index=23), PROTOCOL).omnibus
    assert (found.n, found.dropped_blocks) == (20, 2)
    assert found.friedman.dropped_blocks == 2


def test_two_arms_have_no_test_over_all(rounding):
    assert compare(rounding[rounding["arm"] != "wide angle"], PROTOCOL).omnibus == ()


def test_arms_without_a_value_are_left_out_and_two_that_remain_are_too_few(rounding):
    rounding["seconds"] = rounding["seconds"].where(rounding["arm"] != "wide angle", NAN)
    (found,) = compare(rounding, PROTOCOL).omnibus
    assert found.arms == WAYS[:2]
    assert found.friedman is None
    assert "Fewer than three arms" in found.warning


def test_without_a_complete_block_the_reason_is_given(long_form):
    frame = long_form(
        {
            "round out": [1.0, 2.0, NAN],
            "narrow angle": [NAN, 2.0, 3.0],
            "wide angle": [1.0, NAN, 3.0],
        },
        metric="seconds",
    )
    (found,) = compare(frame, PROTOCOL).omnibus
    assert (found.n, found.dropped_blocks) == (0, 3)
    assert "No block" in found.warning


def test_runs_that_share_nothing_have_analyses_of_variance(rounding):
    results = compare(rounding, PROTOCOL, block=None)
    (found,) = results.omnibus
    assert found.friedman is found.nemenyi is None
    assert (found.anova.name, found.welch.name) == ("one_way", "welch")
    assert found.n == 66


def test_every_cell_has_tests_of_its_own(rounding):
    frame = pd.concat([rounding.assign(base=1), rounding.assign(base=2)])
    found = compare(frame, PROTOCOL, within=["base"]).omnibus
    assert [each.cell for each in found] == [(("base", 1),), (("base", 2),)]


DEGENERATE = {
    "one block": {arm: [1.0 + i] for i, arm in enumerate(WAYS)},
    "two blocks": {arm: [1.0 + i, 2.0 - i] for i, arm in enumerate(WAYS)},
    "identical": {arm: [1.0, 2.0, 3.0, 4.0] for arm in WAYS},
    "constant": {arm: [1.0] * 6 for arm in WAYS},
    "constant, apart": {arm: [1.0 + i] * 6 for i, arm in enumerate(WAYS)},
    "the same order": {arm: [i + block**2 for block in range(6)] for i, arm in enumerate(WAYS)},
    "one value": {"round out": [1.0, NAN], "narrow angle": [NAN, 1.0], "wide angle": [2.0, 2.0]},
    "far apart": {arm: [10.0 ** (i * 70)] * 2 + [1.0] for i, arm in enumerate(WAYS)},
    "tiny": {
        "round out": [1e-200, 3e-200, 2e-200],
        "narrow angle": [0.9, 0.8, 0.7],
        "wide angle": [5e-324, 0.0, 1e-323],
    },
}


@pytest.mark.parametrize("block", ["seed", None])
@pytest.mark.parametrize("values", DEGENERATE.values(), ids=DEGENERATE)
def test_degenerate_runs_give_a_p_or_a_reason(values, block, long_form):
    results = compare(long_form(values, metric="seconds"), PROTOCOL, block=block)
    json.loads(results.to_json(), parse_constant=pytest.fail)
    str(results)
    (found,) = results.omnibus
    ps = [found.friedman and found.friedman.p_value, found.friedman and found.friedman.f_p]
    ps += [each and each.p_value for each in (found.anova, found.welch)]
    assert all(each is None or 0 < each <= 1 for each in ps)
    if all(each is None for each in ps):
        parts = (found, found.friedman, found.anova, found.welch)
        assert any(each is not None and each.warning for each in parts)


@pytest.mark.parametrize("blocks", [250, 1100])
def test_many_blocks_of_three_arms_take_no_minute(blocks, long_form):
    rng = np.random.default_rng(0)
    values = {arm: rng.normal(i / 20, 1, blocks).round(3) for i, arm in enumerate(WAYS)}
    (found,) = compare(long_form(values, metric="seconds"), PROTOCOL, resamples=100).omnibus
    assert not found.friedman.exact
    assert found.friedman.permutation_p == pytest.approx(found.friedman.p_value, abs=0.02)
