"""What a reader must know before believing a study's numbers, one sentence each."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from harness.store.schema import FINISHED, State
from harness.text import one_line

if TYPE_CHECKING:
    from harness.answer import Answer
    from harness.study.model import Study

_SHOWN_ERRORS = 3


def cautions(answer: "Answer") -> tuple[str, ...]:
    """Every caution that applies to an answer, the gravest first."""
    return tuple(sentence for caution in _CAUTIONS for sentence in caution(answer))


def _unfinished(answer: "Answer") -> Iterator[str]:
    total = sum(answer.states.values())
    finished = sum(answer.states.get(state, 0) for state in FINISHED)
    if finished < total:
        yield f"Interim: only {finished} of {total} trials are finished; the numbers will change."


def _failed(answer: "Answer") -> Iterator[str]:
    count = answer.states.get(State.FAILED, 0)
    if count == 0:
        return
    trials = "1 trial failed and is" if count == 1 else f"{count} trials failed and are"
    name = answer.study.name
    yield (
        f"{trials} left out, with the pairs that need it. `harness results list {name} "
        f"--state failed` names each; --retry-failed tries again. {commonest_errors(answer)}"
    )
    by_arm = Counter(
        arm
        for arm, trial in zip(answer.frame["arm"], answer.frame["trial"], strict=True)
        if trial in {failure.digest for failure in answer.failures}
    )
    if len({by_arm.get(arm, 0) for arm in answer.study.arms}) > 1:
        shown = ", ".join(f"{arm}: {by_arm.get(arm, 0)}" for arm in answer.study.arms)
        yield (
            "The arms did not fail equally often, so what is left may flatter those that failed "
            f"more ({shown})."
        )


def commonest_errors(answer: "Answer") -> str:
    """The errors that most trials failed with, in one sentence."""
    errors = Counter(one_line(failure.error) for failure in answer.failures)
    shown = [f"{count} × {error}" for error, count in errors.most_common(_SHOWN_ERRORS)]
    return f"Errors: {'; '.join(shown)}."


def _protocol(answer: "Answer") -> Iterator[str]:
    """The protocol in force was not the one declared before any result could be seen."""
    now = answer.study.definition()["protocol"]
    uses = answer.protocols
    if not uses or uses[0].finished_trials > 0:
        finished = uses[0].finished_trials if uses else len(answer.frame)
        if finished:
            yield (
                f"The protocol was first declared to this database when {finished} trials had "
                "finished; nothing here shows that it was fixed before their results were seen."
            )
    if uses and uses[0].protocol == now:
        return
    changes = [
        (use.finished_trials, protocol_changes(before.protocol, use.protocol))
        for before, use in pairwise(uses)
    ]
    if uses and uses[-1].protocol != now and all(use.protocol != now for use in uses):
        changes.append((len(answer.frame), protocol_changes(uses[-1].protocol, now)))
    told = [
        f"when {finished} trials had finished, {what}" for finished, what in changes if finished
    ]
    if told:
        yield (
            f"The protocol was changed: {'; '.join(told)}. What was declared before the first "
            "trial is in the report's section on the protocol."
        )


def _arms_and_seeds(answer: "Answer") -> Iterator[str]:
    """Arms or seeds that were chosen after the first run can make chance look like an effect."""
    if not answer.definitions:
        return
    first = answer.definitions[0]
    known = dict.fromkeys(arm for each in answer.definitions for arm in each["arms"])
    gone = [arm for arm in known if arm not in answer.study.arms]
    if gone:
        yield (
            f"When this study was run before it had the arms {', '.join(gone)} as well; the "
            "correction no longer counts them."
        )
    added = [arm for arm in answer.study.arms if arm not in first["arms"]]
    if added:
        yield (
            f"The arms {', '.join(added)} were added after the first run, and the correction "
            "counts them. If they were added because of what the first ones showed, say so."
        )
    yield from _seeds_chosen(answer, _seeds(first["seeds"]))


def _seeds_chosen(answer: "Answer", first: set[int]) -> Iterator[str]:
    now = set(answer.study.seeds.all())
    ever = {seed for each in answer.definitions for seed in _seeds(each["seeds"])}
    if ever - now:
        yield (
            f"{len(ever - now)} of the {len(ever)} seeds that this study was run with are not used "
            "now. If they were left out because of what they showed, the p-values are too small."
        )
    elif now - first:
        yield (
            f"The first run had {len(first)} seeds, and there are {len(now)} now. If seeds were "
            "added because of what the first ones showed, the p-values are too small."
        )


def _code(answer: "Answer") -> Iterator[str]:
    states = {
        json.dumps([content.get("code"), content.get("trial_source")])
        for content, _ in answer.environments
    }
    if len(states) > 1:
        yield (
            f"These trials ran on {len(states)} states of the code; the report's section on the "
            "environment lists them."
        )
    changed = sum(
        count
        for content, count in answer.environments
        if answer.source is not None and content.get("trial_source") not in {None, answer.source}
    )
    if changed:
        yield (
            f"What the trials run has changed since {changed} of them ran. They stay as they are; "
            "raise `version` in [trial] to run them anew."
        )


def _assets(answer: "Answer") -> Iterator[str]:
    for builder in answer.rebuilt_assets:
        yield (
            f"The shared asset of {builder} was built again between these trials and came out "
            "different, so not all of them had the same."
        )


def _noted(answer: "Answer") -> Iterator[str]:
    """What trial functions and the builders of assets said themselves."""
    total = len(answer.frame)
    for sentence, count in answer.noted:
        yield sentence if count == total else f"{count} of {total} trials: {sentence}"


def test_selection(study: "Study") -> Iterator[str]:
    """That something may have been selected by a test metric, in this study or before it."""
    if study.allow_test_selection:
        yield (
            "This study allows selection by a test metric (allow_test_selection): what was "
            "selected so scores better on that test set than on new data."
        )
    tainted = [link for link in study.links if link.test_selection]
    if tainted:
        arms = ", ".join(link.arm for link in tainted)
        searches = ", ".join(dict.fromkeys(link.study for link in tainted))
        yield (
            f"The parameters of the arms {arms} come from a search that allows selection by a test "
            f"metric ({searches}): what was selected so scores better on that test set than on new "
            "data."
        )


def link_cautions(study: "Study") -> Iterator[str]:
    """Where the parameters came from that arms took from a search."""
    for link in study.links:
        taken = ", ".join(f"{name} = {json.dumps(link.params[name])}" for name in link.params)
        of = "" if link.of == link.arm else f" for its arm {link.of}"
        spread = "" if link.sd is None else f" ± {link.sd:.3g}"
        yield (
            f"{link.arm} has {taken} from candidate {link.candidate} of the search {link.study}"
            f"{of}, the best of {link.candidates} by {link.metric} "
            f"({link.mean:.6g}{spread}, n = {link.seeds}; optimistic, because it was selected)."
        )
    shared = max((link.shared_seeds for link in study.links), default=0)
    if shared:
        yield (
            f"{shared} of the seeds of this study were used by the search as well. The winners "
            "were selected on them, so they score better there than on other seeds."
        )


def _linked(answer: "Answer") -> Iterator[str]:
    yield from test_selection(answer.study)
    yield from link_cautions(answer.study)


_CAUTIONS: tuple[Callable[["Answer"], Iterator[str]], ...] = (
    _unfinished,
    _failed,
    _protocol,
    _arms_and_seeds,
    _linked,
    _code,
    _assets,
    _noted,
)

_OF_TRIALS = (_code, _assets, _noted)


def trial_cautions(answer: "Answer") -> tuple[str, ...]:
    """The cautions that apply to trials whatever is made of them."""
    return tuple(sentence for caution in _OF_TRIALS for sentence in caution(answer))


def _seeds(seeds: Mapping[str, Any]) -> set[int]:
    if seeds.get("values") is not None:
        return set(seeds["values"])
    return set(range(seeds.get("count") or 0))


def protocol_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What differs between two protocols, in words."""
    keys = sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))
    return ", ".join(
        f"{key} from {_said(before.get(key))} to {_said(now.get(key))}" for key in keys
    )


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_said(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "not declared" if value is None else str(value)
