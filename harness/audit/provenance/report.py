"""Holds a report against the same report, built anew from the database."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.audit.provenance.changes import Changes, changes
from harness.audit.provenance.comparing import Difference, differences
from harness.audit.provenance.findings import Cause, CheckedFile, Stray
from harness.audit.provenance.reading import is_readable, read_units
from harness.audit.provenance.rebuilding import ReaderAsOf, Rebuilt, rebuilt
from harness.audit.provenance.units import Unit
from harness.errors import HarnessError
from harness.reports.record import Record
from harness.store.reading import ResultsReader

_SHOWN = 160


@dataclass(frozen=True, slots=True)
class Held:
    """A report that was held against its rebuilt self.

    Attributes:
        files: the files that the report builds and that are here.
        strays: what does not follow.
        notes: files that differ in nothing that a reader sees.
        changes: what has changed since it was built.
        extra: files here that the report does not build.
    """

    files: tuple[CheckedFile, ...]
    strays: tuple[Stray, ...]
    notes: tuple[str, ...]
    changes: Changes
    extra: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _File:
    """A file in its versions.

    Attributes:
        name: its name in the report's folder.
        here: as it is.
        now: as the database gives it.
        original: as it was built; None where that is not known.
        changes: what has changed since.
    """

    name: str
    here: bytes
    now: bytes
    original: bytes | None
    changes: Changes


def held_against_rebuilt(
    here: Mapping[str, bytes], record: Record, store: ResultsReader, *, whole: bool
) -> Held:
    """Hold the files of a report against what the database gives.

    A file's original is known when one of these has the digest that its record gives: the file
    itself, the file as the database gives it now, or as it gives it without the trials that have
    finished since. Then every difference is either an edit or came with the database; otherwise
    it is undecided.

    Args:
        here: the report's files, by their names in its folder.
        record: what it was built from.
        store: the database.
        whole: whether these are all files of the report, so that one that lacks was removed.

    Raises:
        InputError: the study or document is not there any more.
    """
    now = rebuilt(record.asked, store)
    since = changes(record, now.record)
    then = _as_of(record, store) if since.studies and _any_differs(here, now) else None
    files: list[CheckedFile] = []
    strays: list[Stray] = []
    notes: list[str] = []
    for name in sorted(here.keys() & now.files.keys()):
        candidates = (here[name], now.files[name], then.files.get(name, b"") if then else b"")
        original = _original(record.files.get(name), candidates)
        found = _checked(_File(name, here[name], now.files[name], original, since))
        files.append(found.file)
        strays += found.strays
        notes += found.notes
    if whole:
        strays += [_missing(name) for name in sorted(now.files.keys() - here.keys())]
    extra = tuple(sorted(here.keys() - now.files.keys()))
    return Held(tuple(files), tuple(strays), tuple(notes), since, extra)


def _any_differs(here: Mapping[str, bytes], now: Rebuilt) -> bool:
    return any(content != now.files[name] for name, content in here.items() if name in now.files)


def _as_of(record: Record, store: ResultsReader) -> Rebuilt | None:
    """The report from the trials of its record alone; None where that cannot be built."""
    try:
        return rebuilt(record.asked, ReaderAsOf(store, record.trials))
    except HarnessError:
        # A search that has its winner now had none then, for example.
        return None


def _original(digest: str | None, candidates: Sequence[bytes]) -> bytes | None:
    for each in candidates:
        if hashlib.sha256(each).hexdigest() == digest:
            return each
    return None


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was held against another version of it.

    Attributes:
        file: how many numbers it holds, and how many follow.
        strays: what does not follow.
        notes: what differs and counts for nothing.
    """

    file: CheckedFile
    strays: tuple[Stray, ...] = ()
    notes: tuple[str, ...] = ()


def _checked(file: _File) -> Checked:
    if not is_readable(file.name):
        return _picture(file)
    units = read_units(file.name, file.here)
    count = sum(each.numbers for each in units)
    if file.here == file.now:
        return Checked(CheckedFile(file.name, count, count, "rebuilt"))
    found = differences(units, read_units(file.name, file.now))
    edits = _edits(file)
    # Words count as numbers do: a sentence that says the opposite has the same numbers.
    strays = tuple(_stray(file, each, edits) for each in found)
    markup = f"{file.name} differs from the rebuilt file in its markup only."
    notes = () if found else (markup,)
    astray = min(count, sum(each.numbers for each in found))
    return Checked(CheckedFile(file.name, count, count - astray, "rebuilt"), strays, notes)


def _picture(file: _File) -> Checked:
    checked = CheckedFile(file.name, 0, 0, "rebuilt")
    if file.here == file.now:
        return Checked(checked)
    whole = Difference("drawing", 0, "the whole file", "", "", 0)
    edits = {_identity(whole)} if file.original not in {None, file.here} else _edits(file)
    return Checked(checked, (_stray(file, whole, edits),))


