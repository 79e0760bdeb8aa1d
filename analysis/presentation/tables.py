"""Comparisons as plain text for a terminal, and as HTML for a notebook."""

from collections.abc import Sequence
from html import escape

from analysis.cautions import CORRECTION_NAMES
from analysis.presentation.many_arms import together_text
from analysis.presentation.numbers import (
    count_of,
    decimals_for,
    format_interval,
    format_number,
    format_p,
    format_percent,
)
from analysis.presentation.text_table import aligned, printable
from analysis.presentation.wording import TEST_NAMES, comparison_decimals
from analysis.results import ArmSummary, Comparison, Comparisons

Row = tuple[str, ...]


def heading(results: Comparisons) -> str:
    """Return the protocol in one line."""
    protocol = results.protocol
    better = "higher" if protocol.maximizes else "lower"
    tests = sorted({TEST_NAMES[each.decisive_test] for each in results.comparisons})
    side: str = protocol.alternative
    if side != "two-sided":
        side = f"one-sided ({side})"
    if protocol.test == "dunnett" and len(results.cells) > 1:
        correction = "which corrects within each level, and Bonferroni's correction over levels,"
    elif protocol.test == "dunnett":
        correction = "which corrects"
    else:
        correction = CORRECTION_NAMES[protocol.correction]
    pairing = "runs paired by block" if results.design == "paired" else "runs not paired"
    return (
        f"{protocol.metric} ({better} is better), control {protocol.control}, {pairing}; "
        f"{side} {' and '.join(tests) or 'test'}{_family(results, correction)}, "
        f"alpha {protocol.alpha:g}"
    )


def _family(results: Comparisons, correction: str) -> str:
    if results.family_size < 2:
        return ""
    return f", {correction} for {count_of(results.family_size, 'comparison')}"


def arm_rows(results: Comparisons) -> tuple[Row, ...]:
    """Return the table of arms, its header first, every number as it is to be shown."""
    level = format_percent(1 - results.protocol.alpha)
    header = ("arm", *_factors(results), "n", "mean ± sd", f"{level} interval", "median")
    return ((*header, "best of n"), *(_arm_row(each) for each in results.arms))


def comparison_rows(results: Comparisons) -> tuple[Row, ...]:
    """Return the table of comparisons, its header first, every number as it is to be shown."""
    level = format_percent(1 - results.protocol.alpha)
    corrected = ("p corrected",) if _corrects(results) else ()
    header = ("arm", "reference", *_factors(results), "n", "difference", f"{level} interval", "p")
    rows = (_comparison_row(each, results) for each in results.comparisons)
    effect = "d_z" if results.design == "paired" else "Hedges g"
    return ((*header, *corrected, effect, "detectable", "decision"), *rows)


def as_text(results: Comparisons) -> str:
    """Return the heading, both tables, the sentences and what to beware of, as plain text."""
    blocks = [printable(heading(results))]
    blocks += [aligned(arm_rows(results)), aligned(comparison_rows(results))]
    blocks += [_with_warnings(each, results) for each in results.comparisons]
    blocks += [together_text(results)] if _has_more(results) else []
    blocks += [f"Note: {printable(each)}" for each in results.warnings]
    return "\n\n".join(blocks)


def _together_html(results: Comparisons) -> str:
    paragraphs = together_text(results).split("\n\n") if _has_more(results) else []
    return "".join(
        f"<pre>{escape(each)}</pre>" if "\n" in each else f"<p>{escape(each)}</p>"
        for each in paragraphs
    )


def _has_more(results: Comparisons) -> bool:
    return bool(results.omnibus or results.factorial or results.across)


def as_html(results: Comparisons) -> str:
    """Return the same as an HTML fragment; names are escaped."""
    sentences = "".join(f"<li>{_sentence_html(each, results)}</li>" for each in results.comparisons)
    notes = "".join(f"<p>Note: {escape(each)}</p>" for each in results.warnings)
    return (
        f"<div><p>{escape(heading(results))}</p>"
        f"{_html_table('Arms', arm_rows(results))}"
        f"{_html_table('Comparisons', comparison_rows(results))}"
        f"<ul>{sentences}</ul>{_together_html(results)}{notes}</div>"
    )


def _corrects(results: Comparisons) -> bool:
    if results.protocol.test == "dunnett":
        return len(results.cells) > 1
    return results.protocol.correction != "none" and results.family_size > 1


def _factors(results: Comparisons) -> tuple[str, ...]:
    return tuple(factor for factor, _ in results.cells[0]) if results.cells else ()


def _arm_row(summary: ArmSummary) -> Row:
    decimals = decimals_for(summary.standard_error, summary.mean)
    mean = format_number(summary.mean, decimals)
    return (
        summary.arm,
        *(str(level) for _, level in summary.cell),
        f"{summary.n}" + _irregular(summary),
        f"{mean} ± {format_number(summary.sd, decimals)}",
        format_interval(summary.ci_low, summary.ci_high, decimals),
        format_number(summary.median, decimals),
        f"{format_number(summary.best, decimals)} (of {summary.n})",
    )


def _irregular(summary: ArmSummary) -> str:
    if summary.missing:
        return f" ({summary.missing} left out)"
    return f" ({summary.replaced} set to the worst)" if summary.replaced else ""


def _comparison_row(comparison: Comparison, results: Comparisons) -> Row:
    alpha, decimals = results.protocol.alpha, comparison_decimals(comparison)
    corrected = format_p(comparison.p_adjusted, alpha)
    return (
        comparison.arm,
        comparison.reference,
        *(str(level) for _, level in comparison.cell),
        str(comparison.n) if comparison.is_paired else f"{comparison.n}, {comparison.n_reference}",
        format_number(comparison.difference, decimals),
        format_interval(comparison.ci_low, comparison.ci_high, decimals),
        format_p(comparison.p_value, alpha),
        *((corrected,) if _corrects(results) else ()),
        format_number(comparison.effect_size.estimate, 2),
        format_number(comparison.minimal_detectable_effect, decimals),
        comparison.decision,
    )


def _with_warnings(comparison: Comparison, results: Comparisons) -> str:
    notes = (f"  Note: {printable(each)}" for each in comparison.warnings)
    return "\n".join((printable(results.sentence(comparison)), *notes))


def _sentence_html(comparison: Comparison, results: Comparisons) -> str:
    notes = "".join(f"<br><small>Note: {escape(each)}</small>" for each in comparison.warnings)
    return escape(results.sentence(comparison)) + notes


def _html_table(caption: str, rows: Sequence[Row]) -> str:
    header = "".join(f'<th scope="col">{escape(text)}</th>' for text in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows[1:]
    )
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{header}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )
