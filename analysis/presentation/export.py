"""Results as data frames and JSON, for programs to read. Nothing is rounded here."""

import json
from dataclasses import asdict
from typing import Any

import pandas as pd

from analysis.protocol import Protocol
from analysis.results import ArmSummary, Comparison, Comparisons, untested
from analysis.runs import Cell

_ARM_NUMBERS = (
    "n",
    "missing",
    "replaced",
    "mean",
    "sd",
    "median",
    "min",
    "max",
    "best",
    "ci_low",
    "ci_high",
)


def as_dict(results: Comparisons) -> dict[str, Any]:
    """Return results under the key names that `harness analysis compare --format json` keeps."""
    protocol = results.protocol
    return {
        "metric": protocol.metric,
        "direction": protocol.direction,
        "control": protocol.control,
        "design": results.design,
        "test": protocol.test,
        "alternative": protocol.alternative,
        "missing": protocol.missing,
        "alpha": protocol.alpha,
        "correction": "dunnett" if protocol.test == "dunnett" else protocol.correction,
        "smallest_effect": protocol.smallest_effect,
        "declared_comparisons": _asked(protocol),
        "family_size": results.family_size,
        "treatments": {name: list(arms) for name, arms in protocol.treatments.items()},
        "run_correlation": protocol.run_correlation,
        "seed": results.seed,
        "resamples": results.resamples,
        "arms": [_arm(each) for each in results.arms],
        "comparisons": [
            {**_comparison(each), "sentence": results.sentence(each)}
            for each in results.comparisons
        ],
        "omnibus": [each.to_dict() for each in results.omnibus],
        "across": results.across.to_dict() if results.across else None,
        "factorial": [each.to_dict() for each in results.factorial],
        "warnings": list(results.warnings),
    }


def _asked(protocol: Protocol) -> object:
    """Return the family's name, or the pairs as lists."""
    if isinstance(protocol.comparisons, str):
        return protocol.comparisons
    return [list(pair) for pair in protocol.comparisons]


def as_json(results: Comparisons, indent: int | None) -> str:
    """Return `as_dict` as JSON text. NaN is refused, since JSON has none."""
    return json.dumps(as_dict(results), indent=indent, ensure_ascii=False, allow_nan=False)


def comparisons_frame(results: Comparisons) -> pd.DataFrame:
    """Return one row a comparison; the columns are there even if no row is."""
    rows = [_comparison_row(each) for each in results.comparisons]
    if not rows:
        return pd.DataFrame(columns=list(_comparison_row(_blank(results))))
    return pd.DataFrame(rows)


def arms_frame(results: Comparisons) -> pd.DataFrame:
    """Return one row an arm and cell."""
    rows = [
        _row(each.cell, {"arm": each.arm}, {key: getattr(each, key) for key in _ARM_NUMBERS})
        for each in results.arms
    ]
    return pd.DataFrame(rows)


def _blank(results: Comparisons) -> Comparison:
    """Return a comparison of nothing, as of the only arm there is."""
    test = results.protocol.decisive_test(results.design)
    cell = results.cells[0] if results.cells else ()
    return Comparison("", "", cell, 0, 0, 0, tests=(untested(test),), decisive_test=test)


def _arm(summary: ArmSummary) -> dict[str, Any]:
    numbers = {key: getattr(summary, key) for key in _ARM_NUMBERS}
    return {"arm": summary.arm, "cell": dict(summary.cell), **numbers}


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "arm": comparison.arm,
        "reference": comparison.reference,
        "cell": dict(comparison.cell),
        "n": comparison.n,
        "n_reference": comparison.n_reference,
        "dropped_blocks": comparison.dropped_blocks,
        "replaced": comparison.replaced,
        "difference": comparison.difference,
        "ci_low": comparison.ci_low,
        "ci_high": comparison.ci_high,
        "bca_low": comparison.bca_low,
        "bca_high": comparison.bca_high,
        "tests": {test.name: _without_name(asdict(test)) for test in comparison.tests},
        "decisive_test": comparison.decisive_test,
        "p_value": comparison.p_value,
        "p_adjusted": comparison.p_adjusted,
        "effect_sizes": {each.name: each.estimate for each in comparison.effect_sizes},
        "effect_size_intervals": {
            each.name: {"ci_low": each.ci_low, "ci_high": each.ci_high}
            for each in comparison.effect_sizes
        },
        "minimal_detectable_effect": comparison.minimal_detectable_effect,
        "equivalence_low": comparison.equivalence_low,
        "equivalence_high": comparison.equivalence_high,
        "posterior": asdict(comparison.posterior) if comparison.posterior else None,
        "decision": comparison.decision,
        "warnings": list(comparison.warnings),
    }


def _comparison_row(comparison: Comparison) -> dict[str, Any]:
    test = _without_name(asdict(comparison.test))
    names: dict[str, Any] = {"arm": comparison.arm, "reference": comparison.reference}
    numbers: dict[str, Any] = {
        "n": comparison.n,
        "n_reference": comparison.n_reference,
        "dropped_blocks": comparison.dropped_blocks,
        "difference": comparison.difference,
        "ci_low": comparison.ci_low,
        "ci_high": comparison.ci_high,
        "bca_low": comparison.bca_low,
        "bca_high": comparison.bca_high,
        "test": comparison.decisive_test,
        **test,
        "p_adjusted": comparison.p_adjusted,
        **{each.name: each.estimate for each in comparison.effect_sizes},
        "minimal_detectable_effect": comparison.minimal_detectable_effect,
        "decision": comparison.decision,
        "warnings": " ".join(comparison.warnings),
    }
    return _row(comparison.cell, names, numbers)


def _row(cell: Cell, names: dict[str, Any], numbers: dict[str, Any]) -> dict[str, Any]:
    """Return a row with its factor levels after its names; a factor never hides a number."""
    taken = names.keys() | numbers.keys()
    levels = {f"factor {name}" if name in taken else name: level for name, level in cell}
    return {**names, **levels, **numbers}


def _without_name(test: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in test.items() if key not in {"name", "warning"}}
