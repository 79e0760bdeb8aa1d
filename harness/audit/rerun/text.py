"""Re-runs as rows of a table, and as sentences."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analysis.presentation.text_table import printable
from harness.audit.rerun.environment import Difference
from harness.audit.rerun.findings import CODE_CHANGED
from harness.audit.rerun.metrics import Agreement
from harness.audit.rerun.rerunning import RerunReport
from harness.audit.rerun.trials import TrialComparison
from harness.text import one_line

COLUMNS = (
    "trial",
    "arm",
    "seed",
    "levels",
    "metric",
    "original",
    "re-run",
    "difference",
    "relative",
    "tolerance",
    "agreement",
)

# Another machine differs in all its packages; the JSON has them all.
_MOST_DIFFERENCES = 20

_WORDS: Mapping[Agreement, str] = {
    Agreement.IDENTICAL: "bit-identical",
    Agreement.WITHIN: "within tolerance",
    Agreement.OUTSIDE: "outside tolerance",
    Agreement.NOT_TESTABLE: "differs; too few other runs for a tolerance",
    Agreement.MEASURED: "measured time, only reported",
    Agreement.MISSING: "missing in one of both",
}


def metric_rows(report: RerunReport) -> list[dict[str, Any]]:
    """One row for every metric of every re-run trial."""
    return [
        {
            "trial": trial.trial[:12],
            "arm": printable(trial.arm),
            "seed": trial.seed,
            "levels": _levels(trial),
            "metric": each.metric,
            "original": each.original,
            "re-run": each.rerun,
            "difference": _rounded(each.difference),
            "relative": _rounded(each.relative_difference),
            "tolerance": _tolerance(each.distance, each.tolerance),
            "agreement": _WORDS[each.agreement],
        }
        for trial in report.trials
        for each in trial.metrics
    ]


def sentences(report: RerunReport) -> Iterator[str]:
    """What the table does not show: how many, what else differs, what failed, on what they ran."""
    count = len(report.trials)
    if report.code_changed:
        whose = _of_which(report.code_changed, count)
        yield f"{CODE_CHANGED}{whose}: what was run again is another program."
    yield (
        f"{count} of {report.complete} complete {_trials(report.complete)} of {report.study} "
        f"{'was' if count == 1 else 'were'} run again (seed {report.seed})."
    )
    yield _bits(report)
    yield from (f"{_start(trial)} fails now: {_error(trial)}" for trial in report.failures)
    for trial in report.trials:
        if trial.differing_series:
            what = " and other ".join(trial.differing_series)
            yield f"{_start(trial)} has other {what} than the original."
    if report.agreements[Agreement.WITHIN] or report.agreements[Agreement.OUTSIDE]:
        yield (
            "Tolerance: how far the re-run lies from the mean of the other runs of its arm, and "
            "how far one more run may (95 %). The spread between seeds sets it, so it says "
            "whether results agree, not whether one seed gives one result."
        )
    yield from _environments(report)


def _bits(report: RerunReport) -> str:
    same = sum(each.identical for each in report.trials)
    count = f"{same} of {len(report.trials)} gave the same to the last bit."
    others = [each for each in report.trials if not each.identical]
    if report.deterministic_differs and all(each.code_changed for each in others):
        return (
            f"{count} The study declares its trials deterministic; another program does not say "
            "whether that holds."
        )
    if report.deterministic_differs:
        return f"{count} The study declares its trials deterministic, which does not hold here."
    if report.deterministic:
        return f"{count} The study declares its trials deterministic."
    return f"{count} The study does not declare its trials deterministic."


def _of_which(trials: Sequence[TrialComparison], count: int) -> str:
    if len(trials) == count:
        return ""
    return f", for {', '.join(each.trial[:12] for each in trials)}"


def _environments(report: RerunReport) -> Iterator[str]:
    """The differences of the environments, once for all trials that share them."""
    shared: dict[tuple[tuple[str, str], ...], list[TrialComparison]] = {}
    for trial in report.trials:
        key = tuple((each.part, _change(each)) for each in trial.environment)
        shared.setdefault(key, []).append(trial)
    for differences, trials in shared.items():
        whose = "all" if len(shared) == 1 else ", ".join(each.trial[:12] for each in trials)
        if not differences:
            yield f"Environment of {whose}: the original's, in all that is recorded."
            continue
        yield f"Environment of {whose}: differs from the original's in"
        yield from (f"  {part}: {change}" for part, change in differences[:_MOST_DIFFERENCES])
        if len(differences) > _MOST_DIFFERENCES:
            yield f"  and {len(differences) - _MOST_DIFFERENCES} more; --format json has all"


def _change(difference: Difference) -> str:
    sides = (difference.original, difference.rerun)
    before, now = ("none" if side is None else one_line(str(side)) for side in sides)
    return f"{before} → {now}"


def _start(trial: TrialComparison) -> str:
    label = printable(trial.label)
    return label[:1].upper() + label[1:]


def _error(trial: TrialComparison) -> str:
    return one_line(trial.error or "")


def _levels(trial: TrialComparison) -> str:
    varied = {} if trial.source == "all" else {"source": trial.source}
    return ", ".join(f"{name} = {value}" for name, value in {**trial.levels, **varied}.items())


def _rounded(value: float | None) -> str | None:
    return None if value is None else f"{value:.3g}"


def _tolerance(distance: float | None, tolerance: float | None) -> str | None:
    return None if distance is None or tolerance is None else f"{distance:.3g} of ±{tolerance:.3g}"


def _trials(count: int) -> str:
    return "trial" if count == 1 else "trials"
