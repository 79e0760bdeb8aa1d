import dataclasses

import numpy as np
import pytest
import torch

from harness.seeding import stream
from studies.distillation.data import Augmentation
from studies.distillation.evaluation import evaluate, images_at_once, logits_of
from studies.distillation.images import DeviceImages, inputs_at_once, unit_images
from studies.distillation.learning import (
    Batch,
    batches_by_epoch,
    epoch_batches,
    reproducible,
    train_epoch,
)
from studies.distillation.network import Output
from studies.distillation.params import StudentParams
from studies.distillation.plan import Streams, batch_bounds, plan_epoch
from studies.distillation.setup import prepare
from studies.distillation.student import learn


class Source:
    def rng(self, name):
        return stream(7, name)


def a_plan(count):
    return plan_epoch(Streams.begin(Source()), count, Augmentation(0, horizontal_flip=False))


@pytest.mark.parametrize(
    ("at_once", "made"), [(1, [4, 4, 2]), (7, [4, 6]), (8, [8, 2]), (9, [8, 2]), (10, [10])]
)
def test_an_epoch_s_inputs_are_made_some_whole_batches_at_a_time(at_once, made):
    plan, sizes = a_plan(10), []

    def see(part):
        sizes.append(len(part.order))
        order = torch.from_numpy(part.order)
        return Batch(order.float().view(-1, 1, 1, 1), order)

    batches = list(epoch_batches(plan, batch_bounds(10, 4), see, at_once))
    assert sizes == made
    assert [len(batch.samples) for batch in batches] == [4, 4, 2]
    assert torch.cat([batch.samples for batch in batches]).tolist() == plan.order.tolist()
    assert all(torch.equal(each.inputs.flatten(), each.samples.float()) for each in batches)


def test_inputs_are_made_no_earlier_than_they_are_needed():
    plan, made = a_plan(100), []

    def see(part):
        made.append(len(part.order))
        return Batch(torch.zeros(len(part.order), 1, 1, 1), torch.from_numpy(part.order))

    batches = epoch_batches(plan, batch_bounds(100, 10), see, 20)
    next(batches)
    assert made == [20]


@pytest.mark.parametrize(
    ("max_steps", "taken"),
    [(0, [3, 3]), (1, [1]), (3, [3]), (4, [3, 1]), (6, [3, 3]), (99, [3, 3])],
)
def test_the_limit_of_steps_holds_over_all_epochs(max_steps, taken):
    batches = batch_bounds(30, 10)
    epochs = list(batches_by_epoch(2, batches, max_steps))
    assert [len(epoch) for epoch in epochs] == taken
    assert all(epoch == batches[: len(epoch)] for epoch in epochs)


def test_the_loss_of_an_epoch_is_the_mean_over_the_visited_images():
    class Given(torch.nn.Module):
        """The loss of an image is its only intensity."""

        def __init__(self):
            super().__init__()
            self.one = torch.nn.Parameter(torch.ones(()))

        def forward(self, images, _):
            return Output(self.one * images.flatten(1), None)

    network = Given()
    batches = [
        Batch(torch.tensor([values]).view(-1, 1, 1, 1), torch.arange(len(values)))
        for values in ([1.0, 2.0, 6.0], [4.0])
    ]
    optimizer = torch.optim.SGD(network.parameters(), 0.0)
    loss = train_epoch(network, optimizer, batches, lambda output, _: output.logits.mean())
    assert loss == pytest.approx((3 * 3.0 + 4.0) / 4)


def test_how_many_images_are_evaluated_at_once_does_not_change_the_predictions(begin, data):
    setup = begin()
    with reproducible():
        raw = torch.from_numpy(data.test.images)
        together = logits_of(setup.network, raw, setup.view, 1000)
        apart = logits_of(setup.network, raw, setup.view, 7)
    torch.testing.assert_close(together, apart, rtol=1e-4, atol=1e-6)
    everything = evaluate(setup.network, DeviceImages.of(data.test, setup.device), setup.view, 50)
    assert np.array_equal(everything.predicted, together.argmax(1).numpy())
    assert everything.accuracy == np.mean(everything.predicted == data.test.labels)


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
        learned = learn(setup, lambda epoch, metrics: reported.append((epoch, metrics)))
    build.note(**learned, epochs=len(reported))


def test_a_student_can_be_trained_by_the_builder_of_an_asset(store):
    facts = store.get(build_student, epochs=2).facts
    assert facts["epochs"] == 1
    assert facts["train_loss"] > 0
