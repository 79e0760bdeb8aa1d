"""Means as a table with a column an arm: one row for each combination of factor levels."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from analysis.presentation.numbers import decimals_for
from analysis.publication import comparison_words as words
from analysis.publication.best_arms import BestArms, find_best
from analysis.publication.columns import Column, text_column
from analysis.publication.entries import Entry, nothing_entry, number_entry, spread_entry
from analysis.publication.printed import PublicationTable
from analysis.results import ArmSummary, Comparisons
from analysis.runs import Cell, Level

_MOST_DECIMALS = 6


def means_table(
    results: Comparisons,
    frame: pd.DataFrame | None = None,
    *,
    label: str | None = None,
    caption: str | None = None,
    beside: Mapping[str, Callable[[Cell], Entry]] | None = None,
    best: BestArms | None = None,
) -> PublicationTable:
    """Return the mean and the spread of every arm, one row for each combination of levels.

    Bold marks the best mean of a row, and the arms that were not shown to be worse than it; see
    `analysis.publication.best_arms`. An arm without a finite value has a dash.

    Args:
        results: the comparisons.
        frame: the runs that they were made from; without it, arms that were not compared with the
            best one stay unmarked.
        label: LaTeX's label.
        caption: a sentence to begin the caption with; what was measured and tested is added.
        beside: columns to put between the levels and the arms, by header.
        best: what `find_best` found, where that is known already.

    Raises:
        AnalysisError: `frame` does not hold the runs of `results`.
        TableError: an arm has the name of another column.
    """
    best = best or find_best(results, frame)
    cells = results.cells
    arms = tuple(dict.fromkeys(each.arm for each in results.arms))
    by_place = {(each.cell, each.arm): each for each in results.arms}
    lacking = any((cell, arm) not in by_place for cell in cells for arm in arms)
    sentences = (caption, words.caption(results, best), words.mean_words())
    columns = (
        *_levels(cells),
        *(
            Column(header, tuple(make(cell) for cell in cells))
            for header, make in (beside or {}).items()
        ),
        *(_means(arm, cells, by_place, best) for arm in arms),
    )
    notes = words.notes(results, best)
    return PublicationTable(
        columns=columns,
        caption=" ".join(filter(None, sentences)),
        label=label,
        notes=(*notes, "–: no run has finished.") if lacking else notes,
        row_names=tuple(" ".join(f"{name} {level}" for name, level in cell) for cell in cells),
        subject=results.protocol.metric,
    )


def _levels(cells: Sequence[Cell]) -> list[Column]:
    factors = [factor for factor, _ in cells[0]] if cells else []
    return [_level_column(factor, [dict(cell)[factor] for cell in cells]) for factor in factors]


def _level_column(factor: str, levels: Sequence[Level]) -> Column:
    if all(isinstance(level, int | float) and not isinstance(level, bool) for level in levels):
        return Column(factor, tuple(number_entry(factor, float(level)) for level in levels))
    return text_column(factor, [str(level) for level in levels])


def _means(
    arm: str,
    cells: Sequence[Cell],
    by_place: Mapping[tuple[Cell, str], ArmSummary],
    best: BestArms,
) -> Column:
    entries = []
    for cell in cells:
        entry = _mean(by_place.get((cell, arm)), (f"{arm} mean", f"{arm} sd"))
        entries.append(entry.in_bold() if best.marks(cell, arm) else entry)
    return Column(arm, tuple(entries))


def _mean(summary: ArmSummary | None, names: tuple[str, str]) -> Entry:
    if summary is None:
        return nothing_entry(*names)
    decimals = decimals_for(summary.standard_error, summary.mean)
    return spread_entry(summary.mean, summary.sd, min(decimals, _MOST_DECIMALS), names)
