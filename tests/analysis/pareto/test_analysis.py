import json
from itertools import product

import numpy as np
import pandas as pd
import pytest

from analysis.errors import (
    AnalysisError,
    MissingColumnError,
    MissingKeyError,
    NoRunsError,
    NotNumericError,
    RepeatedBlockError,
)
from analysis.inference.student_t import mean_interval
from analysis.pareto import hypervolume, pareto
from analysis.pareto.hypervolume import hypervolumes
from analysis.pareto.reading import ConfigurationRuns
from analysis.pareto.resampling import bca_of_means, resample_blocks, resample_runs

GOALS = {"accuracy": "maximize", "latency": "minimize"}


def runs_of(values):
    """A frame of {arm: [(accuracy, latency), ...]}; blocks are numbered from 0."""
    rows = [(arm, seed, *each) for arm, pairs in values.items() for seed, each in enumerate(pairs)]
    return pd.DataFrame(rows, columns=["arm", "seed", "accuracy", "latency"])


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    shared = rng.normal(0, 0.02, 12)
    centres = {"small": (0.7, 1.0), "middle": (0.85, 2.0), "large": (0.9, 8.0), "bad": (0.6, 9.0)}
    return runs_of(
        {
            arm: [
                (round(accuracy + each + rng.normal(0, 0.01), 4), latency + rng.normal(0, 0.05))
                for each in shared
            ]
            for arm, (accuracy, latency) in centres.items()
        }
    )


@pytest.fixture(scope="module")
def front(frame):
    return pareto(frame, GOALS, resamples=500)


def test_means_intervals_and_places_are_those_of_the_runs(frame, front):
    for name, rows in frame.groupby("arm"):
        each = front.configuration(name)
        assert each.n == 12
        for metric in GOALS:
            expected = mean_interval(rows[metric], 0.95)
            assert each.means[metric] == expected
    assert [each.label for each in front.front] == ["large", "middle", "small"]
    assert front.configuration("bad").dominated_by == ("small", "middle", "large")
    assert front.configuration("bad").probability_on_front == 0
    assert front.configuration("small").probability_on_front == 1
    assert front.knee == "middle"
    assert front.configuration("middle").is_knee
    assert front.resampling == "blocks"


def test_the_hypervolume_is_that_of_the_means_up_to_the_stated_reference(front):
    means = [[each.means[name].mean for name in GOALS] for each in front.configurations]
    volume = front.hypervolume
    expected = hypervolume(means, list(volume.reference.values()), list(GOALS.values()))
    assert volume.value == pytest.approx(expected, rel=1e-12)
    assert volume.low < volume.value < volume.high
    accuracies, latencies = np.transpose(means)
    assert volume.reference["accuracy"] == pytest.approx(
        accuracies.min() - 0.1 * np.ptp(accuracies)
    )
    assert volume.reference["latency"] == pytest.approx(latencies.max() + 0.1 * np.ptp(latencies))
    assert "10 %" in volume.chosen


def test_a_reference_can_be_given(frame):
    given = pareto(frame, GOALS, resamples=50, reference={"accuracy": 0.5, "latency": 10})
    assert given.hypervolume.reference == {"accuracy": 0.5, "latency": 10}
    beyond = pareto(frame, GOALS, resamples=50, reference={"accuracy": 0.99, "latency": 10})
    assert beyond.hypervolume.value == 0
    assert any("hypervolume is 0" in each for each in beyond.warnings)
    with pytest.raises(AnalysisError, match="one number for each"):
        pareto(frame, GOALS, reference={"accuracy": 0.5})
    with pytest.raises(AnalysisError, match="finite"):
        pareto(frame, GOALS, reference={"accuracy": 0.5, "latency": np.inf})


