"""What a reader must know before believing a study's numbers, one sentence each."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from harness.canonical import canonical_json
from harness.store.schema import State
from harness.text import one_line
from harness.trial import DATA, DEVICE, ENGINE

if TYPE_CHECKING:
    from harness.answer import Answer
    from harness.study.links import Link
    from harness.study.model import Study

_SHOWN_ERRORS = 3


def cautions(answer: "Answer") -> tuple[str, ...]:
    """Every caution that applies to an answer, the gravest first."""
    return tuple(sentence for caution in _CAUTIONS for sentence in caution(answer))


def _unfinished(answer: "Answer") -> Iterator[str]:
    done, total = answer.finished, answer.total
    if done < total:
        yield f"Interim: only {done} of {total} trials are finished; the numbers will change."


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
    failed = {failure.digest for failure in answer.failures}
    by_arm = Counter(
        arm
        for arm, trial in zip(answer.frame["arm"], answer.frame["trial"], strict=True)
        if trial in failed
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
    definitions = answer.definitions_of_experiment
    if not definitions:
        return
    first = definitions[0]
    known = dict.fromkeys(arm for each in definitions for arm in each["arms"])
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
    ever = {seed for each in answer.definitions_of_experiment for seed in _seeds(each["seeds"])}
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


def _computed(answer: "Answer") -> Iterator[str]:
    """What trials note about the program and the device that computed them, if it is not one."""
    for name in (ENGINE, DEVICE):
        counts: Counter[str] = Counter()
        for facts, count in answer.facts:
            if name in facts:
                counts[one_line(str(facts[name]))] += count
        if len(counts) > 1:
            yield (
                f"These trials were not computed alike: their {name} differs (trials of each: "
                f"{_shared_out(counts)}). Other programs and devices round otherwise, and "
                "training amplifies that. Raise `version` in [trial] to run all of them alike."
            )


def _data(answer: "Answer") -> Iterator[str]:
    """Parameters name a data set, and what lies under that name may have been exchanged."""
    states: dict[str, Counter[str]] = {}
    for facts, count in answer.facts:
        used = facts.get(DATA)
        for name, digest in used.items() if isinstance(used, Mapping) else ():
            states.setdefault(name, Counter())[str(digest)] += count
    for name, counts in sorted(states.items()):
        if len(counts) > 1:
            yield (
                f"These trials ran on {len(counts)} states of the data {one_line(name)!r} (trials "
                f"of each: {_shared_out(counts)}), so numbers of different data are mixed. Raise "
                "`version` in [trial] to run all of them on what is there now."
            )


def _shared_out(trials: Counter[str]) -> str:
    """How many trials have which value, the commonest first."""
    return ", ".join(f"{value}: {count}" for value, count in trials.most_common())


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


def test_selection(answer: "Answer") -> Iterator[str]:
    """That something may have been selected by a test metric, in this study or before it."""
    study = answer.study
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
    yield from _written_by_hand(answer, {link.arm for link in tainted})


def _written_by_hand(answer: "Answer", told: Collection[str]) -> Iterator[str]:
    """Writing values down does not undo how they were selected."""
    found: dict[str, set[str]] = {}
    for definition in answer.definitions:
        for link in definition.get("links", ()):
            if link["test_selection"]:
                for arm in _arms_with(answer.study, definition, link):
                    found.setdefault(link["study"], set()).update({arm} - {*told})
    for search, arms in found.items():
        if arms:
            yield (
                f"The arms {', '.join(sorted(arms))} have values that this study took, when it was "
                f"run before, from a search that allows selection by a test metric ({search}): "
                "what was selected so scores better on that test set than on new data."
            )


def _arms_with(
    study: "Study", definition: Mapping[str, Any], link: Mapping[str, Any]
) -> Iterator[str]:
    """The arms that have all values of a link now: the one that took them, or a new name of it."""
    for arm, own in study.arms.items():
        if arm in definition["arms"] and arm != link["arm"]:
            continue
        params = {**study.params, **own}
        if link["params"] and canonical_json(link["params"]) == canonical_json(
            {name: params[name] for name in link["params"] if name in params}
        ):
            yield arm


def link_cautions(study: "Study") -> Iterator[str]:
    """Where the parameters came from that arms took from a search."""
    for link in study.links:
        of = "" if link.of == link.arm else f" for its arm {link.of}"
        spread = "" if link.sd is None else f" ± {link.sd:.3g}"
        yield (
            f"{link.arm} {_taken(link)} candidate {link.candidate} of the search {link.study}"
            f"{of}, the best of {link.candidates} by {link.metric} "
            f"({link.mean:.6g}{spread}, n = {link.seeds}; optimistic, because it was selected)."
        )
    shared = max((link.shared_seeds for link in study.links), default=0)
    if shared:
        yield (
            f"{shared} of the seeds of this study were used by the search as well. The winners "
            "were selected on them, so they score better there than on other seeds."
        )
    others = {link.study: link.other_settings for link in study.links if link.other_settings}
    for search, settings in others.items():
        here = {name: study.factors.get(name, study.params.get(name)) for name in settings}
        yield (
            f"The search {search} had {_assigned(settings)}, and this study has {_assigned(here)}. "
            "What won there need not be the best here."
        )


def _taken(link: "Link") -> str:
    # All that this search found may have been searched anew by one that began there.
    return f"has {_assigned(link.params)} from" if link.params else "goes back to"


def _assigned(params: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {json.dumps(value)}" for name, value in params.items())


def _linked(answer: "Answer") -> Iterator[str]:
    yield from test_selection(answer)
    yield from link_cautions(answer.study)


_CAUTIONS: tuple[Callable[["Answer"], Iterator[str]], ...] = (
    _unfinished,
    _failed,
    _protocol,
    _arms_and_seeds,
    _linked,
    _code,
    _computed,
    _data,
    _assets,
    _noted,
)

_OF_TRIALS = (_code, _computed, _data, _assets, _noted)


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
