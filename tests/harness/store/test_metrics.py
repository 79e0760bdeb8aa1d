import math

import pytest

from harness.store import metrics
from harness.study.planning import plan


@pytest.fixture
def given():
    """The metrics of four trials: of other names, with gaps, and values that are no numbers."""
    return [
        {"acc": 0.1 + 0.2, "loss": 5e-324, "naïve %": -7.0},
        {"acc": math.nan, "loss": math.inf},
        {"b'; --": -math.inf, "acc": 1e308},
        {},
    ]


@pytest.mark.parametrize("at_once", [1, 2, 500])
def test_every_trial_has_the_metrics_it_gave_however_many_fit_in_a_row(
    study, store, finish, outcome, monkeypatch, given, at_once
):
    monkeypatch.setattr(metrics, "_COLUMNS_AT_ONCE", at_once)
    specs = plan(study())
    finish(store, study(), [outcome(s, metrics=m) for s, m in zip(specs, given, strict=True)])
    found = store.final_metrics("bench")
    for spec, expected in zip(specs, given, strict=True):
        back = found.get(spec.digest, {})
        assert {name: repr(value) for name, value in back.items()} == {
            name: repr(value) for name, value in expected.items()
        }


def test_a_study_without_trials_has_no_metrics(store):
    assert store.final_metrics("bench") == {}
