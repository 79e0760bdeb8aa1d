"""Reads the evidence that a claims file names: files of runs, printed summaries, stored studies."""

from collections.abc import Sequence

from harness.audit.claims.files import beside
from harness.audit.claims.loading import Claims
from harness.audit.claims.refusing import refusal
from harness.audit.evidence.model import ArmEvidence, Cell, Evidence
from harness.audit.evidence.our_runs import evidence_of_study
from harness.audit.evidence.run_files import cells_of_file
from harness.audit.evidence.source import Source
from harness.errors import ClaimsError, Problem
from harness.store.reading import ResultsReader


def read_evidence(
    claims: Claims, store: ResultsReader | None, profiles: Sequence[str] = ()
) -> dict[str, Evidence]:
    """Every entry of the claims file's data, in order.

    Args:
        claims: the file.
        store: the results database; None when there is none, and studies have no results.
        profiles: profiles of the studies, instead of those that the file names.

    Raises:
        ClaimsError: files cannot be read as they are described, or lie elsewhere; all of them are
            named.
    """
    found: dict[str, Evidence] = {}
    problems: list[Problem] = []
    for name in claims.head.data:
        try:
            found[name] = _read(_source(claims, name, profiles), store)
        except ClaimsError as error:
            problems += (each for each in error.problems if each not in problems)
    if problems:
        raise refusal(problems, claims.path)
    return found


def _source(claims: Claims, name: str, profiles: Sequence[str]) -> Source:
    data = claims.head.data[name]
    metric = data.metric or next(iter(claims.head.metrics))
    return Source(claims, name, data, metric, claims.head.metrics[metric], tuple(profiles))


def _read(source: Source, store: ResultsReader | None) -> Evidence:
    if source.data.file is not None:
        return source.evidence(cells_of_file(source, source.data.file))
    if source.data.study is not None:
        return evidence_of_study(source, source.data.study, store)
    runs = source.data.runs
    arms = {
        arm: ArmEvidence(
            summary=each if each.runs is not None else each.model_copy(update={"runs": runs})
        )
        for arm, each in source.data.arms.items()
    }
    return source.evidence([Cell("", arms)])


__all__ = ["beside", "read_evidence"]
