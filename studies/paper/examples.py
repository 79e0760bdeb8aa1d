"""Example images: attribution maps and overlays, and where the teacher and its students look."""

from collections.abc import Iterator

from harness.answer import Answer
from harness.reports.manuscript import Item, PaperFigure, PaperTable, Words
from studies.illustrations import ATTACHMENT, POOL, Illustrations, read_examples
from studies.paper.examples_figures import (
    attention_figure,
    describe_attention,
    describe_maps,
    maps_figure,
)
from studies.paper.material import Found, Material
from studies.paper.parts import Part
from studies.paper.tables import comparison_table
from studies.paper.words import UNTESTED, dataset

_MOST_SEEDS = 2


def make(found: Found, material: Material) -> Iterator[Item]:
    """Yield the maps of one teacher, attention seed by seed, and how far attention lies apart."""
    answer = found.answer
    if answer is None:
        return
    by_seed = _attached(answer, material)
    if not by_seed:
        yield Words(f"No finished trial has kept its images ({ATTACHMENT}).")
        return
    for number, (seed, arms) in enumerate(list(by_seed.items())[:_MOST_SEEDS]):
        if number == 0:
            yield _maps(answer, next(iter(arms.values())))
        yield _attention(answer, arms, seed)
    if answer.comparisons is not None:
        caption = (
            "Attention: mean squared difference of each student's maps to the teacher's, over all "
            "images that students learn from, not the few that are shown."
        )
        table = comparison_table(answer, answer.comparisons, "examples", caption)
        yield PaperTable("examples", table)


def _attached(answer: Answer, material: Material) -> dict[int, dict[str, Illustrations]]:
    """What trials kept, by seed and arm, in the study's order."""
    store = material.context.store
    frame = answer.compared
    by_seed: dict[int, dict[str, Illustrations]] = {}
    for seed in sorted(map(int, frame["seed"].unique())):
        rows = frame[frame["seed"] == seed].set_index("arm")["trial"]
        for arm in answer.study.arms:
            content = store.attachment(str(rows[arm]), ATTACHMENT) if arm in rows else None
            if content is not None:
                by_seed.setdefault(seed, {})[arm] = read_examples(content)
    return by_seed


def _maps(answer: Answer, examples: Illustrations) -> PaperFigure:
    return PaperFigure(
        "examples-maps",
        maps_figure(examples, POOL),
        f"Images, the teacher's integrated gradients ({examples.attribution_steps} steps) raised "
        f"to the power s, and the overlays of both. Images were chosen by rule: {examples.rule}. "
        f"Data: {dataset(answer.study)}; n = {len(examples.sets[POOL])} images, one teacher. "
        f"{UNTESTED}",
        describe_maps(examples, POOL),
    )


def _attention(answer: Answer, arms: dict[str, Illustrations], seed: int) -> PaperFigure:
    first = next(iter(arms.values()))
    return PaperFigure(
        f"examples-attention-{seed}",
        attention_figure(arms, POOL),
        f"Where the teacher and its students look: attention after block {first.attention_block} "
        f"with seed {seed}, and the mean squared difference to the teacher over these images. "
        f"Images were chosen by rule: {first.rule}. Students with an overlay learned from maps of "
        f"{first.attribution_steps} attribution steps. Data: {dataset(answer.study)}; "
        f"n = {len(first.sets[POOL])} images, one student an arm. {UNTESTED}",
        describe_attention(arms, POOL),
    )


PART = Part("examples", "Example images", "examples", make)
