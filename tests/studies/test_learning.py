import dataclasses

import numpy as np
import pytest
import torch

from harness.seeding import stream
from studies.distillation.evaluation import evaluate_each, images_at_once, logits_of_each
from studies.distillation.images import DeviceImages, inputs_at_once, unit_images
from studies.distillation.learning import (
    Batch,
    TorchStepper,
    batches_by_epoch,
    epoch_batches,
    reproducible,
    train_epoch,
)
from studies.distillation.network import Output, build_networks
from studies.distillation.params import StudentParams
from studies.distillation.plan import batch_bounds
from studies.distillation.setup import prepare
from studies.distillation.training import learn

NETWORKS = 3


@pytest.fixture
def epoch():
    """What three networks visit: other images each, with signals that are known by their image."""
    orders = np.stack([stream(7, f"order {k}").permutation(10) for k in range(NETWORKS)])
    visited = torch.from_numpy(orders)
    return Batch(
        inputs=visited.float().view(NETWORKS, 10, 1, 1, 1),
        labels=visited,
        teacher_logits=visited[:2].unsqueeze(2) + 0.25,
        teacher_attention=visited[1:].unsqueeze(2) + 0.5,
    )


@pytest.mark.parametrize(
    ("at_once", "made"), [(1, [4, 4, 2]), (7, [4, 6]), (8, [8, 2]), (9, [8, 2]), (10, [10])]
)
def test_an_epoch_s_inputs_are_made_some_whole_batches_at_a_time(epoch, at_once, made):
    sizes = []

    def see(visits):
        sizes.append(visits.stop - visits.start)
        return epoch.part(visits)

    batches = list(epoch_batches(batch_bounds(10, 4), see, at_once))
    assert sizes == made
    assert [batch.labels.shape for batch in batches] == [(NETWORKS, count) for count in (4, 4, 2)]
    for name in Batch._fields:
        joined = torch.cat([getattr(batch, name) for batch in batches], dim=1)
        assert torch.equal(joined, getattr(epoch, name))


def test_a_part_of_a_batch_without_signals_has_none_either(epoch):
    bare = epoch._replace(teacher_logits=None, teacher_attention=None)
    part = bare.part(slice(2, 5))
    assert torch.equal(part.labels, epoch.labels[:, 2:5])
    assert part.teacher_logits is None
    assert part.teacher_attention is None


def test_inputs_are_made_no_earlier_than_they_are_needed():
    made = []

    def see(visits):
        made.append(visits)
        count = visits.stop - visits.start
        return Batch(torch.zeros(1, count, 1, 1, 1), torch.zeros(1, count))

    batches = epoch_batches(batch_bounds(100, 10), see, 20)
    next(batches)
    assert made == [slice(0, 20)]


@pytest.mark.parametrize(
    ("max_steps", "taken"),
    [(0, [3, 3]), (1, [1]), (3, [3]), (4, [3, 1]), (6, [3, 3]), (99, [3, 3])],
)
def test_the_limit_of_steps_holds_over_all_epochs(max_steps, taken):
    batches = batch_bounds(30, 10)
    epochs = list(batches_by_epoch(2, batches, max_steps))
    assert [len(epoch) for epoch in epochs] == taken
    assert all(epoch == batches[: len(epoch)] for epoch in epochs)


class Given(torch.nn.Module):
    """The loss of an image is its only intensity, times a weight of the network."""

    def __init__(self, networks):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(networks))

    def forward(self, images, features_of):
        assert features_of is None
        return Output(self.weight.view(-1, 1, 1) * images.flatten(2), None)


def mean_logit(output, _):
    return output.logits.mean(dim=(1, 2))


def batch_of(*intensities):
    inputs = torch.tensor(intensities).view(len(intensities), -1, 1, 1, 1)
    return Batch(inputs, torch.zeros(inputs.shape[:2], dtype=torch.long))


def test_the_loss_of_an_epoch_is_each_network_s_mean_over_the_images_that_it_visited():
    networks = Given(2)
    batches = [batch_of([1.0, 2.0, 6.0], [0.0, 0.0, 9.0]), batch_of([4.0], [7.0])]
    still = TorchStepper(torch.optim.SGD(networks.parameters(), 0.0))
    losses = train_epoch(networks, still, batches, mean_logit)
    assert losses.tolist() == pytest.approx([(3 * 3.0 + 4.0) / 4, (3 * 3.0 + 7.0) / 4])


