"""Replications from runs: their verdict, their standard error, and their direction."""

import statistics

import pytest
from scipy import stats

from analysis.audit.verdicts import Verdict

BASE = [90.1, 90.3, 89.9, 90.2, 90.0, 90.4]
GAINS = [1.0, 1.1, 0.9, 1.05, 0.95, 1.0]
FEW = [91.1, 91.3, 91.0]


@pytest.fixture
def judged(file):
    """The first verdict and the second of a replication by runs of the file."""

    def judge(rows, *, pairing="none", direction="maximize", lines="", estimate="1.0"):
        text = file.text.split("[data.printed")[0]
        text = text.replace('unit = "%"', f'unit = "%"\ndirection = "{direction}"')
        file.text = text + f'[design]\npairing = "{pairing}"\n'
        file.rows(rows)
        given = f'original = {{ estimate = "{estimate}", se = "0.1", n = 10 }}\n'
        given += 'better = "fast"\nworse = "base"\nreplicated_in = "runs"\n'
        file.claim("replication", given + lines)
        return file.check().results[0]

    return judge


def _rows(first, second, *, seeds=False):
    head = "arm,acc,seed" if seeds else "arm,acc"
    rows = [
        f"{arm},{value:.2f}" + (f",{place}" if seeds else "")
        for arm, values in (("fast", first), ("base", second))
        for place, value in enumerate(values)
    ]
    return "\n".join((head, *rows)) + "\n"


BETTER = [one + gain for one, gain in zip(BASE, GAINS, strict=True)]


def _rerun(judged):
    (found,) = [each for each in judged.findings if each.check == "replication"]
    return found.values


def test_a_claim_without_data_has_the_replication_as_its_only_verdict(judged):
    result = judged(_rows(BETTER, BASE))
    assert result.judged.verdict.holds
    assert result.judged.data == ("runs",)
    assert result.replicated is None


def test_printed_numbers_are_judged_before_runs(judged):
    result = judged(
        _rows(BETTER, BASE), lines='replication = { estimate = "1.0", se = "0.1", n = 10 }'
    )
    assert result.judged.verdict is Verdict.REPRODUCED
    assert result.replicated.data == ("runs",)


def test_pairs_have_the_standard_error_of_their_differences(judged):
    values = _rerun(judged(_rows(BETTER, BASE, seeds=True), pairing="seed").judged)
    gains = [round(one, 2) - other for one, other in zip(BETTER, BASE, strict=True)]
    assert values["replication"]["design"] == "paired"
    assert values["replication"]["n"] == len(BASE)
    assert values["replication"]["se"] == pytest.approx(statistics.stdev(gains) / len(gains) ** 0.5)


def test_unequal_numbers_of_runs_have_welchs_p(judged):
    values = _rerun(judged(_rows(FEW, BASE)).judged)
    assert values["replication_p"] == pytest.approx(stats.ttest_ind(FEW, BASE, equal_var=False)[1])


def test_two_runs_each_have_welchs_p(judged):
    values = _rerun(judged(_rows([91.0, 91.1], [90.0, 90.4])).judged)
    found = stats.ttest_ind([91.0, 91.1], [90.0, 90.4], equal_var=False)
    assert values["replication_p"] == pytest.approx(found.pvalue)


def test_of_a_minimized_metric_less_is_above_zero(judged):
    result = judged(_rows(BASE, BETTER), direction="minimize")
    assert _rerun(result.judged)["replication"]["estimate"] == pytest.approx(1.0)
    assert result.judged.verdict.holds


def test_a_rerun_the_other_way_is_not_upheld(judged):
    assert not judged(_rows(BASE, BETTER)).judged.verdict.holds


def test_runs_that_do_not_vary_are_no_replication_and_stop_nothing(judged):
    result = judged(_rows([91.0, 91.0, 91.0], [90.0, 90.0, 90.0]))
    assert "replication" not in {each.check for each in result.judged.findings}


def test_an_original_of_one_run_is_refused(file):
    file.claim("replication", 'original = { estimate = "1", se = "0.1", n = 1 }\n'
               'replication = { estimate = "1", se = "0.1", n = 9 }')  # fmt: skip
    assert "original.n: must be 2 or more" in file.faults()
