"""Checking goes on: numbers that a check can do nothing with stop no other claim."""

import pytest

from analysis.audit.verdicts import Verdict
from analysis.errors import AnalysisError
from harness.audit import checking
from harness.audit.evidence.reading import read_evidence

RERUN = """\
schema = 1
[paper]
id = "P1"
title = "A paper"
[[claim]]
id = "R"
text = "The same again."
kind = "rerun"
study = "bench"
"""


def test_a_claim_that_cannot_be_worked_with_is_not_checkable(file, monkeypatch):
    real = checking.case_of

    def refusing(material):
        if material.claim.id == "C2":
            raise AnalysisError("n is 1; allowed: 2 or more")
        return real(material)

    monkeypatch.setattr(checking, "case_of", refusing)
    first, second = (
        file.claim("value", 'arm = "fast"\nvalue = "91.00"\ndata = "runs"').check().results
    )
    assert first.judged.verdict is not Verdict.NOT_CHECKABLE
    assert second.judged.verdict is Verdict.NOT_CHECKABLE
    assert second.judged.reason == "This cannot be checked: n is 1; allowed: 2 or more."
    assert [each.outcome for each in second.judged.findings] == ["not_testable"]


def test_a_file_of_reruns_alone_needs_no_metric(file):
    file.text = RERUN
    result = file.check().results[0]
    assert result.judged.verdict is Verdict.NOT_CHECKABLE
    assert "was run again" in result.judged.reason


def test_any_other_claim_needs_one(file):
    file.text = RERUN
    faults = file.claim("value", 'arm = "a"\nvalue = "1"').faults()
    assert faults.startswith("metrics: this key is missing")


@pytest.mark.parametrize(
    ("unit", "of_file", "value", "expected"),
    [
        ("%", "fraction", "0.915", "91.5"),
        ("%", "fraction", "0.9150", "91.50"),
        ("%", "fraction", "0.91500000000000003552713678800500929355621", None),
        ("fraction", "%", "91.50", "0.9150"),
        ("fraction", "%", "9e1", "0.9"),
        ("ms", "s", "0.0130", "13.0"),
    ],
)
def test_a_converted_run_keeps_the_digits_that_were_printed(file, unit, of_file, value, expected):
    file.replace('unit = "%"', f'unit = "{unit}"')
    if unit == "ms":
        file.replace("test_size = 10000\n", "")
    file.replace('file = "runs.csv"', f'file = "runs.csv"\nunit = "{of_file}"')
    file.rows(f"arm,acc\nbase,{value}\nfast,{value}\n")
    run = read_evidence(file.load(), None)["runs"].cells[0].arms["base"].runs[0]
    assert str(run.printed) == (expected or "91.500000000000003552713678800500929355621")
    assert run.value == float(run.printed.value)


def test_an_impossible_share_is_found_in_a_converted_file(file):
    file.replace("test_size = 10000", "test_size = 400")
    file.replace('file = "runs.csv"', 'file = "runs.csv"\nunit = "fraction"')
    file.rows("arm,acc\n" + "base,0.9001\nbase,0.9000\nfast,0.9100\nfast,0.9125\n")
    judged = file.check().results[0].judged
    impossible = [
        each for each in judged.findings if each.check == "grim" and each.outcome == "fail"
    ]
    assert any(each.detail.startswith("A run of base: 90.01") for each in impossible)
