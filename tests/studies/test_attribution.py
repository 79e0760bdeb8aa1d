import copy

import numpy as np
import pytest
import torch

from studies.distillation.alignment import load_signal
from studies.distillation.architecture import teacher_architecture
from studies.distillation.attribution import (
    POINTS_AT_ONCE,
    Attributions,
    gradient_bytes,
    integrated_gradients,
    points_at_once,
)
from studies.distillation.images import normalised_images
from studies.distillation.network import Network, Output
from studies.distillation.signals import build_attributions, signal_key


@pytest.fixture(scope="module")
def first(data):
    def run(count):
        images = normalised_images(torch.from_numpy(data.pool.images[:count]), data)
        return images, torch.from_numpy(data.pool.labels[:count])

    return run


@pytest.fixture(scope="module")
def some(first):
    return first(6)


def reference(network, images, labels, steps):
    """Signed integrated gradients in float64, straight from the definition."""
    network, images = copy.deepcopy(network).double(), images.double()
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    total = torch.zeros_like(images)
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        point = (node * images).requires_grad_()
        logits = network(point).logits.gather(1, labels[:, None])
        total += weight * torch.autograd.grad(logits.sum(), point)[0]
    return images * total


def test_maps_equal_a_reference_in_double_precision(teacher, some):
    maps = integrated_gradients(teacher, *some, steps=50).maps
    expected = reference(teacher, *some, steps=50).abs().sum(1, keepdim=True)
    torch.testing.assert_close(maps.double(), expected, rtol=1e-4, atol=1e-5)