def test_the_loss_of_a_batch_is_the_one_before_the_step_that_it_causes():
    networks = Given(2)
    batches = [batch_of([2.0], [4.0]), batch_of([2.0], [4.0])]
    stepper = TorchStepper(torch.optim.SGD(networks.parameters(), 0.1))
    losses = train_epoch(networks, stepper, batches, mean_logit)
    # A step takes off a tenth of the gradient, which is the intensity: of 1, 0.2 and 0.4.
    assert losses.tolist() == pytest.approx([2 * (1 + 0.8) / 2, 4 * (1 + 0.6) / 2])
    assert networks.weight.tolist() == pytest.approx([0.6, 0.2])


def test_gradients_do_not_add_up_over_the_steps_of_an_optimizer_of_torch():
    weight = torch.nn.Parameter(torch.zeros(3))
    stepper = TorchStepper(torch.optim.SGD([weight], 1.0))
    for _ in range(2):
        stepper.step(weight.sum())
    assert weight.tolist() == [-2.0] * 3


def test_an_epoch_puts_the_networks_into_training_mode():
    networks = Given(1).eval()
    still = TorchStepper(torch.optim.SGD(networks.parameters(), 0.0))
    train_epoch(networks, still, [batch_of([1.0])], mean_logit)
    assert networks.training


def test_how_many_images_are_evaluated_at_once_does_not_change_the_predictions(begin, data):
    setups = [begin(seed=1), begin(seed=2)]
    networks = build_networks(setups[0].architecture, [each.initial for each in setups])
    raw = torch.from_numpy(data.test.images)
    own = [raw, raw.flip(0)]
    with reproducible():
        together = logits_of_each(networks, own, setups[0].view, 1000)
        apart = logits_of_each(networks, own, setups[0].view, 7)
    assert together.shape == (2, 360, 10)
    torch.testing.assert_close(together, apart, rtol=1e-4, atol=1e-6)
    labelled = DeviceImages.of(data.test, setups[0].device)
    images = [labelled, DeviceImages(labelled.images.flip(0), labelled.labels.flip(0))]
    for number, found in enumerate(evaluate_each(networks, images, setups[0].view, 50)):
        assert np.array_equal(found.predicted, together[number].argmax(1).numpy())
        assert np.array_equal(found.correct, found.predicted == images[number].labels.numpy())
        assert found.accuracy == np.mean(found.correct)
    assert not networks.training


def test_each_network_is_evaluated_on_its_own_images_as_if_it_were_alone(begin, data):
    setups = [begin(seed=seed) for seed in range(3)]
    networks = build_networks(setups[0].architecture, [each.initial for each in setups])
    raw = torch.from_numpy(data.test.images)
    own = [raw[start : start + 100] for start in (0, 100, 260)]
    with reproducible():
        together = logits_of_each(networks, own, setups[0].view, 40)
        for number, images in enumerate(own):
            alone = logits_of_each(networks.chosen([number]), [images], setups[0].view, 40)
            assert torch.equal(alone[0], together[number])


def test_a_network_that_diverged_predicts_nothing_and_its_neighbour_all_the_same(begin, data):
    setups = [begin(seed=1), begin(seed=2)]
    networks = build_networks(setups[0].architecture, [each.initial for each in setups])
    images = [DeviceImages.of(data.test, setups[0].device)] * 2
    with torch.no_grad():
        networks.head.bias[0, 3] = float("nan")
    lost, sound = evaluate_each(networks, images, setups[0].view, 400)
    assert not lost.finite
    assert np.isnan(lost.accuracy)
    assert sound.finite
    assert sound.accuracy == np.mean(sound.correct)


def test_all_digits_are_evaluated_in_one_go_and_larger_images_some_at_a_time(begin):
    setup = begin()
    assert images_at_once(setup.teacher_architecture) >= len(setup.dataset.pool.labels)
    assert inputs_at_once(setup.dataset) >= len(setup.dataset.pool.labels)
    large = dataclasses.replace(
        setup.dataset,
        pool=dataclasses.replace(
            setup.dataset.pool, images=np.zeros((1, 3, 32, 32), dtype=np.uint8)
        ),
    )
    assert inputs_at_once(large) * 4 * 3 * 32 * 32 <= 64_000_000


def test_images_stay_bytes_on_the_device(begin, data):
    setup = begin()
    assert setup.pool.images.dtype == torch.uint8
    assert torch.equal(
        unit_images(setup.pool.images, data), torch.from_numpy(data.pool.images / 16).float()
    )


def build_student(build, *, epochs):
    """An asset's builder that trains a student: it has no trial to report to."""
    reported = []
    setup = prepare(StudentParams(epochs=epochs, max_steps=3), build)
    with reproducible():
        learned = learn([setup], lambda _, epoch, metrics: reported.append((epoch, metrics)))
    build.note(**learned.metrics[0], epochs=len(reported))


def test_a_student_can_be_trained_by_the_builder_of_an_asset(store):
    facts = store.get(build_student, epochs=2).facts
    assert facts["epochs"] == 1
    assert facts["train_loss"] > 0
