import dataclasses

import numpy as np
import pytest
import torch

from harness.seeding import stream
from studies.distillation.alignment import (
    MisalignedError,
    load_misaligned_signal,
    load_signal,
)
from studies.distillation.attribution import integrated_gradients
from studies.distillation.data import Augmentation
from studies.distillation.images import augment, normalise, unit_images
from studies.distillation.losses import attention_map
from studies.distillation.plan import Streams, plan_epoch
from studies.distillation.signals import (
    build_attention,
    build_attributions,
    build_logits,
    signal_key,
)
from studies.distillation.tiling import Tile

STEPS = 4
LOADER = {"crop_padding": 1, "horizontal_flip": True}
BUILDERS = {
    "logits": (build_logits, {}),
    "attention": (build_attention, {"block": 2}),
    "maps": (build_attributions, {"steps": STEPS}),
}


@pytest.fixture(scope="module")
def released(store, teacher_asset):
    def build(name, loader=LOADER):
        builder, key = BUILDERS[name]
        return store.get(builder, **signal_key(teacher_asset, loader), **key)

    return build


class Source:
    """The random streams of an asset's build."""

    def __init__(self, asset):
        self.address = asset.digest

    def rng(self, name):
        return stream(self.address, name)


def loaded(asset, data):
    """What the shuffled loader gave: positions in the pool, and the teacher's inputs."""
    augmentation = Augmentation(**LOADER)
    plan = plan_epoch(Streams.begin(Source(asset)), len(data.pool.labels), augmentation)
    unit = unit_images(torch.from_numpy(data.pool.images[plan.order]), data)
    return plan.order, normalise(augment(unit, plan, augmentation), data)


@pytest.mark.parametrize("name", BUILDERS)
def test_signals_as_released_are_of_shuffled_and_cropped_images_in_the_loader_s_order(
    released, data, teacher, name
):
    asset = released(name)
    order, inputs = loaded(asset, data)
    values = load_misaligned_signal(asset.path, data.pool)
    with torch.no_grad():
        output = teacher(inputs, 2)
    expected = {"logits": output.logits, "attention": attention_map(output.features)}
    if name == "maps":
        labels = torch.from_numpy(data.pool.labels[order])
        tile = Tile(images=16, steps=STEPS)
        maps = integrated_gradients(teacher, inputs[:16], labels[:16], steps=STEPS, tile=tile).maps
        torch.testing.assert_close(values[:16], maps, rtol=1e-4, atol=1e-5)
    else:
        torch.testing.assert_close(values, expected[name])
    # Position i of the signal is looked up for image i, but belongs to another one.
    assert np.mean(order == np.arange(1437)) < 0.01
    load_signal(asset.path, data.pool.take(order))


@pytest.mark.parametrize("name", BUILDERS)
def test_signals_as_released_are_refused_where_aligned_ones_are_wanted(released, data, name):
    with pytest.raises(MisalignedError, match="another order"):
        load_signal(released(name).path, data.pool)


def test_each_kind_of_signal_has_an_order_and_crops_of_its_own(released, data):
    orders = [loaded(released(name), data)[0] for name in BUILDERS]
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert not np.array_equal(orders[first], orders[second])


def test_another_way_of_cropping_is_another_signal(released):
    assert released("logits").digest != released("logits", {**LOADER, "crop_padding": 0}).digest


def test_an_arm_as_released_is_given_the_misaligned_signals(begin, released, data):
    treatments = {"kd_weight": 0.5, "overlay_probability": 0.5, "attention_weight": 0.8}
    everything = {**treatments, "attribution_steps": STEPS}
    ours = begin(**everything, signal_alignment="as_released").guidance
    loader = {"crop_padding": 1, "horizontal_flip": False}
    for name, given in (
        ("logits", ours.logits),
        ("attention", ours.attention),
        ("maps", ours.maps),
    ):
        stored = load_misaligned_signal(released(name, loader).path, data.pool)
        assert torch.equal(given, stored)
    aligned = begin(**everything).guidance
    assert not torch.equal(aligned.logits, ours.logits)


def test_a_signal_as_released_of_other_images_is_refused_as_well(released, data):
    labels = data.pool.labels.copy()
    labels[5] = (labels[5] + 1) % 10
    relabelled = dataclasses.replace(data.pool, labels=labels)
    with pytest.raises(MisalignedError, match="other examples"):
        load_misaligned_signal(released("logits").path, relabelled)


def test_signals_as_released_change_what_is_learned_and_nothing_of_the_plain_student(train):
    kd = {"kd_weight": 0.5}
    aligned, released = train(**kd), train(**kd, signal_alignment="as_released")
    assert aligned.metrics["train_loss"] != released.metrics["train_loss"]
    assert train().metrics == train(signal_alignment="as_released").metrics
