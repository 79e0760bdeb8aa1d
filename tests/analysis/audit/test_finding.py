"""Findings, and the catalogue of checks."""

import json

import numpy as np
import pytest

from analysis.audit.catalogue import CHECKS
from analysis.audit.finding import Outcome, finding
from analysis.audit.printed_numbers import printed


def test_only_arithmetic_can_fail():
    with pytest.raises(ValueError, match="only flags"):
        finding("best_of_n", Outcome.FAIL, "no")
    assert finding("grim", Outcome.FAIL, "no").outcome == "fail"


def test_a_findings_values_are_what_json_holds():
    found = finding(
        "grim",
        Outcome.PASS,
        "fine",
        mean=printed("92.60"),
        gain=np.float64(0.5),
        bound=float("inf"),
        near=(1, np.int64(2)),
        of={"a": None},
    )
    assert json.loads(json.dumps(found.values, allow_nan=False)) == {
        "mean": "92.60",
        "gain": 0.5,
        "bound": "inf",
        "near": [1, 2],
        "of": {"a": None},
    }


def test_the_catalogue_has_the_thirty_checks():
    assert len(CHECKS) == 30
