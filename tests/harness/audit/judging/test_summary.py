"""Summaries that are held against the runs of their arm, and against themselves."""

import pytest

from analysis.audit.verdicts import Verdict

RUNS = {
    "plain": "91.19 90.50 91.32 91.28 91.36 91.35 91.43 91.05",
    "ours": "92.58 91.73 92.08 91.45 91.96 91.58 91.82 91.62",
}
ROWS = "arm,acc\n" + "".join(
    f"{arm},{value}\n" for arm, values in RUNS.items() for value in values.split()
)


@pytest.fixture
def judged(file):
    """The verdict on a summary beside the runs of the guide to auditing."""

    def judge(lines, rows=ROWS):
        file.text = file.text.split("[family.all]")[0]
        file.rows(rows).claim("summary", lines)
        return file.check().results[0].judged

    return judge


def _of(judged, check):
    return [each for each in judged.findings if each.check == check]


def test_a_mean_that_is_beyond_all_runs_of_the_arm_fails(judged):
    found = judged('arm = "ours"\nmean = "95.00"\ndata = "runs"')
    assert found.verdict is Verdict.INTERNALLY_INCONSISTENT
    assert "95.00 lies beyond all 8 runs" in found.reason


def test_a_mean_that_is_the_best_run_is_mislabelled(judged):
    found = judged('arm = "ours"\nmean = "92.58"\ndata = "runs"')
    assert found.verdict is Verdict.STATISTIC_MISLABELLED


def test_the_mean_of_the_runs_is_no_objection(judged):
    found = judged('arm = "ours"\nmean = "91.85"\nn = 8\ndata = "runs"')
    assert [each.outcome for each in _of(found, "max_as_mean")] == ["pass"]
    assert [each.outcome for each in _of(found, "n_mismatch")] == ["pass"]
    assert found.verdict.holds


def test_another_number_of_runs_than_there_are_fails(judged):
    found = judged('arm = "ours"\nmean = "91.85"\nn = 10\ndata = "runs"')
    assert found.verdict is Verdict.INTERNALLY_INCONSISTENT
    assert "n = 10, and runs has 8 runs of ours" in found.reason


def test_the_runs_of_another_level_are_not_held_against_a_summary(file):
    file.text = file.text.split("[family.all]")[0]
    file.replace('file = "runs.csv"', 'file = "runs.csv"\nlevel = "depth"')
    file.rows("arm,depth,acc\n" + "".join(f"ours,{d},9{d}.0{i}\n" for d in (1, 2) for i in (1, 2)))
    file.claim("summary", 'arm = "ours"\nmean = "91.02"\nn = 2\ndata = "runs"')
    judged = file.check().results[0].judged
    assert [each.outcome for each in _of(judged, "n_mismatch")] == ["not_testable"]
    assert judged.verdict is not Verdict.INTERNALLY_INCONSISTENT


# A variance of 1 has the deviation 1; five values of 90.0 to 90.5 have one of 0.27 at most.
def test_a_variance_that_the_range_does_not_allow_fails(judged):
    found = judged('variance = "1.00"\nn = 5\nmin = "90.0"\nmax = "90.5"')
    assert found.verdict is Verdict.INTERNALLY_INCONSISTENT
    assert "The variance 1.00 is a deviation of 1" in found.reason


@pytest.mark.parametrize("variance", ["0.20", "0.3", "0"])
def test_a_variance_that_the_range_allows_does_not_fail(judged, variance):
    same = variance == "0"
    found = judged(
        f'variance = "{variance}"\nn = 5\nmin = "90.0"\nmax = "{"90.0" if same else "91.1"}"'
    )
    assert [each.outcome for each in _of(found, "sd_range")] == ["pass"]


def test_a_spread_of_a_single_run_is_flagged_and_stops_nothing(judged):
    found = judged('mean = "90.00"\nsd = "0.30"\nn = 1')
    assert [each.outcome for each in _of(found, "n_mismatch")] == ["flag"]
    assert "a single run has no spread" in _of(found, "n_mismatch")[0].detail


# The eight runs of ours have a variance of 0.12842, divided by n - 1.
@pytest.mark.parametrize(("variance", "outcome"), [("0.1284", "pass"), ("0.4", "fail")])
def test_a_variance_is_held_against_the_runs_of_its_arm(judged, variance, outcome):
    found = judged(f'arm = "ours"\nvariance = "{variance}"\nn = 8\ndata = "runs"')
    assert [each.outcome for each in _of(found, "sd_label")] == [outcome]
