import pytest

from benchmarks.judging import ahead_of_ours, judgements
from benchmarks.model import Figure, Quantity, Table, Target, Turn
from benchmarks.wording import in_cpu_time, ratio_to_ours

RATE = Quantity("images/s", better="higher")
MILLISECONDS = Quantity("ms", seconds=1e-3)


def figure(name, role, *wall_s, amount=1.0, **fields):
    return Figure(name, role, amount, tuple(Turn(each, None) for each in wall_s), **fields)


def table(quantity, *figures, targets=()):
    return Table("", quantity, figures, targets)


def met(made):
    return [each.met for each in judgements(made)]


def test_a_rate_is_work_by_time():
    assert figure("a", "ours", 2.0, 4.0, amount=100).values(RATE) == [50, 25]


def test_a_time_is_of_the_amount_of_work_that_the_quantity_names():
    whole = Quantity("s for 10,000 trials", of=10_000)
    assert figure("a", "peer", 2.0, amount=500).values(whole) == [40]


def test_units_of_time_are_parts_of_seconds():
    assert figure("a", "ours", 0.5, amount=100).values(MILLISECONDS) == [5]


@pytest.mark.parametrize("quantity", [RATE, MILLISECONDS])
def test_a_peer_that_takes_three_times_as_long_has_ours_three_times_ahead(quantity):
    ours, peer = figure("a", "ours", 1.0), figure("b", "peer", 3.0)
    made = table(quantity, ours, peer)
    assert made.times_better(ours, peer) == 3
    assert ratio_to_ours(made, peer) == "× 3.00"
    assert ratio_to_ours(made, ours) == ""
    assert list(ahead_of_ours(made)) == []


@pytest.mark.parametrize("quantity", [RATE, MILLISECONDS])
def test_a_faster_peer_is_ahead_and_a_floor_never_is(quantity):
    peer, floor = figure("b", "peer", 0.5), figure("c", "floor", 0.1)
    made = table(quantity, figure("a", "ours", 1.0), peer, floor)
    assert list(ahead_of_ours(made)) == [peer]


def test_ratios_refer_to_the_first_of_ours():
    first = figure("a", "ours", 1.0)
    made = table(MILLISECONDS, figure("p", "peer", 9.0), first, figure("b", "ours", 2.0))
    assert made.reference is first


def test_a_time_is_to_be_at_most_and_a_rate_at_least():
    ours = figure("a", "ours", 1.0, amount=10)
    targets = (Target("a", "value", 50.0), Target("a", "value", 5.0))
    assert met(table(RATE, ours, targets=targets)) == [False, True]
    assert met(table(Quantity("s", of=10), ours, targets=targets)) == [True, True]
    assert met(table(Quantity("s", of=100), ours, targets=targets)) == [True, False]


def test_a_target_may_be_a_ratio_to_another():
    figures = figure("a", "ours", 1.0), figure("b", "peer", 9.0)
    targets = (Target("a", "times", 8.0, "b"), Target("a", "times", 10.0, "b"))
    assert met(table(RATE, *figures, targets=targets)) == [True, False]


def test_memory_and_details_are_to_be_at_most():
    ours = figure("a", "ours", 1.0, peak_rss_mb=500.0, details={"largest_error": 1e-6})
    targets = (
        Target("a", "peak_rss_mb", 400.0),
        Target("a", "largest_error", 1e-5),
        Target("a", "largest_error", 1e-7),
    )
    assert met(table(RATE, ours, targets=targets)) == [False, True, False]


def test_a_target_whose_peer_is_missing_is_not_judged():
    target = Target("a", "times", 2.0, "b")
    (judged,) = judgements(table(RATE, figure("a", "ours", 1.0), targets=(target,)))
    assert judged.met is None
    assert judged.measured == "not measured"


def in_cpu(quantity, *turns, amount=1.0):
    known = Figure("a", "peer", amount, tuple(Turn(*each) for each in turns))
    return in_cpu_time(table(quantity, known), known)


def test_processor_time_is_scaled_as_the_time_on_the_clock_is():
    runs = (9.0, 2.0), (9.0, 4.0), (9.0, 3.0)
    assert in_cpu(Quantity("s for 10,000 trials", of=10_000), *runs, amount=500) == "60.0"
    assert in_cpu(MILLISECONDS, *runs, amount=100) == "30.0"
    assert in_cpu(RATE, *runs, amount=600) == "200"


@pytest.mark.parametrize("quantity", [RATE, MILLISECONDS])
@pytest.mark.parametrize("unknown", [None, 0.0])
def test_processor_time_that_is_not_known_of_every_run_is_not_shown(quantity, unknown):
    assert in_cpu(quantity, (9.0, 2.0), (9.0, unknown)) == ""
    assert in_cpu(quantity, (9.0, unknown)) == ""
