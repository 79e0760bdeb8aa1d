"""An audit as text for a terminal, and as Markdown to paste into a review."""

import re
import shutil
import textwrap
from collections.abc import Iterator, Sequence

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
    if evidence := list(_evidence(audit)):
        lines += ["", "EVIDENCE", *evidence]
    return "\n".join(line for each in lines for line in _wrapped(printable(each), width))


def as_markdown(audit: Audit) -> str:
    """The audit to paste: a table of verdicts, then every claim with its findings."""
    paper = audit.claims.head.paper
    header, *rows = wording.overview(audit)
    lines = [
        f"# Audit of {_escaped(paper.id)}: {_escaped(paper.title)}",
        "",
        wording.summary(audit),
        "",
        _row(header),
        "|---" * len(header) + "|",
        *map(_row, rows),
    ]
    for result in audit.results:
        lines += ["", *_markdown_claim(result)]
    if evidence := list(_markdown_evidence(audit)):
        lines += ["", "## Evidence", "", *evidence]
    return "\n".join(lines)


def _claim(result: ClaimResult) -> Iterator[str]:
    claim = result.claim
    yield f"{claim.id}  {wording.verdict_of(result.judged).upper()}"
    yield f"  “{claim.text}”"
    for place, (title, judged) in enumerate(wording.both(result)):
        if place:
            yield f"  {title}: {wording.verdict_of(judged).upper()}"
        yield f"    {judged.reason}"
        if names := wording.decided_by(judged):
            yield f"    found by: {', '.join(names)}"
        for support in judged.supports:
            yield f"    effect in {support.data}: {wording.effect(support)}"
        for each in wording.further(judged):
            yield f"    {each.outcome} · {each.check}: {each.detail}"
        if names := wording.flagged_data(judged):
            yield f"    flags of the data, told under EVIDENCE: {', '.join(names)}"
        for each in wording.untested(judged):
            yield f"    not tested · {each.check}: {each.detail}"
        if names := wording.passed(judged):
            yield f"    passed: {', '.join(names)}"


def _evidence(audit: Audit) -> Iterator[str]:
    flags = wording.data_flags(audit)
    for each in wording.used(audit):
        yield f"  {each.name} ({each.metric_name}; {wording.made(each)})"
        if about := wording.about(each):
            yield f"    {about}"
        for _, found in (flag for flag in flags if flag[0] == each.name):
            yield f"    {found.outcome} · {found.check}: {found.detail}"


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
        verdict = wording.verdict_of(judged)
        yield f"**{title} ({_escaped(wording.of_data(judged.data))}): {verdict}.** "
        yield _escaped(judged.reason)
        yield ""
        yield from _markdown_findings(judged)


def _markdown_findings(judged: Judged) -> Iterator[str]:
    if names := wording.decided_by(judged):
        yield f"- found by: {_codes(names)}"
    for support in judged.supports:
        yield f"- effect in {_escaped(support.data)}: {_escaped(wording.effect(support))}"
    for each in wording.further(judged):
        yield f"- {each.outcome}, `{each.check}`: {_escaped(each.detail)}"
    if names := wording.flagged_data(judged):
        yield f"- flags of the data, told under Evidence: {_codes(names)}"
    for each in wording.untested(judged):
        yield f"- not tested, `{each.check}`: {_escaped(each.detail)}"
    if names := wording.passed(judged):
        yield f"- passed: {_codes(names)}"


def _markdown_evidence(audit: Audit) -> Iterator[str]:
    flags = wording.data_flags(audit)
    for each in wording.used(audit):
        about = wording.about(each)
        ending = f". {_escaped(about)}" if about else ""
        name, metric = _escaped(each.name), _escaped(each.metric_name)
        yield f"- {name} ({metric}; {_escaped(wording.made(each))}){ending}"
        for _, found in (flag for flag in flags if flag[0] == each.name):
            yield f"  - {found.outcome}, `{found.check}`: {_escaped(found.detail)}"


def _codes(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _cell(text: str) -> str:
    return _escaped(text).replace("|", "\\|")


_SPECIAL = re.compile(r"[\\`*_<>\[\]#&~$]")
_BEGINNING = re.compile(r"^(\d*)([-+=]+|[.)])(?=\s|$)")


def _escaped(text: str) -> str:
    """Text of a user's that Markdown shows as it is."""
    line = _SPECIAL.sub(lambda match: f"\\{match[0]}", " ".join(printable(text).split()))
    # A dash, or a number with a point, at the beginning of a line begins a list.
    return _BEGINNING.sub(r"\1\\\2", line)
