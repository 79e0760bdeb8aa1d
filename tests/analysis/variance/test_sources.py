import json

import numpy as np
import pandas as pd
import pytest

from analysis.errors import AnalysisError, MissingColumnError
from analysis.variance.sources import decompose

SDS = {"augmentation": 0.002, "data order": 0.004, "initialisation": 0.003, "split": 0.006}


def _runs(rng, *, n=40, sds=SDS, interaction=0.0, arms=("base",)):
    """Runs about 0.93 in which each source alone, or all at once, adds its own normal part."""
    rows = []
    for place, arm in enumerate(arms):
        centre = 0.90 + 0.02 * place
        for name, sd in sds.items():
            rows += [(arm, name, centre + value) for value in rng.normal(0, sd, n)]
        every = sum(rng.normal(0, sd, n) for sd in sds.values()) + rng.normal(0, interaction, n)
        rows += [(arm, "all", centre + value) for value in every]
    return pd.DataFrame(rows, columns=["arm", "source", "accuracy"])


def test_variances_are_those_the_runs_were_made_with():
    rng = np.random.default_rng(0)
    found = [decompose(_runs(rng, n=10), "accuracy") for _ in range(300)]
    for name, sd in SDS.items():
        assert np.mean([each[name].variance for each in found]) == pytest.approx(sd**2, rel=0.1)
    total = sum(sd**2 for sd in SDS.values())
    assert np.mean([each.total.variance for each in found]) == pytest.approx(total, rel=0.1)
    assert np.mean([each.sum_variance for each in found]) == pytest.approx(total, rel=0.1)


def test_intervals_of_standard_deviations_cover_as_often_as_they_say():
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(1500):
        found = decompose(_runs(rng, n=8, sds={"split": 0.01}), "accuracy", level=0.9)
        covered += found["split"].low <= 0.01 <= found["split"].high
    assert covered / 1500 == pytest.approx(0.9, abs=0.03)


def test_the_interval_of_the_ratio_covers_one_when_sources_add_up():
    rng = np.random.default_rng(2)
    readings = [decompose(_runs(rng, n=15), "accuracy").reading for _ in range(600)]
    assert readings.count("as the sum") / 600 == pytest.approx(0.95, abs=0.03)


def test_an_interaction_shows_as_more_than_the_sum():
    found = decompose(_runs(np.random.default_rng(3), n=60, interaction=0.02), "accuracy")
    assert found.reading == "more than the sum"
    assert found.ratio_low > 1
    assert found.ratio == pytest.approx(found.total.variance / found.sum_variance)
    assert "act on each other" in str(found)


def test_shares_add_up_to_one():
    found = decompose(_runs(np.random.default_rng(4)), "accuracy")
    assert sum(each.share for each in found.sources) == pytest.approx(1)
    assert [each.name for each in found.sources] == sorted(SDS)
    assert found["split"].share == pytest.approx(found["split"].variance / found.sum_variance)
    assert found.total.share is None


def test_the_interval_is_the_one_of_the_chi_square_table():
    # With n = 10: 9 degrees of freedom, quantiles 2.700 and 19.023 in every table.
    values = np.arange(10.0)
    frame = pd.DataFrame({"source": "split", "loss": values})
    found = decompose(frame, "loss")["split"]
    assert found.sd == pytest.approx(np.std(values, ddof=1))
    assert found.low == pytest.approx(found.sd * np.sqrt(9 / 19.023), rel=1e-4)
    assert found.high == pytest.approx(found.sd * np.sqrt(9 / 2.700), rel=1e-3)


def test_within_arms_the_difference_between_arms_is_no_variance():
    frame = _runs(np.random.default_rng(5), n=30, arms=("base", "kd", "ig"))
    found = decompose(frame, "accuracy", arm="arm")
    assert found["split"].degrees == 3 * 29
    assert found["split"].sd == pytest.approx(SDS["split"], rel=0.2)
    assert decompose(frame, "accuracy")["split"].sd > 2 * found["split"].sd


def test_test_examples_have_the_variance_of_a_proportion():
    rng = np.random.default_rng(6)
    correct = rng.random((20, 400)) < 0.9
    found = decompose(_runs(rng), "accuracy", predictions=correct)
    examples = found["test examples"]
    p = correct.mean(axis=1)
    assert examples.variance == pytest.approx(np.mean(p * (1 - p)) / 399)
    assert examples.low < examples.sd < examples.high
    assert examples.sd == pytest.approx(np.sqrt(0.9 * 0.1 / 400), rel=0.1)
    assert sum(each.share for each in found.sources) == pytest.approx(1)


def test_test_examples_are_not_compared_with_runs_that_shared_their_test_set():
    rng = np.random.default_rng(7)
    frame = _runs(rng)
    with_examples = decompose(frame, "accuracy", predictions=rng.random((5, 100)) < 0.9)
    assert with_examples.ratio == decompose(frame, "accuracy").ratio


