"""Selection by the test set."""

import numpy as np
import pytest

from analysis.audit.selection import leakage
from analysis.errors import AnalysisError


def test_selection_by_the_test_set_is_flagged_with_its_optimism():
    found = leakage("test", candidates=10, sd=0.3)
    assert found.outcome == "flag"
    assert found.values["optimism"] == pytest.approx(0.3 * 1.538753, abs=1e-6)  # Harter 1961
    assert "correlated" in found.detail


@pytest.mark.parametrize(("gain", "within"), [(0.4, True), (0.5, False)])
def test_a_gain_is_held_against_the_optimism(gain, within):
    found = leakage("test", candidates=10, sd=0.3, gain=gain)
    assert found.values["gain_within_optimism"] is within
    assert f"claimed gain is {gain}" in found.detail


def test_it_is_flagged_even_where_the_optimism_is_unknown():
    found = leakage("test")
    assert (found.outcome, found.values["optimism"]) == ("flag", None)


@pytest.mark.parametrize("selection", ["validation", "none"])
def test_a_clean_selection_passes(selection):
    found = leakage(selection, candidates=10, sd=0.3)
    assert (found.outcome, found.values["optimism"]) == ("pass", None)


def test_an_undeclared_selection_is_missing():
    assert leakage("unknown").outcome == "missing_input"


@pytest.mark.parametrize("correlation", [0.0, 0.6, 0.95])
def test_the_optimism_is_an_upper_bound_for_correlated_or_unequal_candidates(correlation):
    rng = np.random.default_rng(0)
    shared = rng.normal(size=(20_000, 1)) * correlation**0.5
    noise = shared + rng.normal(size=(20_000, 12)) * (1 - correlation) ** 0.5
    bound = leakage("test", candidates=12, sd=1.0).values["optimism"]
    for truth in (np.zeros(12), np.linspace(0, 2, 12)):
        chosen = np.argmax(truth + noise, axis=1)
        optimism = noise[np.arange(20_000), chosen]
        error = optimism.std() / 20_000**0.5
        assert optimism.mean() < bound + 4 * error
        if correlation == 0 and not truth.any():
            assert optimism.mean() == pytest.approx(bound, abs=4 * error)


@pytest.mark.parametrize(
    "settings",
    [
        {"selection": "dev"},
        {"selection": "test", "candidates": 0},
        {"selection": "test", "candidates": 1.5},
        {"selection": "test", "sd": -1.0},
        {"selection": "test", "sd": float("nan")},
        {"selection": "test", "gain": float("inf")},
    ],
)
def test_impossible_facts_are_refused(settings):
    with pytest.raises(AnalysisError, match="allowed"):
        leakage(**settings)
