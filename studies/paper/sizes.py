"""Sizes and speed of the networks, beside the speed-ups that the paper prints."""

import math
from collections.abc import Iterator, Sequence

import pandas as pd

from analysis.presentation.numbers import decimals_for, format_percent
from analysis.publication import PublicationTable
from analysis.publication.columns import text_column
from analysis.publication.entries import (
    Entry,
    estimate_entry,
    nothing_entry,
    number_entry,
)
from harness.answer import Answer
from harness.reports.manuscript import Item, PaperTable, Words
from studies.paper import published
from studies.paper.latency import (
    BATCH,
    LEVEL,
    Timed,
    circumstances,
    compared_processes,
    of_arm,
    timed,
)
from studies.paper.material import Found, Material
from studies.paper.parts import Part
from studies.paper.tables import column, comparison_table, explained, point_entry
from studies.paper.words import PAPER, UNTESTED, dataset, run_range

PEAK = "peak_memory_mb"

_PAPERS_HEADLINE = "140 ms to 13 ms, 10.8 times"
_LEVEL = format_percent(LEVEL)
_UNMATCHED = (
    "Processes of one number share nothing, so that they are compared as independent ones, "
    "although the study's own page pairs them."
)


def make(found: Found, _: Material) -> Iterator[Item]:
    """Yield our sizes and latencies, and the paper's claims beside what was measured here."""
    answer = found.answer
    known = timed(answer) if answer is not None else ()
    if answer is None or not known:
        yield Words("No trial has timed a network.")
        return
    yield PaperTable("sizes", _sizes(answer, known))
    yield PaperTable("sizes-tests", _tests(answer))
    yield PaperTable("sizes-paper", _claims(answer, known))
    yield from _cold_calls(answer, known)


def _sizes(answer: Answer, known: Sequence[Timed]) -> PublicationTable:
    def mean(metric: str, decimals: int | None = None) -> list[Entry]:
        found = (of_arm(answer, metric, each.arm, each.batch_size) for each in known)
        return [
            number_entry(metric, float(each.mean()), decimals)
            if len(each)
            else nothing_entry(metric)
            for each in found
        ]

    table = PublicationTable(
        columns=(
            text_column("network", [each.arm for each in known]),
            column("parameters", mean("parameters", 0)),
            column("MB", mean("weights_mb", 3), "MB: of the weights, in 10⁶ bytes."),
            column(
                "peak MB",
                mean(PEAK, 1),
                "Peak: the most memory that a call took beyond libraries, weights and images.",
            ),
            column("multiply-adds", mean("multiply_adds", 0), "Multiply-adds: of one image."),
            column("latency in ms", [_latency(each) for each in known]),
            column("first call", mean("first_call_ms", 2), "First call: in ms, without warm-up."),
            column("speed-up", [_speedup(each) for each in known], _open_speedups(known)),
            column(
                "ratio",
                _ratios(answer, known),
                "Ratio: the teacher's multiply-adds over the network's.",
            ),
        ),
        caption=(
            f"Sizes and speed. Latency: median call, warm, with its {_LEVEL} interval (Student's t "
            "over trials where there are several, else over the calls of the one). Speed-up: the "
            "teacher's mean latency over the network's, with Fieller's "
            f"{_LEVEL} interval for means of processes that share nothing. {_about(answer)} "
            f"{UNTESTED}"
        ),
        label="tab:sizes",
        groups=tuple(f"batch of {each.batch_size}" for each in known),
        row_names=tuple(each.arm for each in known),
        subject="latency",
    )
    return explained(table, "the teacher itself, or nothing was measured.")


def _tests(answer: Answer) -> PublicationTable:
    """Each network against the teacher, by processes that share nothing."""
    return comparison_table(
        answer,
        compared_processes(answer),
        "sizes-tests",
        "Latency of every network beside the teacher's.",
        block=None,
        words=f"{_about(answer)} {_UNMATCHED}",
    )


def _about(answer: Answer) -> str:
    """Say which networks, how many processes, and what they ran on."""
    frame, study = answer.compared, answer.study
    sizes = run_range(frame.groupby(["arm", *study.factors]).size().tolist())
    inside = " and batch size" if BATCH in study.factors else ""
    return (
        f"Data: networks for {dataset(study)}, on noise; n = {sizes} a network{inside}, each a "
        f"process of its own. {circumstances(answer)}"
    )


def _latency(each: Timed) -> Entry:
    found, names = each.latency, ("latency_ms", "latency_low_ms", "latency_high_ms")
    width = None if found.low is None or found.high is None else (found.high - found.low) / 4
    decimals = min(4, decimals_for(width, found.mean))
    return estimate_entry(found.mean, found.low, found.high, decimals, names)


