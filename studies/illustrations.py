"""What a teacher and its student see in a handful of images: the arrays that a trial keeps.

The trial function ``studies.distillation:illustrate`` writes them, and the paper's figures are
drawn from them. They stand outside both rooms, so that drawing imports no torch and training no
figures.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.errors import InputError, Problem

ATTACHMENT = "examples.safetensors"
"""Name of the attachment that holds them."""

EXPONENTS = (1.0, 2.0)
"""The ends of the range of powers that a map is raised to in training."""

POOL, TEST = "pool", "test"

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]

# The format's own place for facts beside arrays. One key only: the order of several is not fixed,
# and the bytes have to be the same every time.
_FACTS = "facts"
_LENGTH_BYTES = 8


@dataclass(frozen=True, slots=True, eq=False)
class ShownImages:
    """A handful of images of one set, and what the two networks make of them.

    Attributes:
        positions: of the images in their set, ``(n,)``.
        images: raw intensities, uint8 ``(n, channels, height, width)``.
        labels: true classes, counted from 0, ``(n,)``.
        teacher_predictions: the teacher's classes, ``(n,)``.
        student_predictions: the student's, ``(n,)``; meaningless where the student diverged.
        maps: absolute attributions of the teacher's true-class logit, summed over channels, in
            logits, ``(n, height, width)``.
        sharpened: maps raised to each of `EXPONENTS` and stretched to [0, 1],
            ``(exponents, n, height, width)``.
        overlays: the mean of image and sharpened map, in [0, 1],
            ``(exponents, n, channels, height, width)``.
        teacher_attention: at the attention block, ``(n, rows, columns)``, each of norm 1.
        student_attention: the same; NaN where the student diverged.
        logit_gains: what the signed attributions should sum up to, in logits, ``(n,)``.
        completeness_errors: by how much they miss it, in logits, ``(n,)``.
    """

    positions: Integers
    images: npt.NDArray[np.uint8]
    labels: Integers
    teacher_predictions: Integers
    student_predictions: Integers
    maps: Floats
    sharpened: Floats
    overlays: Floats
    teacher_attention: Floats
    student_attention: Floats
    logit_gains: Floats
    completeness_errors: Floats

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True, eq=False)
class Illustrations:
    """Everything that one trial keeps to be looked at.

    Attributes:
        dataset: its name.
        class_names: what each label stands for.
        full_scale: the intensity that stands for 1.0.
        rule: how the images were chosen.
        attention_block: the feature block, from 0, at which attention is taken.
        attribution_steps: points at which the integral of a map was evaluated.
        sets: the images by the set that they are of, ``pool`` first, then ``test`` if the trial
            looks at its test set.
    """

    dataset: str
    class_names: tuple[str, ...]
    full_scale: int
    rule: str
    attention_block: int
    attribution_steps: int
    sets: Mapping[str, ShownImages]


def write_examples(illustrations: Illustrations) -> bytes:
    """The illustrations as a safetensors file; equal ones give equal bytes."""
    from safetensors.numpy import save

    facts = {
        each.name: getattr(illustrations, each.name)
        for each in fields(Illustrations)
        if each.name != "sets"
    }
    facts["sets"] = list(illustrations.sets)
    arrays = {
        f"{name}.{each.name}": np.ascontiguousarray(getattr(shown, each.name))
        for name, shown in illustrations.sets.items()
        for each in fields(ShownImages)
    }
    return save(arrays, {_FACTS: json.dumps(facts)})


def read_examples(content: bytes) -> Illustrations:
    """The illustrations that :func:`write_examples` wrote.

    Args:
        content: of the attachment.

    Raises:
        InputError: if it is no such file.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(content)
        facts = json.loads(_header(content)[_FACTS])
        sets = {name: _shown(name, arrays) for name in facts.pop("sets")}
        class_names = tuple(map(str, facts.pop("class_names")))
        return Illustrations(**facts, class_names=class_names, sets=sets)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            Problem(
                "no file of example images",
                given=f"{len(content)} bytes ({type(error).__name__}: {error})",
                remedy="run the study again; it attaches them",
            ),
            ATTACHMENT,
        ) from error


def _header(content: bytes) -> dict[str, str]:
    """The facts beside the arrays, which stand in the JSON that a safetensors file begins with."""
    end = _LENGTH_BYTES + int.from_bytes(content[:_LENGTH_BYTES], "little")
    facts: dict[str, str] = json.loads(content[_LENGTH_BYTES:end])["__metadata__"]
    return facts


def _shown(name: str, arrays: Mapping[str, npt.NDArray[Any]]) -> ShownImages:
    shown = ShownImages(
        **{each.name: arrays[f"{name}.{each.name}"] for each in fields(ShownImages)}
    )
    n = len(shown)
    for each in fields(ShownImages):
        array = getattr(shown, each.name)
        along = 1 if each.name in {"sharpened", "overlays"} else 0
        if array.shape[along : along + 1] != (n,):
            raise ValueError(f"{name}.{each.name} has the shape {array.shape} for {n} images")
    return shown
