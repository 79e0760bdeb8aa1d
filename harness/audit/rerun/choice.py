"""Which finished trials of a study are run again: drawn at random, the same ones for one seed."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from harness.errors import InputError, Problem
from harness.search.arms import arm_searches
from harness.search.judging import judged
from harness.search.linking import linked
from harness.seeding import stream
from harness.store.reading import ResultsReader
from harness.store.schema import State
from harness.study.lookup import shown_source
from harness.study.model import Study
from harness.study.planning import TrialSpec, plan

_STREAM = "audit.rerun"

# Larger whole numbers have no canonical JSON, which random streams are derived from.
LARGEST_SEED = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Choice:
    """The trials that are to be run again.

    Attributes:
        study: the study, with what its arms take from searches.
        chosen: the trials that were drawn, in the study's order.
        complete: every complete trial that they were drawn from.
    """

    study: Study
    chosen: tuple[TrialSpec, ...]
    complete: tuple[TrialSpec, ...]


def choose_trials(study: Study, store: ResultsReader, *, sample: int, seed: int) -> Choice:
    """Draw complete trials of a study, each as likely as any other.

    The draw depends on the seed and on which trials are complete, never on the order in which the
    database has them. A larger sample contains the smaller ones of its seed.

    Args:
        study: the study as it is written; of a search, the trials of its candidates.
        store: where its trials are.
        sample: how many, 1 or more; all where there are fewer.
        seed: which ones, from 0 to 2^53 - 1.

    Raises:
        InputError: no trial is complete, or the sample or the seed is impossible.
        StudyError: an arm takes the parameters of a search that has no winner yet.
    """
    _require_whole("sample", sample, lowest=1)
    _require_whole("seed", seed, lowest=0)
    study = linked(study, store)
    complete = tuple(_complete(study, store))
    if not complete:
        raise nothing_complete(study)
    by_digest = sorted(spec.digest for spec in complete)
    order = stream(seed, _STREAM).permutation(len(by_digest))
    drawn = {by_digest[place] for place in order[:sample]}
    return Choice(study, tuple(spec for spec in complete if spec.digest in drawn), complete)


def _require_whole(name: str, value: int, *, lowest: int) -> None:
    if not lowest <= value <= LARGEST_SEED:
        what = f"a whole number from {lowest} to {LARGEST_SEED} is needed"
        raise InputError(Problem(what, name, str(value)))


def _complete(study: Study, store: ResultsReader) -> Iterator[TrialSpec]:
    stored = store.stored(study.name)
    for spec in _specs(study, store):
        if spec.digest in stored and stored[spec.digest].state is State.COMPLETE:
            yield spec


def _specs(study: Study, store: ResultsReader) -> tuple[TrialSpec, ...]:
    """All trials that the study asks for; those of a search follow from its candidates."""
    if study.search is None:
        return plan(study)
    candidates = judged(arm_searches(study), store)
    specs = [spec for of_arm in candidates for each in of_arm for spec in each.specs]
    # A space of few values repeats some candidates.
    return tuple({spec.digest: spec for spec in specs}.values())


def nothing_complete(study: Study) -> InputError:
    """The refusal of a study that has no complete trial; it names the command that helps."""
    name = study.name if study.source is None else shown_source(study.source)
    command = shlex.join(["harness", "study", "run", name, *study.changes])
    what = "no trial of this study, as it is asked for, is complete, so none can be run again"
    return InputError(Problem(what, given=study.name, remedy=f"run `{command}` first"))
