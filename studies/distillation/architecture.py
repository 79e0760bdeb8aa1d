"""The shape of a network as data: its blocks, its size, its cost, and where attention is taken.

The family is MobileNet-V2 (Sandler et al. 2018, table 2): a 3×3 convolution, inverted residual
blocks, a 1×1 convolution, global average pooling and one linear layer. A student is the teacher
without its last blocks. Everything here is counted from the shape, without building a network.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from harness.errors import Problem

ATTENTION_DIVIDERS = (2, 4, 8, 20)
FLOAT32_BYTES = 4

Kind = Literal["stem", "inverted_residual", "last"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One row of MobileNet-V2's table: a run of inverted residual blocks.

    Attributes:
        expansion: hidden channels over input channels.
        channels: output channels.
        blocks: how many blocks.
        stride: of the first block; the others have stride 1.
    """

    expansion: int
    channels: int
    blocks: int
    stride: int


@dataclass(frozen=True, slots=True)
class BlockShape:
    """One feature block.

    Attributes:
        kind: 3×3 convolution, inverted residual, or 1×1 convolution.
        inputs: input channels.
        hidden: channels of the depthwise convolution; equals ``inputs`` without expansion.
        outputs: output channels.
        size: height and width of the input map, in pixels.
        stride: 1 or 2.
    """

    kind: Kind
    inputs: int
    hidden: int
    outputs: int
    size: int
    stride: int

    @property
    def output_size(self) -> int:
        """Height and width of the output map, in pixels."""
        return (self.size - 1) // self.stride + 1

    @property
    def has_residual(self) -> bool:
        """Whether the input is added to the output: only where their shapes are equal."""
        same_shape = self.inputs == self.outputs and self.stride == 1
        return self.kind == "inverted_residual" and same_shape

    @property
    def expands(self) -> bool:
        """Whether a 1×1 convolution widens the input first."""
        return self.hidden != self.inputs

    def parameters(self) -> int:
        """Trainable numbers: convolution weights, and scale and shift of each BatchNorm."""
        if self.kind == "stem":
            return 9 * self.inputs * self.outputs + 2 * self.outputs
        if self.kind == "last":
            return self.inputs * self.outputs + 2 * self.outputs
        expansion = self.inputs * self.hidden + 2 * self.hidden if self.expands else 0
        return expansion + 9 * self.hidden + 2 * self.hidden + (self.hidden + 2) * self.outputs

    def normalised_channels(self) -> int:
        """Channels of all BatchNorms together."""
        expanded = self.hidden if self.expands else 0
        return self.outputs + (expanded + self.hidden if self.kind == "inverted_residual" else 0)

    def multiply_adds(self) -> int:
        """Multiply-adds of the convolutions for one image, padding included."""
        before, after = self.size**2, self.output_size**2
        if self.kind == "stem":
            return 9 * self.inputs * self.outputs * after
        if self.kind == "last":
            return self.inputs * self.outputs * after
        expansion = self.inputs * self.hidden * before if self.expands else 0
        return expansion + 9 * self.hidden * after + self.hidden * self.outputs * after

    def activations(self) -> int:
        """Outputs of all convolutions for one image."""
        before, after = self.size**2, self.output_size**2
        if self.kind != "inverted_residual":
            return self.outputs * after
        expansion = self.hidden * before if self.expands else 0
        return expansion + (self.hidden + self.outputs) * after


@dataclass(frozen=True, slots=True)
class Architecture:
    """A network: feature blocks, then global average pooling and one linear layer.

    Attributes:
        blocks: the feature blocks, from input to output.
        classes: outputs of the linear layer.
    """

    blocks: tuple[BlockShape, ...]
    classes: int

    @property
    def most_removable(self) -> int:
        """How many blocks can be removed: two stay, because attention transfer needs them."""
        return len(self.blocks) - 2

    def without_last(self, count: int) -> "Architecture":
        """The student that is left when the last ``count`` feature blocks are removed.

        Raises:
            ValueError: unless at least two blocks stay, which attention transfer needs.
        """
        if not 0 <= count <= self.most_removable:
            allowed = (
                f"0 to {self.most_removable}: the network has {len(self.blocks)} feature blocks",
            )
            problem = Problem("out of range", "blocks_removed", str(count), allowed)
            raise ValueError("\n".join(problem.lines()))
        return Architecture(self.blocks[: len(self.blocks) - count], self.classes)

    def parameters(self) -> int:
        """Number of trainable parameters."""
        head = (self.blocks[-1].outputs + 1) * self.classes
        return sum(block.parameters() for block in self.blocks) + head

    def multiply_adds(self) -> int:
        """Multiply-adds of all convolutions and of the linear layer, for one image."""
        head = self.blocks[-1].outputs * self.classes
        return sum(block.multiply_adds() for block in self.blocks) + head

    def weights_bytes(self) -> int:
        """Bytes of what a trained network keeps, as float32 numbers of four bytes each.

        These are all trainable parameters, and the running mean and variance of each BatchNorm.
        Activations, gradients, the optimizer's state and a file's header are not counted.
        """
        statistics = 2 * sum(block.normalised_channels() for block in self.blocks)
        return FLOAT32_BYTES * (self.parameters() + statistics)

    def activation_bytes(self) -> int:
        """Bytes of the outputs of all convolutions for one image, in float32.

        A gradient needs them on its way back; in training, where BatchNorm is a layer of its own,
        it needs what that gave as well, and so twice as much.
        """
        return FLOAT32_BYTES * sum(block.activations() for block in self.blocks)


