import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from harness.seeding import stream
from studies.distillation.architecture import FAMILIES
from studies.distillation.layers import BatchNorm, Convolution, Depthwise, Pointwise
from studies.distillation.network import build_network


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


def conventional(network, architecture, images):
    """The same network written with torch's own convolutions on (n, c, h, w)."""

    def convolved(x, convolution, norm, *, size=1, stride=1, groups=1):
        weight = convolution.weight.view(len(convolution.weight), -1, size, size)
        x = F.conv2d(x, weight, stride=stride, padding=size // 2, groups=groups)
        stats = (norm.running_mean, norm.running_variance, norm.scale, norm.shift)
        return F.batch_norm(x, *stats, training=network.training)

    x = images
    for block, shape in zip(network.blocks, architecture.blocks, strict=True):
        if shape.kind != "inverted_residual":
            size = 3 if shape.kind == "stem" else 1
            x = F.relu6(convolved(x, block[0], block[1], size=size, stride=shape.stride))
            continue
        layers, y = list(block.layers), x
        if shape.expands:
            y, layers = F.relu6(convolved(y, layers[0], layers[1])), layers[3:]
        y = convolved(y, layers[0], layers[1], size=3, stride=shape.stride, groups=shape.hidden)
        y = convolved(F.relu6(y), layers[3], layers[4])
        x = x + y if shape.inputs == shape.outputs and shape.stride == 1 else y
    return network.head(x.mean((2, 3)))


@pytest.mark.parametrize("removed", [0, 5, 8])
@pytest.mark.parametrize("training", [True, False])
def test_a_network_computes_what_its_conventional_form_computes(removed, training):
    architecture = FAMILIES["digits"].without_last(removed)
    network = build_network(architecture, stream(1, "init")).double().train(training)
    images = random(9, 1, 8, 8)
    logits = network(images).logits
    gradients = torch.autograd.grad(logits.square().sum(), list(network.parameters()))
    expected = conventional(network, architecture, images)
    torch.testing.assert_close(logits, expected)
    for ours, theirs in zip(
        gradients,
        torch.autograd.grad(expected.square().sum(), list(network.parameters())),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs)


def test_students_of_different_depth_share_their_first_blocks_weights():
    deep, shallow = (
        build_network(FAMILIES["digits"].without_last(k), stream(4, "init")) for k in (2, 6)
    )
    for ours, theirs in zip(shallow.blocks, deep.blocks, strict=False):
        for name, weight in ours.state_dict().items():
            assert torch.equal(weight, theirs.state_dict()[name])


def test_initial_weights_have_the_spread_that_is_documented():
    network = build_network(FAMILIES["digits"], stream(4, "init"))
    widest = max(
        (m for m in network.modules() if isinstance(m, Pointwise)), key=lambda m: m.weight.numel()
    )
    expected = np.sqrt(2 / widest.weight.shape[0])
    assert float(widest.weight.detach().std()) == pytest.approx(expected, rel=0.05)
    assert float(network.head.weight.detach().std()) == pytest.approx(0.01, rel=0.1)


def test_features_of_a_block_have_its_shape():
    network = build_network(FAMILIES["digits"], stream(4, "init"))
    for number, shape in enumerate(FAMILIES["digits"].blocks):
        features = network(torch.zeros(3, 1, 8, 8), number).features
        assert features.shape == (shape.outputs, 3, shape.output_size**2)