def _edits(file: _File) -> set[tuple[object, ...]] | None:
    """What was changed in the file after it was built; None where the original is not known."""
    if file.original is None:
        return None
    if file.original == file.here:
        return set()
    units = read_units(file.name, file.here) if is_readable(file.name) else []
    original = read_units(file.name, file.original) if is_readable(file.name) else []
    return {_identity(each) for each in differences(units, original)}


def _identity(difference: Difference) -> tuple[object, ...]:
    return (difference.line, difference.place, difference.found)


def _stray(file: _File, difference: Difference, edits: set[tuple[object, ...]] | None) -> Stray:
    cause = _cause(file, difference, edits)
    return _as_stray(file.name, difference, cause, _because(cause, file))


def _as_stray(name: str, difference: Difference, cause: Cause, because: str) -> Stray:
    return Stray(
        name,
        difference.line,
        difference.place,
        difference.what,
        difference.found,
        difference.given,
        cause,
        f"{_sentence(difference)} {because}",
    )


def _cause(file: _File, difference: Difference, edits: set[tuple[object, ...]] | None) -> Cause:
    if edits is None:
        # Without anything that has changed since, nobody but an editor can have made it.
        return "undecided" if file.changes.any else "edited"
    if _identity(difference) in edits or not file.changes.any:
        return "edited"
    return "out_of_date"


def _sentence(difference: Difference) -> str:
    found, given = _short(difference.found), _short(difference.given)
    match difference.what:
        case "number" | "content":
            text = f"found {found}, the database gives {given or 'nothing'}"
        case "row_added":
            text = f"found “{found}”, which the database does not give"
        case "row_removed":
            text = f"the database gives “{given}”, which is not in the file"
        case "words":
            return f"In {difference.place}: {_other_words(difference)}"
        case "label":
            text = f"found “{found}” where the database gives “{given}”; it says what numbers are"
        case _:
            text = "it is drawn otherwise than the database gives it"
    return f"In {difference.place}: {text}."


def _other_words(difference: Difference) -> str:
    if not difference.given:
        return f"words that the database does not give, “{_short(difference.found)}”."
    if not difference.found:
        return f"the words “{_short(difference.given)}” are not in the file."
    found, given = _from_where_they_differ(difference.found, difference.given)
    return f"found the words “{found}”, the database gives “{given}”."


def _from_where_they_differ(found: str, given: str) -> tuple[str, str]:
    """Both texts, without a long beginning that they share."""
    pairs = enumerate(zip(found, given, strict=False))
    shortest = min(len(found), len(given))
    same = next((place for place, (one, other) in pairs if one != other), shortest)
    start = found.rfind(" ", 0, max(0, same - _SHOWN // 4)) + 1 if same > _SHOWN // 2 else 0
    before = "…" if start else ""
    return before + _short(found[start:]), before + _short(given[start:])


def _because(cause: Cause, file: _File) -> str:
    since = "; ".join(file.changes.sentences())
    match cause:
        case "edited" if file.original == file.here:
            return "Nothing has changed since its record was written, so the record is not true."
        case "edited":
            return "It was changed after the report was built."
        case "out_of_date":
            return f"The report is older than what gives it now ({since})."
        case _:
            return f"It was changed, or the report is out of date ({since}); this cannot be told."


def _note(name: str, difference: Difference) -> str:
    found, given = _short(difference.found), _short(difference.given)
    place = f"{name}:{difference.line}" if difference.line else name
    if found and given:
        return f"{place}: other words, “{found}” instead of “{given}”."
    return f"{place}: words added, “{found}”." if found else f"{place}: words removed, “{given}”."


def _missing(name: str) -> Stray:
    sentence = "The report builds this file, and it is not here."
    return Stray(name, 0, "the whole file", "file_removed", "", name, "edited", sentence)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def of_output(name: str, found: list[Unit], given: list[Unit], command: str) -> Checked:
    """Hold a file against what a command writes of the database as it is now.

    Args:
        name: the file.
        found: what it says.
        given: what the command writes.
        command: the command.
    """
    count = sum(each.numbers for each in found)
    differing = differences(found, given)
    strays = [each for each in differing if each.concerns_numbers]
    because = f"`{command}` gives the rest of the file from the database as it is."
    return Checked(
        CheckedFile(name, count, count - min(count, sum(d.numbers for d in strays)), "rebuilt"),
        tuple(_as_stray(name, each, "undecided", because) for each in strays),
        tuple(_note(name, each) for each in differing if not each.concerns_numbers),
    )
