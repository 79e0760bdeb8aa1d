"""Checks what a trial returned: metrics are names and plain numbers, those that its study needs."""

from collections.abc import Mapping
from typing import Any

from harness.errors import nearest_match
from harness.execution.worker.task import Task
from harness.text import is_visible_line


class MetricsError(Exception):
    """What a trial returned is no set of metrics."""


def checked(returned: object, task: Task) -> dict[str, float]:
    """The metrics as plain floats.

    Raises:
        MetricsError: naming what is missing, unknown or no number.
    """
    if not isinstance(returned, Mapping):
        raise MetricsError(
            f"a trial returns its metrics as a mapping of names to numbers, "
            f"such as {{'accuracy': 0.93}}; it returned {returned!r:.200}"
        )
    metrics = {_name(name, task): _number(name, value) for name, value in returned.items()}
    for name in task.required_metrics:
        if name not in metrics:
            hint = nearest_match(name, metrics)
            raise MetricsError(
                f"the trial did not return the metric {name!r} that the study needs; it returned "
                f"{sorted(metrics)}" + (f"; nearest: {hint}" if hint else "")
            )
    if task.declared_metrics is not None:
        unknown = sorted(metrics.keys() - set(task.declared_metrics))
        if unknown:
            raise MetricsError(f"{unknown} are not among trial.metrics")
    return metrics


def _name(name: object, task: Task) -> str:
    if not isinstance(name, str) or not is_visible_line(name):
        raise MetricsError(f"a metric's name is visible text; the trial returned {name!r:.100}")
    if name in task.reserved_metrics:
        raise MetricsError(
            f"no metric can be called {name!r}: results have a column of that name already"
        )
    return name


def _number(name: str, value: Any) -> float:  # noqa: ANN401 - a trial may return anything
    if isinstance(value, str | bytes):
        raise MetricsError(f"the metric {name!r} is no number: {value!r:.100}")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise MetricsError(f"the metric {name!r} is no number: {value!r:.100}") from None
