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
    header = ("claim", "says", "verdict", "by our runs")
    rows = [
        (
            result.claim.id,
            result.claim.text,
            wording.VERDICT_WORDS[result.judged.verdict],
            "" if result.replicated is None else wording.VERDICT_WORDS[result.replicated.verdict],
        )
        for result in audit.results
    ]
    yield Table(
        "Verdicts",
        "Every claim with its verdict from the authors' own numbers, and beside it the verdict "
        "from runs in this database where there are any. The first verdict that applies is given, "
        "the worst first.",
        (header, *rows),
        links=("", *(_anchor(place) for place in range(len(rows)))),
    )


def _claim(result: ClaimResult) -> Iterator[Block]:
    yield Paragraph(f"“{result.claim.text}”", quiet=True)
    if result.claim.note:
        yield Paragraph(result.claim.note, quiet=True)
    for title, judged in wording.both(result):
        verdict = wording.VERDICT_WORDS[judged.verdict]
        yield Heading(f"{title}: {verdict}")
        yield Paragraph(judged.reason, is_caution=not judged.verdict.holds)
        yield from _effects(judged)
        yield from _findings(judged)


def _effects(judged: Judged) -> Iterator[Block]:
    rows = [(data, effect) for data, effect in wording.effects(judged)]
    if rows:
        yield Table("Effects", "The effect, as claimed above 0.", (("data", "effect"), *rows))


def _findings(judged: Judged) -> Iterator[Block]:
    objections = wording.decisive(judged)
    if objections:
        rows = [(each.check, str(each.outcome), each.detail) for each in objections]
        caption = "What somebody has to answer. Only arithmetic fails; all else is a flag."
        yield Table("Objections", caption, (("check", "outcome", "finding"), *rows))
    open_questions = wording.untested(judged)
    if open_questions:
        sentences = tuple((f"{each.check}: {each.detail}", ()) for each in open_questions)
        yield Unfold("What could not be tested", (Findings(sentences),))
    if names := wording.passed(judged):
        yield Paragraph(f"Passed: {', '.join(names)}.", quiet=True)


def _evidence(audit: Audit) -> Iterator[Block]:
    rows = [
        (
            each.name,
            each.metric_name,
            each.design.pairing,
            each.design.seeds,
            each.design.selection,
            each.lacking or each.note or each.design.evidence,
        )
        for each in audit.evidence.values()
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
