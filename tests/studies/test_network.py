import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn
from torchvision.models import MobileNetV2

from harness.seeding import stream
from studies.distillation.architecture import teacher_architecture
from studies.distillation.layers.interface import Norm
from studies.distillation.network import Networks, build_networks

DIGITS = teacher_architecture("digits", 10)
CIFAR = teacher_architecture("cifar", 10)

pytestmark = pytest.mark.usefixtures("one_thread")

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


def streams(*seeds):
    return [stream(seed, "init") for seed in seeds]


def modules(networks, kind):
    return [module for module in networks.modules() if isinstance(module, kind)]


def conventional(networks, number, images):
    """One of the networks, written with torch's own convolutions on (n, c, h, w)."""

    def convolved(x, unit, *, size=1, stride=1, groups=1):
        weight, norm = unit.kernel.weight[number], unit.norm
        weight = weight.view(len(weight), -1, size, size)
        x = F.conv2d(x, weight, stride=stride, padding=size // 2, groups=groups)
        stats = (each[number].clone() for each in (norm.running_mean, norm.running_variance))
        return F.batch_norm(
            x, *stats, norm.scale[number], norm.shift[number], training=networks.training
        )

    x = images
    for block, shape in zip(networks.blocks, networks.architecture.blocks, strict=True):
        if shape.kind != "inverted_residual":
            (unit,) = block.units
            size = 3 if shape.kind == "stem" else 1
            x = F.relu6(convolved(x, unit, size=size, stride=shape.stride))
            continue
        (*widen, depthwise, narrow), y = block.units, x
        for unit in widen:
            y = F.relu6(convolved(y, unit))
        y = F.relu6(convolved(y, depthwise, size=3, stride=shape.stride, groups=shape.hidden))
        y = convolved(y, narrow)
        x = x + y if shape.inputs == shape.outputs and shape.stride == 1 else y
    return F.linear(x.mean((2, 3)), networks.head.weight[number], networks.head.bias[number])


def unsettle(networks):
    """Have every BatchNorm scale, shift and normalise by other numbers than at first."""
    with torch.no_grad():
        for norm in modules(networks, Norm):
            norm.scale.copy_(1 + 0.1 * random(*norm.scale.shape))
            norm.shift.copy_(0.1 * random(*norm.shift.shape))
            norm.running_mean.copy_(random(*norm.scale.shape))
            norm.running_variance.copy_(random(*norm.scale.shape).square() + 0.5)


@pytest.mark.parametrize("removed", [0, 5, 8])
@pytest.mark.parametrize("training", [True, False])
def test_networks_compute_what_their_conventional_forms_compute(removed, training):
    networks = build_networks(DIGITS.without_last(removed), streams(1, 2)).double()
    unsettle(networks)
    networks.train(training)
    images = random(2, 9, 1, 8, 8).requires_grad_()
    # In evaluation weights are folded, and no gradient goes to those of the blocks.
    trained = networks.parameters() if training else networks.head.parameters()
    wanted = [images, *trained]
    logits = networks(images).logits
    expected = torch.stack([conventional(networks, k, images[k]) for k in range(2)])
    torch.testing.assert_close(logits, expected)
    for ours, theirs in zip(
        torch.autograd.grad(logits.square().sum(), wanted),
        torch.autograd.grad(expected.square().sum(), wanted),
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


def copy_weights(ours, number, theirs):
    """Have torchvision's network compute with one network's weights and running statistics."""
    stored = ours.weights_of(number)
    convolutions, batch_norms = modules(theirs, nn.Conv2d), modules(theirs, nn.BatchNorm2d)
    kernels = [name for name in stored if name.endswith("kernel.weight")]
    norms = [name.removesuffix("scale") for name in stored if name.endswith("norm.scale")]
    with torch.no_grad():
        for name, convolution in zip(kernels, convolutions, strict=True):
            convolution.weight.copy_(stored[name].view_as(convolution.weight))
        for name, batch_norm in zip(norms, batch_norms, strict=True):
            batch_norm.weight.copy_(stored[name + "scale"])
            batch_norm.bias.copy_(stored[name + "shift"])
            batch_norm.running_mean.copy_(stored[name + "running_mean"])
            batch_norm.running_var.copy_(stored[name + "running_variance"])
        linear = theirs.classifier[-1]
        linear.weight.copy_(stored["head.weight"])
        linear.bias.copy_(stored["head.bias"])


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("removed", [0, 5, 17])
def test_the_cifar_networks_compute_what_torchvision_s_mobilenet_v2_computes(removed, training):
    ours = build_networks(CIFAR.without_last(removed), streams(1, 2)).double()
    unsettle(ours)
    both = [torchvision_network(removed).double().train(training) for _ in range(2)]
    for number, theirs in enumerate(both):
        copy_weights(ours, number, theirs)
    images = random(2, 2, 3, 32, 32)
    # In evaluation ours fold BatchNorm into the convolutions, and torchvision's do not.
    logits = ours.train(training)(images).logits
    for number, theirs in enumerate(both):
        torch.testing.assert_close(logits[number], theirs(images[number]), rtol=0, atol=1e-10)
        batch_norms = modules(theirs, nn.BatchNorm2d)
        for norm, batch_norm in zip(modules(ours, Norm), batch_norms, strict=True):
            for mine, its in (
                (norm.running_mean, batch_norm.running_mean),
                (norm.running_variance, batch_norm.running_var),
            ):
                torch.testing.assert_close(mine[number], its, rtol=0, atol=1e-10)


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
        build_networks(teacher.without_last(k), streams(4, 9))
        for k in (len(teacher.blocks) - 6, len(teacher.blocks) - 3)
    )
    for ours, theirs in zip(shallow.blocks, deep.blocks, strict=False):
        for name, weight in ours.state_dict().items():
            assert torch.equal(weight, theirs.state_dict()[name])


@pytest.mark.parametrize("teacher", [DIGITS, CIFAR], ids=["digits", "cifar"])
def test_a_student_stores_the_names_of_its_teacher_s_first_blocks(teacher):
    student = teacher.without_last(5)
    stored, whole = Networks(student, 2).state_dict(), Networks(teacher, 1).state_dict()
    head = {"head.weight", "head.bias"}
    kept = {f"blocks.{number}." for number in range(len(student.blocks))}
    assert set(stored) - head == {name for name in whole if name.startswith(tuple(kept))}


@pytest.mark.parametrize("removed", [0, 5, 17])
def test_what_a_network_stores_takes_the_bytes_that_its_shape_counts(removed):
    student = CIFAR.without_last(removed)
    networks = Networks(student, 3)
    stored = networks.weights_of(1).values()
    assert student.weights_bytes() == sum(tensor.nbytes for tensor in stored)
    together = networks.state_dict().values()
    assert 3 * student.weights_bytes() == sum(tensor.nbytes for tensor in together)


@pytest.mark.parametrize("teacher", [DIGITS, CIFAR], ids=["digits", "cifar"])
def test_initial_weights_have_the_spread_that_is_documented(teacher):
    networks = build_networks(teacher, streams(4, 5))
    widest = max(networks.kernels(), key=lambda kernel: kernel.weight.numel())
    for number in range(2):
        weights = widest.weight[number].detach()
        assert float(weights.std()) == pytest.approx(np.sqrt(2 / len(weights)), rel=0.05)
        head = networks.head.weight[number].detach()
        assert float(head.std()) == pytest.approx(0.01, rel=0.1)


def test_the_spread_of_every_kernel_is_the_one_that_torchvision_draws():
    ours = build_networks(CIFAR, streams(4)).kernels()
    for kernel, convolution in zip(ours, modules(torchvision_network(0), nn.Conv2d), strict=True):
        _, fan_out = nn.init._calculate_fan_in_and_fan_out(convolution.weight)
        assert kernel.fan_out == fan_out


@pytest.mark.parametrize("teacher", [DIGITS, CIFAR], ids=["digits", "cifar"])
def test_features_of_a_block_have_its_shape(teacher):
    networks = build_networks(teacher, streams(4, 5)).eval()
    images = torch.zeros(2, 3, *networks.image_shape)
    for number, shape in enumerate(teacher.blocks):
        features = networks(images, number).features
        assert features.shape == (2, shape.outputs, 3, shape.output_size**2)


def test_features_list_positions_row_by_row():
    networks = build_networks(CIFAR, streams(4, 5)).eval()
    with torch.no_grad():
        networks.blocks[0].units[0].kernel.weight.zero_()[:, 0, 0, 4] = 1.0
    images = random(2, 2, 3, 32, 32).float()
    seen = networks(images, 0).features[:, 0]
    expected = images[:, :, 0].flatten(2).clamp(0, 6)
    torch.testing.assert_close(seen, expected / np.sqrt(1 + 1e-5), rtol=1e-5, atol=1e-6)
