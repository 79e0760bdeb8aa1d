import pytest
import torch

from harness.seeding import stream
from studies.distillation.architecture import Stage, mobilenet_v2, teacher_architecture
from studies.distillation.layers import layers_for
from studies.distillation.layers.convolution import ConvolutionLayers
from studies.distillation.layers.matrix import MatrixLayers
from studies.distillation.network import Network, build_network


def images(count, channels, size):
    shape = (count, channels, size, size)
    return torch.from_numpy(stream("forms", str(shape)).standard_normal(shape))


@pytest.fixture(params=[MatrixLayers(), ConvolutionLayers()], ids=["matrix", "convolution"])
def form(request):
    return request.param


@pytest.fixture
def as_convolutions(monkeypatch):
    def build(architecture):
        monkeypatch.setattr(
            "studies.distillation.network.layers_for", lambda _size: ConvolutionLayers()
        )
        return Network(architecture)

    return build


def test_small_images_get_matrices_and_larger_ones_convolutions():
    assert isinstance(layers_for(8), MatrixLayers)
    assert isinstance(layers_for(9), ConvolutionLayers)
    assert isinstance(layers_for(32), ConvolutionLayers)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("block", [0, 3, 9])
def test_both_forms_compute_the_same_network_from_the_same_stored_weights(
    as_convolutions, training, block
):
    architecture = teacher_architecture("digits", 10)
    matrices = build_network(architecture, stream(1, "init")).double()
    convolutions = as_convolutions(architecture).double()
    convolutions.load_state_dict(matrices.state_dict())
    batch = images(7, 1, 8)
    ours, theirs = (net.train(training)(batch, block) for net in (matrices, convolutions))
    torch.testing.assert_close(ours.logits, theirs.logits)
    torch.testing.assert_close(ours.features, theirs.features)
    for (name, one), (other_name, other) in zip(
        matrices.state_dict().items(), convolutions.state_dict().items(), strict=True
    ):
        assert name == other_name
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("block", [0, 4])
def test_gradients_through_logits_and_features_are_the_same_in_both_forms(as_convolutions, block):
    architecture = teacher_architecture("digits", 10)
    matrices = build_network(architecture, stream(1, "init")).double()
    convolutions = as_convolutions(architecture).double()
    convolutions.load_state_dict(matrices.state_dict())
    gradients = []
    for network in (matrices, convolutions):
        batch = images(5, 1, 8).requires_grad_()
        output = network(batch, block)
        loss = output.logits.square().sum() + output.features.square().mean(dim=0).sum()
        gradients.append(torch.autograd.grad(loss, [batch, *network.parameters()]))
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other)


def test_initial_weights_do_not_depend_on_the_form(monkeypatch):
    architecture = teacher_architecture("digits", 10)
    matrices = build_network(architecture, stream(1, "init")).state_dict()
    monkeypatch.setattr(
        "studies.distillation.network.layers_for", lambda _size: ConvolutionLayers()
    )
    convolutions = build_network(architecture, stream(1, "init")).state_dict()
    assert list(matrices) == list(convolutions)
    assert all(torch.equal(matrices[name], convolutions[name]) for name in matrices)


def test_an_image_keeps_its_features_whatever_else_is_in_the_batch(form):
    small = mobilenet_v2(
        image_channels=3,
        image_size=6,
        stem_channels=4,
        stages=(Stage(2, 4, 2, 1), Stage(2, 6, 1, 2)),
        last_channels=8,
        classes=3,
    )
    network = build_network(small, stream(1, "init")).double().eval()
    batch = images(4, 3, 6)
    alone, together = network(batch[2:3], 3), network(batch, 3)
    torch.testing.assert_close(together.features[:, 2:3], alone.features)
    torch.testing.assert_close(together.logits[2:3], alone.logits)