def test_the_completeness_error_is_that_of_the_reference(teacher, some):
    images, labels = some
    attributions = integrated_gradients(teacher, *some, steps=50)
    double = copy.deepcopy(teacher).double()
    with torch.no_grad():
        logits, baseline = (
            double(x).logits.gather(1, labels[:, None]).squeeze(1)
            for x in (images.double(), torch.zeros_like(images).double())
        )
    gain = logits - baseline
    error = (reference(teacher, *some, steps=50).sum((1, 2, 3)) - gain).abs()
    torch.testing.assert_close(attributions.logit_gain.double(), gain, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(attributions.completeness_error.double(), error, rtol=0, atol=1e-4)


# The network is linear between the kinks of its ReLU6, so the quadrature converges slowly: over 400
# images 50 steps miss 2.7 % of the fully trained teacher's gain and 3.0 % of this short-trained
# one's.
@pytest.mark.parametrize(("steps", "share"), [(50, 0.1), (500, 0.01)])
def test_attributions_sum_up_to_what_the_image_gains_over_the_baseline(
    teacher, first, steps, share
):
    attributions = integrated_gradients(teacher, *first(16), steps=steps)
    assert 0 < attributions.relative_error < share


@pytest.mark.parametrize("points", [6, 50, 100])
def test_how_much_passes_through_the_network_at_once_does_not_change_the_maps(
    teacher, some, points
):
    together = integrated_gradients(teacher, *some, steps=50)
    parts = [
        integrated_gradients(teacher, image[None], label[None], steps=50, points_at_once=points)
        for image, label in zip(*some, strict=True)
    ]
    apart = Attributions.join(parts)
    for name in ("maps", "logit_gain", "completeness_error"):
        ours, theirs = getattr(together, name), getattr(apart, name)
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


class Linear(torch.nn.Module):
    """Logits ``weights · x + bias``."""

    def __init__(self, power=1):
        super().__init__()
        numbers = torch.arange(24.0).view(3, 8)
        self.weights, self.bias, self.power = numbers - 11, torch.tensor([5.0, -3.0, 1.0]), power

    def forward(self, images):
        return Output(images.flatten(1) ** self.power @ self.weights.t() + self.bias, None)


def few_images():
    images = torch.tensor([[1.0, -2.0, 0.5, 0.0, 3.0, 1.5, -1.0, 2.0], [0.25] * 8])
    return images.view(2, 2, 2, 2), torch.tensor([2, 0])


def test_attributions_of_a_linear_model_are_weight_times_input():
    network, (images, labels) = Linear(), few_images()
    products = network.weights[labels].view(2, 2, 2, 2) * images
    attributions = integrated_gradients(network, images, labels, steps=1)
    torch.testing.assert_close(attributions.maps, products.abs().sum(1, keepdim=True))
    torch.testing.assert_close(attributions.logit_gain, products.sum((1, 2, 3)))
    assert attributions.completeness_error.max() < 1e-5


def test_attributions_of_a_square_are_half_of_the_gradient_times_the_input():
    network, (images, labels) = Linear(power=2), few_images()
    gradient = 2 * network.weights[labels].view(2, 2, 2, 2) * images
    attributions = integrated_gradients(network, images, labels, steps=50)
    expected = (gradient * images / 2).abs().sum(1, keepdim=True)
    torch.testing.assert_close(attributions.maps, expected, rtol=1e-5, atol=1e-5)
    assert attributions.relative_error < 1e-5


def test_a_network_whose_gradient_is_wrong_shows_in_the_completeness_error():
    class Wrong(Linear):
        def forward(self, images):
            # The value is that of the linear model, the gradient only three quarters of it.
            right = super().forward(images).logits
            return Output(0.75 * right + 0.25 * right.detach(), None)

    attributions = integrated_gradients(Wrong(), *few_images(), steps=50)
    torch.testing.assert_close(
        attributions.completeness_error, 0.25 * attributions.logit_gain.abs()
    )
    assert attributions.relative_error == pytest.approx(0.25)


def test_the_relative_error_is_the_mean_error_over_the_mean_gain():
    gain, error = torch.tensor([4.0, -2.0, 0.0]), torch.tensor([0.1, 0.2, 0.3])
    assert Attributions(torch.zeros(3, 1, 1, 1), gain, error).relative_error == pytest.approx(0.1)


def test_memory_bounds_how_many_points_of_larger_images_pass_at_once():
    small, large = teacher_architecture("digits", 10), teacher_architecture("cifar", 10)
    processor, cuda = torch.device("cpu"), torch.device("cuda")
    assert points_at_once(small, processor) == POINTS_AT_ONCE
    for device, limit in ((processor, 4e8), (cuda, 1e10)):
        assert limit / 2 < points_at_once(large, device) * gradient_bytes(large) <= limit


def test_what_a_gradient_keeps_is_counted_as_pytorch_keeps_it():
    # Tensors that the graph of a 32×32 image holds, weights apart; in evaluation mode BatchNorm
    # and ReLU6 keep their inputs, convolutions theirs.
    architecture = teacher_architecture("cifar", 10)
    network = Network(architecture).eval().requires_grad_(requires_grad=False)
    kept = {}

    def pack(tensor):
        if tensor.numel() >= 2048 and tensor.data_ptr() not in weights:
            kept[tensor.data_ptr()] = tensor.nbytes
        return tensor

    weights = {each.data_ptr() for each in network.state_dict().values()}
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        logits = network(torch.zeros(1, 3, 32, 32, requires_grad=True)).logits
        total = sum(kept.values())
    assert logits.shape == (1, 10)
    assert total == pytest.approx(gradient_bytes(architecture), rel=0.5)


def test_the_stored_maps_are_those_of_the_pool_in_pool_order(
    store, data, teacher, teacher_asset, some
):
    asset = store.get(build_attributions, **signal_key(teacher_asset), steps=50)
    stored = load_signal(asset.path, data.pool)
    assert stored.shape == (1437, 1, 8, 8)
    computed = integrated_gradients(teacher, *some, steps=50).maps
    torch.testing.assert_close(stored[:6], computed, rtol=1e-4, atol=1e-5)
    facts = asset.facts
    assert 0 < facts["completeness_error_mean"] <= facts["completeness_error_max"]
    assert 0 < facts["completeness_error_relative"] < 0.1


def test_maps_that_miss_what_they_should_sum_up_to_are_cautioned_against(store, teacher_asset):
    def built(steps):
        return store.get(build_attributions, **signal_key(teacher_asset), steps=steps)

    few, many = built(2), built(50)
    assert few.digest != many.digest
    assert few.facts["completeness_error_relative"] > 0.05
    (sentence,) = few.cautions
    assert "with 2 steps the integral is not exact" in sentence
    assert many.facts["completeness_error_relative"] < 0.05
    assert many.cautions == ()
