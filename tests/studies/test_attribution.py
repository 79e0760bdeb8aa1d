import contextlib

import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients
from safetensors.torch import load_file

from harness.seeding import stream
from studies.distillation import attribution
from studies.distillation.alignment import load_signal
from studies.distillation.architecture import teacher_architecture
from studies.distillation.attribution import (
    Attributions,
    Quadrature,
    gauss_legendre,
    integrated_gradients,
    signed_attributions,
)
from studies.distillation.images import normalised_images
from studies.distillation.network import Networks, Output, SingleNetwork, build_networks
from studies.distillation.signals import build_attributions, signal_key
from studies.distillation.teacher import WEIGHTS
from studies.distillation.tiling import Tile

DIGITS = teacher_architecture("digits", 10)
# The first three blocks of the teacher for 32×32 pixels: enough to be another form of layers.
LARGER = teacher_architecture("cifar", 10).without_last(16)

TILE = Tile(8, 50)


def in_double(architecture, weights):
    networks = Networks(architecture, 1).double()
    networks.load([weights])
    return SingleNetwork(networks.frozen())


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Threads that wait for each other take minutes where others use the cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def double(teacher_asset):
    return in_double(DIGITS, load_file(teacher_asset.path / WEIGHTS))


@pytest.fixture(scope="module")
def larger():
    """Networks for 32×32 pixels that have seen some images, in both precisions, and three more."""
    rng = stream("attribution", "larger")
    images = torch.from_numpy(rng.standard_normal((7, 3, 32, 32))).float()
    networks = build_networks(LARGER, [rng])
    with torch.no_grad():
        for _ in range(10):
            networks(images[None, :4])
    weights = networks.weights_of(0)
    return SingleNetwork(networks.frozen()), in_double(LARGER, weights), images[4:]


@pytest.fixture(scope="module")
def first(data):
    def run(count):
        images = normalised_images(torch.from_numpy(data.pool.images[:count]), data)
        return images, torch.from_numpy(data.pool.labels[:count])

    return run


@pytest.fixture(scope="module")
def some(first):
    return first(6)


def with_captum(network, images, labels, steps, **options):
    """Captum's signed attributions in double precision."""
    explained = IntegratedGradients(lambda points: network(points).logits)
    attributed = explained.attribute(
        images.double(), target=labels, n_steps=steps, method="gausslegendre", **options
    )
    return attributed.detach()


def from_definition(network, images, labels, steps):
    """Signed integrated gradients in double precision, one step after the other."""
    images = images.double()
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    total = torch.zeros_like(images)
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        point = (node * images).requires_grad_()
        logits = network(point).logits.gather(1, labels[:, None])
        total += weight * torch.autograd.grad(logits.sum(), point)[0]
    return images * total


def difference(ours, theirs):
    """The largest difference, as a share of the largest attribution."""
    return float((ours.double() - theirs).abs().max() / theirs.abs().max())


@pytest.fixture
def captum_s_weights(monkeypatch):
    """Captum rounds the weights of the quadrature to single precision, whatever the images have."""

    def rounded(steps, like):
        points, weights = gauss_legendre(steps, like)
        return Quadrature(points, weights.float().to(like.dtype))

    monkeypatch.setattr(attribution, "gauss_legendre", rounded)


TILES = [Tile(6, 50), Tile(4, 7), Tile(1, 3), Tile(2, 1)]


@pytest.mark.parametrize("steps", [1, 7, 50])
@pytest.mark.parametrize("tile", TILES)
@pytest.mark.usefixtures("captum_s_weights")
def test_double_precision_gives_captum_s_values(double, some, steps, tile):
    images, labels = some
    ours = signed_attributions(double, images.double(), labels, steps=steps, tile=tile)
    assert difference(ours, with_captum(double, *some, steps)) < 1e-12


