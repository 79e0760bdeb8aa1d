from benchmarks.conditions import Conditions, Machine
from benchmarks.model import Figure, LeftOut, Quantity, Question, Table, Target, Turn
from benchmarks.records import Record
from benchmarks.terminal import printed

MACHINE = Machine("", 2, 8.0, None, "Linux", {})
CONDITIONS = Conditions("2026-01-01", None, False, 0.0, 0.0, 1.0, MACHINE)


def test_all_figures_stand_in_one_table_with_their_ratios_and_targets():
    figures = (
        Figure("harness", "ours", 1.0, (Turn(1.0, None), Turn(3.0, None)), peak_rss_mb=50.0),
        Figure("another", "peer", 1.0, (Turn(8.0, None),)),
    )
    targets = (Target("harness", "value", 1.0), Target("harness", "times", 4.0, "another"))
    out = (LeftOut("a third", "not installed"),)
    table = Table("a page", Quantity("s"), figures, targets, out)
    question = Question("sorting", "Sorting", "", lambda _: iter(()))
    record = Record(1, "sorting", CONDITIONS, (table,), "stopped after 5 s")
    met = "at most 1.00 s: MISSED; at least 4.00 times as good as another: met"
    assert printed([(question, record)]).splitlines() == [
        "                  median    min–max     ours is    MB  n  target",
        "Sorting: a page",
        f"  harness (ours)    2.00  1.00–3.00  s           50.0  2  {met}",
        "  another (peer)    8.00       8.00  s   × 4.00        1",
        "  a third is left out: not installed",
        "  stopped after 5 s",
    ]
