"""The decision tests of a family: several tests a comparison, each corrected within the family."""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from analysis.audit.decision_test import DecisionTest, corrected, dunnett_p
from analysis.audit.one_run import turned_by_a_pair, turned_by_a_run
from analysis.drawing import stream
from analysis.errors import AnalysisError, UnknownArmError
from analysis.inference.grid import Floats
from analysis.inference.paired import pair
from analysis.inference.permutation import permutation_test
from analysis.inference.result import TestName
from analysis.inference.samples import samples
from analysis.inference.sign_flip import sign_flip_test
from analysis.inference.student_t import paired_interval, paired_t_test
from analysis.inference.t_power import require_alpha
from analysis.inference.welch import welch_interval, welch_t
from analysis.protocol import Direction

__all__ = ["ArmTests", "DecisionTest", "Runs", "decision_tests"]

Runs = Sequence[float] | Mapping[Hashable, float]
"""An arm's runs in order, or by block."""

_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class ArmTests:
    """An arm against the control, as the verdict on a claim needs it.

    Attributes:
        estimate: mean difference in the metric's unit, positive when the arm is better.
        ci_low: lower end of its 95 % interval (Welch's, or the paired t's), not corrected for the
            family; None when an arm has a single run.
        ci_high: upper end.
        n: the arm's runs; pairs, if matched.
        n_control: the control's runs; pairs, if matched.
        tests: the decision tests, corrected within the family.
        decided_by_one_run: whether leaving out some single run of either arm (a pair, if matched)
            turns the joint decision over: all tests significant, or not all.
    """

    estimate: float
    ci_low: float | None
    ci_high: float | None
    n: int
    n_control: int
    tests: tuple[DecisionTest, ...]
    decided_by_one_run: bool

    def all_significant(self, alpha: float) -> bool:
        """Whether every decision test has a corrected p of at most alpha."""
        return all(each.is_significant(alpha) for each in self.tests)

    def any_significant(self, alpha: float) -> bool:
        """Whether some decision test has a corrected p of at most alpha."""
        return any(each.is_significant(alpha) for each in self.tests)


def decision_tests(
    arms: Mapping[str, Runs],
    control: str,
    *,
    matched: bool,
    direction: Direction,
    alpha: float = 0.05,
    seed: int = 0,
    resamples: int = 100_000,
    untested: int = 0,
) -> Mapping[str, ArmTests]:
    """Test every arm against the control in every way that a decision is held against.

    Runs that share nothing: Welch's t and the two-sample permutation test, each Holm-corrected
    over the arms given, and Dunnett's test. Matched runs: the paired t and the sign-flip test,
    each Holm-corrected. All are two-sided. Permutation tests are exact up to about 20 + 20 runs
    or 40 pairs, and drawn beyond.

    The floor of an exact test is corrected as well: 6 pairs give no sign-flip p below 2 / 2^6,
    which 3 arms make 0.094, so that no result can reach 0.05 in both tests. Of four equal normal
    arms with 6 runs each that share nothing, all tests agreed on some difference at 0.05 in 2 % of
    400 simulated families, and at least one found some in 7 %.

    For `decided_by_one_run` every test is made again without each run, the correction included:
    a run of the control is missing for all arms, a run of the arm for that arm alone. Counting
    arrangements so often takes seconds beyond 24 runs of both arms (24 pairs); the permutation
    test, which then follows t closely, has no part in that comparison there. Nor has it one where
    a run fewer lifts its corrected floor above alpha, which says nothing about that run.

    Args:
        arms: the family and its control: every arm's runs, at least one each. Runs by block are
            matched by block, and blocks that the control or the arm lacks are left out of their
            comparison; runs in order are matched by position. Two arms are a family of one.
        control: the arm that the others are held against; any of them.
        matched: whether runs share a seed or split.
        direction: "maximize" when larger values are better, else "minimize".
        alpha: error rate that `decided_by_one_run` is about, above 0 and below 1.
        seed: of the permutation tests that are drawn.
        resamples: number of arrangements drawn then, at least 1.
        untested: arms of the family of which there are no runs to test; Holm's correction counts
            them, Dunnett's test cannot.

    Returns:
        Every arm but the control, in the order given.

    Raises:
        UnknownArmError: there is no such control.
        AnalysisError: there is nothing to compare, runs are missing, not finite, or cannot be
            matched, or a number is out of its range.
    """
    require_alpha(alpha)
    if direction not in get_args(Direction):
        raise AnalysisError(f"the direction is {direction!r}; allowed: 'maximize', 'minimize'")
    if control not in arms:
        raise UnknownArmError(control, arms)
    if len(arms) < 2:
        raise AnalysisError(f"there is no arm to hold against {control!r}; give at least two arms")
    if resamples < 1:
        raise AnalysisError(f"resamples is {resamples!r}; allowed: at least 1")
    sign = 1.0 if direction == "maximize" else -1.0
    others = {name: runs for name, runs in arms.items() if name != control}

    def draw(arm: str) -> np.random.Generator:
        return stream(seed, arm, control, "decision")

    if matched:
        pairs = {name: _pairs(runs, arms[control], sign) for name, runs in others.items()}
        return _matched(pairs, alpha, draw, resamples, untested)
    series = {name: sign * _series(runs) for name, runs in others.items()}
    return _unmatched(series, sign * _series(arms[control]), alpha, draw, resamples, untested)


