"""Seeds: whether runs can be repeated, and whether they are as many as they look."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.printed_numbers import Printed, exact
from analysis.errors import AnalysisError

Seed = int | str | None
Result = Printed | str | float
"""What a run gave: text as it was printed, or a number."""

_Runs = list[tuple[Seed, Decimal]]
_Cell = tuple[str, Seed]


def seeds(
    runs: Mapping[str, Sequence[tuple[Seed, Result]]], *, recorded: bool | None = None
) -> Finding:
    """Look for seeds that are absent, repeated or without effect.

    Rule: runs without a seed are flagged (`absent`); the same seed in the same arm with another
    result (`not_deterministic`), and with the same result, which is one run counted twice
    (`repeated`); an arm of several seeds whose results are all equal, so that the seed may not
    reach the program (`not_wired`). Source: Bouthillier et al. 2021, Accounting for Variance in
    Machine Learning Benchmarks (MLSys); MLPerf's rules on seeds.

    False alarms: `not_deterministic` is ordinary on a GPU, whose sums depend on the order of
    threads. `not_wired` is ordinary where results are printed coarsely or the test set is small,
    and where nothing random is left, as with a fitted linear model. Seeds shared by different
    arms are no fault: they make runs comparable.

    Args:
        runs: for each arm, the seed (None where it is unknown) and the result of every run.
            Results are equal when their numbers are, whatever their trailing zeros.
        recorded: whether the authors recorded seeds at all; None where nobody says, and then
            seeds among the runs say it.

    Returns:
        `flag` with every fault found; `missing_input` where seeds are said to be recorded or
        nobody says, and the runs hold none; `pass` otherwise. Never a failure.

    Raises:
        AnalysisError: there are no runs, or a seed or a result is none.
    """
    arms = {arm: _read(arm, each) for arm, each in runs.items()}
    total = sum(len(each) for each in arms.values())
    if total == 0:
        raise AnalysisError("there are no runs, so nothing can be said of their seeds")
    without = sum(seed is None for each in arms.values() for seed, _ in each)
    if without == total and recorded is not False:
        gap = "The seeds of the runs" if recorded else "Whether seeds were recorded"
        return finding(
            "seeds", Outcome.MISSING_INPUT, f"{gap} must be given.", runs=total, without_seed=total
        )
    faults = _faults(arms, without, total)
    detail = " ".join(faults.sentences) or (
        f"All {total} runs carry a seed; none is repeated within an arm, and results vary with it."
    )
    return finding(
        "seeds",
        Outcome.FLAG if faults.sentences else Outcome.PASS,
        detail,
        runs=total,
        without_seed=without,
        recorded=recorded,
        faults=faults.names,
        not_deterministic=[f"{arm}: {seed}" for arm, seed in faults.not_deterministic],
        repeated=[f"{arm}: {seed}" for arm, seed in faults.repeated],
        not_wired=faults.not_wired,
    )


@dataclass(slots=True)
class _Faults:
    """What was found, in the order in which it is told."""

    sentences: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    not_deterministic: list[_Cell] = field(default_factory=list)
    repeated: list[_Cell] = field(default_factory=list)
    not_wired: list[str] = field(default_factory=list)

    def tell(self, name: str, sentence: str) -> None:
        self.names.append(name)
        self.sentences.append(sentence)


def _faults(arms: Mapping[str, _Runs], without: int, total: int) -> _Faults:
    found = _Faults()
    for arm, each in arms.items():
        by_seed = _by_seed(each)
        for seed, results in by_seed.items():
            if len(set(results)) > 1:
                found.not_deterministic.append((arm, seed))
            if len(set(results)) < len(results):
                found.repeated.append((arm, seed))
        results_of_seeded = {result for results in by_seed.values() for result in results}
        if len(by_seed) > 1 and len(results_of_seeded) == 1:
            found.not_wired.append(arm)
    if without:
        found.tell("absent", f"{without} of {total} runs have no seed and cannot be repeated.")
    if found.not_deterministic:
        found.tell(
            "not_deterministic",
            f"The same seed gave different results ({_shown(found.not_deterministic)}): training "
            "is not deterministic, which is ordinary on a GPU.",
        )
    if found.repeated:
        found.tell(
            "repeated",
            f"The same seed and result occur more than once ({_shown(found.repeated)}): one run "
            "counted several times is pseudo-replication.",
        )
    if found.not_wired:
        found.tell(
            "not_wired",
            f"Different seeds gave one and the same result ({', '.join(found.not_wired)}): the "
            "seed may not reach the program.",
        )
    return found


def _read(arm: str, runs: Sequence[tuple[Seed, Result]]) -> _Runs:
    return [(_seed(arm, seed), _result(arm, result)) for seed, result in runs]


def _seed(arm: str, seed: Seed) -> Seed:
    if isinstance(seed, bool | float):
        allowed = "whole numbers, texts, None"
        raise AnalysisError(f"the arm {arm!r} has the seed {seed!r}; allowed: {allowed}")
    return seed


def _result(arm: str, result: Result) -> Decimal:
    if isinstance(result, Printed | str):
        return exact(result).value
    if isinstance(result, bool) or not math.isfinite(result):
        raise AnalysisError(
            f"the arm {arm!r} has the result {result!r}; allowed: finite numbers. Exclude it, and "
            "say so"
        )
    return Decimal(repr(float(result)))


def _by_seed(runs: _Runs) -> dict[Seed, list[Decimal]]:
    grouped: dict[Seed, list[Decimal]] = defaultdict(list)
    for seed, result in runs:
        if seed is not None:
            grouped[seed].append(result)
    return grouped


def _shown(cells: Sequence[_Cell]) -> str:
    shown = ", ".join(f"{arm} with seed {seed}" for arm, seed in cells[:3])
    return shown + (f" and {len(cells) - 3} more" if len(cells) > 3 else "")
