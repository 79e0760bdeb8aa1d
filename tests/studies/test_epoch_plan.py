import dataclasses

import numpy as np
import pytest
import torch

from harness.seeding import stream
from studies.distillation.data import Augmentation
from studies.distillation.images import augment, overlay, sharpened_maps
from studies.distillation.plan import Streams, batch_bounds, plan_epoch

ONE_PIXEL = Augmentation(crop_padding=1, horizontal_flip=False)


class Source:
    def rng(self, name):
        return stream(7, name)


def a_plan(count=2000):
    return plan_epoch(Streams.begin(Source()), count, ONE_PIXEL)


def test_a_plan_visits_every_example_once_and_stays_in_its_ranges():
    plan = a_plan()
    assert np.array_equal(np.sort(plan.order), np.arange(2000))
    assert set(np.unique(plan.corners)) == {0, 1, 2}
    assert plan.exponents.min() >= 1
    assert plan.exponents.max() <= 2


def test_exponents_are_log_uniform():
    # Half of a log-uniform variable on [1, 2] lies below the square root of two.
    assert np.mean(a_plan().exponents < 2**0.5) == pytest.approx(0.5, abs=0.04)


def test_epochs_differ():
    streams = Streams.begin(Source())
    first, second = (plan_epoch(streams, 50, ONE_PIXEL) for _ in range(2))
    assert not np.array_equal(first.order, second.order)


def test_order_and_crops_do_not_depend_on_how_much_the_overlay_stream_gave():
    frugal, lavish = Streams.begin(Source()), Streams.begin(Source())
    for _ in range(3):
        lavish.overlay.random(999)
        ours, theirs = (plan_epoch(streams, 50, ONE_PIXEL) for streams in (frugal, lavish))
        assert np.array_equal(ours.order, theirs.order)
        assert np.array_equal(ours.corners, theirs.corners)
        assert not np.array_equal(ours.coins, theirs.coins)


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(128, [64, 64]), (130, [64, 64, 2]), (129, [64, 65]), (40, [40]), (1, [1])],
)
def test_the_last_batch_may_be_small_but_is_never_a_single_image(count, sizes):
    batches = batch_bounds(count, 64)
    assert [batch.stop - batch.start for batch in batches] == sizes
    assert [batch.start for batch in batches[1:]] == [batch.stop for batch in batches[:-1]]


def test_a_crop_shifts_the_image_by_whole_pixels_and_fills_with_zeros():
    image = torch.arange(1.0, 10.0).view(1, 1, 3, 3)
    plan = dataclasses.replace(a_plan(2), corners=np.array([[1, 1], [0, 2]]))
    untouched, shifted = augment(image.repeat(2, 1, 1, 1), plan, ONE_PIXEL)
    assert torch.equal(untouched, image[0])
    assert shifted[0].tolist() == [[0, 0, 0], [2, 3, 0], [5, 6, 0]]


def test_a_crop_may_start_anywhere_within_twice_the_padding():
    four = Augmentation(crop_padding=4, horizontal_flip=True)
    plan = plan_epoch(Streams.begin(Source()), 4000, four)
    assert set(np.unique(plan.corners)) == set(range(9))
    assert np.mean(plan.flips) == pytest.approx(0.5, abs=0.03)
    # The upper left corner of the padded image: the original lies four pixels down and right.
    corner = dataclasses.replace(a_plan(1), corners=np.array([[0, 0]]), flips=np.array([False]))
    image = torch.ones(1, 3, 32, 32)
    cropped = augment(image, corner, four)
    assert cropped.shape == image.shape
    assert not cropped[:, :, :4].any()
    assert not cropped[:, :, :, :4].any()
    assert cropped[:, :, 4:, 4:].all()


def test_a_part_of_a_plan_is_about_the_same_visits():
    plan = a_plan(100)
    part = plan.part(slice(30, 50))
    for field in dataclasses.fields(plan):
        assert np.array_equal(getattr(part, field.name), getattr(plan, field.name)[30:50])


def test_images_are_mirrored_only_where_the_data_set_allows_it():
    image = torch.arange(1.0, 10.0).view(1, 1, 3, 3)
    plan = dataclasses.replace(a_plan(1), corners=np.array([[1, 1]]), flips=np.array([True]))
    assert torch.equal(augment(image, plan, ONE_PIXEL), image)
    assert torch.equal(augment(image, plan, Augmentation(1, horizontal_flip=True)), image.flip(-1))


def test_maps_are_raised_to_their_power_and_stretched_to_the_unit_interval():
    maps = torch.tensor([1.0, 2.0, 3.0]).view(1, 1, 1, 3).repeat(2, 1, 1, 1)
    plain, squared = sharpened_maps(maps, np.array([1.0, 2.0]))
    assert plain.flatten().tolist() == [0.0, 0.5, 1.0]
    assert squared.flatten().tolist() == [0.0, 0.375, 1.0]


def test_a_constant_map_becomes_zero():
    assert not sharpened_maps(torch.full((1, 1, 2, 2), 0.7), np.array([1.5])).any()


def test_an_overlay_is_the_mean_of_image_and_map_where_chosen():
    images, maps = torch.full((2, 1, 1, 1), 0.2), torch.full((2, 1, 1, 1), 0.8)
    mixed = overlay(images, maps, torch.tensor([True, False]))
    torch.testing.assert_close(mixed.flatten(), torch.tensor([0.5, 0.2]))
