"""The paper's own numbers: that they are what its claims are made of."""

import math
from pathlib import Path

import pytest

from analysis.inference.student_t import t_tail
from studies.paper import published

HEADLINES = {"kd_ig": (92.58, 92.02), "student": (91.50, 91.18)}


@pytest.mark.parametrize("arm", HEADLINES)
def test_the_abstracts_numbers_are_the_best_of_ten_runs(arm):
    runs = published.ablation_runs()
    own = runs[runs["arm"] == arm]["test_accuracy"]
    best, mean = HEADLINES[arm]
    assert len(own) == 10
    assert own.max() == best
    assert own.mean() == pytest.approx(mean, abs=0.005)


def test_every_arm_has_ten_runs():
    assert set(published.ablation_runs()["arm"].value_counts()) == {10}


def test_the_monte_carlo_ps_follow_from_their_ts():
    tested = published.monte_carlo().dropna(subset="t")
    assert len(tested) == 3
    for _, row in tested.iterrows():
        degrees = 2 * row["n"] - 2
        assert t_tail(row["t"], degrees, "two-sided") == pytest.approx(row["p"], rel=1e-9)


def test_compression_factors_are_ratios_of_parameters():
    models = published.models()
    teacher = models.loc[0, "parameters"]
    for removed, row in models.iterrows():
        factor = teacher / row["parameters"]
        assert row["compression_factor"] == pytest.approx(factor, abs=0.006), removed


def test_the_claimed_speed_ups_are_ratios_of_seconds():
    models = published.models()
    teacher = models.loc[0, "seconds_a_batch_of_64"]
    for removed, row in models.iterrows():
        ratio = teacher / row["seconds_a_batch_of_64"]
        assert row["claimed_speedup"] == pytest.approx(ratio, rel=0.01), removed


def test_the_arithmetic_bounds_what_was_claimed():
    models = published.models()["multiply_adds_millions"]
    assert models[0] / models[5] == pytest.approx(1.50, abs=0.005)


def test_what_the_paper_does_not_give_is_missing():
    assert math.isnan(published.monte_carlo().loc["student", "t"])
    assert math.isnan(published.models().loc[0, "student"])


def test_every_file_has_a_source():
    folder = Path(published.__file__).parents[1] / "claims" / "published"
    sources = (folder / "SOURCES.md").read_text()
    files = list(folder.glob("*.csv"))
    assert len(files) == 5
    for path in files:
        assert f"`{path.name}`" in sources