@pytest.mark.parametrize(("steps", "tile"), [(5, Tile(2, 5)), (7, Tile(1, 4))])
@pytest.mark.usefixtures("captum_s_weights")
def test_double_precision_gives_captum_s_values_of_larger_images(larger, steps, tile):
    _, network, images = larger
    labels = torch.arange(len(images))
    ours = signed_attributions(network, images.double(), labels, steps=steps, tile=tile)
    theirs = with_captum(network, images, labels, steps, internal_batch_size=len(images))
    assert difference(ours, theirs) < 1e-12


@pytest.mark.parametrize("steps", [1, 7, 50])
def test_captum_s_own_weights_are_the_only_difference(double, some, steps):
    images, labels = some
    ours = signed_attributions(double, images.double(), labels, steps=steps, tile=TILE)
    assert difference(ours, from_definition(double, *some, steps)) < 1e-12
    assert difference(ours, with_captum(double, *some, steps)) < 1e-7


def test_single_precision_is_as_near_as_is_stated(teacher, double, larger, first):
    images, labels = first(16)
    ours = signed_attributions(teacher, images, labels, steps=50, tile=TILE)
    assert difference(ours, with_captum(double, images, labels, 50)) < 2e-5
    single, network, images = larger
    labels = torch.arange(len(images))
    ours = signed_attributions(single, images, labels, steps=9, tile=Tile(1, 9))
    theirs = with_captum(network, images, labels, 9, internal_batch_size=len(images))
    assert difference(ours, theirs) < 2e-5


@pytest.mark.parametrize("tile", TILES)
def test_how_much_passes_through_the_network_at_once_changes_no_more_than_rounding(
    teacher, some, tile
):
    together = integrated_gradients(teacher, *some, steps=50, tile=TILE)
    apart = integrated_gradients(teacher, *some, steps=50, tile=tile)
    for name in ("maps", "logit_gain", "completeness_error"):
        torch.testing.assert_close(getattr(together, name), getattr(apart, name), rtol=0, atol=2e-5)


@pytest.mark.parametrize("threads", [2, 3])
def test_how_many_threads_take_part_changes_no_bit(teacher, larger, first, threads):
    def attributed(network, images, labels, tile, threads):
        return signed_attributions(network, images, labels, steps=9, tile=tile, threads=threads)

    alone = attributed(teacher, *first(20), Tile(3, 9), 1)
    assert torch.equal(attributed(teacher, *first(20), Tile(3, 9), threads), alone)
    network, _, images = larger
    labels = torch.arange(len(images))
    alone = attributed(network, images, labels, Tile(1, 4), 1)
    assert torch.equal(attributed(network, images, labels, Tile(1, 4), threads), alone)


def test_the_threads_that_torch_uses_elsewhere_change_no_bit_and_are_left_alone(teacher, some):
    before = torch.get_num_threads()
    found = []
    for elsewhere in (1, 2):
        torch.set_num_threads(elsewhere)
        found.append(integrated_gradients(teacher, *some, steps=20, tile=TILE, threads=2))
        assert torch.get_num_threads() == elsewhere
    torch.set_num_threads(before)
    for name in ("maps", "logit_gain", "completeness_error"):
        assert torch.equal(*(getattr(each, name) for each in found))


def test_each_image_is_attributed_alike_whichever_images_stand_in_other_tiles(teacher, first):
    images, labels = first(16)
    all_of_them = signed_attributions(teacher, images, labels, steps=50, tile=TILE)
    last = signed_attributions(teacher, images[8:], labels[8:], steps=50, tile=TILE)
    assert torch.equal(all_of_them[8:], last)


def test_what_is_finished_is_told_as_it_is(teacher, first):
    told = []
    integrated_gradients(teacher, *first(10), steps=3, tile=Tile(4, 3), done=told.append)
    assert told == [4, 8, 10]


def test_a_network_that_fails_is_heard_of_and_threads_are_as_before():
    def failing(images):
        raise RuntimeError("no such network")

    before = torch.get_num_threads()
    images, labels = few_images()
    with pytest.raises(RuntimeError, match="no such network"):
        integrated_gradients(failing, images, labels, steps=2, tile=Tile(1, 1), threads=2)
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("context", [torch.no_grad, contextlib.nullcontext])
def test_nothing_is_left_of_the_gradients(teacher, some, context):
    images, labels = some
    with context():
        attributions = integrated_gradients(teacher, images, labels, steps=5, tile=TILE)
    assert not attributions.maps.requires_grad
    assert not attributions.logit_gain.requires_grad
    assert not images.requires_grad


