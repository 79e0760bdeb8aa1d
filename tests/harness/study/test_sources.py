"""Which trials a study with sources of variance asks for, and what makes them the same trials."""

import pytest

from harness.study.planning import plan, what_runs
from harness.study.sources import Seeding, labels_fit, labels_of, unlabelled

SOURCES = {"initialisation": ["init"], "data": ["order", "augment"]}


@pytest.fixture
def varied(study):
    def make(sources=SOURCES, held=0, count=3, **changes):
        return study(seeds={"count": count, "sources": sources, "held": held}, **changes)

    return make


def digests(asked, source):
    return [spec.digest for spec in plan(asked) if spec.source == source]


def test_every_arm_and_level_has_ordinary_trials_and_trials_of_each_source(varied):
    crossed = varied(factors={"epochs": (5, 10)}, count=2)
    assert [
        (spec.seed, spec.source, spec.levels["epochs"], spec.arm) for spec in plan(crossed)
    ] == [
        (seed, source, epochs, arm)
        for seed, sources in ((0, ("all",)), (1, ("all", *SOURCES)))
        for source in sources
        for epochs in (5, 10)
        for arm in ("base", "fast")
    ]


def test_ordinary_trials_stay_as_they_are_when_sources_are_added(study, varied):
    before = [spec.digest for spec in plan(study(seeds={"count": 3}))]
    assert digests(varied(), "all") == before
    assert digests(varied(held=2), "all") == before


def test_the_held_seed_is_run_once_as_an_ordinary_trial(varied):
    asked = varied(held=1)
    assert {spec.seed for spec in plan(asked) if spec.source == "data"} == {0, 2}
    assert {spec.seed for spec in plan(asked) if spec.source == "all"} == {0, 1, 2}


def test_a_held_seed_outside_of_the_seeds_leaves_every_seed_to_the_sources(varied):
    assert {spec.seed for spec in plan(varied(held=9)) if spec.source == "data"} == {0, 1, 2}


def test_every_trial_has_an_identity_of_its_own(varied):
    specs = plan(varied())
    assert len({spec.digest for spec in specs}) == len(specs) == 2 * (3 + 2 * 2)


def test_what_varies_and_what_holds_the_rest_make_the_trial(varied):
    base = digests(varied(), "data")
    assert set(base).isdisjoint(digests(varied(sources={"data": ["order"]}), "data"))
    assert set(base).isdisjoint(digests(varied(held=7), "data"))


def test_a_source_may_be_renamed_and_its_streams_listed_in_another_order(varied):
    again = varied(sources={"batches": ["augment", "order"], "start": ["init"]})
    assert digests(again, "batches") == digests(varied(), "data")


def test_another_source_changes_no_other_trial(varied):
    more = varied(sources={**SOURCES, "split": ["split"]})
    assert {spec.digest for spec in plan(varied())} < {spec.digest for spec in plan(more)}


def test_a_digest_of_a_source_never_changes_between_versions_of_harness(varied):
    assert (
        digests(varied(), "data")[0]
        == "35dee30559d1d41468fba743985aadb93b07cf2d2930cc386e9c0f62355b39fd"
    )


def test_what_runs_says_which_streams_follow_the_seed(study):
    seeding = Seeding("data", ("order", "augment"), 4)
    assert what_runs(study(), seeding) == {
        "function": "trials.py:main",
        "varied_streams": ["augment", "order"],
        "held_seed": 4,
    }


@pytest.mark.parametrize("name", ["data", "source", "a'; echo foo"])
def test_labels_come_back_as_levels_and_source(study, name):
    seeding = Seeding(name, ("order",), 0)
    labels = labels_of({"epochs": 5}, seeding)
    assert unlabelled(labels, what_runs(study(), seeding)) == ({"epochs": 5}, name)


def test_a_factor_called_source_is_no_source_of_variance(study):
    assert unlabelled({"source": "web"}, what_runs(study())) == ({"source": "web"}, "all")


def test_labels_fit_a_trial_that_has_these_parameters_and_this_source(study):
    runs = what_runs(study(), Seeding("data", ("order",), 0))
    assert labels_fit({"epochs": 5, "source": "data"}, {"epochs": 5}, runs)
    assert not labels_fit({"epochs": 6, "source": "data"}, {"epochs": 5}, runs)
    assert not labels_fit({"epochs": 5}, {"epochs": 5}, runs)
    assert not labels_fit({"source": "data"}, {"epochs": 5}, what_runs(study()))
