"""Tests over all arms, and effects of treatments, as tables and sentences."""

from analysis.across import AcrossCells
from analysis.many_arms.anova import Anova
from analysis.many_arms.factorial import Effect, FactorialResult
from analysis.many_arms.mixed_result import MixedModelResult
from analysis.many_arms.nemenyi import RankComparisons
from analysis.omnibus import Omnibus
from analysis.presentation.numbers import (
    count_of,
    decimals_for,
    format_interval,
    format_number,
    format_p,
    format_percent,
    p_statement,
)
from analysis.presentation.text_table import aligned
from analysis.protocol import Protocol
from analysis.results import Comparisons, cell_label

Row = tuple[str, ...]


def omnibus_rows(omnibus: Omnibus, protocol: Protocol) -> tuple[Row, ...]:
    """Return every test over all arms of a cell, a header first."""
    rows: list[Row] = []
    ranks = omnibus.friedman
    if ranks is not None:
        k, alpha = len(ranks.arms), protocol.alpha
        rows += [
            (
                "Friedman, chi-square",
                _number(ranks.chi_square),
                f"{k - 1}",
                format_p(ranks.p_value, alpha),
            ),
            (
                "Friedman, Iman and Davenport's F",
                _number(ranks.f_statistic),
                "{}, {}".format(*ranks.f_degrees),
                format_p(ranks.f_p, alpha),
            ),
            (
                "Friedman, permutation" + (" (exact)" if ranks.exact else " (Monte Carlo)"),
                _number(ranks.chi_square),
                "none",
                format_p(ranks.permutation_p, alpha),
            ),
        ]
    for anova, name in ((omnibus.anova, _anova_name(omnibus)), (omnibus.welch, "Welch's anova")):
        if anova is not None:
            rows += _anova_rows(anova, name, protocol.alpha)
    return (("test", "statistic", "degrees of freedom", "p"), *rows)


def rank_rows(ranks: RankComparisons) -> tuple[Row, ...]:
    """Return every arm's average rank, from best to worst, and what it is not told apart from."""
    rows = [
        (arm, format_number(rank, 2), ", ".join(_not_told_apart(arm, ranks)) or "none")
        for arm, rank in zip(ranks.arms, ranks.average_ranks, strict=True)
    ]
    return (("arm", "average rank", "not told apart from"), *rows)


def effect_rows(result: FactorialResult, protocol: Protocol) -> tuple[Row, ...]:
    """Return every effect of the treatments, a header first."""
    level = format_percent(result.level)
    header = ("effect", "n", "estimate", f"{level} interval", "p", "p corrected")
    rows = [_effect_row(each, result, protocol) for each in result.effects]
    return (header, *rows)


def omnibus_sentence(omnibus: Omnibus, protocol: Protocol) -> str:
    """Say what the tests over all arms show, and no more."""
    if omnibus.warning:
        return omnibus.warning
    arms = f"the {len(omnibus.arms)} arms"
    ranks = omnibus.friedman
    if ranks is None:
        return _anova_sentence(omnibus.welch, arms, omnibus, protocol)
    p_value = ranks.permutation_p
    if p_value is None:
        return ranks.warning or "Friedman's test is undefined here."
    evidence = (
        f"Friedman's test, {count_of(ranks.blocks, 'block')}, "
        f"permutation {p_statement(p_value, protocol.alpha)}"
    )
    if p_value >= protocol.alpha:
        return f"That any of {arms} rank differently was not shown ({evidence})."
    text = f"Some of {arms} rank differently ({evidence})."
    pairs = omnibus.nemenyi.differences if omnibus.nemenyi else ()
    apart = [f"{each.arm} before {each.reference}" for each in pairs if each.significant]
    if not apart:
        return f"{text} Nemenyi's test, which corrects for all pairs, tells no two of them apart."
    shown = ", ".join(apart[:6]) + (f", and {len(apart) - 6} more" if len(apart) > 6 else "")
    return f"{text} Nemenyi's test tells apart: {shown}."


def effect_sentence(effect: Effect, result: FactorialResult, protocol: Protocol) -> str:
    """Say what a main effect or an interaction shows, and no more."""
    decimals = decimals_for(effect.standard_error, effect.estimate)
    estimate = format_number(effect.estimate, decimals)
    interval = format_interval(effect.low, effect.high, decimals)
    evidence = (
        f"{estimate} in {protocol.metric}, {format_percent(result.level)} interval {interval}, "
        f"{count_of(effect.n, 'block')}, corrected {p_statement(effect.p_adjusted, protocol.alpha)}"
    )
    kind = "main effect" if len(effect.treatments) == 1 else "interaction"
    if effect.p_adjusted is not None and effect.p_adjusted < protocol.alpha:
        return f"The {kind} of {effect.label} was shown not to be zero ({evidence})."
    article = "A" if kind == "main effect" else "An"
    return f"{article} {kind} of {effect.label} was not shown ({evidence})."


