"""Comparisons as a table for a paper: one row an arm, never a bare mean, never a best of n."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from analysis.errors import nearest
from analysis.publication import comparison_words as words
from analysis.publication.best_arms import BestArms, find_best
from analysis.publication.columns import Column, TableError
from analysis.publication.compared import corrects, corrects_itself, is_paired
from analysis.publication.comparison_columns import (
    KEYS,
    ColumnKey,
    Row,
    column,
    factor_columns,
    marks_column,
    rows_of,
)
from analysis.publication.printed import PublicationTable, fact
from analysis.publication.writing import write_table
from analysis.results import Comparisons

__all__ = ["ColumnKey", "PublicationTable", "publication_table", "write_table"]


def publication_table(
    results: Comparisons,
    frame: pd.DataFrame | None = None,
    *,
    columns: Sequence[ColumnKey] | None = None,
    label: str | None = None,
    caption: str | None = None,
    arm: str = "arm",
    block: str | None = "seed",
    seed: int = 0,
    best: BestArms | None = None,
) -> PublicationTable:
    """Return comparisons as a table, one row an arm, grouped by the levels of factors.

    An arm that is held against several references has a row for each. Bold marks the best mean of
    a cell, and the arms that were not shown to be worse than it; see
    `analysis.publication.best_arms`. Decimals follow the standard errors.

    Args:
        results: the comparisons.
        frame: the runs that they were made from. With it, arms that were not compared with the
            best one are compared now; without it they stay unmarked, and a note names them.
        columns: which to show, in this order, however wide; "arm" has to be among them. By
            default, those that the results call for; of the decision, the effect size and the
            uncorrected p, LaTeX shows, in this order, what the page has room for. The CSV file
            and the macros have all of them in any case.
        label: LaTeX's label.
        caption: a sentence to begin the caption with; what was measured and tested is added.
        arm: column of `frame` that names the arm.
        block: column of `frame` that matches runs; None when nothing does.
        seed: of tests that draw arrangements.
        best: what `analysis.publication.best_arms.find_best` found, where that is known already;
            several tables of the same comparisons need not find it anew.

    Raises:
        TableError: a column is unknown or named twice, "arm" is missing, or the label has other
            characters than LaTeX's labels may have.
        AnalysisError: `frame` does not hold the runs of `results`.
    """
    best = best or find_best(results, frame, arm=arm, block=block, seed=seed)
    rows = rows_of(results)
    made = {key: column(key, rows, results, best) for key in KEYS}
    data = [_data_only(made[key]) for key in KEYS]
    if columns is None:
        shown = _by_default(made, results)
    else:
        _require_known(columns)
        shown = {key: replace(made[key], rank=0) for key in columns}
    hidden = [each for key, each in zip(KEYS, data, strict=True) if key not in shown]
    cells = tuple(row.arm.cell for row in rows)
    titles = tuple(", ".join(f"{factor} = {level}" for factor, level in cell) for cell in cells)
    sentences = (caption, words.caption(results, best))
    return PublicationTable(
        columns=(
            *shown.values(),
            *factor_columns(rows, results),
            *hidden,
            marks_column(rows, best),
        ),
        caption=" ".join(filter(None, sentences)),
        label=label,
        notes=words.notes(results, best),
        groups=titles if any(titles) else (),
        row_names=_row_names(rows),
        subject=results.protocol.metric,
        facts=(
            fact("family size", results.family_size),
            fact("alpha", results.protocol.alpha),
        ),
        lacking=words.lacking(results),
    )


def _row_names(rows: Sequence[Row]) -> tuple[str, ...]:
    """Return the arms, with what they are held against where that is more than one."""
    arms = [(row.arm.cell, row.arm.arm) for row in rows]
    return tuple(
        f"{row.arm.arm} against {row.comparison.reference}"
        if row.comparison is not None and arms.count(place) > 1
        else row.arm.arm
        for row, place in zip(rows, arms, strict=True)
    )


def _require_known(columns: Sequence[str]) -> None:
    for key in columns:
        if key not in KEYS:
            guess = nearest(key, KEYS)
            hint = f" Did you mean {guess!r}?" if guess else ""
            listed = ", ".join(map(repr, KEYS))
            raise TableError(f"The table has no column {key!r}; there are: {listed}.{hint}")
    if len(set(columns)) < len(columns):
        raise TableError(f"A column is named twice in {list(columns)}.")
    if "arm" not in columns:
        raise TableError(f"The columns {list(columns)} lack 'arm', which says what a row is about.")


def _by_default(made: dict[ColumnKey, Column], results: Comparisons) -> dict[ColumnKey, Column]:
    """Return the columns that these results call for, with the ranks of those that may go."""
    ranks: dict[ColumnKey, int] = {"arm": 0, "n": 0, "mean": 0, "difference": 0}
    if any(each.reference != results.protocol.control for each in results.comparisons):
        ranks["reference"] = 0
    if is_paired(results) and _pairs_differ(results):
        ranks["pairs"] = 0
    if corrects(results.protocol):
        ranks["p_adjusted"] = 0
    else:
        ranks["p"] = 0
    if corrects(results.protocol) and not corrects_itself(results.protocol):
        ranks["p"] = 3
    ranks |= {"decision": 1, "effect_size": 2}
    return {key: replace(made[key], rank=ranks[key]) for key in KEYS if key in ranks}


def _pairs_differ(results: Comparisons) -> bool:
    runs = {(each.cell, each.arm): each.n for each in results.arms}
    return any(each.n != runs.get((each.cell, each.arm)) for each in results.comparisons)


def _data_only(column: Column) -> Column:
    return replace(column, is_data_only=True)
