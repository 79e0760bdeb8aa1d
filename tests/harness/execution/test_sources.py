"""What a trial draws when one source of variance varies and all others are held."""

import sys

import pytest

from harness import Study, run_study
from harness.errors import StudyError
from harness.execution.dispatch import check_runnable
from harness.seeding import stream
from harness.store.checks import check_database
from harness.store.store import ResultsStore

ECHO = """
import json, sys
print(json.dumps(dict(zip(("score", "init", "order"), map(int, sys.argv[1:])))))
"""


class Varied:
    def __init__(self, bench):
        self.bench = bench

    def study(self, sources, *, function="draws", seeds=3, held=0, **changes):
        base = self.bench.study(function).definition()
        seeds = {"count": seeds, "sources": sources, "held": held}
        folder = self.bench.folder / "bench.toml"
        return Study(**{**base, "seeds": seeds, "source": folder, **changes})

    def run(self, *given, **changes):
        return run_study(
            self.study(*given, **changes), db=self.bench.db, artifacts=self.bench.folder, jobs=2
        )

    def rows(self):
        rows = ResultsStore(self.bench.db).trial_rows("bench")
        return {(row["arm"], row["source"], row["seed"]): row for row in rows}


@pytest.fixture
def varied(bench):
    return Varied(bench)


def drawn(seed, name):
    return float(stream(seed, name).normal())


def test_only_the_streams_of_the_source_follow_the_seed(varied):
    varied.run({"initialisation": ["init"], "data": ["order"]}, held=1)
    rows = varied.rows()
    assert len(rows) == 2 * (3 + 2 * 2)
    for (_, source, seed), row in rows.items():
        init, order = {
            "all": (seed, seed),
            "initialisation": (seed, 1),
            "data": (1, seed),
        }[source]
        expected = {"init": drawn(init, "init"), "order": drawn(order, "order")}
        assert row["metrics"] == {"score": sum(expected.values()), **expected}


def test_a_stream_of_no_source_and_the_seed_itself_are_held(varied):
    varied.run({"data": ["order"]}, function="uses_seed", held=1)
    rows = varied.rows()
    assert rows["low", "data", 2]["metrics"]["seed_given"] == 1
    assert rows["low", "all", 2]["metrics"]["seed_given"] == 2
    held = [rows["low", "data", seed]["metrics"]["other"] for seed in (0, 2)]
    assert held == [rows["low", "all", 1]["metrics"]["other"]] * 2


def test_sources_that_are_added_run_nothing_again(varied, bench):
    bench.run("draws", seeds=3)
    done = varied.run({"data": ["order"]})
    assert (done.summary.already, done.summary.complete) == (6, 4)


def test_a_stream_that_no_trial_draws_from_fails_the_trial_that_should_vary_it(varied):
    varied.run({"data": ["oder"]}, seeds=2)
    rows = varied.rows()
    assert rows["low", "data", 1]["state"] == "failed"
    assert rows["low", "data", 1]["error"] == (
        "StreamError: the source 'data' varies the stream 'oder', and this trial drew only from "
        "init, order; nearest: order. Mend seeds.sources, or draw it in every arm, used or not"
    )
    assert rows["low", "all", 1]["state"] == "complete"


def test_a_mended_stream_makes_other_trials_than_the_misspelt_one(varied):
    varied.run({"data": ["oder"]}, seeds=2)
    assert varied.run({"data": ["order"]}, seeds=2).answer.failures == ()


def test_the_arms_are_compared_by_their_ordinary_trials_alone(varied, bench):
    plain = bench.run("draws", seeds=3).answer
    answer = varied.run({"data": ["order"]}).answer
    assert answer.comparison("high") == plain.comparison("high")
    assert set(answer.frame["source"]) == {"all", "data"}
    assert len(answer.compared) == 6
    assert len(answer.frame) == 10


def test_a_database_with_sources_is_sound(varied, bench):
    varied.run({"data": ["order"]})
    checks = check_database(ResultsStore(bench.db).database, bench.folder / "assets")
    assert [fault for check in checks for fault in check.faults] == []


def program(varied, *arguments, sources=None):
    (varied.bench.folder / "program.py").write_text(ECHO)
    command = [sys.executable, "program.py", *arguments]
    return varied.study(
        {"data": ["order"]} if sources is None else sources, trial={"command": command}
    )


def test_a_program_is_told_the_seed_of_each_stream(varied, bench):
    asked = program(varied, "{seed}", "{seed:init}", "{seed:order}")
    run_study(asked, db=bench.db, artifacts=bench.folder, jobs=2)
    told = {
        key: tuple(int(row["metrics"][name]) for name in ("score", "init", "order"))
        for key, row in varied.rows().items()
    }
    assert told["low", "all", 2] == (2, 2, 2)
    assert told["low", "data", 2] == (0, 0, 2)


def test_a_program_that_is_not_told_the_seed_of_a_stream_is_refused(varied):
    with pytest.raises(StudyError) as refusal:
        check_runnable(program(varied, "{seed}", "{seed:oder}"))
    fault, *rest = str(refusal.value).splitlines()[1:]
    assert fault.startswith("seeds.sources.data: the command gives the program no seed for this")
    assert rest == [
        "  given:   order",
        "  allowed: oder",
        "  nearest: oder",
        "  remedy:  add an argument that is or holds {seed:order}, the seed of this stream",
    ]


def test_a_program_without_sources_may_name_streams(varied):
    check_runnable(program(varied, "{seed:anything}", sources={}))
