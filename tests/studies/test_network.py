import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn
from torchvision.models import MobileNetV2

from harness.seeding import stream
from studies.distillation.architecture import teacher_architecture
from studies.distillation.layers import Kernel
from studies.distillation.layers.interface import Norm
from studies.distillation.network import Network, build_network

DIGITS = teacher_architecture("digits", 10)
CIFAR = teacher_architecture("cifar", 10)

# Hernandez et al. 2025: expansion, channels, blocks, stride.
PAPER_SETTING = [
    [1, 16, 1, 1],
    [6, 24, 2, 1],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
]


def random(*shape):
    return torch.from_numpy(stream("network", str(shape)).standard_normal(shape))


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
    architecture = DIGITS.without_last(removed)
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


def torchvision_network(removed):
    """The paper's student, built with torchvision from the paper's table alone."""
    network = MobileNetV2(10, inverted_residual_setting=PAPER_SETTING, dropout=0.0)
    network.features[0][0].stride = (1, 1)
    if removed:
        network.features = network.features[:-removed]
        outputs = [m for m in network.features.modules() if isinstance(m, nn.BatchNorm2d)][-1]
        network.classifier = nn.Sequential(nn.Linear(outputs.num_features, 10))
    return network


def copy_weights(ours, theirs):
    """Have torchvision's network compute with our weights and running statistics."""
    kernels = [m for m in ours.modules() if isinstance(m, Kernel)]
    norms = [m for m in ours.modules() if isinstance(m, Norm)]
    convolutions = [m for m in theirs.modules() if isinstance(m, nn.Conv2d)]
    batch_norms = [m for m in theirs.modules() if isinstance(m, nn.BatchNorm2d)]
    with torch.no_grad():
        for kernel, convolution in zip(kernels, convolutions, strict=True):
            convolution.weight.copy_(kernel.weight.view_as(convolution.weight))
        for norm, batch_norm in zip(norms, batch_norms, strict=True):
            norm.scale.copy_(1 + 0.1 * random(*norm.scale.shape))
            norm.shift.copy_(0.1 * random(*norm.shift.shape))
            norm.running_mean.copy_(random(*norm.scale.shape))
            norm.running_variance.copy_(random(*norm.scale.shape).square() + 0.5)
            batch_norm.weight.copy_(norm.scale)
            batch_norm.bias.copy_(norm.shift)
            batch_norm.running_mean.copy_(norm.running_mean)
            batch_norm.running_var.copy_(norm.running_variance)
        linear = theirs.classifier[-1]
        linear.weight.copy_(ours.head.weight)
        linear.bias.copy_(ours.head.bias)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("removed", [0, 5, 17])
def test_the_cifar_networks_compute_what_torchvision_s_mobilenet_v2_computes(removed, training):
    ours = build_network(CIFAR.without_last(removed), stream(1, "init")).double()
    theirs = torchvision_network(removed).double()
    copy_weights(ours, theirs)
    images = random(2, 3, 32, 32)
    logits, expected = (net.train(training)(images) for net in (ours, theirs))
    torch.testing.assert_close(logits.logits, expected, rtol=0, atol=1e-10)
    if training:
        for norm, batch_norm in zip(
            (m for m in ours.modules() if isinstance(m, Norm)),
            (m for m in theirs.modules() if isinstance(m, nn.BatchNorm2d)),
            strict=True,
        ):
            torch.testing.assert_close(
                norm.running_variance, batch_norm.running_var, rtol=0, atol=1e-10
            )


@pytest.mark.parametrize("removed", [0, 3, 5, 7, 9, 11, 13, 15, 17])
def test_parameters_and_multiply_adds_are_those_of_torchvision_s_modules(removed):
    theirs, counted = torchvision_network(removed).eval(), []

    def count(module, _inputs, output):
        if isinstance(module, nn.Conv2d):
            per_output = module.weight[0].numel()
        else:
            per_output = module.in_features
        counted.append(per_output * output.numel())

    for module in theirs.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.register_forward_hook(count)
    with torch.inference_mode():
        theirs(torch.zeros(1, 3, 32, 32))
    student = CIFAR.without_last(removed)
    assert student.parameters() == sum(p.numel() for p in theirs.parameters())
    assert student.multiply_adds() == sum(counted)


