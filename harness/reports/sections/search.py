"""What a search found: its arms in numbers, its candidates in a figure and a table each."""

from collections.abc import Iterator

from analysis.figures import search_history
from analysis.presentation.search_history import SearchHistory, describe_search_history
from analysis.presentation.svg import to_svg
from harness.reports.blocks import Block, Findings, Paragraph, Picture, Section, Table, Unfold
from harness.search.answer import ArmFound, SearchAnswer
from harness.search.judging import CandidateState, JudgedCandidate
from harness.search.text import arm_rows, assignments, heading, next_step, score, sentence

# More candidates than this are in the listing only.
_MOST_CANDIDATES = 500


def sections(answer: SearchAnswer) -> Iterator[Section]:
    """The answer, and every candidate behind it."""
    yield _answer(answer)
    yield _candidates(answer)


def _answer(answer: SearchAnswer) -> Section:
    blocks: list[Block] = [
        Paragraph(f"{heading(answer)}."),
        Findings(tuple((sentence(found), ()) for found in answer.arms)),
        Table(
            "Arms",
            "The starting point is what the study declares; the best is the candidate with the "
            "best mean of all that were complete for every seed. The gain is optimistic: with more "
            "candidates the best grows by trying alone.",
            arm_rows(answer),
        ),
        *_picture(answer),
        Paragraph(next_step(answer)),
    ]
    return Section("answer", "Answer", tuple(blocks))


def _picture(answer: SearchAnswer) -> Iterator[Picture]:
    histories = [_history(found) for found in answer.arms if found.candidates]
    if not any(each.scores for each in histories):
        return
    search = answer.arms[0].search
    metric, maximizes = search.settings.metric, search.direction == "maximize"
    figure = search_history(histories, metric, maximizes=maximizes)
    text = describe_search_history(histories, metric, maximizes=maximizes)
    caption = f"Mean {metric} over the seeds of every candidate, in the order of suggestion."
    yield Picture(to_svg(figure, text), caption)


def _history(found: ArmFound) -> SearchHistory:
    def numbers(state: CandidateState) -> tuple[int, ...]:
        return tuple(each.number for each in found.candidates if each.state is state)

    return SearchHistory(
        arm=found.arm,
        scores=tuple((c.number, c.mean) for c in found.candidates if c.mean is not None),
        pruned=numbers(CandidateState.PRUNED),
        failed=numbers(CandidateState.FAILED),
        start=found.start.mean if found.start is not None else None,
    )


def _candidates(answer: SearchAnswer) -> Section:
    blocks: list[Block] = [
        Paragraph(
            "Every candidate follows from those of earlier batches alone. Optuna's dashboard shows "
            "the same candidates: it reads its own tables in the same database."
        ),
        *(_table(found) for found in answer.arms),
    ]
    return Section("candidates", "Candidates", tuple(blocks))


def _table(found: ArmFound) -> Unfold:
    header = ("candidate", "state", "score", "with", "suggested by")
    shown = found.candidates[:_MOST_CANDIDATES]
    cut = f", the first {len(shown)} of them shown" if len(shown) < len(found.candidates) else ""
    table = Table(
        f"Candidates of {found.arm}",
        f"Mean ± standard deviation of {found.search.settings.metric} over the seeds.",
        (header, *(_row(candidate) for candidate in shown)),
    )
    return Unfold(f"{found.arm}: {len(found.candidates)} candidates{cut}", (table,))


def _row(candidate: JudgedCandidate) -> tuple[str, ...]:
    return (
        str(candidate.number),
        str(candidate.state),
        score(candidate),
        assignments(candidate.params),
        candidate.suggested_by,
    )
