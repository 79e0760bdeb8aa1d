"""Whether one run decides: the decision tests made again without each run."""

import math
from collections.abc import Iterable, Mapping

import numpy as np

from analysis.audit.decision_test import PValues, decisions, dunnett_p
from analysis.inference.grid import Floats
from analysis.inference.paired import pair
from analysis.inference.permutation import permutation_test
from analysis.inference.result import TestName
from analysis.inference.samples import samples
from analysis.inference.sign_flip import sign_flip_test
from analysis.inference.student_t import paired_t_test
from analysis.inference.welch import welch_t

_LEFT_OUT_UP_TO = 24
"""Runs of both arms, or pairs, whose arrangements are counted again for every run left out."""


def turned_by_a_run(arms: Mapping[str, Floats], control: Floats, alpha: float) -> set[str]:
    """Arms whose joint decision some run of theirs, or of the control's, turns over."""
    sizes = [len(runs) for runs in arms.values()]
    most = max(sizes) + len(control)
    # Unequal sizes may have a single most extreme split.
    fewest = min(
        math.comb(size + len(control) - 1, left)
        for size in sizes
        for left in (len(control), len(control) - 1)
    )
    counted = most <= _LEFT_OUT_UP_TO and len(arms) / fewest <= alpha

    def own(runs: Floats, control: Floats) -> dict[TestName, float | None]:
        both = samples(runs, control)
        found: dict[TestName, float | None] = {"welch_t": welch_t(both).p_value}
        return found | ({"permutation": permutation_test(both).p_value} if counted else {})

    def family(control: Floats) -> PValues:
        dunnetts = dunnett_p(arms, control)
        return {arm: own(runs, control) | {"dunnett": dunnetts[arm]} for arm, runs in arms.items()}

    whole = family(control)
    before = decisions(whole, alpha)
    turned: set[str] = set()
    for fewer in _without_each(control):
        after = decisions(family(fewer), alpha)
        turned |= {arm for arm in arms if after[arm] != before[arm]}
    for arm, runs in arms.items():
        for fewer in () if arm in turned else _without_each(runs):
            dunnetts = dunnett_p({**arms, arm: fewer}, control)
            changed = {name: {**of, "dunnett": dunnetts[name]} for name, of in whole.items()}
            changed[arm] = own(fewer, control) | {"dunnett": dunnetts[arm]}
            if decisions(changed, alpha)[arm] != before[arm]:
                turned.add(arm)
                break
    return turned


def turned_by_a_pair(pairs: Mapping[str, Floats], alpha: float) -> set[str]:
    """Arms whose joint decision some pair turns over."""
    sizes = [len(columns) for columns in pairs.values()]
    floor = 2.0 / 2 ** (min(sizes) - 1)
    counted = max(sizes) <= _LEFT_OUT_UP_TO and len(pairs) * floor <= alpha

    def own(columns: Floats) -> dict[TestName, float | None]:
        both = pair(columns[:, 0], columns[:, 1])
        found: dict[TestName, float | None] = {"paired_t": paired_t_test(both).p_value}
        return found | ({"sign_flip": sign_flip_test(both).p_value} if counted else {})

    whole = {arm: own(columns) for arm, columns in pairs.items()}
    before = decisions(whole, alpha)
    return {
        arm
        for arm, columns in pairs.items()
        if any(
            decisions({**whole, arm: own(fewer)}, alpha)[arm] != before[arm]
            for fewer in _without_each(columns)
        )
    }


def _without_each(rows: Floats) -> Iterable[Floats]:
    """The same rows without the first, without the second, ...; nothing for a single row."""
    if len(rows) < 2:
        return ()
    return (np.delete(rows, place, axis=0) for place in range(len(rows)))
