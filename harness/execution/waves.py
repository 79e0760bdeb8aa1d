"""Trials that are run together: a study has one wave, a search one after the other."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from harness.search.pruning import Pruning
from harness.study.planning import TrialSpec


@dataclass(frozen=True, slots=True)
class Wave:
    """Trials that depend on no other trial of their run.

    Attributes:
        specs: the trials, in the order in which they are wanted.
        pruning: by what those are measured that may be cut short, by digest.
        retried: digests of trials that are planned again when the wave is entered, if they failed
            in an earlier run; of later waves too.
    """

    specs: Sequence[TrialSpec]
    pruning: Mapping[str, Pruning] = field(default_factory=dict)
    retried: Collection[str] = frozenset()
