"""Writes everything that a paper takes from a comparison: tables, macros and figures."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from analysis.figures import critical_difference, differences, distributions, save_figure
from analysis.omnibus import Omnibus
from analysis.presentation.numbers import count_of
from analysis.publication.comparisons import publication_table
from analysis.publication.writing import write_table
from analysis.results import Comparisons

FORMATS = ("pdf", "svg", "png")


def write_paper(
    results: Comparisons,
    frame: pd.DataFrame,
    folder: Path,
    *,
    arm: str = "arm",
    block: str | None = "seed",
    within: Sequence[str] = (),
) -> tuple[Path, ...]:
    """Write a comparison's tables and figures into a folder, replacing older ones.

    Args:
        results: the comparison.
        frame: the runs that were compared.
        folder: made if need be.
        arm: column that names the arm.
        block: column that matches runs; None when nothing does.
        within: columns of factors.

    Returns:
        The files: the table as LaTeX, Markdown, HTML and CSV, the values as LaTeX macros, and
        every figure as PDF, SVG and PNG.
    """
    folder.mkdir(parents=True, exist_ok=True)
    table = publication_table(results, frame, arm=arm, block=block, label="tab:comparisons")
    written = list(write_table(table, folder, "comparisons"))
    figures = dict(_figures(results))
    figures["distributions"] = distributions(frame, results, arm=arm, block=block, within=within)
    for stem, figure in figures.items():
        written += [save_figure(figure, folder / f"{stem}.{ending}") for ending in FORMATS]
    return tuple(written)


def _figures(results: Comparisons) -> Iterator[tuple[str, Figure]]:
    if results.comparisons:
        yield "differences", differences(results)
    for place, omnibus in enumerate(results.omnibus):
        if omnibus.nemenyi is not None:
            stem = "critical_difference" + (f"_{place + 1}" if len(results.omnibus) > 1 else "")
            yield stem, rank_figure(omnibus)


def rank_figure(omnibus: Omnibus) -> Figure:
    """Draw the average ranks of a cell's arms.

    Args:
        omnibus: tests over matched arms; its `nemenyi` is not None.
    """
    ranks = omnibus.nemenyi
    if ranks is None:
        raise ValueError("there are no average ranks to draw")
    by_arm = dict(zip(ranks.arms, ranks.average_ranks, strict=True))
    note = f"Nemenyi, alpha {ranks.alpha:g}, {count_of(ranks.blocks, 'block')}"
    return critical_difference(by_arm, ranks.critical_difference, ranks.cliques, note=note)
