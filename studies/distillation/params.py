"""The parameters of a student's training: names, defaults, ranges, and how mistakes are told."""

import sys
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any, Self, cast

from harness.errors import InputError, Problem, SetupError
from studies.distillation.data import dataset_problem, evaluation_problem

INFINITY = float("inf")

# Of epochs, steps, images a batch: more than any computer finishes, and each fits into 32 bits.
LARGEST_WHOLE = 10**9

ALIGNED, AS_RELEASED = "aligned", "as_released"
SHARED, OWN = "shared", "own"
FLOAT32, TF32, BFLOAT16 = "float32", "tf32", "bfloat16"


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers that a parameter may have.

    Attributes:
        low: smallest value.
        high: largest value.
        open_low: whether ``low`` itself is excluded.
    """

    low: float
    high: float = INFINITY
    open_low: bool = False

    def holds(self, value: float) -> bool:
        """Whether the value lies in the range; NaN, and what no float can hold, never do."""
        above = value > self.low if self.open_low else value >= self.low
        return above and value <= min(self.high, sys.float_info.max)

    def __str__(self) -> str:
        low = f"{'above' if self.open_low else 'at least'} {self.low:g}"
        if self.high == INFINITY:
            return low
        return f"{low}, at most {_plain(self.high)}"


def within(default: float, allowed: Range) -> Any:  # noqa: ANN401 - as dataclasses.field
    """A field of a number, with its default and what it may be.

    A whole number is at most ``LARGEST_WHOLE``, unless the range says something else.
    """
    if isinstance(default, int) and allowed.high == INFINITY:
        allowed = replace(allowed, high=LARGEST_WHOLE)
    return field(default=default, metadata={"range": allowed})


class ParameterError(InputError, SetupError):
    """The parameters of a trial are not what its function takes; the user can mend it.

    Also a :class:`SetupError`: a run that meets a mistake of the study file ends at once, with this
    message, instead of storing the same failure for every trial.
    """


@dataclass(frozen=True, slots=True)
class TrialParams:
    """What the parameters of all trial functions have in common: how they are read."""

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Self:
        """The parameters of a trial, with defaults where it names none.

        Raises:
            ParameterError: for unknown names, wrong types, values out of range, data sets that
                there are not and values that exclude each other, all in one message that says
                what was given, what is allowed and what comes nearest.
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
        problems += [*_data_problems(given), *cls.conflicts(given)]
        if problems:
            raise ParameterError(problems, "the parameters of a trial")
        return cls(**{name: _kind(known[name])(value) for name, value in given.items()})

    @classmethod
    def conflicts(cls, given: Mapping[str, Any]) -> list[Problem]:  # noqa: ARG003 - for subclasses
        """Which of the given values exclude each other; what else is wrong is told elsewhere."""
        return []


@dataclass(frozen=True, slots=True)
class StudentParams(TrialParams):
    """How one student is trained. The defaults are a student without any teacher.

    Attributes:
        dataset: name of the data set: ``digits``, ``cifar10`` or ``imagefolder:PATH``.
        blocks_removed: how many of the teacher's last feature blocks the student lacks.
        epochs: passes over the training subset.
        max_steps: steps of the optimizer after which training ends, the teacher's too; 0 sets no
            such limit. For trying a study out.
        batch_size: images a step.
        learning_rate: of Adam, constant.
        subset_fraction: share of the pool that is trained on, drawn by class; the rest validates.
            With 1 all of it is trained on, and nothing validates.
        crop_padding: pixels of zero padding on each side before a random crop of the original
            size; 0 leaves images where they are.
        kd_weight: α of the distillation loss; 0 trains on the labels alone.
        temperature: T of the distillation loss.
        overlay_probability: how often an image is overlaid with its attribution map.
        attention_weight: γ of the attention loss; 0 leaves it out.
        overlay_follows_crop: whether a map is cropped and mirrored together with its image.
        attribution_steps: points at which the integral of a map is evaluated.
        signal_alignment: "aligned" gives each image the teacher's signals of that image;
            "as_released" those of another one, cropped and mirrored at random, as the scripts did
            that were released with Hernandez et al. 2025.
        teacher_epochs: how long the teacher is trained; 0 takes the recipe's own number.
        teacher: "shared" gives all trials one teacher; "own" gives each the teacher of its stream
            ``teacher``, so that the spread between teachers is among what the seeds vary.
        evaluate_test: whether the trained student is tested; without, nothing of the test set is
            looked at.
        transfer_dataset: images that the trained student is tested on besides, such as
            ``digits_corrupted``; empty for none, which it is wherever nothing is tested.
        measure_latency: whether the time of an inference is among the metrics.
        precision: of the products that the student is trained and tested with: "float32"; or, on a
            CUDA device only, "tf32" or "bfloat16". Teacher and signals are float32 in all cases.
    """

    dataset: str = "digits"
    blocks_removed: int = within(5, Range(0))
    epochs: int = within(12, Range(1))
    max_steps: int = within(0, Range(0))
    batch_size: int = within(64, Range(2))
    learning_rate: float = within(0.005, Range(0, open_low=True))
    subset_fraction: float = within(0.8, Range(0, 1, open_low=True))
    crop_padding: int = within(0, Range(0))
    kd_weight: float = within(0.0, Range(0, 1))
    temperature: float = within(2.5, Range(0, open_low=True))
    overlay_probability: float = within(0.0, Range(0, 1))
    attention_weight: float = within(0.0, Range(0))
    overlay_follows_crop: bool = True
    attribution_steps: int = within(50, Range(1))
    signal_alignment: str = field(default=ALIGNED, metadata={"words": (ALIGNED, AS_RELEASED)})
    teacher_epochs: int = within(0, Range(0))
    teacher: str = field(default=SHARED, metadata={"words": (SHARED, OWN)})
    evaluate_test: bool = True
    transfer_dataset: str = ""
    measure_latency: bool = False
    precision: str = field(default=FLOAT32, metadata={"words": (FLOAT32, TF32, BFLOAT16)})

    @classmethod
    def conflicts(cls, given: Mapping[str, Any]) -> list[Problem]:
        """See :class:`TrialParams`."""
        if given.get("evaluate_test") is not False or not given.get("transfer_dataset"):
            return []
        what = "a student that is not to be tested cannot be tested on other images"
        remedy = "set evaluate_test = true, or leave transfer_dataset empty"
        return [Problem(what, "transfer_dataset", repr(given["transfer_dataset"]), remedy=remedy)]

    @property
    def uses_teacher(self) -> bool:
        """Whether the student learns anything from the teacher."""
        return max(self.kd_weight, self.overlay_probability, self.attention_weight) > 0


def _data_problems(given: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the names of data sets; a value that is no text is reported elsewhere."""
    dataset, transfer = given.get("dataset"), given.get("transfer_dataset")
    found = [
        dataset_problem(dataset) if isinstance(dataset, str) else None,
        evaluation_problem(transfer) if isinstance(transfer, str) and transfer else None,
    ]
    return [problem for problem in found if problem is not None]


def _plain(high: float) -> str:
    return f"{high:,}" if isinstance(high, int) else f"{high:g}"


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
