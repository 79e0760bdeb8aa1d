"""A Pareto analysis as a data frame and JSON, for programs to read. Nothing is rounded here."""

import json
from dataclasses import asdict

import pandas as pd

from analysis.pareto.result import Configuration, Hypervolume, ParetoFront

_SUMMARY = {"mean": "mean", "sd": "sd", "ci_low": "low", "ci_high": "high"}


def as_dict(front: ParetoFront) -> dict[str, object]:
    """Return everything as plain dictionaries, lists, numbers, strings and None."""
    return {
        "objectives": dict(front.objectives),
        "level": front.level,
        "resamples": front.resamples,
        "resampling": front.resampling,
        "seed": front.seed,
        "configurations": [_configuration(each) for each in front.configurations],
        "front": [each.label for each in front.front],
        "knee": front.knee,
        "hypervolume": _hypervolume(front.hypervolume),
        "warnings": list(front.warnings),
    }


def as_json(front: ParetoFront, indent: int | None) -> str:
    """Return `as_dict` as JSON text. NaN is refused, since JSON has none."""
    return json.dumps(as_dict(front), indent=indent, ensure_ascii=False, allow_nan=False)


def as_frame(front: ParetoFront) -> pd.DataFrame:
    """Return one row a configuration; an objective's numbers are "NAME mean" and so on."""
    return pd.DataFrame([_row(each) for each in front.configurations])


def _configuration(each: Configuration) -> dict[str, object]:
    return {
        "configuration": each.label,
        "key": dict(each.key),
        "n": each.n,
        "missing": each.missing,
        "objectives": {
            name: {key: getattr(summary, field) for key, field in _SUMMARY.items()}
            for name, summary in each.means.items()
        },
        "on_front": each.on_front,
        "probability_on_front": each.probability_on_front,
        "dominated_by": list(each.dominated_by),
        "is_knee": each.is_knee,
    }


def _hypervolume(volume: Hypervolume | None) -> dict[str, object] | None:
    return None if volume is None else asdict(volume)


def _row(each: Configuration) -> dict[str, object]:
    numbers: dict[str, object] = {"n": each.n, "missing": each.missing}
    for name, summary in each.means.items():
        numbers |= {f"{name} {key}": getattr(summary, field) for key, field in _SUMMARY.items()}
    numbers |= {
        "on_front": each.on_front,
        "probability_on_front": each.probability_on_front,
        "is_knee": each.is_knee,
        "dominated_by": "; ".join(each.dominated_by),
    }
    taken = {"configuration", *numbers}
    levels = {f"factor {name}" if name in taken else name: level for name, level in each.key}
    return {"configuration": each.label, **levels, **numbers}
