"""What each part of a study may say about the others: the impossible combinations."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.canonical import canonical_json
from harness.errors import Problem, nearest_match
from harness.study.links import settings
from harness.study.parts import is_visible
from harness.study.problems import shown
from harness.study.search_rules import reference_problems, search_problems
from harness.study.sources import SOURCE_COLUMN

if TYPE_CHECKING:
    from harness.study.model import Study


# The columns that every frame of results has; a factor or metric of this name would hide one.
RESERVED = ("trial", "arm", "seed", "state")


def reserved_names(study: "Study") -> frozenset[str]:
    """What no factor and no metric of this study may be called."""
    return frozenset({*RESERVED, SOURCE_COLUMN} if study.seeds.sources else RESERVED)


def contradictions(study: "Study") -> tuple[Problem, ...]:
    """Every way in which the parts of a study, each well formed, do not fit together."""
    return (
        *_arm_names(study),
        *reference_problems(study),
        *_mistyped_parameters(study),
        *_duplicate_arms(study),
        *_factors(study),
        *_compared_arms(study),
        *_treated_arms(study),
        *_metric(study),
        *_objectives(study),
        *search_problems(study, reserved_names(study)),
    )


def _arm_names(study: "Study") -> Iterator[Problem]:
    for arm in study.arms:
        if not is_visible(arm):
            yield Problem("an arm needs a visible name of one line", "arms", repr(arm))


def _mistyped_parameters(study: "Study") -> Iterator[Problem]:
    """An arm may add a parameter, but one that nearly has another's name is a slip of the pen.

    A mistyped parameter has no effect, and the arm would be compared as if it had.
    """
    for arm, own in study.arms.items():
        others = {*study.params, *(name for rest in study.arms.values() for name in rest)}
        for name in own:
            known = sorted(study.params if name not in study.params else ())
            elsewhere = sum(name in rest for rest in study.arms.values())
            near = nearest_match(name, [*known, *(others - {name} if elsewhere == 1 else ())], 0.8)
            if name not in study.params and near is not None:
                yield Problem(
                    f"looks like a mistyped {near}",
                    f"arms.{arm}.{name}",
                    name,
                    tuple(sorted(others - {name})),
                    f"if {name} is a parameter of its own, give it its usual value in [params]",
                )


def _duplicate_arms(study: "Study") -> Iterator[Problem]:
    first: dict[bytes, str] = {}
    for arm, own in study.arms.items():
        params = canonical_json(settings(study, arm))
        if params in first:
            yield Problem(
                f"sets the same parameters as arms.{first[params]}, so the two are one arm",
                f"arms.{arm}",
                shown(own),
                remedy="change a parameter, or remove one of the two",
            )
        first.setdefault(params, arm)


def _factors(study: "Study") -> Iterator[Problem]:
    for factor, levels in study.factors.items():
        key = f"factors.{factor}"
        if factor in reserved_names(study) | {study.protocol.metric}:
            yield Problem(
                "the results have a column of this name already",
                key,
                factor,
                remedy="give the parameter another name",
            )
        if factor not in study.params:
            yield Problem(
                "a factor varies a parameter of [params], and there is none of this name",
                key,
                factor,
                tuple(study.params),
                f"add {factor} with its usual value to [params]",
            )
        if not levels:
            yield Problem("a factor needs at least one level", key, "[]")
        if len({canonical_json(level) for level in levels}) < len(levels):
            yield Problem("a level is listed twice", key, shown(levels))
        for arm, own in study.arms.items():
            if factor in own:
                yield Problem(
                    f"overrides what arms.{arm} sets, so that arm would not be what it says",
                    key,
                    shown(levels),
                    remedy=f"remove {factor} from the arm or from [factors]",
                )


def _compared_arms(study: "Study") -> Iterator[Problem]:
    arms = tuple(study.arms)
    if study.protocol.control not in study.arms:
        yield Problem("no arm has this name", "protocol.control", study.protocol.control, arms)
    if isinstance(study.protocol.comparisons, str):
        return
    for number, pair in enumerate(study.protocol.comparisons):
        for arm in pair:
            if arm not in study.arms:
                yield Problem("no arm has this name", f"protocol.comparisons[{number}]", arm, arms)


def _treated_arms(study: "Study") -> Iterator[Problem]:
    arms = tuple(study.arms)
    for treatment, treated in study.protocol.treatments.items():
        key = f"protocol.treatments.{treatment}"
        unknown = [number for number, arm in enumerate(treated) if arm not in study.arms]
        for number in unknown:
            yield Problem("no arm has this name", f"{key}[{number}]", treated[number], arms)
        if not unknown and len({*treated}) in {0, len(arms)}:
            yield Problem(
                "some arms have a treatment and others do without, or nothing shows what it does",
                key,
                shown(treated),
                arms,
            )


def _objectives(study: "Study") -> Iterator[Problem]:
    declared = study.trial.metrics
    for name in study.pareto.objectives if study.pareto is not None else ():
        key = f"pareto.objectives.{name}"
        if name in reserved_names(study):
            yield Problem("the results have a column of this name already", key, name)
        elif not is_visible(name):
            yield Problem("a metric's name is visible text", "pareto.objectives", repr(name))
        elif declared is not None and name not in declared:
            what = "the arms would have no such metric: it is not among trial.metrics"
            yield Problem(what, key, name, declared)


def _metric(study: "Study") -> Iterator[Problem]:
    declared = study.trial.metrics
    for key, names in (("protocol.metric", (study.protocol.metric,)), ("trial.metrics", declared)):
        for name in names or ():
            if name in reserved_names(study):
                yield Problem("the results have a column of this name already", key, name)
    if declared == ():
        yield Problem("a trial returns at least one metric", "trial.metrics", "[]")
        return
    if declared is not None and study.protocol.metric not in declared:
        yield Problem(
            "the arms would have no such metric: it is not among trial.metrics",
            "protocol.metric",
            study.protocol.metric,
            declared,
        )
