"""The paper's tables and figures from the results database: ``harness report build paper``.

Nothing here imports torch, and no number of a study is written here: arms, levels and parameters
are read from the study files, results from the database, and the paper's own from ``published``.
"""

from harness.reports.documents import BuiltDocument, DocumentContext, Profiles
from harness.reports.manuscript import Manuscript, PaperPart, Words
from harness.reports.publishing import publish
from harness.store.reading import ResultsReader
from studies.paper import (
    ablation,
    alignment,
    compression,
    examples,
    monte_carlo,
    search,
    sizes,
    sweeps,
    transfer,
    variance,
)
from studies.paper.claims import claims_part
from studies.paper.material import Material, profiles_with_results, read_material
from studies.paper.parts import Part, assemble

TITLE = "Knowledge distillation with integrated gradients: every table and figure"

PARTS: tuple[Part, ...] = (
    ablation.PART,
    monte_carlo.PART,
    compression.PART,
    search.SURFACE,
    search.WINNERS,
    sweeps.OVERLAY,
    sweeps.ATTENTION,
    sizes.PART,
    transfer.PART,
    alignment.PART,
    variance.PART,
    examples.PART,
)


def profiles(store: ResultsReader) -> tuple[Profiles, ...]:
    """Every choice of profiles for which the database has results."""
    return profiles_with_results(store, [part.study for part in PARTS])


def build(context: DocumentContext) -> BuiltDocument:
    """Write the document of one choice of profiles.

    Raises:
        InputError: if the folder cannot be written, or no study has the profiles.
    """
    manuscript, lacking = compose(context)
    return BuiltDocument(publish(manuscript, context.folder), lacking)


def compose(context: DocumentContext) -> tuple[Manuscript, tuple[str, ...]]:
    """Return the document of one choice of profiles, and what the database lacks for it.

    Raises:
        InputError: no study has the profiles.
    """
    material = read_material(context, [part.study for part in PARTS])
    assembled = [assemble(part, material) for part in PARTS]
    lacking = tuple(each.lacks for each in assembled if each.lacks)
    parts = (_overview(lacking), *(each.part for each in assembled), claims_part(context))
    return Manuscript(TITLE, _lead(material), parts, prefix="paper"), lacking


def _lead(material: Material) -> str:
    words = material.words
    chosen = f"Studies with `{words}`." if words else "Studies as their files are, no profile."
    return (
        "The tables and figures that Hernandez, Chang and Nordling (2025, arXiv 2506.14440) print, "
        f"from the results database alone. {chosen}"
    )


def _overview(lacking: tuple[str, ...]) -> PaperPart:
    items = [
        Words(
            "Numbers marked “paper” are the published ones, on CIFAR-10, of networks and a "
            "schedule of the paper's own. Beside results on another data set they show what was "
            "claimed, and cannot be compared with them in absolute terms.",
            is_caution=True,
        ),
        Words(
            "All tests are those that the studies' protocols declare, with their corrections. The "
            "paper's own tests stand beside them, in tables of their own, and decide nothing."
        ),
        Words(
            "Every table is also a file in `tables/`, every figure in `figures/`, every value a "
            "macro in `macros.tex`; `paper.tex` includes them all."
        ),
    ]
    if not lacking:
        items.append(Words("Every part has all its results."))
    items += [Words(each, is_caution=True) for each in lacking]
    return PaperPart("overview", "What is here", tuple(items))