def test_the_probability_is_the_share_of_all_possible_resamples():
    # Three blocks have 27 equally likely resamples; a is on the front unless b's mean is at least
    # as good in both and better in one.
    a = np.array([(0.5, 1.0), (0.7, 3.0), (0.6, 2.0)])
    b = np.array([(0.6, 1.5), (0.6, 2.0), (0.65, 2.5)])
    on_front = 0
    for drawn in product(range(3), repeat=3):
        difference = np.round((b - a)[list(drawn)].sum(axis=0), 9) * (1, -1)
        on_front += not ((difference >= 0).all() and (difference > 0).any())
    found = pareto(runs_of({"a": a, "b": b}), GOALS, resamples=40_000, seed=5)
    share = on_front / 27
    assert 0.1 < share < 0.9
    error = np.sqrt(share * (1 - share) / 40_000)
    assert found.configuration("a").probability_on_front == pytest.approx(share, abs=5 * error)


def test_what_blocks_share_is_no_uncertainty_about_who_is_better():
    noise = np.random.default_rng(1).normal(0, 1, 20)
    frame = runs_of({"a": [(x, 1.0) for x in noise], "b": [(x + 0.01, 1.0) for x in noise]})
    paired = pareto(frame, GOALS, resamples=500)
    assert paired.configuration("a").probability_on_front == 0
    unpaired = pareto(frame, GOALS, block=None, resamples=500)
    assert unpaired.resampling == "runs"
    assert unpaired.configuration("a").probability_on_front > 0.3
    assert any("No block was named" in each for each in unpaired.warnings)


def test_one_missing_block_turns_to_resampling_within_configurations_and_says_so(frame):
    found = pareto(frame.iloc[1:], GOALS, resamples=50)
    assert found.resampling == "runs"
    assert any("do not all have the same blocks" in each for each in found.warnings)
    assert found.configuration("small").n == 11


def test_the_order_of_rows_changes_no_number(frame):
    shuffled = frame.sample(frac=1, random_state=3)
    for block in ("seed", None):
        first = pareto(frame, GOALS, block=block, resamples=200)
        second = pareto(shuffled, GOALS, block=block, resamples=200)
        for each in first.configurations:
            other = second.configuration(each.label)
            assert each.probability_on_front == other.probability_on_front
            assert each.means == other.means
            assert set(each.dominated_by) == set(other.dominated_by)
        assert first.hypervolume.low == pytest.approx(second.hypervolume.low, rel=1e-12)


def test_the_same_seed_gives_the_same_result_and_another_one_another(frame, front):
    assert pareto(frame, GOALS, resamples=500) == front
    other = pareto(frame, GOALS, resamples=500, seed=1)
    assert other.hypervolume.low != front.hypervolume.low
    assert other.hypervolume.value == front.hypervolume.value


def test_single_runs_have_a_front_and_no_uncertainty():
    found = pareto(runs_of({"a": [(0.5, 1)], "b": [(0.6, 2)], "c": [(0.4, 3)]}), GOALS)
    assert found.resampling == "none"
    assert found.resamples == 0
    assert [each.label for each in found.front] == ["b", "a"]
    assert all(each.probability_on_front is None for each in found.configurations)
    assert found.hypervolume.low is None
    assert any("single run" in each for each in found.warnings)
    assert found.configuration("c").dominated_by == ("a", "b")


def test_one_single_run_among_many_is_taken_as_exact_and_said_so(frame):
    found = pareto(pd.concat([frame, runs_of({"lone": [(0.95, 0.5)]})]), GOALS, resamples=100)
    assert found.configuration("lone").probability_on_front is None
    assert found.configuration("small").probability_on_front == 0
    assert any("lone" in each and "exact" in each for each in found.warnings)


def test_an_objective_that_is_constant_has_no_interval_and_breaks_no_tie():
    # The mean of a constant depends on the number of runs in its last bit.
    constants = (0.9, 0.1 + 0.2)
    frame = runs_of({"a": [constants] * 7, "b": [constants] * 6})
    found = pareto(frame, GOALS, resamples=100)
    assert all(each.on_front for each in found.configurations)
    assert all(each.probability_on_front == 1 for each in found.configurations)
    constant = found.configurations[0].means["latency"]
    assert (constant.mean, constant.low, constant.high) == (0.1 + 0.2, None, None)
    assert found.hypervolume.low == pytest.approx(found.hypervolume.value)


