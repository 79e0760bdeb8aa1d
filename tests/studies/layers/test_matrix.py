import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from harness.seeding import stream
from studies.distillation.layers.matrix import (
    BatchNorm,
    Convolution,
    Depthwise,
    Pointwise,
    shift_matrix,
)


def random(*shape):
    return torch.from_numpy(stream("layers", str(shape)).standard_normal(shape))


def as_positions(maps):
    return maps.flatten(2).transpose(0, 1)


def filled(layer):
    layer = layer.double()
    layer.weight.data = random(*layer.weight.shape)
    return layer


def test_a_pointwise_layer_is_a_convolution_of_one_pixel():
    layer, maps = filled(Pointwise(5, 7)), random(3, 5, 4, 4)
    expected = F.conv2d(maps, layer.weight[:, :, None, None])
    torch.testing.assert_close(layer(as_positions(maps)), as_positions(expected))


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [2, 4, 5, 8])
def test_a_depthwise_layer_is_a_grouped_convolution(size, stride):
    layer, maps = filled(Depthwise(5, size, stride)), random(3, 5, size, size)
    kernels = layer.weight.view(5, 1, 3, 3)
    expected = F.conv2d(maps, kernels, stride=stride, padding=1, groups=5)
    torch.testing.assert_close(layer(as_positions(maps)), as_positions(expected))


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_full_convolution_is_a_convolution(channels, stride):
    layer, maps = filled(Convolution(channels, 6, 8, stride)), random(4, channels, 8, 8)
    expected = F.conv2d(maps, layer.weight.view(6, channels, 3, 3), stride=stride, padding=1)
    torch.testing.assert_close(layer(maps), as_positions(expected))


def test_batch_normalisation_is_torch_s_in_training_and_evaluation():
    ours, theirs, maps = BatchNorm(5).double(), nn.BatchNorm2d(5).double(), random(6, 5, 4, 4)
    torch.testing.assert_close(ours(as_positions(maps)), as_positions(theirs(maps)))
    torch.testing.assert_close(ours.running_mean, theirs.running_mean)
    torch.testing.assert_close(ours.running_variance, theirs.running_var)
    ours.eval(), theirs.eval()
    torch.testing.assert_close(ours(as_positions(maps)), as_positions(theirs(maps)))


def test_a_layer_that_was_first_built_in_inference_mode_does_not_spoil_later_training():
    shift_matrix.cache_clear()
    with torch.inference_mode():
        Depthwise(5, 4, 1)
    layer = filled(Depthwise(5, 4, 1))
    layer(random(5, 3, 16)).sum().backward()
    assert layer.weight.grad.isfinite().all()
