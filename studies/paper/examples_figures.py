"""Figures of example images: attribution maps and overlays, and where both networks look."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from analysis.figures import Picture, image_grid
from analysis.presentation.alt_text_images import describe_image_grid
from harness.errors import InputError, Problem
from studies.illustrations import EXPONENTS, POOL, Illustrations, ShownImages

_MOST_COLUMNS = 10
_MAP_LABEL = "map, stretched to [0, 1] image by image"
_ATTENTION_LABEL = "attention: share of the map's norm, the same scale in every map"


def maps_figure(examples: Illustrations, shown: str = POOL) -> Figure:
    """Draw images with their attribution maps, sharpened at both ends of the range, and overlays.

    Args:
        examples: of any arm: maps are the teacher's.
        shown: which set, ``pool`` or ``test``.

    Returns:
        A figure with one column an image. A title names the class and, where it is another, the
        teacher's answer.

    Raises:
        InputError: if the trial shows no such set.
    """
    images = _shown(examples, shown)
    return image_grid(
        _map_rows(examples, images),
        titles=_titles(examples, images),
        row_names=_map_names(),
        map_label=_MAP_LABEL,
    )


def describe_maps(examples: Illustrations, shown: str = POOL) -> str:
    """An alternative text for :func:`maps_figure`: what is shown, and how exact the maps are.

    Raises:
        InputError: if the trial shows no such set.
    """
    images = _shown(examples, shown)
    words = describe_image_grid(_titles(examples, images), _map_names())
    error, gain = images.completeness_errors.mean(), np.abs(images.logit_gains).mean()
    return (
        f"{words} Attributions miss what they should sum up to by {error:.2g} logits on average, "
        f"of {gain:.3g}."
    )


def attention_figure(examples_by_arm: Mapping[str, Illustrations], shown: str = POOL) -> Figure:
    """Draw where the teacher and each arm's student look in the same images.

    Args:
        examples_by_arm: of trials with the same images and the same teacher, one an arm.
        shown: which set, ``pool`` or ``test``.

    Returns:
        A figure with one column an image; a row's name has the mean squared difference to the
        teacher's maps. All maps have one scale. A student that diverged has no maps.

    Raises:
        InputError: if there is no arm, a trial shows no such set, or trials show other images or
            another teacher.
    """
    arms = {arm: _shown(each, shown) for arm, each in examples_by_arm.items()}
    first = _same_for_all(arms)
    examples = next(iter(examples_by_arm.values()))
    known = [first.teacher_attention, *(each.student_attention for each in arms.values())]
    highest = max(float(np.nanmax(each)) for each in known if not np.isnan(each).all())
    rows: list[list[Picture | None]] = [
        [_picture(each, examples.full_scale) for each in first.images],
        *([_attention(each, highest) for each in maps] for maps in known),
    ]
    return image_grid(
        [row[:_MOST_COLUMNS] for row in rows],
        titles=_titles(examples, first),
        row_names=_attention_names(arms),
        map_label=_ATTENTION_LABEL,
    )


def describe_attention(examples_by_arm: Mapping[str, Illustrations], shown: str = POOL) -> str:
    """An alternative text for :func:`attention_figure`.

    Raises:
        InputError: as there.
    """
    arms = {arm: _shown(each, shown) for arm, each in examples_by_arm.items()}
    first = _same_for_all(arms)
    examples = next(iter(examples_by_arm.values()))
    return describe_image_grid(_titles(examples, first), _attention_names(arms))


def _shown(examples: Illustrations, shown: str) -> ShownImages:
    if shown not in examples.sets:
        raise InputError(Problem("no such set is shown", "shown", shown, tuple(examples.sets)))
    return examples.sets[shown]


def _same_for_all(arms: Mapping[str, ShownImages]) -> ShownImages:
    if not arms:
        raise InputError(Problem("a figure of attention needs at least one arm"))
    first = next(iter(arms.values()))
    for arm, each in arms.items():
        for what in ("images", "teacher_attention"):
            if not np.array_equal(getattr(first, what), getattr(each, what)):
                name = what.replace("_", " ")
                raise InputError(
                    Problem(
                        f"its {name} differ from those of the arm {next(iter(arms))!r}",
                        f"arms.{arm}",
                        remedy="draw trials of one seed, data set and teacher together",
                    )
                )
    return first


def _titles(examples: Illustrations, images: ShownImages) -> list[str]:
    names = examples.class_names
    titles = []
    for true, answer in zip(images.labels, images.teacher_predictions, strict=True):
        wrong = "" if answer == true else f"\nteacher: {names[answer]}"
        titles.append(f"{names[true]}{wrong}")
    return titles[:_MOST_COLUMNS]


def _map_names() -> list[str]:
    kinds = ("map", "overlay")
    return ["image", *(f"{kind} (s = {power:g})" for kind in kinds for power in EXPONENTS)]


def _map_rows(examples: Illustrations, images: ShownImages) -> list[list[Picture]]:
    maps = [
        [Picture(each, is_map=True, low=0.0, high=1.0) for each in sharpened]
        for sharpened in images.sharpened
    ]
    overlays = [[_picture(each, 1) for each in overlaid] for overlaid in images.overlays]
    rows = [[_picture(each, examples.full_scale) for each in images.images], *maps, *overlays]
    return [row[:_MOST_COLUMNS] for row in rows]


def _attention_names(arms: Mapping[str, ShownImages]) -> Sequence[str]:
    return ["image", "teacher", *(f"{arm}\n{_distance(each)}" for arm, each in arms.items())]


def _distance(images: ShownImages) -> str:
    distance = float(np.square(images.student_attention - images.teacher_attention).mean())
    return f"MSE {distance:.2g}" if np.isfinite(distance) else "diverged"


def _attention(attention: npt.NDArray[Any], highest: float) -> Picture | None:
    if not np.isfinite(attention).all():
        return None
    return Picture(attention, is_map=True, low=0.0, high=highest)


def _picture(image: npt.NDArray[Any], full_scale: int) -> Picture:
    """A picture of ``(channels, h, w)``: grey of one channel, in colour of three."""
    unit = image / full_scale
    return Picture(unit[0] if len(unit) == 1 else np.moveaxis(unit, 0, -1))