@pytest.mark.parametrize("teacher", [DIGITS, CIFAR], ids=["digits", "cifar"])
def test_students_of_different_depth_share_their_first_blocks_weights(teacher):
    deep, shallow = (
        build_network(teacher.without_last(k), stream(4, "init"))
        for k in (len(teacher.blocks) - 6, len(teacher.blocks) - 3)
    )
    for ours, theirs in zip(shallow.blocks, deep.blocks, strict=False):
        for name, weight in ours.state_dict().items():
            assert torch.equal(weight, theirs.state_dict()[name])


@pytest.mark.parametrize("teacher", [DIGITS, CIFAR], ids=["digits", "cifar"])
def test_a_student_stores_the_names_of_its_teacher_s_first_blocks(teacher):
    student = teacher.without_last(5)
    stored, whole = Network(student).state_dict(), Network(teacher).state_dict()
    head = {"head.weight", "head.bias"}
    kept = {f"blocks.{number}." for number in range(len(student.blocks))}
    assert set(stored) - head == {name for name in whole if name.startswith(tuple(kept))}


@pytest.mark.parametrize("removed", [0, 5, 17])
def test_what_a_network_stores_takes_the_bytes_that_its_shape_counts(removed):
    student = CIFAR.without_last(removed)
    stored = Network(student).state_dict().values()
    assert student.weights_bytes() == sum(tensor.nbytes for tensor in stored)


@pytest.mark.parametrize("teacher", [DIGITS, CIFAR], ids=["digits", "cifar"])
def test_initial_weights_have_the_spread_that_is_documented(teacher):
    network = build_network(teacher, stream(4, "init"))
    kernels = [m for m in network.modules() if isinstance(m, Kernel)]
    widest = max(kernels, key=lambda kernel: kernel.weight.numel())
    expected = np.sqrt(2 / widest.weight.shape[0])
    assert float(widest.weight.detach().std()) == pytest.approx(expected, rel=0.05)
    assert float(network.head.weight.detach().std()) == pytest.approx(0.01, rel=0.1)


def test_the_spread_of_every_kernel_is_the_one_that_torchvision_draws():
    ours = build_network(CIFAR, stream(4, "init"))
    theirs = [m for m in torchvision_network(0).modules() if isinstance(m, nn.Conv2d)]
    for kernel, convolution in zip(
        (m for m in ours.modules() if isinstance(m, Kernel)), theirs, strict=True
    ):
        _, fan_out = nn.init._calculate_fan_in_and_fan_out(convolution.weight)
        assert kernel.fan_out == fan_out


@pytest.mark.parametrize("teacher", [DIGITS, CIFAR], ids=["digits", "cifar"])
def test_features_of_a_block_have_its_shape(teacher):
    network = build_network(teacher, stream(4, "init")).eval()
    stem = teacher.blocks[0]
    images = torch.zeros(3, stem.inputs, stem.size, stem.size)
    for number, shape in enumerate(teacher.blocks):
        features = network(images, number).features
        assert features.shape == (shape.outputs, 3, shape.output_size**2)


def test_features_list_positions_row_by_row():
    network = build_network(CIFAR, stream(4, "init")).eval()
    with torch.no_grad():
        network.blocks[0][0].weight.zero_()[0, 0, 4] = 1.0
    images = random(2, 3, 32, 32).float()
    seen = network(images, 0).features[0]
    expected = images[:, 0].flatten(1).clamp(0, 6)
    torch.testing.assert_close(seen, expected / np.sqrt(1 + 1e-5), rtol=1e-5, atol=1e-6)
