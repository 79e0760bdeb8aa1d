"""A study in the results database as evidence of a claims file."""

from pathlib import Path

import pytest

from harness import load_study
from harness.errors import InputError, StoreError
from harness.study.planning import plan

TRIALS = """\
def train(params, seed, trial):
    return {"share": 0.5 + params["gain"] + 0.001 * (seed % 3), "epochs": 3}
"""

STUDY = """\
name = "bench"
[trial]
function = "bench_trials.py:train"
[seeds]
count = 3
[params]
gain = 0.0
[arms.base]
[arms.fast]
gain = 0.1
[protocol]
metric = "share"
direction = "maximize"
control = "base"
[profiles.long]
params = { gain = 0.01 }
"""


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """The study's folder, which is the current one."""
    (tmp_path / "bench_trials.py").write_text(TRIALS)
    (tmp_path / "bench.toml").write_text(STUDY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def stored(bench, store):
    """Store outcomes of the study's trials; of some arms only, if they are named."""

    def keep(outcome, *arms):
        study = load_study(Path("bench.toml"))
        specs = [spec for spec in plan(study) if not arms or spec.arm in arms]
        store.add_planned(study, specs)
        run = store.begin_run(study, {"python": "3"})
        store.claim(run, [spec.digest for spec in specs])
        results = [
            outcome(spec, metrics={"share": 0.5 + spec.params["gain"] + 0.001 * spec.seed})
            for spec in specs
        ]
        store.record(run, results)
        return store

    return keep


@pytest.fixture
def again(file):
    """A claim that is held against the study as well."""
    file.replace("[family.all]", '[data.ours]\nstudy = "./bench.toml"\ncolumn = "share"\n'
                 'unit = "fraction"\n[family.all]')  # fmt: skip
    return file.replace('family = "all"', 'replicated_in = "ours"')


def test_they_are_converted_to_the_metrics_unit(again, stored, outcome):
    evidence = again.check(stored(outcome)).evidence["ours"]
    assert evidence.cells[0].arms["fast"].values == pytest.approx([60.0, 60.1, 60.2])
    assert evidence.is_matched


def test_without_a_database_they_are_said_to_lack_with_the_command(again, bench):
    (result,) = again.check().results
    assert "`harness study run ./bench.toml` runs them" in result.replicated.reason


def test_an_arm_without_trials_is_no_mistake_and_says_what_runs_it(again, stored, outcome):
    (result,) = again.check(stored(outcome, "base")).results
    assert str(result.replicated.verdict) == "not_checkable"
    assert "no finished trials of the arm fast of ./bench.toml" in result.replicated.reason


def test_an_arm_that_the_study_lacks_is_one(again, bench):
    again.claim("order", 'better = "fats"\nworse = "base"\nreplicated_in = "ours"')
    faults = again.faults()
    assert "claim[1] (C2).better: there is no such arm in data.ours" in faults
    assert "nearest: fast" in faults


def test_a_metric_that_its_trials_lack_is_one(again, stored, outcome):
    faults = again.replace('column = "share"', 'column = "shar"').faults(stored(outcome))
    assert "data.ours.column: trials of bench have no such metric" in faults
    assert "nearest: share" in faults


def test_a_profile_that_it_lacks_is_a_mistake_of_the_command_line(again, bench):
    faults = again.faults(profiles=("logn",))
    assert faults.splitlines() == [
        "--profile: the study ./bench.toml has no such profile",
        "  given:   logn",
        "  allowed: long",
        "  nearest: long",
    ]


def test_a_profile_is_named_in_the_command_that_is_needed(again, bench):
    (result,) = again.check(profiles=("long",)).results
    assert "`harness study run ./bench.toml --profile long` runs them" in str(result.document())


def test_a_faulty_study_file_is_refused_as_such(again, bench):
    (bench / "bench.toml").write_text(STUDY.replace('metric = "share"', ""))
    with pytest.raises(InputError, match=r"bench\.toml:\nprotocol.metric: this key is missing"):
        again.check()


def test_a_database_that_cannot_be_read_is_no_lack_of_trials(again, stored, outcome, monkeypatch):
    store = stored(outcome)

    def broken(*_):
        raise StoreError("the disk is gone")

    monkeypatch.setattr("harness.audit.evidence.our_runs.trials_of", broken)
    with pytest.raises(StoreError, match="the disk is gone"):
        again.check(store)
