import json
import math
from dataclasses import asdict

import pytest

from harness.canonical import digest
from harness.reports.record import SCHEMA, Asked, Record, record_text
from harness.reports.trial_digests import TrialDigests
from harness.store.schema import State

METRICS = [
    {},
    {"acc": 0.1, "loss": 1e-9},
    {"loss": 2.5, "acc": 1e300},
    {"acc": math.nan, "loss": -math.inf},
    {"100%": 1.0, "%b": 2.0, "{}": 3.0, 'a"=0"': -0.0, "naïve": 5.0, "\ufb33": 1.0, "😀": 2.0},
    {"<b>": 0.5, "a\\b\n": 7.0, "acc": 1.0},
]


@pytest.mark.parametrize("state", [State.COMPLETE, State.FAILED])
def test_every_trial_has_the_digest_of_its_canonical_json(state):
    found = TrialDigests()
    for metrics in METRICS + METRICS:
        values = {name: repr(value) for name, value in metrics.items()}
        expected = digest("finished", {"state": str(state), "metrics": values})
        assert found.of(state, metrics) == expected[:16]


@pytest.mark.parametrize(
    "trials",
    [{}, {"a": {}}, {'"trials": {': {"f1": "0"}, 'naïve "<0>"': {"z": "9", "b": "<1>"}, "b": {}}],
)
def test_the_record_is_indented_json_with_sorted_keys(trials):
    found = Record(Asked("study", "mine"), trials, {"numpy": "2"}, "c0de", {"index.html": "ab"})
    expected = json.dumps({"schema": SCHEMA, **asdict(found)}, indent=1, sort_keys=True)
    assert record_text(found) == expected + "\n"
