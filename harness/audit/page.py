"""An audit as a page: one file, readable without a network."""

from collections.abc import Iterator
from importlib.metadata import version

from harness.audit import wording
from harness.audit.checking import Audit, ClaimResult, Judged
from harness.reports.blocks import Block, Findings, Heading, Paragraph, Section, Table, Unfold
from harness.reports.templating import render_page


def as_html(audit: Audit) -> str:
    """The page; the same audit gives the same text."""
    paper = audit.claims.head.paper
    return render_page(
        "document.html.j2",
        title=f"Audit of {paper.id}",
        lead=f"{paper.title}. {wording.summary(audit)}",
        sections=list(sections(audit)),
        version=version("harness"),
        made_from="a claims file and the results database",
    )


def sections(audit: Audit) -> Iterator[Section]:
    """The page's sections: all verdicts, every claim, and where the evidence is from."""
    yield Section("verdicts", "Verdicts", tuple(_overview(audit)))
    for place, result in enumerate(audit.results):
        yield Section(_anchor(place), result.claim.id, tuple(_claim(result)))
    yield Section("evidence", "Evidence", tuple(_evidence(audit)))


def _overview(audit: Audit) -> Iterator[Block]:
    caption = (
        "Every claim with its verdict by the authors' own numbers, and the effect that these give. "
        "Of the verdicts that apply, the worst is given."
    )
    if wording.has_our_runs(audit):
        caption += " Beside it stands the verdict by runs in this database, where there are any."
    rows = wording.overview(audit)
    links = tuple(_anchor(place) for place in range(len(audit.results)))
    yield Table("Verdicts", caption, tuple(rows), links=links)


def _claim(result: ClaimResult) -> Iterator[Block]:
    yield Paragraph(f"“{result.claim.text}”")
    if result.claim.note:
        yield Paragraph(result.claim.note, quiet=True)
    for title, judged in wording.both(result):
        yield Heading(f"{title}: {wording.verdict_of(judged)}")
        if wording.is_waiting(judged):
            yield Paragraph(judged.reason, quiet=True)
            continue
        yield Paragraph(judged.reason, is_caution=not judged.verdict.holds)
        if names := wording.decided_by(judged):
            yield Paragraph(f"Found by: {', '.join(names)}.", quiet=True)
        yield from _effects(judged)
        yield from _findings(judged)


def _effects(judged: Judged) -> Iterator[Block]:
    rows = [
        (each.data, each.effect(), str(each.runs), wording.tests(each)) for each in judged.supports
    ]
    if rows:
        header = ("data", "effect", "runs", "tests, corrected")
        caption = "The effect, recomputed; above 0 is as claimed."
        yield Table("Effects", caption, (header, *rows))


def _findings(judged: Judged) -> Iterator[Block]:
    if objections := wording.further(judged):
        rows = [(each.check, str(each.outcome), each.detail) for each in objections]
        caption = "What else has to be answered. Only arithmetic fails; all else is a flag."
        yield Table("Objections", caption, (("check", "outcome", "finding"), *rows))
    if names := wording.flagged_data(judged):
        yield Paragraph(f"Flags of the data, told under Evidence: {', '.join(names)}.")
    if open_questions := wording.untested(judged):
        sentences = tuple((f"{each.check}: {each.detail}", ()) for each in open_questions)
        yield Unfold("What could not be tested", (Findings(sentences),))
    if names := wording.passed(judged):
        yield Paragraph(f"Passed: {', '.join(names)}.", quiet=True)


def _evidence(audit: Audit) -> Iterator[Block]:
    flags = [(data, each.check, each.detail) for data, each in wording.data_flags(audit)]
    if flags:
        caption = "Flags of how runs were made, which hold for every claim of these data."
        yield Table("Flags of the data", caption, (("data", "check", "finding"), *flags))
    rows = [
        (
            each.name,
            each.metric_name,
            each.design.pairing,
            each.design.seeds.replace("_", " "),
            each.design.selection,
            wording.about(each),
        )
        for each in wording.used(audit)
    ]
    if rows:
        header = ("data", "metric", "runs share", "seeds", "selected on", "note")
        caption = "What the claims were held against, and how the runs were made."
        yield Table("Evidence", caption, (header, *rows))
    paper = audit.claims.head.paper
    if paper.source:
        yield Paragraph(f"Read from: {paper.source}.", quiet=True)


def _anchor(place: int) -> str:
    return f"claim-{place + 1}"
