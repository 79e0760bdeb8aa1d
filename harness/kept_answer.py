"""The last answer that a command gave to a study, as it was shown.

To compare arms and to build a page takes longer than to see that nothing has changed since: not
the study, not its trials, not the programs. Then what was shown is shown again.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from harness.canonical import digest
from harness.execution.worker.functions import source_digest
from harness.files import replace_file
from harness.reports.record import code_digest, file_digests, names_read, versions
from harness.store.fingerprint import fingerprint
from harness.store.reading import ResultsReader
from harness.study.model import Study

ANSWERS = Path("artifacts") / "answers"
"""Where answers are kept, one file a study; what is removed there is made again."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What a command showed.

    Attributes:
        text: the answer.
        failures: whether trials had failed.
        page: path of the page, if one was built.
        files: SHA-256 of every file beside the page, by name.
    """

    text: str
    failures: bool
    page: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)


def state_of(study: Study, store: ResultsReader) -> str:
    """Digest of everything that an answer and its page are made from.

    Args:
        study: the study, with what its arms take from searches.
        store: where its trials are.
    """
    return digest(
        "answer",
        {
            "study": study.definition(),
            "source": [str(study.source), source_digest(study), list(study.changes)],
            "database": str(store.database),
            "stored": [[name, fingerprint(store, name)] for name in sorted(names_read(study))],
            "programs": [code_digest(), versions()],
        },
    )


def kept_answer(study: Study, state: str, *, with_page: bool) -> KeptAnswer | None:
    """What was shown when everything was as it is now; None where it was not, or nothing is kept.

    Args:
        study: the study.
        state: what :func:`state_of` gives now.
        with_page: whether the page is wanted, and has to be as it was built.
    """
    try:
        content = json.loads(_file(study).read_text(encoding="utf-8"))
        if content.pop("state") != state:
            return None
        kept = KeptAnswer(**content)
    # A file that was cut short or edited is as good as none.
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if with_page and (kept.page is None or file_digests(Path(kept.page).parent) != kept.files):
        return None
    return kept


def keep_answer(study: Study, state: str, text: str, *, failures: bool, page: Path | None) -> None:
    """Keep what has just been shown."""
    files = file_digests(page.parent) if page is not None else {}
    kept = KeptAnswer(text, failures, str(page) if page is not None else None, files)
    file = _file(study)
    # Without it the next command takes longer, and is right all the same.
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_file(file, json.dumps({"state": state, **asdict(kept)}).encode())


def _file(study: Study) -> Path:
    """One file a study; one that the command line changed has its own, as its page has."""
    changed = f"-{digest('study', study.definition())[:8]}" if study.changes else ""
    return ANSWERS / f"{study.name}{changed}.json"