def _unmatched(
    arms: Mapping[str, Floats],
    control: Floats,
    alpha: float,
    draw: Callable[[str], np.random.Generator],
    resamples: int,
    untested: int,
) -> dict[str, ArmTests]:
    p_values: dict[str, dict[TestName, float | None]] = {}
    floors: dict[str, dict[TestName, float | None]] = {}
    dunnetts = dunnett_p(arms, control)
    for name, runs in arms.items():
        both = samples(runs, control)
        drawn = permutation_test(both, rng=draw(name), resamples=resamples)
        p_values[name] = {
            "welch_t": welch_t(both).p_value,
            "permutation": drawn.p_value,
            "dunnett": dunnetts[name],
        }
        floors[name] = {"permutation": drawn.p_floor}
    turned = turned_by_a_run(arms, control, alpha)
    found = {}
    for name, tests in corrected(p_values, floors=floors, untested=untested).items():
        interval = welch_interval(samples(arms[name], control), _LEVEL)
        found[name] = ArmTests(
            estimate=interval.difference or 0.0,
            ci_low=interval.low,
            ci_high=interval.high,
            n=interval.n1,
            n_control=interval.n2,
            tests=tests,
            decided_by_one_run=name in turned,
        )
    return found


def _matched(
    pairs: Mapping[str, Floats],
    alpha: float,
    draw: Callable[[str], np.random.Generator],
    resamples: int,
    untested: int,
) -> dict[str, ArmTests]:
    """Test arms of shape (n, 2): the arm's runs beside the control's."""
    p_values: dict[str, dict[TestName, float | None]] = {}
    floors: dict[str, dict[TestName, float | None]] = {}
    for name, columns in pairs.items():
        both = pair(columns[:, 0], columns[:, 1])
        drawn = sign_flip_test(both, rng=draw(name), resamples=resamples)
        p_values[name] = {"paired_t": paired_t_test(both).p_value, "sign_flip": drawn.p_value}
        floors[name] = {"sign_flip": drawn.p_floor}
    turned = turned_by_a_pair(pairs, alpha)
    found = {}
    for name, tests in corrected(p_values, floors=floors, untested=untested).items():
        interval = paired_interval(pair(pairs[name][:, 0], pairs[name][:, 1]), _LEVEL)
        found[name] = ArmTests(
            estimate=interval.mean or 0.0,
            ci_low=interval.low,
            ci_high=interval.high,
            n=interval.n,
            n_control=interval.n,
            tests=tests,
            decided_by_one_run=name in turned,
        )
    return found


def _series(runs: Runs) -> Floats:
    values = list(runs.values()) if isinstance(runs, Mapping) else runs
    return np.asarray(values, dtype=np.float64)


def _pairs(runs: Runs, control: Runs, sign: float) -> Floats:
    """An arm's runs beside the control's, shape (n, 2), in the order of the control's."""
    if isinstance(runs, Mapping) and isinstance(control, Mapping):
        blocks = [block for block in control if block in runs]
        columns = [[arm[block] for block in blocks] for arm in (runs, control)]
    elif isinstance(runs, Mapping) or isinstance(control, Mapping):
        raise AnalysisError("matched arms are all given by block, or all in the order of the pairs")
    else:
        columns = [list(runs), list(control)]
    if len(columns[0]) != len(columns[1]) or not columns[0]:
        raise AnalysisError(
            "matched arms need runs in the same blocks; there are "
            f"{len(columns[0])} and {len(columns[1])} to match"
        )
    if not all(math.isfinite(value) for column in columns for value in column):
        raise AnalysisError("matched arms need finite values; exclude the others, and say so")
    return sign * np.array(columns, dtype=np.float64).T
