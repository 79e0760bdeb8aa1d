"""An audit of numbers as text for a terminal."""

from collections import Counter
from collections.abc import Iterator

from harness.audit.provenance.findings import Origin, Provenance, Stray
from harness.audit.provenance.lookup import TELLING

_SHOWN = 40
"""More than so many numbers that do not follow are counted; JSON has them all."""


def as_text(audit: Provenance, *, everything: bool = False) -> str:
    """The audit in lines.

    Args:
        audit: the audit.
        everything: whether to list every number that does not follow, what every number that was
            looked up is, and those of prose that were not found.
    """
    return "\n".join(_lines(audit, everything=everything))


def _lines(audit: Provenance, *, everything: bool) -> Iterator[str]:
    numbers = sum(each.numbers for each in audit.files)
    follow = sum(each.follow for each in audit.files)
    yield f"{audit.report}, held against {audit.source}"
    if audit.changes:
        yield f"Since it was built: {'; '.join(audit.changes)}."
    yield f"{_count(len(audit.files), 'file')}, {_count(numbers, 'number')}: {follow} follow."
    # A report that is out of date differs in hundreds of places; an edit must not drown in them.
    strays = sorted(audit.strays, key=lambda each: each.cause == "out_of_date")
    shown = strays if everything else strays[:_SHOWN]
    for stray in shown:
        yield f"  {_at(stray)}: {stray.sentence}"
    if len(shown) < len(audit.strays):
        left = len(audit.strays) - len(shown)
        yield f"  … and {left} more; --all lists them, --format json has them with their places."
    for note in audit.notes if everything else audit.notes[:_SHOWN]:
        yield f"Note: {note}"
    if audit.origins:
        yield _said_by_chance(audit)
    if everything:
        yield from (f"  {_at(each)}: {_found(each)}" for each in audit.origins)
        for each in audit.unexplained:
            yield f"  {_at(each)}: {each.found}, in {each.place}, is not explained (prose)."
    elif audit.unexplained:
        count = _count(len(audit.unexplained), "number")
        yield f"{count} of prose and headings not explained; --all lists them."
    yield from _verdict(audit)


def _said_by_chance(audit: Provenance) -> str:
    weak = sum(each.chance >= TELLING for each in audit.origins)
    runs = sum(each.is_one_run for each in audit.origins)
    of_runs = f" {runs} of them are values of single runs." if runs else ""
    return (
        f"Of {_count(len(audit.origins), 'number')} found, about {audit.expected_by_chance:.1f} "
        f"would be found if they were made up, because so many values are stored; {weak} of them "
        f"have too few digits for that to say much.{of_runs}"
    )


def _found(origin: Origin) -> str:
    more = f" (or {origin.matches - 1} others)" if origin.matches > 1 else ""
    return (
        f"{origin.found}, in {origin.place}, is {origin.follows_from}{more}; "
        f"chance {origin.chance:.2g}."
    )


def _verdict(audit: Provenance) -> Iterator[str]:
    if audit.strays:
        causes = Counter(_cause(each) for each in audit.strays)
        counted = ", ".join(f"{count} {cause}" for cause, count in causes.items())
        yield f"Not everything follows from the database: {counted}."
    single = len(audit.files) == 1
    for name in audit.unchecked:
        count = sum(each.file == name for each in audit.unexplained)
        whose = "it" if single else name
        yield (
            f"No number of {whose} was checked: {_count(count, 'number')} of its prose and "
            "headings not explained, and none in a table or macro."
        )
    if audit.all_follow:
        yield _all_follow(audit)


def _all_follow(audit: Provenance) -> str:
    if not any(each.numbers for each in audit.files):
        held = all(each.how == "rebuilt" for each in audit.files)
        why = "it has none that is read" if held else "it has none in a table or macro"
        return f"No number of it was checked: {why}."
    if audit.unexplained:
        return "Every number of a table or macro follows from the database; others were not found."
    return "Every number follows from the database."


def _cause(stray: Stray) -> str:
    cause = stray.cause.replace("_", " ")
    return f"with {cause} words" if stray.what == "words" else cause


def _at(item: Stray | Origin) -> str:
    return f"{item.file}:{item.line}" if item.line else item.file


def _count(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
