"""Contrasts: their sign, their size, and the family they are corrected with."""

import pytest

from analysis.audit.verdicts import Verdict

RUNS = {
    "a": "91.19 90.50 91.32 91.28 91.36 91.35 91.43 91.05",
    "b": "92.58 91.73 92.08 91.45 91.96 91.58 91.82 91.62",
    "c": "91.70 91.61 91.05 91.84 91.38 91.22 91.30 91.50",
    "d": "91.71 91.60 91.06 91.83 91.39 91.21 91.31 91.49",
}


@pytest.fixture
def judged(file):
    """The verdict on a contrast of arms a to d, whose b is 0.67 above a."""

    def judge(lines, direction="maximize"):
        _write(file, lines, direction)
        return file.check().results[0].judged

    return judge


def _write(file, lines, direction="maximize"):
    text = file.text.split("[data.printed")[0].replace(
        'unit = "%"', f'unit = "%"\ndirection = "{direction}"'
    )
    family = '[family.all]\ncontrol = "a"\narms = ["b", "c", "d"]\ndata = "runs"\n'
    file.text = text + family
    file.rows("arm,acc\n" + "".join(f"{arm},{x}\n" for arm in RUNS for x in RUNS[arm].split()))
    file.claim("contrast", f'{lines}\ndata = "runs"')


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
@pytest.mark.parametrize("weights", [
    '{ a = "1", b = "-1" }', '{ a = "2", b = "-1", c = "-0.5", d = "-0.5" }',
])  # fmt: skip
def test_the_sign_is_that_of_the_sum_itself_whatever_is_better(judged, weights, direction):
    found = judged(f'weights = {weights}\nsign = "negative"', direction)
    assert found.verdict.holds


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
@pytest.mark.parametrize("weights", [
    '{ a = "1", b = "-1" }', '{ a = "2", b = "-1", c = "-0.5", d = "-0.5" }',
])  # fmt: skip
def test_a_sum_of_the_other_sign_contradicts(judged, weights, direction):
    found = judged(f'weights = {weights}\nsign = "positive"', direction)
    assert found.verdict is Verdict.CONTRADICTED


def test_a_negative_sum_is_given_with_its_sign(judged):
    lines = 'weights = { a = "1", b = "-1" }\nsign = "negative"\nvalue = "-0.67"'
    assert judged(lines).verdict in {Verdict.REPRODUCED, Verdict.REPRODUCED_WITH_CAVEATS}


def test_a_sum_of_the_other_sign_than_claimed_is_refused(file):
    _write(file, 'weights = { a = "1", b = "-1" }\nsign = "negative"\nvalue = "0.67"')
    faults = file.faults()
    assert "value: has the other sign than is claimed, which is negative" in faults
    assert "remedy:  give the weighted sum itself, with its sign" in faults


def _tests(found):
    return [(each.name, each.p_adjusted) for each in found.supports[0].tests]


def test_half_a_difference_is_the_same_comparison_and_corrected_alike(file):
    family = 'family = "all"'
    _write(file, f'weights = {{ b = "1", a = "-1" }}\n{family}')
    file.claim("contrast", f'weights = {{ b = "0.5", a = "-0.5" }}\ndata = "runs"\n{family}', "C3")
    whole, half = (each.judged for each in file.check().results)
    assert _tests(whole) == _tests(half)
    assert half.supports[0].estimate == pytest.approx(whole.supports[0].estimate / 2)
    assert half.supports[0].ci_low == pytest.approx(whole.supports[0].ci_low / 2)
    alone = whole.supports[0].tests[0]
    assert alone.p_adjusted > alone.p


def test_a_contrast_of_more_arms_has_no_family(file):
    weights = '{ b = "1", a = "-0.5", c = "-0.5" }'
    _write(file, f'weights = {weights}\nfamily = "all"')
    faults = file.faults()
    assert "family: is a family of comparisons, and this claim compares no two arms" in faults
    assert "make a contrast of two arms, which is corrected with its family" in faults
