"""The search of hyperparameters: the paper's grid, and the winners of every arm."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.figures import heat_map
from analysis.presentation.alt_text_sweeps import describe_heat_map
from analysis.presentation.numbers import count_of
from analysis.publication import PublicationTable
from analysis.publication.columns import Column, text_column
from analysis.publication.entries import (
    Entry,
    nothing_entry,
    number_entry,
    spread_entry,
    text_entry,
)
from harness.reports.manuscript import Item, PaperFigure, PaperTable, Words
from harness.search.answer import ArmFound
from harness.search.judging import JudgedCandidate
from studies.paper import published
from studies.paper.material import Found, Material
from studies.paper.parts import Part
from studies.paper.tables import column, explained
from studies.paper.words import UNTESTED, dataset

_SYMBOLS = {
    "kd_weight": "α",
    "temperature": "T",
    "overlay_probability": "p",
    "attention_weight": "γ",
}
_PER_CENT = 100


def surface(found: Found, _: Material) -> Iterator[Item]:
    """Yield the grid of every arm that searches two parameters, as a table and as a heat map."""
    for number, searched in enumerate(_arms(found)):
        names = list(searched.search.space)
        if len(names) != 2 or not searched.candidates:
            continue
        stem = "search-surface" + (f"-{number + 1}" if number else "")
        points = _points(searched)
        yield PaperTable(stem, _grid(searched, points, stem))
        if any(each.mean is not None for each in points.values()):
            yield _heat_map(searched, points, stem)
    yield from _papers_choice()


def winners(found: Found, _: Material) -> Iterator[Item]:
    """Yield the winner of every arm."""
    known = [each for each in _arms(found) if each.candidates]
    if known:
        yield PaperTable("search-winners", _winners(known))
    yield from _papers_choice()


def _arms(found: Found) -> tuple[ArmFound, ...]:
    return () if found.search is None else found.search.arms


def _papers_choice() -> Iterator[Item]:
    theirs = published.chosen()
    told = ", ".join(
        f"{_SYMBOLS.get(str(name), name)} = {value:g}" for name, value in theirs.items()
    )
    yield Words(
        f"The paper chose {told}, by accuracy on the test set (the best of its grid scored 92.29 "
        "per cent). Here validation images decide, and the test set is not looked at."
    )


Points = Mapping[tuple[object, object], JudgedCandidate]


def _points(searched: ArmFound) -> Points:
    """The candidates by their values of the two searched parameters."""
    down, across = searched.search.space
    return {(each.params[down], each.params[across]): each for each in searched.candidates}


def _sides(points: Points) -> tuple[list[object], list[object]]:
    down, across = (sorted({key[side] for key in points}, key=_order) for side in (0, 1))
    return down, across


def _order(level: object) -> tuple[bool, float, str]:
    is_number = isinstance(level, int | float)
    return (not is_number, float(level) if isinstance(level, int | float) else 0.0, str(level))


def _grid(searched: ArmFound, points: Points, stem: str) -> PublicationTable:
    """Rows are the second parameter's values, columns the first's: the narrower way round."""
    scale = _scale(searched)
    columns, rows = _sides(points)
    across, down = searched.search.space
    table = PublicationTable(
        columns=(
            text_column(_symbol(down), [f"{each}" for each in rows], align="right"),
            *(
                Column(
                    f"{_symbol(across)} = {each}",
                    tuple(
                        _mean(points.get((each, row)), f"{_symbol(across)} = {each}", scale)
                        for row in rows
                    ),
                )
                for each in columns
            ),
        ),
        caption=f"Search over {across} and {down}: {_about(searched)}",
        label=f"tab:{stem}",
        row_names=tuple(f"{down} {each}" for each in rows),
        subject=searched.search.settings.metric,
    )
    return explained(table, "not tried yet, stopped early, or failed.")


def _about(searched: ArmFound) -> str:
    search = searched.search
    unit = " in per cent" if _scale(searched) == _PER_CENT else ""
    return (
        f"mean ± standard deviation of {search.settings.metric}{unit}, arm {search.arm}. "
        f"{_data(searched)} {UNTESTED} The best of many candidates is optimistic."
    )


def _data(searched: ArmFound) -> str:
    study = searched.search.study
    runs = count_of(len(study.seeds.all()), "run")
    return f"Data: {dataset(study)}; n = {runs} a candidate, of seeds that all share."


def _scale(searched: ArmFound) -> int:
    return _PER_CENT if searched.search.settings.metric.endswith("accuracy") else 1


def _mean(candidate: JudgedCandidate | None, name: str, scale: int) -> Entry:
    names = (name, f"{name} sd")
    if candidate is None or candidate.mean is None:
        return nothing_entry(*names)
    sd = None if candidate.sd is None else scale * candidate.sd
    return spread_entry(scale * candidate.mean, sd, 1 if scale > 1 else 4, names)


def _heat_map(searched: ArmFound, points: Points, stem: str) -> PaperFigure:
    rows, columns = _sides(points)
    down, across = searched.search.space
    means = [[_finite(points.get((row, each))) for each in columns] for row in rows]
    table = pd.DataFrame(means, index=pd.Index(rows), columns=pd.Index(columns))
    best = searched.winner
    key = None if best is None else (best.params[down], best.params[across])
    marked = pd.DataFrame(
        [[(row, each) == key for each in columns] for row in rows],
        index=table.index,
        columns=table.columns,
    )
    x, y, value = _named(across), _named(down), searched.search.settings.metric
    return PaperFigure(
        stem,
        heat_map(
            table, x=x, y=y, value=value, marked=marked, marked_as="best mean, by chance or not"
        ),
        f"Surface of the search: mean {value} of every candidate of the arm {searched.arm}. "
        f"{_data(searched)} {UNTESTED} The frame marks the best of many, which is optimistic.",
        describe_heat_map(table, x=x, y=y, value=value),
    )


def _finite(candidate: JudgedCandidate | None) -> float:
    return np.nan if candidate is None or candidate.mean is None else candidate.mean


def _named(parameter: str) -> str:
    symbol = _SYMBOLS.get(parameter)
    return f"{symbol} ({parameter})" if symbol else parameter


def _symbol(parameter: str) -> str:
    return _SYMBOLS.get(parameter, parameter)


def _winners(known: Sequence[ArmFound]) -> PublicationTable:
    searched = list(dict.fromkeys(name for each in known for name in each.search.space))
    best = [each.winner for each in known]
    first = known[0].search
    table = PublicationTable(
        columns=(
            text_column("arm", [each.search.arm for each in known]),
            column("tried", [number_entry("tried", each.tried, 0) for each in known]),
            *(
                column(_symbol(name), [_parameter(each, name) for each in best])
                for name in searched
            ),
            column(
                first.settings.metric,
                [
                    nothing_entry("mean", "sd")
                    if each is None or each.mean is None
                    else spread_entry(each.mean, each.sd, 4, ("mean", "sd"))
                    for each in best
                ],
            ),
        ),
        caption=(
            f"{_how_far(known)} by {first.settings.metric}, mean ± standard deviation. "
            f"{_meanings(searched)}{_data(known[0])} {UNTESTED} The mean is the best of as many "
            "as were tried, and so it is optimistic."
        ),
        label="tab:search-winners",
        row_names=tuple(each.search.arm for each in known),
        subject="winner",
    )
    return explained(table, "the arm does not have the parameter, or no candidate is complete.")


def _how_far(known: Sequence[ArmFound]) -> str:
    """What the table's candidates are: winners only once every arm has had its tries."""
    budgets = {each.search.budget for each in known}
    if any(each.tried < each.search.budget for each in known):
        return "The search is not finished. The best so far of every arm"
    same = f"; every arm had {budgets.pop()} tries" if len(budgets) == 1 else ""
    return f"Winners of the search{same},"


def _meanings(searched: Sequence[str]) -> str:
    """What the symbols stand for, as a sentence."""
    told = [f"{_SYMBOLS[name]} is {name}" for name in searched if name in _SYMBOLS]
    return f"{', '.join(told)}. " if told else ""


def _parameter(candidate: JudgedCandidate | None, name: str) -> Entry:
    quantity = f"chosen {name}"
    value = None if candidate is None else candidate.params.get(name)
    if value is None:
        return nothing_entry(quantity)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_entry(quantity, float(f"{value:.3g}"))
    return text_entry(quantity, str(value))


SURFACE = Part("search-surface", "Search over α and T", "search_grid", surface)
WINNERS = Part("search-winners", "Search of every arm", "search", winners)