def mobilenet_v2(
    *,
    image_channels: int,
    image_size: int,
    stem_channels: int,
    stages: tuple[Stage, ...],
    last_channels: int,
    classes: int,
) -> Architecture:
    """A MobileNet-V2 whose first convolution keeps the resolution.

    Args:
        image_channels: channels of the input image.
        image_size: its height and width, in pixels.
        stem_channels: output channels of the first convolution.
        stages: the inverted residual blocks.
        last_channels: output channels of the closing 1×1 convolution.
        classes: outputs of the linear layer.
    """
    stem = BlockShape("stem", image_channels, image_channels, stem_channels, image_size, 1)
    blocks = [stem]
    for stage in stages:
        for number in range(stage.blocks):
            inputs, size = blocks[-1].outputs, blocks[-1].output_size
            stride = stage.stride if number == 0 else 1
            hidden = inputs * stage.expansion
            blocks.append(
                BlockShape("inverted_residual", inputs, hidden, stage.channels, size, stride)
            )
    inputs, size = blocks[-1].outputs, blocks[-1].output_size
    blocks.append(BlockShape("last", inputs, inputs, last_channels, size, 1))
    return Architecture(tuple(blocks), classes)


def compression_factor(teacher: Architecture, student: Architecture) -> float:
    """How many times fewer parameters the student has."""
    return teacher.parameters() / student.parameters()


def attention_block(teacher: Architecture, student: Architecture) -> int:
    """The feature block, counted from 0, whose attention the student is to imitate.

    Of ``n // 2, n // 4, n // 8, n // 20``, for a teacher of ``n`` blocks, the largest that lies
    before the student's last block. For n = 19 this gives the dividers that Hernandez et al. 2025
    list for each student.

    Raises:
        ValueError: if the student has a single block, before which there is none.
    """
    last = len(student.blocks) - 1
    candidates = [len(teacher.blocks) // divider for divider in ATTENTION_DIVIDERS]
    before_last = [block for block in candidates if block < last]
    if not before_last:
        raise ValueError(f"no attention block lies before block {last}, the student's last one")
    return max(before_last)


def teacher_architecture(family: str, classes: int) -> Architecture:
    """The teacher of a family, whose last blocks its students lack.

    Args:
        family: ``digits``, for 8×8 images of one channel, or ``cifar``, for 32×32 images of three.
        classes: outputs of the linear layer, at least 1.

    Raises:
        ValueError: if there is no such family; the message lists all and the nearest one.
    """
    if family not in _TEACHERS:
        problem = Problem("no such network family", "family", repr(family), tuple(_TEACHERS))
        raise ValueError("\n".join(problem.lines()))
    return _TEACHERS[family](classes=classes)


_TEACHERS: dict[str, Callable[..., Architecture]] = {
    # Ten blocks, so that every number from 1 to 8 of them can be removed.
    "digits": partial(
        mobilenet_v2,
        image_channels=1,
        image_size=8,
        stem_channels=12,
        stages=(
            Stage(expansion=1, channels=8, blocks=1, stride=2),
            Stage(expansion=2, channels=16, blocks=2, stride=1),
            Stage(expansion=2, channels=24, blocks=2, stride=1),
            Stage(expansion=2, channels=32, blocks=2, stride=2),
            Stage(expansion=2, channels=48, blocks=1, stride=1),
        ),
        last_channels=64,
    ),
    # The nineteen blocks of Hernandez et al. 2025: as published for ImageNet, except that the first
    # convolution and the second stage keep the resolution, because the images are small already.
    "cifar": partial(
        mobilenet_v2,
        image_channels=3,
        image_size=32,
        stem_channels=32,
        stages=(
            Stage(expansion=1, channels=16, blocks=1, stride=1),
            Stage(expansion=6, channels=24, blocks=2, stride=1),
            Stage(expansion=6, channels=32, blocks=3, stride=2),
            Stage(expansion=6, channels=64, blocks=4, stride=2),
            Stage(expansion=6, channels=96, blocks=3, stride=1),
            Stage(expansion=6, channels=160, blocks=3, stride=2),
            Stage(expansion=6, channels=320, blocks=1, stride=1),
        ),
        last_channels=1280,
    ),
}
