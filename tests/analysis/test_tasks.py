import numpy as np
import pandas as pd
import pytest

from analysis import AnalysisError, interquartile_means


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        [
            (task, run, arm, level + gain + rng.normal(0, 0.01))
            for task, level in (("a", 0.5), ("b", 0.7), ("c", 0.9))
            for run in range(8)
            for arm, gain in (("plain", 0.0), ("better", 0.02))
        ],
        columns=["task", "run", "arm", "score"],
    )


def means(frame, **options):
    return interquartile_means(frame, "score", tasks="task", resamples=200, **options)


def test_every_arm_has_the_mean_of_the_middle_half_of_its_runs_of_all_tasks(frame):
    plain, better = means(frame)
    middle = np.sort(frame.loc[frame["arm"] == "plain", "score"])[6:18].mean()
    assert (plain.arm, better.arm) == ("plain", "better")
    assert plain.result.mean == pytest.approx(middle, rel=1e-13)
    assert (plain.result.n, plain.result.tasks) == (24, 3)
    assert plain.result.interval.high < better.result.interval.low


def test_an_arm_s_interval_does_not_depend_on_the_rows_order_or_on_other_arms(frame):
    alone = means(frame[frame["arm"] == "better"])
    assert means(frame.sample(frac=1, random_state=1).sort_values("arm"))[0] == alone[0]


def test_runs_without_a_finite_value_are_left_out_and_counted(frame):
    frame.loc[frame.index[:4], "score"] = [np.nan, np.inf, np.nan, 0.5]
    plain, better = means(frame)
    assert (plain.missing, better.missing) == (2, 1)
    assert (plain.result.n, better.result.n) == (22, 23)


def test_an_arm_without_runs_of_a_task_is_refused(frame):
    lacking = frame[(frame["arm"] == "plain") | (frame["task"] != "b")]
    with pytest.raises(AnalysisError, match=r"'better' has no finite score \(task = b\)"):
        means(lacking)
