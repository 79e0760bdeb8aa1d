import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from harness.seeding import stream
from studies.distillation.layers.matrix import (
    Convolution,
    Depthwise,
    Pointwise,
    RowNorm,
    shift_matrix,
)

NETWORKS = 3


def random(*shape):
    return torch.from_numpy(stream("layers", str(shape)).standard_normal(shape))


def as_positions(maps):
    """Maps (K, n, c, h, w) as (K · c, n, positions)."""
    return maps.transpose(1, 2).flatten(3).flatten(0, 1)


def filled(layer):
    layer = layer.double()
    layer.weight.data = random(*layer.weight.shape)
    return layer


def each_convolved(maps, weight, **settings):
    """What torch's convolution makes of each network's maps with its own weights."""
    pairs = zip(maps, weight, strict=True)
    return torch.stack([F.conv2d(each, kernels, **settings) for each, kernels in pairs])


def test_a_pointwise_layer_is_a_convolution_of_one_pixel():
    layer, maps = filled(Pointwise(NETWORKS, 5, 7)), random(NETWORKS, 3, 5, 4, 4)
    expected = each_convolved(maps, layer.weight[..., None, None])
    torch.testing.assert_close(layer(as_positions(maps)), as_positions(expected))


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [2, 4, 5, 8])
def test_a_depthwise_layer_is_a_grouped_convolution(size, stride):
    layer = filled(Depthwise(NETWORKS, 5, size, stride))
    maps = random(NETWORKS, 3, 5, size, size)
    kernels = layer.weight.view(NETWORKS, 5, 1, 3, 3)
    expected = each_convolved(maps, kernels, stride=stride, padding=1, groups=5)
    torch.testing.assert_close(layer(as_positions(maps)), as_positions(expected))


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_full_convolution_is_a_convolution(channels, stride):
    layer = filled(Convolution(NETWORKS, channels, 6, stride))
    maps = random(NETWORKS, 4, channels, 8, 8)
    kernels = layer.weight.view(NETWORKS, 6, channels, 3, 3)
    expected = each_convolved(maps, kernels, stride=stride, padding=1)
    torch.testing.assert_close(layer(maps), as_positions(expected))


@pytest.mark.parametrize("layer", ["convolution", "pointwise", "depthwise"])
def test_a_bias_is_added_to_every_position_of_its_channel(layer):
    kernel, x, outputs = {
        "convolution": (Convolution(NETWORKS, 2, 6, 1), random(NETWORKS, 4, 2, 8, 8), 6),
        "pointwise": (Pointwise(NETWORKS, 2, 6), random(NETWORKS * 2, 4, 64), 6),
        "depthwise": (Depthwise(NETWORKS, 2, 8, 1), random(NETWORKS * 2, 4, 64), 2),
    }[layer]
    weight, bias = random(*kernel.weight.shape), random(NETWORKS, outputs)
    kernel = kernel.double()
    plain = kernel.convolve(x, weight, None)
    expected = plain + bias.view(-1, 1, 1)
    torch.testing.assert_close(kernel.convolve(x, weight, bias), expected)


@pytest.mark.parametrize("activated", [True, False])
def test_batch_normalisation_is_torch_s_in_training_for_each_network(activated):
    ours = RowNorm(NETWORKS, 5, activated=activated).double()
    ours.scale.data, ours.shift.data = 3 * random(NETWORKS, 5), random(NETWORKS, 5)
    theirs = [nn.BatchNorm2d(5).double() for _ in range(NETWORKS)]
    for number, each in enumerate(theirs):
        each.weight.data, each.bias.data = ours.scale[number].data, ours.shift[number].data
    for step in range(3):
        maps = (1 + step) * random(NETWORKS, 6, 5, 4, 4) + step
        expected = torch.stack([one(mine) for one, mine in zip(theirs, maps, strict=True)])
        expected = expected.clamp(0, 6) if activated else expected
        torch.testing.assert_close(ours(as_positions(maps)), as_positions(expected))
    for number, each in enumerate(theirs):
        torch.testing.assert_close(ours.running_mean[number], each.running_mean)
        torch.testing.assert_close(ours.running_variance[number], each.running_var)
        scale = each.weight / (each.running_var + each.eps).sqrt()
        torch.testing.assert_close(ours.factor()[number], scale)


def test_a_layer_that_was_first_built_in_inference_mode_does_not_spoil_later_training():
    shift_matrix.cache_clear()
    with torch.inference_mode():
        Depthwise(1, 5, 4, 1)
    layer = filled(Depthwise(1, 5, 4, 1))
    layer(random(5, 3, 16)).sum().backward()
    assert layer.weight.grad.isfinite().all()