def test_the_completeness_error_is_that_of_the_definition(teacher, double, some):
    images, labels = some
    attributions = integrated_gradients(teacher, *some, steps=50, tile=TILE)
    with torch.no_grad():
        logits, baseline = (
            double(x).logits.gather(1, labels[:, None]).squeeze(1)
            for x in (images.double(), torch.zeros_like(images).double())
        )
    gain = logits - baseline
    error = (from_definition(double, *some, steps=50).sum((1, 2, 3)) - gain).abs()
    torch.testing.assert_close(attributions.logit_gain.double(), gain, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(attributions.completeness_error.double(), error, rtol=0, atol=1e-4)


# The network is linear between the kinks of its ReLU6, so the quadrature converges slowly: over 400
# images 50 steps miss 2.7 % of the fully trained teacher's gain and 3.0 % of this short-trained
# one's.
@pytest.mark.parametrize(("steps", "share"), [(50, 0.1), (500, 0.01)])
def test_attributions_sum_up_to_what_the_image_gains_over_the_baseline(
    teacher, first, steps, share
):
    attributions = integrated_gradients(teacher, *first(16), steps=steps, tile=TILE)
    assert 0 < attributions.relative_error < share


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
    attributions = integrated_gradients(network, images, labels, steps=1, tile=TILE)
    torch.testing.assert_close(attributions.maps, products.abs().sum(1, keepdim=True))
    torch.testing.assert_close(attributions.logit_gain, products.sum((1, 2, 3)))
    assert attributions.completeness_error.max() < 1e-5


def test_attributions_of_a_square_are_half_of_the_gradient_times_the_input():
    network, (images, labels) = Linear(power=2), few_images()
    gradient = 2 * network.weights[labels].view(2, 2, 2, 2) * images
    attributions = integrated_gradients(network, images, labels, steps=50, tile=TILE)
    expected = (gradient * images / 2).abs().sum(1, keepdim=True)
    torch.testing.assert_close(attributions.maps, expected, rtol=1e-5, atol=1e-5)
    assert attributions.relative_error < 1e-5


def test_a_network_whose_gradient_is_wrong_shows_in_the_completeness_error():
    class Wrong(Linear):
        def forward(self, images):
            # The value is that of the linear model, the gradient only three quarters of it.
            right = super().forward(images).logits
            return Output(0.75 * right + 0.25 * right.detach(), None)

    attributions = integrated_gradients(Wrong(), *few_images(), steps=50, tile=TILE)
    torch.testing.assert_close(
        attributions.completeness_error, 0.25 * attributions.logit_gain.abs()
    )
    assert attributions.relative_error == pytest.approx(0.25)


def test_the_relative_error_is_the_mean_error_over_the_mean_gain():
    gain, error = torch.tensor([4.0, -2.0, 0.0]), torch.tensor([0.1, 0.2, 0.3])
    assert Attributions(torch.zeros(3, 1, 1, 1), gain, error).relative_error == pytest.approx(0.1)


def test_the_stored_maps_are_those_of_the_pool_in_pool_order(
    store, data, teacher, teacher_asset, first
):
    asset = store.get(build_attributions, **signal_key(teacher_asset), steps=50)
    stored = load_signal(asset.path, data.pool)
    assert stored.shape == (1437, 1, 8, 8)
    computed = integrated_gradients(teacher, *first(16), steps=50, tile=TILE).maps
    assert torch.equal(stored[:16], computed)
    facts = asset.facts
    assert 0 < facts["completeness_error_mean"] <= facts["completeness_error_max"]
    assert 0 < facts["completeness_error_relative"] < 0.1
    assert facts["points_at_once"] == TILE.points


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
