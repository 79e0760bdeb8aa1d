"""What histograms and grids of images show, said in words."""

from collections.abc import Sequence

import pandas as pd

from analysis.inference.student_t import mean_interval
from analysis.presentation.numbers import count_of, decimals_for, format_number
from analysis.runs import arms_in, finite_values, read_runs


def describe_histograms(frame: pd.DataFrame, *, arm: str, metric: str) -> str:
    """Return an alternative text for `analysis.figures.histograms`, from the same runs.

    Raises:
        AnalysisError: as `analysis.compare` does, for the same faults of the frame.
    """
    (runs,) = read_runs(frame, metric=metric, arm=arm, block=None, within=())
    parts = []
    for name in arms_in(frame, arm):
        values = finite_values(runs.of(name))
        text = f"{name}: {count_of(len(values), 'run')}"
        if len(values) > 1:
            decimals = decimals_for(mean_interval(values, 0.95).standard_error)
            shown = (
                format_number(float(each), decimals) for each in (values.mean(), values.std(ddof=1))
            )
            text += ", mean {}, standard deviation {}".format(*shown)
        parts.append(text)
    return (
        f"Histograms of {metric} by arm, each beside the normal curve with its mean and standard "
        f"deviation. {'; '.join(parts)}."
    )


def describe_image_grid(titles: Sequence[str], row_names: Sequence[str]) -> str:
    """Return an alternative text for `analysis.figures.image_grid`: what its rows and columns are.

    Args:
        titles: of the columns.
        row_names: of the rows.
    """
    columns, rows = (
        ", ".join(" ".join(each.split()) for each in names) for names in (titles, row_names)
    )
    return f"A grid of images. Columns: {columns}. Rows: {rows}."
