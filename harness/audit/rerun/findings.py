"""What the check `rerun_tolerance` says of a trial that was run again."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from analysis.audit.finding import Finding, Outcome, finding
from harness.audit.rerun.metrics import CHECK, Agreement, MetricComparison
from harness.audit.rerun.trials import TrialComparison
from harness.text import one_line

CODE_CHANGED = "The code of the trial is not what ran (trial_source differs)"

# A sentence names so many things; the values have all of them.
_MOST_PARTS = 5


def findings_of(trial: TrialComparison) -> Iterator[Finding]:
    """One finding where one says it all; otherwise one for each metric that differs.

    `pass` for the same bits, `fail` for others where determinism was declared, and `flag` for a
    trial that was complete and fails now. Without a declaration a metric that differs passes
    within the tolerance, and is a flag outside.

    Where the code of the trial is not what ran, every sentence begins with that, and other bits are
    a flag: nobody declared that another program gives the same.
    """
    compared = [each for each in trial.metrics if each.agreement is not Agreement.MEASURED]
    if trial.failed:
        detail = f"{trial.label} was complete and fails now: {one_line(trial.error or '')}."
        yield _finding(trial, Outcome.FLAG, f"{detail} {_environments(trial)}")
    elif not trial.identical and trial.deterministic and trial.code_changed:
        yield _finding(trial, Outcome.FLAG, _another_program(trial))
    elif not trial.identical and trial.deterministic:
        yield _finding(trial, Outcome.FAIL, _broken_word(trial))
    elif not trial.identical:
        yield from _tolerated(trial)
    elif not compared:
        yield _finding(trial, Outcome.NOT_APPLICABLE, f"{trial.label} gives measured times only.")
    else:
        what = "its metric" if len(compared) == 1 else f"all {len(compared)} metrics"
        detail = f"{trial.label} gave the same bits again in {what}."
        yield _finding(trial, Outcome.PASS, detail)


def _broken_word(trial: TrialComparison) -> str:
    return (
        f"{trial.label}: determinism was declared, but the re-run differs "
        f"({_all_changes(trial)}). {_environments(trial)}"
    )


def _another_program(trial: TrialComparison) -> str:
    return (
        f"{trial.label}: the re-run is of another program and differs ({_all_changes(trial)}), so "
        f"it does not say whether the declared determinism holds. {_environments(trial)}"
    )


def _all_changes(trial: TrialComparison) -> str:
    words = [_change(each) for each in trial.metrics if each.differs]
    words += trial.differing_series
    more = "; ..." if len(words) > _MOST_PARTS else ""
    return f"{'; '.join(words[:_MOST_PARTS])}{more}"


def _tolerated(trial: TrialComparison) -> Iterator[Finding]:
    differing = [each for each in trial.metrics if each.differs]
    for each in differing:
        start = f"{trial.label}, {each.metric}:"
        if each.finding is None:
            only = "the original" if each.rerun is None else "the re-run"
            yield _finding(trial, Outcome.FLAG, f"{start} only {only} has this metric.")
            continue
        detail = f"{_code(trial)}{start} {each.finding.detail} {_environments(trial)}"
        values = {**each.finding.values, **_values(trial), "metric": each.metric}
        yield replace(each.finding, detail=detail, values=values)
    if not differing:
        other = " and ".join(trial.differing_series)
        detail = f"{trial.label} gave the same metrics again, to the last bit, but other {other}."
        yield _finding(trial, Outcome.PASS, f"{detail} {_environments(trial)}")


def _finding(trial: TrialComparison, outcome: Outcome, detail: str) -> Finding:
    return finding(CHECK, outcome, f"{_code(trial)}{detail}", **_values(trial))


def _code(trial: TrialComparison) -> str:
    """The beginning of what is said of a trial whose code has changed."""
    return f"{CODE_CHANGED}: " if trial.code_changed else ""


def _values(trial: TrialComparison) -> dict[str, Any]:
    return {
        "trial": trial.trial,
        "arm": trial.arm,
        "run_seed": trial.seed,
        "deterministic": trial.deterministic,
        "code_changed": trial.code_changed,
        "differing": list(trial.differing),
        "environment_differences": [each.part for each in trial.environment],
    }


def _environments(trial: TrialComparison) -> str:
    if not trial.environment:
        return "The environments are the same in all that is recorded."
    parts = [each.part for each in trial.environment]
    more = f" and {len(parts) - _MOST_PARTS} more" if len(parts) > _MOST_PARTS else ""
    return f"The environments differ in {', '.join(parts[:_MOST_PARTS])}{more}."


def _change(metric: MetricComparison) -> str:
    before, now = ("none" if x is None else repr(x) for x in (metric.original, metric.rerun))
    return f"{metric.metric} {before} → {now}"
