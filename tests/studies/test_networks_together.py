"""What networks are to each other that share a program: nothing."""

import pytest
import torch

from harness.seeding import stream
from studies.distillation.architecture import Stage, mobilenet_v2, teacher_architecture
from studies.distillation.layers import GroupedLayers, MatrixLayers, SeparateLayers
from studies.distillation.network import (
    CPU,
    Networks,
    SingleNetwork,
    build_networks,
    inference_network,
)
from studies.distillation.sharing import MOST_ON_PROCESSOR

DIGITS = teacher_architecture("digits", 10)
STUDENT = DIGITS.without_last(5)
MOST = MOST_ON_PROCESSOR


pytestmark = pytest.mark.usefixtures("one_thread")


def random(*shape):
    return torch.from_numpy(stream("together", str(shape)).standard_normal(shape)).float()


def build(architecture, *seeds):
    return build_networks(architecture, [stream(seed, "init") for seed in seeds])


def trained_a_little(architecture, *seeds):
    """Networks whose BatchNorms have seen some images of each one's own."""
    networks = build(architecture, *seeds)
    networks(random(len(seeds), 6, *networks.image_shape))
    return networks


def computed(networks, images, *, training):
    """Logits, features, what is stored afterwards, and all gradients, by name."""
    images = images.clone().requires_grad_()
    output = networks.train(training)(images, 1)
    trained = dict(networks.named_parameters() if training else networks.head.named_parameters())
    loss = output.logits.square().sum() + output.features.square().sum()
    gradients = torch.autograd.grad(loss, [images, *trained.values()])
    named = zip(("images", *trained), gradients, strict=True)
    return {
        "logits": output.logits,
        "features": output.features,
        **networks.state_dict(),
        **{f"gradient of {name}": gradient for name, gradient in named},
    }


@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize("form", [MatrixLayers, SeparateLayers])
def test_networks_compute_to_the_last_bit_what_each_computes_alone(monkeypatch, form, training):
    monkeypatch.setattr("studies.distillation.network.form_of_layers", lambda *_: form)
    whole, images = build(STUDENT, *range(MOST)), random(MOST, 64, 1, 8, 8)
    for numbers in ([0], [3, 1], [7, 2, 5], [4, 0, 6, 3, 1], list(range(MOST))):
        group = computed(whole.chosen(numbers), images[numbers], training=training)
        for lane, number in enumerate(numbers):
            alone = computed(whole.chosen([number]), images[[number]], training=training)
            assert alone.keys() == group.keys()
            for name, value in alone.items():
                assert torch.equal(group[name][lane], value[0]), (name, numbers)


@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize("form", [SeparateLayers, GroupedLayers])
def test_so_do_networks_for_larger_images(monkeypatch, form, training):
    monkeypatch.setattr("studies.distillation.network.form_of_layers", lambda *_: form)
    # A form in groups is not asked for one network: a copy of it is trained beside it.
    beside = 2 if form.pads_single else 1
    student = teacher_architecture("cifar", 10).without_last(15)
    whole, images = build(student, 1, 2, 3), random(3, 4, 3, 32, 32)
    together = computed(whole.chosen([0, 1, 2]), images, training=training)
    for number in range(3):
        twins = [number] * beside
        alone = computed(whole.chosen(twins), images[twins], training=training)
        for name, value in alone.items():
            assert torch.equal(together[name][number], value[0]), name


@pytest.mark.parametrize("form", [MatrixLayers, SeparateLayers])
@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_network_that_diverged_leaves_its_neighbours_as_they_are(monkeypatch, form, number):
    monkeypatch.setattr("studies.distillation.network.form_of_layers", lambda *_: form)
    sound, lost = build(STUDENT, 1, 2, 3), build(STUDENT, 1, 2, 3)
    images = random(3, 9, 1, 8, 8)
    with torch.no_grad():
        for parameter in lost.parameters():
            parameter[1] = number
    for training in (True, False):
        expected, found = (computed(each, images, training=training) for each in (sound, lost))
        assert not found["logits"][1].isfinite().any()
        for name, value in expected.items():
            for neighbour in (0, 2):
                assert torch.equal(found[name][neighbour], value[neighbour]), name


def test_each_network_starts_with_the_weights_of_its_own_stream():
    together = build(STUDENT, 5, 6, 7)
    for number, seed in enumerate((5, 6, 7)):
        ours, alone = together.weights_of(number), build(STUDENT, seed).weights_of(0)
        assert all(torch.equal(ours[name], alone[name]) for name in alone)
    first, second = together.weights_of(0), together.weights_of(1)
    assert not torch.equal(first["head.weight"], second["head.weight"])


