"""Where the variance comes from."""

from collections.abc import Iterator

from harness.answer import Answer
from harness.reports.blocks import Section
from harness.store.reading import ResultsReader


def sections(answer: Answer, store: ResultsReader) -> Iterator[Section]:
    """One table an arm, if the study declares sources of variance."""
    yield from ()
