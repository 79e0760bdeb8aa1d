"""The variance by source of a study, whose trials draw from streams or give what a test says."""

import numpy as np
import pytest

from analysis.errors import AnalysisError
from harness import Study, run_study
from harness.seeding import stream
from harness.store.store import ResultsStore
from harness.study.planning import plan
from harness.trial import Predictions
from harness.variance import variance_by_source

# Pool and split are two streams of one source; nothing varies `other` alone.
SCALES = {"init": 3.0, "order": 1.0, "pool": 0.5, "split": 0.5, "other": 2.0}
SOURCES = {"initialisation": ["init"], "order": ["order"], "data": ["pool", "split"]}
TRIAL = f"""
SCALES = {SCALES!r}

def main(params, seed, trial):
    drawn = {{name: float(trial.rng(name).normal()) for name in SCALES}}
    return {{"score": params["level"] + sum(SCALES[name] * drawn[name] for name in SCALES)}}
"""
SEEDS = 12


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A study whose metric is a known sum of what its trials draw, run as users run one."""
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "drawn.py").write_text(TRIAL)
    study = Study(
        name="drawn",
        trial={"function": "drawn.py:main"},
        seeds={"count": SEEDS, "sources": SOURCES, "held": 3},
        params={"level": 0.0},
        arms={"low": {}, "high": {"level": 1.0}},
        protocol={"metric": "score", "direction": "maximize", "control": "low"},
        source=folder / "drawn.toml",
    )
    run_study(study, db=folder / "results.db", artifacts=folder, jobs=1)
    return study, ResultsStore(folder / "results.db")


@pytest.fixture(scope="module")
def split(ran):
    return variance_by_source(*ran, "score", 0.95)


def spread(*names):
    """Variance over the seeds of what these streams add."""
    parts = [
        sum(SCALES[name] * float(stream(seed, name).normal()) for name in names)
        for seed in range(SEEDS)
    ]
    return np.var(parts, ddof=1)


def test_every_arm_has_the_variance_that_each_of_its_streams_brings(split):
    assert [each.arm for each in split] == ["low", "high"]
    for each in split:
        assert [source.name for source in each.sources.sources] == sorted(SOURCES)
        for name, streams in SOURCES.items():
            assert each.sources[name].n == SEEDS
            assert each.sources[name].variance == pytest.approx(spread(*streams))


def test_runs_that_draw_everything_have_the_variance_of_the_whole_sum(split):
    for each in split:
        assert each.sources.total.n == SEEDS
        assert each.sources.total.variance == pytest.approx(spread(*SCALES))


def test_the_ratio_shows_that_a_stream_belongs_to_no_source(split):
    parts = sum(spread(*streams) for streams in SOURCES.values())
    assert split[0].sources.ratio == pytest.approx(spread(*SCALES) / parts)
    assert split[0].sources.sum_variance == pytest.approx(parts)


def test_common_random_numbers_give_both_arms_the_same_variances(split):
    low, high = (each.sources.to_frame()["variance"] for each in split)
    assert low.to_numpy() == pytest.approx(high.to_numpy())


def test_the_intervals_have_the_level_asked_for(ran, split):
    wide = variance_by_source(*ran, "score", 0.99)[0].sources
    narrow = split[0].sources
    assert (wide.level, narrow.level) == (0.99, 0.95)
    assert wide["data"].low < narrow["data"].low < narrow["data"].high < wide["data"].high


def test_a_metric_that_no_trial_has_gives_nothing(ran):
    assert variance_by_source(*ran, "loss", 0.95) == ()


@pytest.fixture
def found(study, store, finish, outcome):
    """The variances of a study whose trials gave what a function of the trial says."""

    def find(made, *, seeds=4, sources=None, **changes):
        sources = {"data": ["order"]} if sources is None else sources
        asked = study(seeds={"count": seeds, "sources": sources}, **changes)
        finish(store, asked, [outcome(spec, **made(spec)) for spec in plan(asked)])
        return variance_by_source(asked, store, "acc", 0.95)

    return find


def accuracy(spec, examples=50):
    bits = np.random.default_rng([spec.seed, len(spec.arm)]).random(examples) < 0.8
    return {"metrics": {"acc": float(bits.mean())}, "predictions": Predictions.pack(bits)}


def names_of(each):
    return [source.name for source in each.sources.sources]


def test_without_trials_there_is_nothing(study, store):
    asked = study(seeds={"count": 2, "sources": {"data": ["order"]}})
    assert variance_by_source(asked, store, "acc", 0.95) == ()


def test_predictions_whose_share_the_metric_is_add_test_examples(found):
    for each in found(accuracy):
        assert names_of(each) == ["data", "test examples"]
        assert each.sources["test examples"].n == 50


def test_predictions_of_which_the_metric_is_no_mean_add_nothing(found):
    def rescaled(spec):
        made = accuracy(spec)
        return {**made, "metrics": {"acc": made["metrics"]["acc"] / 2}}

    assert [names_of(each) for each in found(rescaled)] == [["data"]] * 2


def test_a_study_without_predictions_has_no_test_examples(found):
    assert [names_of(each) for each in found(lambda _: {})] == [["data"]] * 2


def test_one_arm_may_have_predictions_and_another_none(found):
    made = found(lambda spec: accuracy(spec) if spec.arm == "fast" else {})
    assert [names_of(each) for each in made] == [["data"], ["data", "test examples"]]


def test_a_metric_that_is_not_finite_is_left_out_and_counted(found):
    def once(spec):
        return {"metrics": {"acc": float("nan") if spec.seed == 2 else 0.5 + spec.seed / 100}}

    for each in found(once):
        assert each.sources["data"].n == 3
        assert each.sources.missing == 2
        assert names_of(each) == ["data"]


def test_predictions_of_several_test_sets_add_nothing(found):
    made = found(lambda spec: accuracy(spec, examples=50 + spec.seed % 2))
    assert [names_of(each) for each in made] == [["data"]] * 2


def test_a_source_may_be_called_as_test_examples_are(found):
    made = found(accuracy, sources={"test examples": ["split"]})
    assert [names_of(each) for each in made] == [["test examples"]] * 2
    assert made[0].sources["test examples"].n == 4


@pytest.mark.parametrize(
    "levels", [[5, 10], [0.5, 2], [True, False], ["x", "y"], [1, "one"], [True, 1], [[1], [2]]]
)
def test_levels_of_any_type_find_their_predictions(found, levels):
    made = found(accuracy, factors={"epochs": levels})
    assert len(made) == 2 * len(levels)
    assert [names_of(each) for each in made] == [["data", "test examples"]] * len(made)


def test_a_level_outside_0_and_1_is_refused(ran):
    with pytest.raises(AnalysisError, match="level"):
        variance_by_source(*ran, "score", 1.5)