def test_rounding_noise_of_a_mean_dominates_nothing():
    # Both means are 0.2; as floats they differ in the last bit.
    a, b = [0.1, 0.2, 0.3], [0.15, 0.2, 0.25]
    assert np.mean(a) != np.mean(b)
    found = pareto(runs_of({"a": [(x, 1) for x in a], "b": [(x, 1) for x in b]}), GOALS)
    assert all(each.on_front for each in found.configurations)


def test_noise_of_single_precision_dominates_nothing_but_whole_numbers_are_exact():
    a = [float(np.float32(x)) for x in (0.95, 0.96)]
    b = [float(np.float32(x)) for x in (0.94, 0.97)]
    assert np.mean(a) != np.mean(b)
    found = pareto(runs_of({"a": [(x, 1) for x in a], "b": [(x, 1) for x in b]}), GOALS)
    assert all(each.on_front for each in found.configurations)
    whole = runs_of({"a": [(1, 12_345_678)] * 2, "b": [(1, 12_345_679)] * 2})
    assert not pareto(whole, GOALS).configuration("b").on_front


def test_runs_without_a_finite_value_are_left_out_and_counted(frame):
    broken = frame.copy()
    broken.loc[broken.index[:2], "accuracy"] = [np.nan, np.inf]
    broken.loc[broken.arm == "bad", "latency"] = np.nan
    found = pareto(broken, GOALS, resamples=50)
    assert (found.configuration("small").n, found.configuration("small").missing) == (10, 2)
    bad = found.configuration("bad")
    assert (bad.n, bad.missing, bad.on_front, bad.probability_on_front) == (0, 12, False, None)
    assert bad.means["latency"].mean is None
    assert any("2 of small" in each for each in found.warnings)
    assert any("bad; left out" in each for each in found.warnings)


def test_nothing_finite_at_all_is_no_front():
    found = pareto(runs_of({"a": [(np.nan, 1)]}), GOALS)
    assert found.front == ()
    assert found.hypervolume is None
    assert found.knee is None
    assert "no front" in str(found)
    found.to_json()


def test_configurations_can_be_named_by_several_columns_which_may_be_objectives():
    frame = pd.concat(
        runs_of({"a": [(0.9 - k / 100, 1)] * 3, "b": [(0.91 - k / 50, 1)] * 3}).assign(k=k)
        for k in (3, 5)
    )
    goals = {"accuracy": "maximize", "k": "maximize"}
    found = pareto(frame, goals, configuration=("arm", "k"), resamples=20)
    assert [each.label for each in found.configurations] == [
        "a (k = 3)",
        "a (k = 5)",
        "b (k = 3)",
        "b (k = 5)",
    ]
    assert found.configuration("b (k = 5)").dominated_by == ("a (k = 5)",)
    assert found.configuration("a (k = 5)").key == (("arm", "a"), ("k", 5))
    assert found.configuration("a (k = 5)").means["k"].mean == 5


def test_faults_of_the_frame_are_told_as_everywhere_else(frame):
    with pytest.raises(MissingColumnError, match=r"'latencyy'.*Did you mean 'latency'"):
        pareto(frame, {"accuracy": "maximize", "latencyy": "minimize"})
    with pytest.raises(MissingColumnError, match="'factor'"):
        pareto(frame, GOALS, configuration=("arm", "factor"))
    with pytest.raises(NoRunsError):
        pareto(frame.iloc[:0], GOALS)
    with pytest.raises(NotNumericError):
        pareto(frame.assign(latency="fast"), GOALS)
    with pytest.raises(MissingKeyError):
        pareto(frame.assign(seed=None), GOALS)
    with pytest.raises(RepeatedBlockError):
        pareto(pd.concat([frame, frame]), GOALS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"objectives": {"accuracy": "maximize"}}, "at least two"),
        ({"objectives": {"accuracy": "up", "latency": "minimize"}}, "'maximize' or 'minimize'"),
        ({"level": 1.0}, "above 0 and below 1"),
        ({"resamples": 0}, "from 1"),
        ({"configuration": ()}, "no column given"),
    ],
)
def test_impossible_arguments_are_refused_with_what_is_allowed(frame, arguments, message):
    with pytest.raises(AnalysisError, match=message):
        pareto(frame, **{"objectives": GOALS, **arguments})