def across_rows(model: MixedModelResult, protocol: Protocol) -> tuple[Row, ...]:
    """Return every arm's effect over all cells, a header first."""
    level = format_percent(model.level)
    header = ("arm", f"effect against {protocol.control}", f"{level} interval", "z", "p")
    rows = []
    for each in model.effects:
        decimals = decimals_for(each.standard_error, each.estimate)
        rows.append(
            (
                each.name,
                format_number(each.estimate, decimals),
                format_interval(each.low, each.high, decimals),
                _number(each.z),
                format_p(each.p_value, protocol.alpha),
            )
        )
    return (header, *rows)


def across_counts(across: AcrossCells, model: MixedModelResult) -> str:
    """Say what a model over all cells is of: "120 runs, 6 combinations of levels, 60 blocks"."""
    parts = [count_of(model.n, "run"), f"{across.cells} combinations of levels"]
    if "block" in model.groups:
        parts.append(count_of(model.groups["block"], "block"))
    return ", ".join(parts)


def together_text(results: Comparisons) -> str:
    """Return what the tests over all arms, treatments and cells show, as plain text."""
    protocol = results.protocol
    lines = [
        f"All arms{cell_label(each.cell)}: {omnibus_sentence(each, protocol)}"
        for each in results.omnibus
    ]
    for cell in results.factorial:
        if cell.result is not None:
            lines += [effect_sentence(each, cell.result, protocol) for each in cell.result.effects]
    if results.across is not None:
        lines += _across_lines(results.across, protocol)
    return "\n\n".join(lines)


def _across_lines(across: AcrossCells, protocol: Protocol) -> list[str]:
    if across.model is None:
        return [f"No model can be fitted over all levels: {across.warning}"]
    model = f"linear mixed model of {across_counts(across, across.model)}"
    return [
        f"Over all {across.cells} levels ({model}; Wald tests, not corrected):",
        aligned(across_rows(across.model, protocol)),
        *(f"Note: {warning}" for warning in across.model.warnings),
    ]


def _not_told_apart(arm: str, ranks: RankComparisons) -> list[str]:
    return [
        each.reference if each.arm == arm else each.arm
        for each in ranks.differences
        if arm in (each.arm, each.reference) and not each.significant
    ]


def _anova_name(omnibus: Omnibus) -> str:
    return "Anova over blocks" if omnibus.friedman is not None else "One-way anova"


def _anova_rows(anova: Anova, name: str, alpha: float) -> list[Row]:
    degrees = ", ".join(_number(each) for each in anova.degrees) if anova.degrees else "n/a"
    rows: list[Row] = [(name, _number(anova.statistic), degrees, format_p(anova.p_value, alpha))]
    if anova.epsilon is not None and anova.degrees is not None:
        corrected = ", ".join(_number(anova.epsilon * each) for each in anova.degrees)
        p_value = format_p(anova.p_corrected, alpha)
        rows.append(
            (f"{name}, Greenhouse and Geisser", _number(anova.statistic), corrected, p_value)
        )
    return rows


def _anova_sentence(anova: Anova | None, arms: str, omnibus: Omnibus, protocol: Protocol) -> str:
    anova = anova if anova is not None and anova.p_value is not None else omnibus.anova
    if anova is None or anova.p_value is None:
        return (anova.warning if anova else None) or "No test over all arms is defined here."
    name = "Welch's analysis of variance" if anova.name == "welch" else "analysis of variance"
    evidence = f"{name}, {count_of(omnibus.n, 'run')}, {p_statement(anova.p_value, protocol.alpha)}"
    if anova.p_value < protocol.alpha:
        return f"The means of {arms} are not all the same ({evidence})."
    return f"That the means of {arms} differ was not shown ({evidence})."


def _effect_row(effect: Effect, result: FactorialResult, protocol: Protocol) -> Row:
    decimals = decimals_for(effect.standard_error, effect.estimate)
    test = effect.t if result.test == "t" else effect.sign_flip
    return (
        effect.label,
        str(effect.n),
        format_number(effect.estimate, decimals),
        format_interval(effect.low, effect.high, decimals),
        format_p(test.p_value if test else None, protocol.alpha),
        format_p(effect.p_adjusted, protocol.alpha),
    )


def _number(value: float | None) -> str:
    if value is None:
        return "n/a"
    return f"{value:.4g}"