def _open_speedups(known: Sequence[Timed]) -> str:
    if all(each.speedup is None or each.speedup.low is not None for each in known):
        return ""
    return "A speed-up alone: too few runs, or latencies too uncertain, for an interval."


def _speedup(each: Timed) -> Entry:
    names = ("speedup", "speedup_low", "speedup_high")
    found = each.speedup
    if found is None:
        return nothing_entry(*names)
    if found.low is None:
        return point_entry(found.ratio, 2, names)
    return estimate_entry(found.ratio, found.low, found.high, 2, names)


def _ratios(answer: Answer, known: Sequence[Timed]) -> list[Entry]:
    """Teacher's multiply-adds over each network's."""
    name = "multiply_adds_ratio"
    control = answer.study.protocol.control
    entries = []
    for each in known:
        own = of_arm(answer, "multiply_adds", each.arm, each.batch_size)
        teacher = of_arm(answer, "multiply_adds", control, each.batch_size)
        if each.arm == control or len(own) == 0 or len(teacher) == 0:
            entries.append(nothing_entry(name))
        else:
            entries.append(number_entry(name, float(teacher.mean() / own.mean()), 2))
    return entries


def _claims(answer: Answer, known: Sequence[Timed]) -> PublicationTable:
    """What the paper claims of each network, beside what was measured for as many blocks here."""
    theirs = published.models()
    largest = max(each.batch_size for each in known)
    ours = {each.blocks_removed: each for each in known if each.batch_size == largest}
    removed = [int(each) for each in theirs.index if each]
    teacher = float(theirs["multiply_adds_millions"].get(0, math.nan))
    ratios = [
        teacher / float(theirs["multiply_adds_millions"].get(each, math.nan)) for each in removed
    ]
    own = {
        each.blocks_removed: entry
        for each, entry in zip(known, _ratios(answer, known), strict=True)
    }
    table = PublicationTable(
        columns=(
            text_column("k", [f"{each}" for each in removed]),
            column("parameters", _of(theirs, removed, "parameters", 0), rank=2),
            column("factor", _of(theirs, removed, "compression_factor", 2), rank=3),
            column("seconds", _of(theirs, removed, "seconds_a_batch_of_64", 5), rank=1),
            column("paper: speed-up", _of(theirs, removed, "claimed_speedup", 1)),
            column(
                "paper: ratio",
                [number_entry("paper_multiply_adds_ratio", each, 2) for each in ratios],
            ),
            column(
                "ours: speed-up",
                [_speedup(ours[each]) if each in ours else _nothing() for each in removed],
            ),
            column(
                "ours: ratio",
                [own.get(each, nothing_entry("multiply_adds_ratio")) for each in removed],
            ),
        ),
        caption=(
            f"Speed-ups claimed and measured by blocks removed (k). {PAPER} Parameters, factor "
            "(of compression) and seconds (a batch of 64) are the paper's. Ratio: the teacher's "
            "multiply-adds over the student's, which bounds what arithmetic can gain. The paper's "
            f"headline is {_PAPERS_HEADLINE}, for k = 5. "
            f"Ours: batch of {largest}, warm, with Fieller's {_LEVEL} interval. {_about(answer)} "
            f"{UNTESTED} Where these are not the paper's networks, equal k does not mean equal "
            "size."
        ),
        label="tab:sizes-paper",
        row_names=tuple(f"k {each}" for each in removed),
        subject="speed",
    )
    return explained(table, "no network of this many blocks removed was timed here.")


def _nothing() -> Entry:
    return nothing_entry("speedup", "speedup_low", "speedup_high")


def _of(theirs: pd.DataFrame, removed: Sequence[int], name: str, decimals: int) -> list[Entry]:
    return [
        number_entry(f"paper_{name}", float(theirs[name].get(each, math.nan)), decimals)
        for each in removed
    ]


def _cold_calls(answer: Answer, known: Sequence[Timed]) -> Iterator[Item]:
    """Say what the speed-up would be if the teacher's first call were taken for its latency."""
    control = answer.study.protocol.control
    largest = max(each.batch_size for each in known)
    cold = of_arm(answer, "first_call_ms", control, largest)
    warm = [each for each in known if each.batch_size == largest and each.speedup is not None]
    if len(cold) == 0 or not warm:
        return
    first = float(cold.mean())
    told = ", ".join(
        f"{each.arm} {first / each.latency.mean:.1f} instead of {each.speedup.ratio:.2f}"
        for each in warm
        if each.latency.mean and each.speedup is not None
    )
    yield Words(
        f"The paper's 140 ms for the teacher looks like a first, cold call. Here the teacher's "
        f"first call of a batch of {largest} took {first:.1f} ms. Taken for its "
        f"latency it would make these speed-ups: {told}."
    )


PART = Part("sizes", "Sizes and speed", "latency", make)
