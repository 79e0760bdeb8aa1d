from collections import Counter
from itertools import pairwise

import pytest

from harness.audit.rerun.choice import choose_trials
from harness.errors import InputError
from harness.store.store import ResultsStore
from harness.study.planning import plan


@pytest.fixture
def eight(store, study, finish):
    """A store with eight complete trials of a study, and the study."""
    made = study(seeds={"count": 4})
    finish(store, made)
    return made


def drawn(study, store, **options):
    return [each.digest for each in choose_trials(study, store, **options).chosen]


def test_the_same_seed_draws_the_same_trials_and_another_one_others(eight, store):
    first = drawn(eight, store, sample=3, seed=1)
    assert len(set(first)) == 3
    assert drawn(eight, store, sample=3, seed=1) == first
    assert any(drawn(eight, store, sample=3, seed=seed) != first for seed in range(2, 6))


def test_the_order_of_rows_does_not_matter(eight, store, tmp_path, outcome):
    turned = ResultsStore(tmp_path / "turned.db")
    specs = plan(eight)[::-1]
    turned.add_planned(eight, specs)
    run = turned.begin_run(eight, {"python": "CPython"})
    turned.claim(run, [spec.digest for spec in specs])
    for spec in specs[::2] + specs[1::2]:
        turned.record(run, [outcome(spec)])
    for seed in range(5):
        expected = drawn(eight, store, sample=3, seed=seed)
        assert drawn(eight, turned, sample=3, seed=seed) == expected


def test_a_larger_sample_contains_the_smaller_ones(eight, store):
    samples = [set(drawn(eight, store, sample=size, seed=7)) for size in range(1, 9)]
    assert [len(each) for each in samples] == list(range(1, 9))
    assert all(small < large for small, large in pairwise(samples))


def test_every_trial_is_drawn_about_equally_often(eight, store):
    counts = Counter(drawn(eight, store, sample=1, seed=seed)[0] for seed in range(240))
    assert len(counts) == 8
    # Thirty are expected of each; the chi-square statistic with 7 degrees of freedom exceeds
    # 24.3 once in a thousand (table of quantiles).
    assert sum((count - 30) ** 2 / 30 for count in counts.values()) < 24.3


def test_all_are_drawn_where_there_are_fewer(eight, store):
    assert drawn(eight, store, sample=100, seed=0) == [spec.digest for spec in plan(eight)]


def test_only_complete_trials_are_drawn(store, study, finish, outcome, failure):
    made = study(seeds={"count": 4})
    specs = plan(made)
    finish(store, made, [failure(specs[0]), *(outcome(spec) for spec in specs[1:5])])
    assert drawn(made, store, sample=100, seed=0) == [spec.digest for spec in specs[1:5]]


def test_only_trials_of_the_study_as_it_is_asked_for_are_drawn(eight, store, study):
    fewer = study(seeds={"count": 1})
    assert len(drawn(fewer, store, sample=100, seed=0)) == 2


def test_without_a_complete_trial_the_command_is_named_with_its_changes(eight, store, study):
    other = study(params={"lr": 0.1, "epochs": 6}, changes=("--set", "params.epochs=6"))
    with pytest.raises(InputError) as refused:
        choose_trials(other, store, sample=1, seed=0)
    assert "run `harness study run bench --set params.epochs=6` first" in str(refused.value)


@pytest.mark.parametrize(
    ("sample", "seed", "named"), [(0, 0, "sample"), (-1, 0, "sample"), (1, -1, "seed")]
)
def test_an_impossible_sample_or_seed_is_refused(eight, store, sample, seed, named):
    with pytest.raises(InputError, match=f"{named}: a whole number from"):
        choose_trials(eight, store, sample=sample, seed=seed)


def test_a_seed_beyond_what_json_holds_is_refused(eight, store):
    drawn(eight, store, sample=1, seed=2**53 - 1)
    with pytest.raises(InputError, match="seed"):
        choose_trials(eight, store, sample=1, seed=2**53)