def test_an_unknown_configuration_is_refused_with_the_nearest(front):
    with pytest.raises(AnalysisError, match="Did you mean 'middle'"):
        front.configuration("midle")


def test_the_text_is_aligned_and_says_what_was_found(front):
    text = str(front)
    _, table, sentences, *_ = text.split("\n\n")
    lines = table.splitlines()
    assert lines[0].split()[:2] == ["configuration", "n"]
    assert len({line.index(" 12 ") for line in lines[2:]}) == 1
    assert "3 of 4 configurations are on the front by their means: large, middle, small." in (
        sentences
    )
    assert "knee" in table
    assert "500 resamples of whole blocks" in sentences
    assert "reference point accuracy" in sentences


def test_shares_near_the_ends_are_not_rounded_onto_them():
    from analysis.pareto.text import format_share

    assert [format_share(each) for each in (0.0, 0.001, 0.5, 0.9999, 1.0, None)] == [
        "0.00",
        "< 0.01",
        "0.50",
        "> 0.99",
        "1.00",
        "n/a",
    ]


def test_json_and_frame_have_every_number_unrounded(front):
    read = json.loads(front.to_json())
    assert read == front.to_dict()
    assert read["front"] == ["large", "middle", "small"]
    table = front.to_frame().set_index("configuration")
    for each in read["configurations"]:
        row = table.loc[each["configuration"]]
        assert row["accuracy mean"] == each["objectives"]["accuracy"]["mean"]
        assert row["latency ci_high"] == each["objectives"]["latency"]["ci_high"]
        assert row["probability_on_front"] == each["probability_on_front"]
    assert table.loc["bad", "dominated_by"] == "small; middle; large"


def test_nasty_names_survive_everything(nasty_arms):
    frame = runs_of({name: [(0.1 * i, i), (0.1 * i, i)] for i, name in enumerate(nasty_arms)})
    found = pareto(frame, GOALS, resamples=20)
    assert [each.label for each in found.configurations] == nasty_arms
    assert all(name in str(found) for name in nasty_arms)
    assert json.loads(found.to_json())["configurations"][0]["configuration"] == nasty_arms[0]


def _coverage(draw, centres, n, repeats, limit):
    """How often the interval of the hypervolume of means has the true one inside."""
    rng = np.random.default_rng(11)
    truth = hypervolumes(centres[None], limit)[0]

    def volumes(means):
        return hypervolumes(means, limit)

    hits = 0
    for repeat in range(repeats):
        values = centres + rng.normal(0, 0.2, (n, 1, 2)) + rng.normal(0, 0.2, (n, len(centres), 2))
        runs = [
            ConfigurationRuns(str(k), (("arm", str(k)),), tuple(range(n)), values[:, k], 0)
            for k in range(len(centres))
        ]
        observed = volumes(values.mean(axis=0)[None])[0]
        low, high = bca_of_means(draw(runs, 1000, repeat), volumes, observed, 0.95)
        hits += low <= truth <= high
    return hits / repeats


def test_the_hypervolumes_interval_holds_the_true_one_about_as_often_as_it_says():
    # 300 repeats: three standard errors are 0.038. At n = 30 a bootstrap is a little short.
    centres = np.array([(0.0, 0.5), (0.4, 0.3), (1.0, 0.0)])
    assert 0.89 < _coverage(resample_blocks, centres, 30, 300, np.array([1.2, 0.8])) < 0.99


def test_resampling_within_configurations_misses_what_blocks_share():
    centres = np.array([(0.0, 0.5), (0.4, 0.3), (1.0, 0.0)])
    limit = np.array([1.2, 0.8])
    alone = _coverage(resample_runs, centres, 30, 200, limit)
    assert alone < _coverage(resample_blocks, centres, 30, 200, limit)
