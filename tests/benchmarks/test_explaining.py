"""That contestants which explain do the same work, and that it is the right one."""

from dataclasses import replace

import pytest
import torch

from benchmarks import explaining
from benchmarks.explaining import (
    architecture,
    calibrated,
    captums_attributions,
    doubled,
    explained,
    largest_difference,
)
from studies.distillation.tiling import Tile

COUNT, STEPS = 5, 6
DIGITS = architecture("digits", 5)


class Watched:
    """A network that notes how many points pass through it together."""

    def __init__(self, network):
        self.network = network
        self.passed = []

    def __call__(self, points):
        self.passed.append(len(points))
        return self.network(points)


@pytest.fixture
def work():
    made = explained(DIGITS, COUNT, STEPS, networks=doubled(calibrated(DIGITS)))
    return replace(made, network=Watched(made.network), tile=Tile(images=2, steps=STEPS))


@pytest.fixture
def passed(work, monkeypatch):
    """How many points a contestant passes at a time in one run, once it is ready."""
    monkeypatch.setattr(explaining, "explained", lambda *_: work)

    def run(function, **settings):
        once = function("digits", COUNT, steps=STEPS, **settings)
        work.network.passed.clear()
        once()
        return work.network.passed

    return run


@pytest.mark.parametrize("batch", [2, 7, 100])
def test_captum_explains_images_in_groups_as_it_does_at_once(work, batch):
    at_once = captums_attributions(work, None)
    assert work.network.passed == [COUNT * STEPS]
    work.network.passed.clear()
    assert torch.allclose(captums_attributions(work, batch), at_once, rtol=0, atol=1e-12)
    assert max(work.network.passed) <= batch
    assert sum(work.network.passed) == COUNT * STEPS


def test_the_floor_passes_the_points_of_ours_in_the_same_batches(passed):
    floor = list(passed(explaining.floor))
    assert sorted(floor) == [STEPS, 2 * STEPS, 2 * STEPS]
    # Ours also asks for the logits of the images and of the baseline.
    assert sorted(passed(explaining.ours)) == sorted([*floor, COUNT, 1])


def test_captum_passes_batches_as_large_or_all_at_once(passed):
    assert max(passed(explaining.captum)) <= 2 * STEPS
    assert passed(explaining.captum, batched=False) == [COUNT * STEPS]


def test_ours_and_captum_s_agree_to_its_rounded_weights_where_both_are_double():
    assert largest_difference(DIGITS, COUNT, STEPS, double=True) < 1e-7


def test_in_single_precision_both_are_about_as_far_from_double_precision():
    ours, captums = (
        largest_difference(DIGITS, COUNT, STEPS, of=each) for each in ("ours", "captum")
    )
    assert 0 < ours < 1e-3
    assert 0 < captums < 1e-3
