"""How trials are grouped into batches."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.execution.batches import Cell, Job, batches
from harness.execution.worker.survey import Kind


def jobs(count, *, alike=b"same", at_most=16, cell=None):
    cell = Cell({}, Kind(alike, at_most)) if cell is None else cell
    return [Job(task=None, cell=cell) for _ in range(count)]


def placed(which, *, kind=None):
    """Jobs of one kind: ``n`` for one that needs an asset, ``f`` for one that does not."""
    kind = Kind(b"same", 16) if kind is None else kind
    cells = {letter: Cell({}, kind, needs_asset=letter == "n") for letter in "nf"}
    return [Job(task=letter, cell=cells[letter]) for letter in which]


def letters(units):
    return ["".join(job.task for job in unit) for unit in units]


def sizes(units):
    return [len(unit) for unit in units]


@pytest.mark.parametrize(
    ("count", "workers", "expected"),
    [
        (160, 2, [16] * 10),
        (20, 2, [10, 10]),
        (17, 2, [9, 8]),
        (3, 2, [2, 1]),
        (1, 2, [1]),
        (20, 16, [2] * 4 + [1] * 12),
        (161, 2, [14] * 5 + [13] * 7),
        (16, 1, [16]),
    ],
)
def test_batches_are_even_and_as_many_as_keep_all_workers_busy(count, workers, expected):
    assert sizes(batches(jobs(count), workers, None)) == expected


def test_the_user_s_largest_batch_and_the_kind_s_both_hold():
    assert max(sizes(batches(jobs(30), 1, 4))) <= 4
    assert max(sizes(batches(jobs(30, at_most=3), 1, 4))) <= 3


def test_only_jobs_of_one_kind_share_a_batch():
    first, second = jobs(3, alike=b"1"), jobs(3, alike=b"2")
    mixed = [job for pair in zip(first, second, strict=True) for job in pair]
    assert batches(mixed, 1, None) == [first, second]


def test_a_job_that_no_worker_should_hold_two_of_leaves_the_others_together():
    large = jobs(2, alike=b"large", at_most=1)
    alike = jobs(4)
    assert batches([*large, *alike], 1, None) == [[large[0]], [large[1]], alike]


def test_jobs_that_need_no_asset_run_while_one_batch_waits_for_it():
    kind = Kind(b"same", 2)
    assert letters(batches(placed("nnfnnfnn", kind=kind), 2, None)) == ["nn", "ff", "nn", "nn"]


def test_what_needs_no_asset_follows_the_first_that_does_across_kinds():
    one, two = Kind(b"1", 2), Kind(b"2", 2)
    jobs = [*placed("nnnn", kind=one), *placed("ffnn", kind=two)]
    assert letters(batches(jobs, 2, None)) == ["nn", "ff", "nn", "nn"]


def test_a_single_worker_waits_for_nobody_and_keeps_the_order():
    kind = Kind(b"same", 2)
    assert letters(batches(placed("nfnf", kind=kind), 1, None)) == ["nf", "nf"]


def test_trials_that_fitted_into_memory_in_smaller_batches_only_get_these():
    first, second = jobs(8, alike=b"1"), jobs(8, alike=b"2")
    fits = {b"1": 3}
    assert sizes(batches([*first, *second], 1, None, fits)) == [3, 3, 2, 8]
    assert sizes(batches(first, 1, 2, fits)) == [2] * 4


def test_a_reading_of_memory_that_moves_keeps_alike_trials_together():
    moving = [job for most in (7, 8, 7, 8) for job in jobs(2, at_most=most)]
    assert sizes(batches(moving, 1, None)) == [4, 4]


def test_jobs_without_a_kind_and_single_ones_stay_by_themselves_and_in_their_place():
    plain = jobs(2, cell=Cell({}))
    alike = jobs(4)
    alike[1].single = True
    units = batches([plain[0], *alike, plain[1]], 1, None)
    assert [[id(job) for job in unit] for unit in units] == [
        [id(plain[0])],
        [id(alike[0]), id(alike[2]), id(alike[3])],
        [id(alike[1])],
        [id(plain[1])],
    ]


def test_the_widest_batch_is_cut_where_a_worker_would_be_left_without_one():
    units = batches([*jobs(16, alike=b"1"), *jobs(6, alike=b"2"), *jobs(4, alike=b"3")], 2, None)
    assert sizes(units) == [8, 8, 6, 4]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 20)), max_size=60),
    st.integers(1, 8),
    st.one_of(st.none(), st.integers(1, 10)),
)
def test_every_job_is_in_one_batch_and_no_batch_is_too_large(drawn, workers, largest):
    cells = [Cell({}, Kind(b"%d" % alike, at_most)) for alike, at_most in drawn]
    wanted = [Job(task=None, cell=cell) for cell in cells]
    units = batches(wanted, workers, largest)
    assert sorted(id(job) for unit in units for job in unit) == sorted(map(id, wanted))
    for unit in units:
        kinds = {job.cell.kind.alike for job in unit}
        assert len(kinds) == 1
        assert len(unit) <= min([largest or math.inf, *(job.cell.kind.at_most for job in unit)])
    assert len(units) % workers == 0 or max(map(len, units)) == 1


def test_a_slow_trial_counts_at_once_and_a_slow_first_one_is_forgotten():
    cell = Cell({})
    for duration_s, expected_s in [(4.0, 4.0), (0.0, 2.0), (0.0, 1.0), (3.0, 3.0)]:
        cell.measured(duration_s)
        assert cell.expected_s == expected_s
