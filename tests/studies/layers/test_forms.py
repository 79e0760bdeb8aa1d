import pytest
import torch

from harness.seeding import stream
from studies.distillation.architecture import Stage, mobilenet_v2, teacher_architecture
from studies.distillation.layers import (
    GroupedLayers,
    MatrixLayers,
    SeparateLayers,
    form_of_layers,
)
from studies.distillation.network import Networks, build_networks

FORMS = {"matrix": MatrixLayers, "separate": SeparateLayers, "grouped": GroupedLayers}
OTHERS = ["separate", "grouped"]
TEACHER = teacher_architecture("digits", 10)

pytestmark = pytest.mark.usefixtures("one_thread")


def images(*shape):
    return torch.from_numpy(stream("forms", str(shape)).standard_normal(shape))


@pytest.fixture
def build(monkeypatch):
    """Networks in one of the forms, with other initial weights each."""

    def run(form, architecture, count, make=build_networks):
        monkeypatch.setattr("studies.distillation.network.form_of_layers", lambda *_: FORMS[form])
        streams = [stream(seed, "init") for seed in range(count)]
        return make(architecture, streams).double()

    return run


@pytest.fixture
def both(build):
    """The teacher's networks as matrices and in another form, with the same stored weights."""

    def run(form, count):
        matrices = build("matrix", TEACHER, count)
        other = build(form, TEACHER, count, lambda shape, _: Networks(shape, count))
        other.load([matrices.weights_of(number) for number in range(count)])
        return matrices, other

    return run


@pytest.mark.parametrize(
    ("size", "device", "form"),
    [
        (8, "cpu", MatrixLayers),
        (9, "cpu", SeparateLayers),
        (32, "cpu", SeparateLayers),
        (8, "cuda", MatrixLayers),
        (9, "cuda", GroupedLayers),
        (32, "cuda", GroupedLayers),
    ],
)
def test_small_images_get_matrices_and_larger_ones_convolutions(size, device, form):
    assert form_of_layers(size, torch.device(device)) is form


def test_a_single_network_gets_a_copy_beside_it_only_where_the_library_tells_one_from_many():
    assert [form(1).pads_single for form in FORMS.values()] == [False, False, True]


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("block", [0, 3, 9])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("form", OTHERS)
def test_all_forms_compute_the_same_networks_from_the_same_stored_weights(
    both, form, count, training, block
):
    matrices, others = both(form, count)
    # Two batches, so that evaluation goes by other running statistics than those of the start.
    for batch in (images(count, 5, 1, 8, 8), images(count, 7, 1, 8, 8)):
        ours, theirs = (nets.train()(batch, block) for nets in (matrices, others))
    if not training:
        ours, theirs = (nets.eval()(batch, block) for nets in (matrices, others))
    torch.testing.assert_close(ours.logits, theirs.logits)
    torch.testing.assert_close(ours.features, theirs.features)
    for (name, one), (other_name, other) in zip(
        matrices.state_dict().items(), others.state_dict().items(), strict=True
    ):
        assert name == other_name
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("block", [0, 4])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("form", OTHERS)
def test_gradients_through_logits_and_features_are_the_same_in_all_forms(
    both, form, count, block, training
):
    gradients = []
    for networks in both(form, count):
        batch = images(count, 5, 1, 8, 8).requires_grad_()
        output = networks.train(training)(batch, block)
        loss = output.logits.square().sum() + output.features.square().mean(dim=1).sum()
        # In evaluation weights are folded, and no gradient goes to those of the blocks.
        trained = networks.parameters() if training else networks.head.parameters()
        gradients.append(torch.autograd.grad(loss, [batch, *trained]))
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("form", OTHERS)
def test_initial_weights_do_not_depend_on_the_form(build, form):
    matrices, others = (build(each, TEACHER, 2).state_dict() for each in ("matrix", form))
    assert list(matrices) == list(others)
    assert all(torch.equal(matrices[name], others[name]) for name in matrices)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("form", FORMS)
def test_an_image_keeps_its_features_whatever_else_is_in_the_batch(build, form, count):
    small = mobilenet_v2(
        image_channels=3,
        image_size=6,
        stem_channels=4,
        stages=(Stage(2, 4, 2, 1), Stage(2, 6, 1, 2)),
        last_channels=8,
        classes=3,
    )
    networks = build(form, small, count).eval()
    batch = images(count, 4, 3, 6, 6)
    alone, together = networks(batch[:, 2:3], 3), networks(batch, 3)
    torch.testing.assert_close(together.features[:, :, 2:3], alone.features)
    torch.testing.assert_close(together.logits[:, 2:3], alone.logits)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("form", FORMS)
def test_a_network_computes_in_every_form_what_it_computes_alone(build, form, training):
    together = build(form, TEACHER, 3).train(training)
    batch = images(3, 6, 1, 8, 8)
    alone = [together.chosen([number]) for number in range(3)]
    output = together(batch, 2)
    for number, single in enumerate(alone):
        expected = single(batch[[number]], 2)
        torch.testing.assert_close(output.logits[[number]], expected.logits)
        torch.testing.assert_close(output.features[[number]], expected.features)
        for name, stored in together.weights_of(number).items():
            torch.testing.assert_close(stored, single.weights_of(0)[name])