def test_what_networks_store_can_be_taken_out_and_loaded_in_another_order():
    networks = trained_a_little(STUDENT, 5, 6, 7)
    stored = [networks.weights_of(number) for number in range(3)]
    other = Networks(STUDENT, 3)
    other.load(stored[::-1])
    for number in range(3):
        loaded = other.weights_of(2 - number)
        assert loaded.keys() == stored[number].keys()
        assert all(torch.equal(loaded[name], stored[number][name]) for name in loaded)
    assert not torch.equal(*(each["blocks.0.units.0.norm.running_mean"] for each in stored[:2]))


def test_what_was_taken_out_does_not_follow_the_networks():
    networks = build(STUDENT, 5, 6)
    stored = networks.weights_of(1)
    before = {name: tensor.clone() for name, tensor in stored.items()}
    with torch.no_grad():
        for parameter in networks.parameters():
            parameter.add_(1)
    assert all(torch.equal(stored[name], before[name]) for name in stored)


def test_chosen_networks_are_copies_in_the_order_in_which_they_are_named():
    networks = trained_a_little(STUDENT, 5, 6, 7)
    chosen = networks.chosen([2, 0, 2])
    assert chosen.count == 3
    for lane, number in enumerate((2, 0, 2)):
        ours, theirs = chosen.weights_of(lane), networks.weights_of(number)
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    with torch.no_grad():
        for parameter in chosen.parameters():
            parameter.zero_()
    assert networks.head.weight.any()


@pytest.mark.parametrize("training", [True, False])
def test_chosen_networks_keep_the_mode_and_the_precision(training):
    chosen = build(STUDENT, 5, 6).double().train(training).chosen([1])
    assert chosen.training == training
    assert {each.dtype for each in chosen.state_dict().values()} == {torch.float64}
    assert all(parameter.requires_grad for parameter in chosen.parameters())


@pytest.mark.parametrize("networks", [1, 3])
def test_a_single_network_is_one_of_them_without_their_dimension(networks):
    together = trained_a_little(STUDENT, *range(networks)).eval()
    images, last = random(4, 1, 8, 8), networks - 1
    single = SingleNetwork(together, last)
    ours = single(images, 1)
    theirs = together.chosen([last])(images.unsqueeze(0), 1)
    assert torch.equal(ours.logits, theirs.logits[0])
    assert torch.equal(ours.features, theirs.features[0])
    assert single(images).features is None
    assert single.image_shape == (1, 8, 8)
    assert not single.training


@pytest.mark.parametrize(
    "architecture", [STUDENT, teacher_architecture("cifar", 10).without_last(17)]
)
def test_frozen_networks_compute_the_same_and_follow_their_weights_no_longer(architecture):
    networks = trained_a_little(architecture, 5, 6)
    images = random(2, 4, *networks.image_shape)
    before = networks.eval()(images).logits
    frozen = networks.chosen([0, 1]).frozen()
    assert torch.equal(frozen(images).logits, before)
    assert not frozen.training
    assert not any(parameter.requires_grad for parameter in frozen.parameters())
    for each in (networks, frozen):
        with torch.no_grad():
            for name, tensor in each.state_dict().items():
                if name.startswith("blocks"):
                    tensor.mul_(1.5)
    assert torch.equal(frozen(images).logits, before)
    assert not torch.equal(networks(images).logits, before)


def test_gradients_of_images_go_back_through_frozen_networks():
    networks = trained_a_little(STUDENT, 5)
    images = random(1, 4, 1, 8, 8)
    gradients = []
    for each in (networks.chosen([0]).eval(), networks.chosen([0]).frozen()):
        shown = images.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(each(shown).logits.sum(), shown)
        gradients.append(gradient)
    assert gradients[0].any()
    assert torch.equal(*gradients)


def test_a_network_for_inference_is_the_one_that_was_stored():
    networks = trained_a_little(STUDENT, 5, 6).eval()
    single = inference_network(STUDENT, networks.weights_of(1), CPU)
    images = random(4, 1, 8, 8)
    expected = networks.chosen([1])(images.unsqueeze(0)).logits[0]
    assert torch.equal(single(images).logits, expected)
    assert not single.training
    assert not any(parameter.requires_grad for parameter in single.parameters())


def test_an_odd_number_of_positions_changes_nothing_of_that():
    odd = mobilenet_v2(
        image_channels=3,
        image_size=5,
        stem_channels=5,
        stages=(Stage(3, 7, 2, 1), Stage(2, 6, 1, 2)),
        last_channels=9,
        classes=3,
    )
    whole, images = build(odd, *range(5)), random(5, 7, 3, 5, 5)
    together = computed(whole.chosen([0, 1, 2, 3, 4]), images, training=True)
    for number in range(5):
        alone = computed(whole.chosen([number]), images[[number]], training=True)
        for name, value in alone.items():
            assert torch.equal(together[name][number], value[0]), name
