"""Claims that hold only if something is done again: a saved model evaluated, trials run once more.

Neither happens unless the user asks for it, because both run code that the claims file names.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from numbers import Real
from pathlib import Path

from analysis.audit.checkpoints import checkpoint
from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.printed_numbers import Printed
from analysis.audit.verdicts import Case
from harness.audit.claims.kinds import CheckpointClaim, RerunClaim
from harness.audit.evidence.reading import beside
from harness.audit.judging.gathering import Gathering
from harness.audit.judging.material import Material, granule_items
from harness.audit.rerun.rerunning import rerun_trials
from harness.errors import ClaimsError, InputError, Problem, SetupError
from harness.execution.worker.functions import FunctionPath, load
from harness.study.loading import Overrides, load_study
from harness.study.lookup import find_study

_ASK = "`harness audit check … --run` does it"


def judge_checkpoint(material: Material, claim: CheckpointClaim) -> Case:
    """Evaluate a saved model, and look for its value among those reported."""
    gathered = Gathering(material)
    model = beside(material.claims, claim.model, f"{material.key}.model")
    items = granule_items(material.metric)
    reported = list(_reported(material, claim))
    if not material.run:
        detail = f"The model {claim.model} was not evaluated: {_ASK}."
        gathered.own.append(finding("checkpoint", Outcome.MISSING_INPUT, detail))
    elif items is None or not reported:
        detail = "The test set's size and the reported values are needed, and not both declared."
        gathered.own.append(finding("checkpoint", Outcome.MISSING_INPUT, detail))
    else:
        measured = _evaluated(material, claim, model)
        found = checkpoint(
            measured,
            reported,
            items,
            percent=material.metric.is_per_cent,
            slack_images=claim.slack_images,
        )
        gathered.own.append(found)
    return gathered.case(f"the value of {claim.model}", confirmed=_confirmed(gathered.own))


def judge_rerun(material: Material, claim: RerunClaim) -> Case:
    """Run trials of a study again, and hold every metric against the stored one."""
    gathered = Gathering(material)
    if not material.run:
        detail = f"No trial of {claim.study} was run again: {_ASK}."
        gathered.own.append(finding("rerun_tolerance", Outcome.MISSING_INPUT, detail))
        return gathered.case("the re-run")
    gathered.own += _rerun(material, claim)
    refuted = [each.detail for each in gathered.own if each.outcome is Outcome.FLAG]
    return gathered.case(
        "the re-run", refuted=" ".join(refuted), confirmed=_confirmed(gathered.own)
    )


def _confirmed(found: Sequence[Finding]) -> str:
    """What was done again and came out the same, where nothing came out otherwise."""
    if any(each.outcome.is_objection for each in found):
        return ""
    return " ".join(each.detail for each in found if each.outcome is Outcome.PASS)


def _reported(material: Material, claim: CheckpointClaim) -> Iterator[Printed]:
    """The claimed value, or else every printed run of the declared data."""
    if claim.value is not None:
        yield claim.value
        return
    for evidence in material.data:
        for cell in evidence.cells:
            for arm in cell.arms.values():
                yield from (run.printed for run in arm.runs if run.printed is not None)


def _evaluated(material: Material, claim: CheckpointClaim, model: Path) -> float:
    """What the claims file's own function measures of the model."""
    function = _function(material, claim)
    try:
        value = function(model)
    # It is the user's own code: whatever stops it is told, and nothing else of it.
    except (Exception, SystemExit) as error:
        what = f"cannot be evaluated: {type(error).__name__}: {_one_line(error)}"
        raise _refusal(material, claim, what) from error
    # NumPy's numbers are real ones as well, and its truth values are none.
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise _refusal(material, claim, f"returned {value!r}, which is no finite number")
    return float(value)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or "no message"


def _function(material: Material, claim: CheckpointClaim) -> Callable[[Path], object]:
    module, _, name = claim.evaluate.rpartition(":")
    if not module or not name:
        raise _refusal(material, claim, "is no function")
    file = None
    if module.endswith(".py"):
        file = beside(material.claims, module, f"{material.key}.evaluate")
    try:
        return load(FunctionPath(module, name, file))
    except SetupError as error:
        raise _refusal(material, claim, _one_line(error)) from None


def _refusal(material: Material, claim: CheckpointClaim, what: str) -> ClaimsError:
    remedy = 'name one as "package.module:function" or "file.py:function" beside the claims file; '
    remedy += "it takes the model's path and returns the metric, in the metric's unit"
    key = f"{material.key}.evaluate"
    return ClaimsError(Problem(what, key, claim.evaluate, remedy=remedy), material.claims.path)


def _rerun(material: Material, claim: RerunClaim) -> list[Finding]:
    source = material.claims.path
    try:
        study = load_study(find_study(claim.study), Overrides(claim.profile))
        report = rerun_trials(study, material.store, sample=claim.sample, seed=claim.seed)
    except InputError as error:
        problems = [replace(each, key=f"{material.key}.study") for each in error.problems]
        raise ClaimsError(problems, source) from None
    return list(report.findings())
