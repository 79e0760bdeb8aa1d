"""Caption and notes of a table of comparisons: everything that may be asked of its numbers."""

from analysis.presentation.numbers import format_percent
from analysis.publication.best_arms import BestArms
from analysis.publication.compared import (
    cautions_of,
    correction_words,
    corrects,
    corrects_itself,
    decided_by,
    is_paired,
)
from analysis.results import Comparisons, cell_label


def caption(results: Comparisons, best: BestArms) -> str:
    """Return what was measured, n, the test, its correction and alpha, and what bold marks."""
    protocol = results.protocol
    higher = "higher" if protocol.maximizes else "lower"
    factors = [factor for cell in results.cells[:1] for factor, _ in cell]
    inside = f" for every combination of {' and '.join(factors)}" if factors else ""
    sentences = (
        f"{protocol.metric} ({higher} is better) by arm{inside}; {_n(results)}.",
        f"Test: {decided_by(results)}, {correction_words(results)}; α = {protocol.alpha:g}.",
        _bold(best),
    )
    return " ".join(sentences)


def notes(results: Comparisons, best: BestArms) -> tuple[str, ...]:
    """Return which arms bold says nothing about, single runs, and the comparisons' warnings."""
    return (*_untold(best), *_single_runs(results), *_without_runs(results), *cautions_of(results))


def lacking(results: Comparisons) -> str:
    """Return why a number of these comparisons cannot be told, where any cannot."""
    reasons = []
    if any(each.standard_error == 0 for each in results.comparisons):
        what = "differences of an arm's pairs" if is_paired(results) else "values of both arms"
        reasons.append(f"all {what} are equal, and without a spread this is not defined")
    errors = [
        *(each.standard_error for each in results.arms),
        *(each.standard_error for each in results.comparisons),
    ]
    if None in errors or not reasons:
        reasons.append("too few finite values to tell")
    return ", or ".join(reasons)


def mean_words() -> str:
    """Return what stands after ±."""
    return "±: standard deviation of the runs."


def interval_words(results: Comparisons) -> str:
    """Return what the interval of an arm's mean is."""
    return f"Interval of the mean: Student's t, {_level(results)}."


def difference_words(results: Comparisons) -> str:
    """Return what the difference and its interval are."""
    references = {each.reference for each in results.comparisons}
    reference = next(iter(references)) if len(references) == 1 else "reference"
    how = "over pairs of runs" if is_paired(results) else "of means"
    interval = "paired t" if is_paired(results) else "Welch's t"
    return (
        f"Difference: arm − {reference}, {how}, with its {_level(results)} {interval} interval, "
        "two-sided and not corrected."
    )


def p_words(results: Comparisons) -> str:
    """Return what the deciding test's own p is, where another one decides."""
    if not corrects(results.protocol):
        return ""
    if corrects_itself(results.protocol):
        return "p: corrected within a cell."
    return "p: not corrected."


def corrected_words(results: Comparisons) -> str:
    """Return what the p that decides is."""
    if not corrects(results.protocol):
        return "p corr: no correction was declared, so it is p."
    return "p corr: p after the correction."


def effect_words(results: Comparisons) -> str:
    """Return what the standardised effect is."""
    if is_paired(results):
        return "d_z: mean difference by the standard deviation of the differences."
    return "g: Hedges' standardised mean difference."


def decision_words(results: Comparisons) -> str:
    """Return what the decisions mean."""
    protocol = results.protocol
    text = "Decision: better or worse if the corrected p is at most α"
    if protocol.smallest_effect is not None:
        effect = f"{protocol.smallest_effect:g}"
        text += f", equivalent if shown to differ by less than {effect} (two one-sided t-tests)"
    return f"{text}, else undecided."


def _level(results: Comparisons) -> str:
    return format_percent(1 - results.protocol.alpha)


def _n(results: Comparisons) -> str:
    sizes = {each.n for each in results.arms}
    text = f"n = {_range(sizes)} {'run' if sizes == {1} else 'runs'} an arm"
    pairs = {each.n for each in results.comparisons}
    if is_paired(results) and pairs and pairs != sizes:
        text += f", {_range(pairs)} {'pair' if pairs == {1} else 'pairs'} a comparison"
    return text


def _range(sizes: set[int]) -> str:
    low, high = min(sizes, default=0), max(sizes, default=0)
    return f"{low}" if low == high else f"{low} to {high}"


def _bold(best: BestArms) -> str:
    if not best.best:
        return "No arm has a finite value."
    text = "Bold: the best mean, and every arm not shown to be worse than it"
    if best.further is not None:
        return (
            f"{text} (by the declared comparison with the best arm; where there is none, by a "
            f"{decided_by(best.further)} with {correction_words(best.further)} of all arms)."
        )
    if best.untold:
        return f"{text} by a declared comparison."
    return f"{text} by these comparisons."


def _untold(best: BestArms) -> tuple[str, ...]:
    if not best.untold:
        return ()
    names = ", ".join(sorted(f"{arm}{cell_label(cell)}" for cell, arm in best.untold))
    if best.further is not None:
        reason = "With so few runs no test could show them to be worse than the best arm"
        return (f"{reason}, hence no mark, for: {names}.",)
    return (f"Not compared with the best arm, so bold says nothing about: {names}.",)


def _single_runs(results: Comparisons) -> tuple[str, ...]:
    if all(each.n != 1 for each in results.arms):
        return ()
    return ("A single run has no standard deviation.",)


def _without_runs(results: Comparisons) -> tuple[str, ...]:
    there = {(each.cell, each.arm) for each in results.arms}
    absent = [each for each in results.comparisons if (each.cell, each.arm) not in there]
    if not absent:
        return ()
    listed = "; ".join(f"{each.arm}{cell_label(each.cell)}" for each in absent)
    return (f"Compared by the protocol, but without any run: {listed}.",)
