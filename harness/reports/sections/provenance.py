"""Where the numbers come from: protocol, trials, environment, and how to get them again."""

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from harness.answer import Answer
from harness.cautions import protocol_changes
from harness.frames import cell_columns
from harness.reports.blocks import Block, Code, Heading, Paragraph, Section, Table, Unfold
from harness.study.links import Link
from harness.study.lookup import shown_source
from harness.study.model import Study
from harness.study.template import as_toml
from harness.text import one_line

# More rows make a page that browsers open slowly; the export has them all.
_MOST_TRIALS = 2000


def arm_anchor(answer: Answer, arm: str) -> str:
    """The identifier of an arm's trials on the page."""
    return f"trials-of-arm-{list(answer.study.arms).index(arm)}"


def protocol_section(answer: Answer) -> Section:
    """What was declared, and every change of it."""
    declared = asdict(answer.study.protocol)
    header = ("digest", "trials finished when first used", "what changed")
    return Section(
        "protocol",
        "Protocol",
        (
            Paragraph(
                "How the arms are compared is part of the study file, and its digest is recorded "
                "before the first trial."
            ),
            Table(
                "Protocol",
                "The protocol of this page.",
                _pairs(declared, ("part", "declared")),
            ),
            Table(
                "Protocol history",
                "Every protocol under which this study was run. A protocol first used when trials "
                "had already finished was declared with results in sight.",
                (header, *_history(answer)),
            ),
        ),
    )


def links_sections(answer: Answer) -> Iterator[Section]:
    """Where arms took their parameters from, if they took them from a search."""
    links = answer.study.links
    if not links:
        return
    header = ("arm", "search", "candidate", "best of", "by", "score when selected", "parameters")
    table = Table(
        "Searched parameters",
        "The score is the mean ± standard deviation over the seeds of the search, by which the "
        "candidate was selected; it is optimistic. The digest names all that the search depends "
        "on, with the profile that it was run with.",
        (header, *map(_link_row, links)),
    )
    yield Section("links", "Parameters from searches", (table,))


def _link_row(link: Link) -> tuple[str, ...]:
    spread = "" if link.sd is None else f" ± {link.sd!r}"
    return (
        link.arm,
        f"{link.study}: {link.of} ({link.search[:12]})",
        str(link.candidate),
        str(link.candidates),
        link.metric,
        f"{link.mean!r}{spread} (n = {link.seeds})",
        _text(link.params),
    )


def trials_section(answer: Answer) -> Section:
    """Every finished trial, arm by arm, and those that failed."""
    name = answer.study.name
    blocks: list[Block] = [
        Paragraph(
            "Every number above comes from these trials; the name of an arm or of a comparison "
            "leads to its own. `harness results show DIGEST` tells all of one trial: parameters, "
            "learning curve, assets, environment. "
            f"`harness results export {name} --to runs.csv` writes them all."
        )
    ]
    if answer.failures:
        blocks += [
            Heading("Failed trials"),
            Table(
                "Failed trials",
                "Trials that failed, with the first line of their error.",
                _failure_rows(answer),
            ),
        ]
    blocks += _trials_by_arm(answer)
    return Section("trials", "Trials", tuple(blocks))


def environment_section(answer: Answer) -> Section:
    """What the trials ran on."""
    blocks: list[Block] = []
    for content, trials in answer.environments:
        plain = {key: value for key, value in content.items() if key != "packages"}
        packages = _pairs(content.get("packages", {}), ("package", "version"))
        caption = "Versions of all packages in the Python environment."
        blocks += [
            Table(
                "Environment",
                f"{trials} trials ran on this.",
                _pairs(plain, ("part", "captured when the run began")),
            ),
            Unfold(
                f"{len(packages) - 1} installed packages", (Table("Packages", caption, packages),)
            ),
        ]
    if not blocks:
        blocks.append(Paragraph("No trial has run yet."))
    if answer.facts:
        rows = [(str(count), json.dumps(facts, sort_keys=True)) for facts, count in answer.facts]
        caption = "What the trials themselves noted about how they ran."
        blocks.append(Table("Noted facts", caption, (("trials", "noted"), *rows)))
    return Section("environment", "Environment", tuple(blocks))


def again_section(answer: Answer) -> Section:
    """How to get the same numbers, and whether they can be the same."""
    study = answer.study
    promise = (
        "The study declares that its trials are deterministic: with the same code and packages on "
        "the same machine, this gives the same numbers."
        if study.trial.deterministic
        else "The study does not declare its trials deterministic, so even the same machine may "
        "give other numbers."
    )
    return Section(
        "again",
        "Doing it again",
        (
            Paragraph(f"{promise} An empty database (--db new.db) runs every trial again."),
            Code(_command(study), "Command"),
            Unfold("The study as it was run", (Code(_definition(study), "Study file"),)),
        ),
    )


def _definition(study: Study) -> str:
    """The study file, with the values that arms took from searches."""
    definition = study.definition()
    definition.pop("links", None)
    return as_toml(definition)


def _history(answer: Answer) -> Iterator[tuple[str, str, str]]:
    before: Mapping[str, Any] | None = None
    for use in answer.protocols:
        if before is None:
            text = "; ".join(f"{key}: {_text(value)}" for key, value in use.protocol.items())
            changes = f"declared: {text}"
        else:
            changes = protocol_changes(before, use.protocol)
        yield use.digest[:12], str(use.finished_trials), changes
        before = use.protocol


def _command(study: Study) -> str:
    name = study.name if study.source is None else shown_source(study.source)
    return shlex.join(["harness", "study", "run", name, *study.changes])


def _failure_rows(answer: Answer) -> tuple[tuple[str, ...], ...]:
    places = zip(*(answer.frame[name] for name in ("trial", "arm", "seed")), strict=True)
    where = {trial: (str(arm), str(seed)) for trial, arm, seed in places}
    rows = [
        (fault.digest[:12], *where.get(fault.digest, ("", "")), one_line(fault.error))
        for fault in answer.failures
    ]
    return (("trial", "arm", "seed", "error"), *rows)


def _trials_by_arm(answer: Answer) -> Iterator[Unfold]:
    metric = answer.study.deciding_metric
    columns = [name for name in cell_columns(answer.study) if name != "arm"]
    frame, left = answer.frame, _MOST_TRIALS
    caption = f"One row a trial: {metric} as it was stored, unrounded."
    for arm in answer.study.arms:
        finished = frame[frame["arm"] == arm]
        rows = finished.head(left)
        values = rows[metric] if metric in frame else [None] * len(rows)
        shown = [
            (trial[:12], *("" if each is None else str(each) for each in cell), _full(value))
            for trial, value, *cell in zip(
                rows["trial"], values, *(rows[name] for name in columns), strict=True
            )
        ]
        left -= len(shown)
        cut = f", the first {len(shown)} of them shown" if len(shown) < len(finished) else ""
        table = Table(f"Trials of {arm}", caption, (("trial", *columns, metric), *shown))
        summary = f"{arm}: {len(finished)} finished trials{cut}"
        yield Unfold(summary, (table,), anchor=arm_anchor(answer, arm))


def _full(value: float | None) -> str:
    return "" if value is None or value != value else repr(float(value))


def _pairs(content: Mapping[str, Any], header: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return (header, *((key, _text(value)) for key, value in content.items()))


def _text(value: object) -> str:
    if value is None:
        return "not declared"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_text(item)}" for key, item in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(_text(item) for item in value) or "none"
    return str(value)
