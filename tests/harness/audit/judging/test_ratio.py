"""Ratios: which side is no effect, what a speed-up is bound by, and what was not reported."""

import pytest

from analysis.audit.verdicts import Verdict

SLOW, FAST = "100 101 99 100 102", "50 51 49 50 52"


@pytest.fixture
def judged(file):
    """The verdict on a ratio of two arms' metric, in a unit."""

    def judge(unit, lines, first=SLOW, second=FAST):
        text = file.text.split("[data.printed")[0].replace("test_size = 10000\n", "")
        file.text = text.replace('unit = "%"', f'unit = "{unit}"')
        arms = {"first": first, "second": second}
        file.rows(
            "arm,acc\n" + "".join(f"{arm},{each}\n" for arm in arms for each in arms[arm].split())
        )
        measured = 'arms = { numerator = "first", denominator = "second" }\ndata = "runs"\n'
        file.claim("ratio", measured + lines)
        return file.check().results[0].judged

    return judge


def test_a_ratio_below_one_that_is_measured_so_is_not_contradicted(judged):
    lines = 'numerator = "50"\ndenominator = "100"\nvalue = "0.50"'
    assert judged("ms", lines, FAST, SLOW).verdict is Verdict.REPRODUCED


def test_more_saved_than_a_ratio_below_one_says_is_larger(judged):
    lines = 'numerator = "60"\ndenominator = "100"\nvalue = "0.60"'
    found = judged("ms", lines, FAST, SLOW)
    assert found.verdict is Verdict.REPRODUCED_LARGER
    assert "larger than the claimed 0.40" in found.reason


def test_less_saved_than_a_ratio_below_one_says_is_smaller(judged):
    lines = 'numerator = "40"\ndenominator = "100"\nvalue = "0.40"'
    assert judged("MB", lines, FAST, SLOW).verdict is Verdict.REPRODUCED_SMALLER


@pytest.mark.parametrize(("unit", "verdict"), [
    ("ms", Verdict.CONTRADICTED), ("MB", Verdict.REPRODUCED_SMALLER),
])  # fmt: skip
def test_only_of_a_speed_up_is_one_no_effect(judged, unit, verdict):
    lines = 'numerator = "2"\ndenominator = "1"\nvalue = "2.0"'
    assert judged(unit, lines, FAST, SLOW).verdict is verdict


def test_a_saving_of_time_that_is_none_is_contradicted(judged):
    lines = 'numerator = "50"\ndenominator = "100"\nvalue = "0.50"'
    assert judged("s", lines).verdict is Verdict.CONTRADICTED


def _bound(found):
    return [each for each in found.findings if each.check == "speedup_bound"]


def test_a_speed_up_without_its_arithmetic_says_what_was_not_reported(judged):
    lines = 'numerator = "100"\ndenominator = "50"\nvalue = "2.0"\nbatch = 64'
    (bound,) = _bound(judged("ms", lines))
    assert bound.outcome == "missing_input"
    assert bound.detail == (
        "Not given: work_ratio and bytes_ratio. Not reported: warm-up, repeats."
    )


def test_a_ratio_of_no_time_is_bound_by_nothing(judged):
    lines = 'numerator = "100"\ndenominator = "50"\nvalue = "2.0"'
    assert not _bound(judged("MB", lines))


@pytest.mark.parametrize("work", ["0.667", "1.5"])
def test_a_speed_up_given_as_a_share_of_time_is_bound_alike(judged, work):
    lines = f'numerator = "9"\ndenominator = "100"\nvalue = "0.09"\nwork_ratio = "{work}"'
    found = judged("ms", lines, "9 9.1 8.9", "100 101 99")
    assert [each.outcome for each in _bound(found)] == ["flag"]
    assert found.verdict is Verdict.NOT_SUPPORTED


def test_a_second_verdict_of_a_speed_up_has_the_same_side(file):
    file.text = file.text.split("[data.printed")[0]
    file.replace('unit = "%"\ntest_size = 10000', 'unit = "calls"')
    file.rows("arm,acc\nfirst,50\nfirst,51\nfirst,49\nsecond,100\nsecond,101\nsecond,99\n")
    lines = 'numerator = "2"\ndenominator = "1"\nvalue = "2.0"\nwork_ratio = "2"\nbytes_ratio = "2"'
    measured = 'arms = { numerator = "first", denominator = "second" }\nreplicated_in = "runs"\n'
    result = file.claim("ratio", measured + lines).check().results[0]
    assert result.judged.verdict is Verdict.ARITHMETIC_OK
    assert result.replicated.verdict is Verdict.CONTRADICTED
