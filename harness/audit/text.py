"""An audit as text for a terminal, and as Markdown to paste into a review."""

import shutil
import textwrap
from collections.abc import Iterator

from analysis.presentation.text_table import printable
from harness.audit import wording
from harness.audit.checking import Audit, ClaimResult, Judged

_WIDEST = 100


def as_text(audit: Audit) -> str:
    """The audit for a terminal: every claim, its verdict, and what has to be answered."""
    width = min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns)
    paper = audit.claims.head.paper
    lines = [f"{paper.id}: {paper.title}", wording.summary(audit)]
    for result in audit.results:
        lines += ["", *_claim(result)]
    return "\n".join(line for each in lines for line in _wrapped(printable(each), width))


def as_markdown(audit: Audit) -> str:
    """The audit to paste: a table of verdicts, then every claim with its findings."""
    paper = audit.claims.head.paper
    lines = [
        f"# Audit of {_escaped(paper.id)}: {_escaped(paper.title)}",
        "",
        wording.summary(audit),
        "",
        "| claim | says | verdict | by our runs |",
        "|---|---|---|---|",
    ]
    for result in audit.results:
        again = result.replicated
        cells = (
            result.claim.id,
            result.claim.text,
            wording.VERDICT_WORDS[result.judged.verdict],
            "" if again is None else wording.VERDICT_WORDS[again.verdict],
        )
        lines.append("| " + " | ".join(map(_cell, cells)) + " |")
    for result in audit.results:
        lines += ["", *_markdown_claim(result)]
    return "\n".join(lines)


def _claim(result: ClaimResult) -> Iterator[str]:
    claim = result.claim
    yield f"{claim.id}  {wording.VERDICT_WORDS[result.judged.verdict].upper()}"
    yield f"  “{claim.text}”"
    for place, (title, judged) in enumerate(wording.both(result)):
        if place:
            yield f"  {title}: {wording.VERDICT_WORDS[judged.verdict].upper()}"
        yield f"    {judged.reason}"
        for data, effect in wording.effects(judged):
            yield f"    effect in {data}: {effect}"
        for each in wording.decisive(judged):
            yield f"    {each.outcome} · {each.check}: {each.detail}"
        for each in wording.untested(judged):
            yield f"    not tested · {each.check}: {each.detail}"
        if names := wording.passed(judged):
            yield f"    passed: {', '.join(names)}"


def _wrapped(line: str, width: int) -> list[str]:
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(
        line,
        max(width, len(indent) + 20),
        initial_indent="",
        subsequent_indent=indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]


def _markdown_claim(result: ClaimResult) -> Iterator[str]:
    yield f"## {_escaped(result.claim.id)}"
    yield ""
    yield f"> {_escaped(result.claim.text)}"
    for title, judged in wording.both(result):
        yield ""
        verdict = wording.VERDICT_WORDS[judged.verdict]
        yield f"**{title} ({_escaped(wording.of_data(judged.data))}): {verdict}.** "
        yield _escaped(judged.reason)
        yield ""
        yield from _markdown_findings(judged)


def _markdown_findings(judged: Judged) -> Iterator[str]:
    for data, effect in wording.effects(judged):
        yield f"- effect in {_escaped(data)}: {_escaped(effect)}"
    for each in wording.decisive(judged):
        yield f"- {each.outcome}, `{each.check}`: {_escaped(each.detail)}"
    for each in wording.untested(judged):
        yield f"- not tested, `{each.check}`: {_escaped(each.detail)}"
    if names := wording.passed(judged):
        yield f"- passed: {', '.join(f'`{name}`' for name in names)}"


def _cell(text: str) -> str:
    return _escaped(text).replace("|", "\\|")


def _escaped(text: str) -> str:
    """Text of a user's that Markdown shows as it is."""
    line = " ".join(printable(text).split())
    for character in "\\`*_<>[]#":
        line = line.replace(character, f"\\{character}")
    return line