def test_the_interval_of_test_examples_covers_as_often_as_it_says():
    rng = np.random.default_rng(8)
    frame = _runs(rng, n=3)
    covered = 0
    for _ in range(800):
        found = decompose(frame, "accuracy", predictions=rng.random((1, 200)) < 0.8)
        covered += found["test examples"].low <= np.sqrt(0.16 / 200) <= found["test examples"].high
    assert covered / 800 == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize("share", [0.5, 0.52, 0.999, 1.0])
def test_the_interval_of_test_examples_holds_its_estimate_at_any_accuracy(share):
    correct = np.arange(1000) < round(1000 * share)
    frame = _runs(np.random.default_rng(9))
    examples = decompose(frame, "accuracy", predictions=[correct])["test examples"]
    if share == 1.0:
        assert (examples.variance, examples.low) == (0.0, None)
    else:
        assert examples.low <= examples.sd <= examples.high


def test_a_split_that_may_draw_test_examples_is_warned_of():
    rng = np.random.default_rng(10)
    found = decompose(_runs(rng), "accuracy", predictions=rng.random((4, 50)) < 0.9)
    assert any("counted twice" in each for each in found.warnings)


def test_the_order_of_rows_changes_nothing():
    frame = _runs(np.random.default_rng(11), arms=("a", "b"))
    shuffled = frame.sample(frac=1, random_state=2)
    assert decompose(frame, "accuracy", arm="arm") == decompose(shuffled, "accuracy", arm="arm")


def test_few_runs_are_warned_of():
    found = decompose(_runs(np.random.default_rng(12), n=5), "accuracy")
    assert "'split', 'all': the two ends" in " ".join(found.warnings)
    assert decompose(_runs(np.random.default_rng(12)), "accuracy").warnings == ()


def test_one_run_has_no_spread_and_no_share_is_shown():
    frame = pd.DataFrame(
        {"source": ["split", "order", "order", "all", "all"], "y": [1.0, 2.0, 3.0, 1.0, 4.0]}
    )
    found = decompose(frame, "y")
    assert found["split"].sd is None
    assert (found.ratio, found.reading) == (None, None)
    assert found["order"].share is None
    assert any("no spread" in each for each in found.warnings)
    assert "n/a" in str(found)


def test_a_source_that_changes_nothing_is_suspected():
    frame = pd.DataFrame(
        {"source": ["split"] * 3 + ["order"] * 3, "y": [0.3, 0.1 + 0.2, 0.3, 1, 2, 4]}
    )
    found = decompose(frame, "y")
    assert found["split"].variance == 0.0
    assert found["split"].low is None
    assert found["order"].share == 1.0
    assert any("was it drawn anew" in each for each in found.warnings)
    still = decompose(frame[frame["source"] == "split"], "y")
    assert still["split"].share is None


def test_runs_without_a_value_are_left_out_and_counted():
    frame = _runs(np.random.default_rng(13), n=12)
    frame.loc[[0, 5], "accuracy"] = [np.nan, np.inf]
    found = decompose(frame, "accuracy")
    assert found.missing == 2
    assert "2 run(s)" in str(found)


def test_the_table_shows_every_source_with_n_and_interval(nasty):
    frame = _runs(np.random.default_rng(14)).replace({"source": {"split": nasty}})
    shown = str(decompose(frame, "accuracy"))
    assert nasty in shown
    assert "40" in shown
    assert "%" in shown


def test_a_decomposition_comes_as_a_frame_and_as_json():
    found = decompose(_runs(np.random.default_rng(15)), "accuracy")
    frame = found.to_frame()
    assert frame["source"].tolist() == [*sorted(SDS), "all"]
    assert frame["sd"].to_numpy() == pytest.approx(np.sqrt(frame["variance"]))
    read = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert read["total"]["sd"] == found.total.sd
    assert [each["name"] for each in read["sources"]] == sorted(SDS)


def test_what_cannot_be_split_is_refused():
    frame = _runs(np.random.default_rng(16))
    with pytest.raises(AnalysisError, match="no source beside 'all'"):
        decompose(frame[frame["source"] == "all"], "accuracy")
    with pytest.raises(MissingColumnError, match="'arms'"):
        decompose(frame, "accuracy", arm="arms")
    with pytest.raises(AnalysisError, match="level"):
        decompose(frame, "accuracy", level=0)
    with pytest.raises(AnalysisError, match="there are: 'augmentation'"):
        _ = decompose(frame, "accuracy")["seed"]
    with pytest.raises(AnalysisError, match="percentages"):
        decompose(frame.assign(accuracy=93.0), "accuracy", predictions=[[True, False]])
    with pytest.raises(AnalysisError, match="at least two examples"):
        decompose(frame, "accuracy", predictions=[True, False])
    with pytest.raises(AnalysisError, match="leave the predictions out"):
        decompose(
            frame.replace({"source": {"split": "test examples"}}), "accuracy",
            predictions=[[True, False]],
        )  # fmt: skip
