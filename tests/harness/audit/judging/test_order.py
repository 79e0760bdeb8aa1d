"""Orders that are reversed, and levels where they are not known."""

import pytest

from analysis.audit.verdicts import Verdict

UP = (91.0, 91.2, 91.1, 90.9, 91.3, 91.0)
MIDDLE = (90.0, 90.2, 90.1, 89.9, 90.3, 90.1)
DOWN = (89.0, 89.2, 89.1, 88.9, 89.3, 89.0)


@pytest.fixture
def judged(file):
    """The verdict on an order of arms, whose runs are given by level."""

    def judge(levels, lines):
        rows = [
            f"{arm},{level},{value:.2f}"
            for level, arms in levels.items()
            for arm, values in arms.items()
            for value in values
        ]
        file.text = file.text.split("[data.printed")[0]
        if len(levels) > 1:
            file.replace('file = "runs.csv"', 'file = "runs.csv"\nlevel = "depth"')
        file.rows("arm,depth,acc\n" + "\n".join(rows) + "\n")
        file.claim("order", f'{lines}\ndata = "runs"')
        return file.check().results[0].judged

    return judge


def test_one_arm_that_is_wholly_the_better_one_contradicts_the_order(judged):
    arms = {"fast": MIDDLE, "slow": DOWN, "best": UP}
    found = judged({1: arms}, 'better = "fast"\nworse = ["slow", "best"]')
    assert found.verdict is Verdict.CONTRADICTED
    assert "fast − best" in found.reason
    assert "the whole interval lies on the other side" in found.reason


def test_an_order_that_holds_for_every_arm_is_upheld(judged):
    arms = {"fast": UP, "slow": DOWN, "mean": MIDDLE}
    assert judged({1: arms}, 'better = "fast"\nworse = ["slow", "mean"]').verdict.holds


def _lacking(found):
    return [
        each.detail
        for each in found.findings
        if each.check == "arithmetic" and each.outcome == "missing_input"
    ]


def test_a_level_without_the_claimed_arm_is_told(judged):
    levels = {1: {"fast": UP, "slow": DOWN}, 2: {"slow": DOWN}, 3: {"fast": UP, "slow": DOWN}}
    (told,) = _lacking(judged(levels, 'better = "fast"\nworse = "slow"'))
    assert told.startswith("fast has no runs at depth = 2 of runs")


def test_levels_that_all_have_both_arms_lack_nothing(judged):
    levels = {1: {"fast": UP, "slow": DOWN}, 2: {"fast": UP, "slow": DOWN}}
    assert not _lacking(judged(levels, 'better = "fast"\nworse = "slow"'))
