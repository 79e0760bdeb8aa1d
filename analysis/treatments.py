"""Main effects and interactions of the treatments that arms combine."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import chain, combinations, islice
from typing import Any

from numpy.typing import ArrayLike

from analysis.drawing import stream
from analysis.errors import AnalysisError, UnknownArmError
from analysis.many_arms.factorial import FactorialResult, factorial
from analysis.many_arms.treatments import Combination
from analysis.omnibus import complete_matrix
from analysis.plan import Plan
from analysis.protocol import Protocol
from analysis.runs import Cell, CellRuns

_MOST_SHOWN = 6


@dataclass(frozen=True, slots=True)
class CellFactorial:
    """The effects of treatments in one cell.

    Attributes:
        cell: the factor levels, empty when nothing is crossed.
        n: complete blocks.
        dropped_blocks: blocks that lack a finite value in one of the arms.
        result: the effects; None when no block is complete.
    """

    cell: Cell
    n: int
    dropped_blocks: int
    result: FactorialResult | None

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain dictionaries, lists, numbers, strings and None."""
        return {**asdict(self), "cell": dict(self.cell)}


def factorial_of(runs: CellRuns, names: Sequence[str], plan: Plan) -> CellFactorial:
    """Estimate and test all effects of a protocol's treatments in one cell.

    Raises:
        AnalysisError: the arms do not have every combination of the treatments exactly once.
        UnknownArmError: a treatment names an arm that is not there.
    """
    protocol = plan.protocol
    by_combination = _arms_by_combination(protocol, names)
    arms = list(by_combination.values())
    values, dropped = complete_matrix(runs, arms)
    if len(values) == 0:
        return CellFactorial(runs.cell, 0, dropped, None)
    columns: dict[Combination, ArrayLike] = {
        combination: values[:, place] for place, combination in enumerate(by_combination)
    }
    result = factorial(
        columns,
        tuple(protocol.treatments),
        level=1 - protocol.alpha,
        test="t" if protocol.test == "t" else "sign_flip",
        correction=protocol.correction,
        rng=stream(plan.seed, "factorial", arms, runs.cell),
        resamples=plan.flips(len(values)),
    )
    return CellFactorial(runs.cell, len(values), dropped, result)


def _arms_by_combination(protocol: Protocol, names: Sequence[str]) -> dict[frozenset[str], str]:
    """Return which arm has which combination of treatments."""
    for arm in chain.from_iterable(protocol.treatments.values()):
        if arm not in names:
            raise UnknownArmError(arm, names)
    found: dict[frozenset[str], str] = {}
    for arm in names:
        on = frozenset(name for name, arms in protocol.treatments.items() if arm in arms)
        if on in found:
            raise AnalysisError(
                f"The arms {found[on]!r} and {arm!r} have the same treatments ({_shown(on)}), so "
                "one of the treatments that tell them apart is missing from `treatments`."
            )
        found[on] = arm
    treatments = tuple(protocol.treatments)
    subsets = chain.from_iterable(
        combinations(treatments, size) for size in range(len(treatments) + 1)
    )
    # Of many treatments there are more combinations than anybody could list.
    lacking = (each for each in map(frozenset, subsets) if each not in found)
    missing = [_shown(each) for each in islice(lacking, _MOST_SHOWN + 1)]
    if missing:
        more = "; ..." if len(missing) > _MOST_SHOWN else "."
        raise AnalysisError(
            f"{len(treatments)} treatments need {2 ** len(treatments)} arms, one for each "
            f"combination; no arm has: {'; '.join(missing[:_MOST_SHOWN])}{more}"
        )
    return found


def _shown(on: frozenset[str]) -> str:
    return " + ".join(sorted(on)) or "none of them"
