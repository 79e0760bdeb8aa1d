"""The parameters of a student's training: names, defaults, ranges, and how mistakes are told."""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, cast

from harness.errors import Problem

INFINITY = float("inf")


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers that a parameter may have.

    Attributes:
        low: smallest value.
        high: largest value.
        open_low: whether ``low`` itself is excluded.
        open_high: whether ``high`` itself is excluded.
    """

    low: float
    high: float = INFINITY
    open_low: bool = False
    open_high: bool = False

    def holds(self, value: float) -> bool:
        """Whether the value lies in the range; NaN and infinity never do."""
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return above and below and abs(value) != INFINITY

    def __str__(self) -> str:
        low = f"{'above' if self.open_low else 'at least'} {self.low:g}"
        if self.high == INFINITY:
            return low
        return f"{low}, {'below' if self.open_high else 'at most'} {self.high:g}"


def _within(default: float, allowed: Range) -> Any:  # noqa: ANN401 - as dataclasses.field
    return field(default=default, metadata={"range": allowed})


@dataclass(frozen=True, slots=True)
class StudentParams:
    """How one student is trained. The defaults are a student without any teacher.

    Attributes:
        dataset: name of the data set.
        blocks_removed: how many of the teacher's last feature blocks the student lacks.
        epochs: passes over the training subset.
        batch_size: images a step.
        learning_rate: of Adam, constant.
        subset_fraction: share of the pool that is trained on, drawn by class; the rest validates.
        crop_padding: pixels of zero padding on each side before a random crop of the original
            size; 0 leaves images where they are.
        kd_weight: α of the distillation loss; 0 trains on the labels alone.
        temperature: T of the distillation loss.
        overlay_probability: how often an image is overlaid with its attribution map.
        attention_weight: γ of the attention loss; 0 leaves it out.
        overlay_follows_crop: whether a map is cropped together with its image.
        teacher_epochs: how long the teacher is trained; 0 takes the recipe's own number.
        teacher: "shared" gives all trials one teacher; "own" gives each the teacher of its stream
            ``teacher``, so that the spread between teachers is among what the seeds vary.
    """

    dataset: str = "digits"
    blocks_removed: int = _within(5, Range(0))
    epochs: int = _within(12, Range(1))
    batch_size: int = _within(64, Range(2))
    learning_rate: float = _within(0.005, Range(0, open_low=True))
    subset_fraction: float = _within(0.8, Range(0, 1, open_low=True, open_high=True))
    crop_padding: int = _within(0, Range(0))
    kd_weight: float = _within(0.0, Range(0, 1))
    temperature: float = _within(2.5, Range(0, open_low=True))
    overlay_probability: float = _within(0.0, Range(0, 1))
    attention_weight: float = _within(0.0, Range(0))
    overlay_follows_crop: bool = True
    teacher_epochs: int = _within(0, Range(0))
    teacher: str = field(default="shared", metadata={"words": ("shared", "own")})

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> "StudentParams":
        """The parameters of a trial, with defaults where it names none.

        Raises:
            ValueError: for unknown names, wrong types and values out of range, all in one message
                that says what was given, what is allowed and what comes nearest.
        """
        known = {each.name: each for each in fields(cls)}
        problems = [
            Problem("unknown parameter", name, name, tuple(known))
            for name in params
            if name not in known
        ]
        given = {name: value for name, value in params.items() if name in known}
        problems += [
            Problem("not allowed", name, repr(value), (allowed,))
            for name, value in given.items()
            if (allowed := _violated(known[name], value)) is not None
        ]
        if problems:
            raise ValueError("\n".join(line for problem in problems for line in problem.lines()))
        return cls(**{name: _kind(known[name])(value) for name, value in given.items()})


def _kind(known: Field[Any]) -> type:
    return type(cast("object", known.default))


def _violated(known: Field[Any], value: object) -> str | None:
    """What the parameter allows, if the value breaks it."""
    kind = _kind(known)
    words: tuple[str, ...] | None = known.metadata.get("words")
    if words is not None:
        return None if value in words else " or ".join(words)
    if kind in (bool, str):
        return None if isinstance(value, kind) else {bool: "true or false", str: "a text"}[kind]
    allowed: Range = known.metadata["range"]
    expected = f"{'a whole number' if kind is int else 'a number'}, {allowed}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return expected
    return None if allowed.holds(value) and kind(value) == value else expected
