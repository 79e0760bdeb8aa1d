import dataclasses

import numpy as np
import pytest
import torch

from studies.distillation.images import normalised_images, sharpened_maps
from studies.distillation.network import build_networks
from studies.distillation.plan import plan_epoch
from studies.distillation.seeing import epoch_inputs, epoch_samples

ARMS = {
    "student": {},
    "kd": {"kd_weight": 0.01},
    "ig": {"overlay_probability": 0.5},
    "at": {"attention_weight": 0.8},
    "kd_ig_at": {"kd_weight": 0.01, "overlay_probability": 0.5, "attention_weight": 0.8},
}


def initial_weights(setup):
    return build_networks(setup.architecture, [setup.initial]).state_dict()


def next_plan(setup):
    return plan_epoch(setup.streams, len(setup.split.chosen), setup.dataset.augmentation)


@pytest.mark.parametrize("arm", list(ARMS)[1:])
def test_arms_with_one_seed_start_from_identical_weights_and_subsets(begin, arm):
    control, treated = begin(), begin(**ARMS[arm])
    assert np.array_equal(control.split.chosen, treated.split.chosen)
    ours, theirs = initial_weights(control), initial_weights(treated)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize("arm", list(ARMS)[1:])
def test_arms_with_one_seed_see_identical_batches_and_crops(begin, arm):
    control, treated = begin(), begin(**ARMS[arm])
    for _ in range(3):
        plan, treated_plan = next_plan(control), next_plan(treated)
        samples = epoch_samples(control, plan)
        assert torch.equal(samples, epoch_samples(treated, treated_plan))
        overlaid = treated_plan.coins < treated.params.overlay_probability
        clean = torch.from_numpy(~overlaid)
        inputs = epoch_inputs(control, plan)
        assert torch.equal(inputs[clean], epoch_inputs(treated, treated_plan)[clean])
        assert clean.any()


def test_an_arm_that_draws_more_numbers_still_sees_the_same_batches_and_crops(begin):
    frugal, lavish = begin(), begin()
    for _ in range(3):
        lavish.streams.overlay.standard_normal(12345)
        ours, theirs = next_plan(frugal), next_plan(lavish)
        assert torch.equal(epoch_samples(frugal, ours), epoch_samples(lavish, theirs))
        assert torch.equal(epoch_inputs(frugal, ours), epoch_inputs(lavish, theirs))


def test_a_higher_overlay_probability_overlays_the_same_images_and_more(begin):
    rare, often = (begin(overlay_probability=p) for p in (0.1, 0.6))
    plan = next_plan(begin())
    plain = epoch_inputs(begin(), plan)
    changed_rarely, changed_often = (
        (epoch_inputs(setup, plan) != plain).flatten(1).any(1) for setup in (rare, often)
    )
    assert (changed_often | ~changed_rarely).all()
    assert 0 < changed_rarely.sum() < changed_often.sum()


def test_another_seed_sees_other_weights_subsets_and_batches(begin):
    first, second = begin(seed=1), begin(seed=2)
    assert not np.array_equal(first.split.chosen, second.split.chosen)
    assert not np.array_equal(next_plan(first).order, next_plan(second).order)
    ours, theirs = initial_weights(first), initial_weights(second)
    drawn = [name for name in ours if name.endswith("weight")]
    assert drawn
    assert not any(torch.equal(ours[name], theirs[name]) for name in drawn)


def test_a_map_is_cropped_with_its_image_unless_told_otherwise(begin):
    follows, stays = (
        begin(overlay_probability=1.0, overlay_follows_crop=flag) for flag in (True, False)
    )
    plan = next_plan(follows)
    with_crop, without = epoch_inputs(follows, plan), epoch_inputs(stays, plan)
    centred = torch.from_numpy((plan.corners == 1).all(1))
    assert torch.equal(with_crop[centred], without[centred])
    assert not torch.equal(with_crop[~centred], without[~centred])
    # A crop that starts at row 0 shows a row of padding: image and map are both zero there.
    at_the_top = torch.from_numpy(plan.corners[:, 0] == 0)
    assert not with_crop[at_the_top][:, :, 0].any()
    assert without[at_the_top][:, :, 0].any()


def test_a_map_that_does_not_follow_the_crop_is_not_mirrored_either(begin):
    def with_flips(**params):
        setup = begin(overlay_probability=1.0, crop_padding=0, **params)
        augmentation = dataclasses.replace(setup.dataset.augmentation, horizontal_flip=True)
        dataset = dataclasses.replace(setup.dataset, augmentation=augmentation)
        return dataclasses.replace(setup, dataset=dataset)

    follows, stays = with_flips(), with_flips(overlay_follows_crop=False)
    plan = next_plan(follows)
    samples = epoch_samples(follows, plan)
    image = follows.pool.images[samples] / 16
    sharpened = sharpened_maps(follows.guidance.maps[samples], plan.exponents)
    mirrored = torch.from_numpy(plan.flips)
    with_flip, without = epoch_inputs(follows, plan), epoch_inputs(stays, plan)
    expected = 0.5 * image.flip(-1) + 0.5 * sharpened
    torch.testing.assert_close(without[mirrored], expected[mirrored])
    both = (0.5 * image + 0.5 * sharpened).flip(-1)
    torch.testing.assert_close(with_flip[mirrored], both[mirrored])
    assert torch.equal(with_flip[~mirrored], without[~mirrored])


def test_a_student_sees_intensities_of_the_unit_interval_and_the_teacher_normalised_ones(
    begin, data
):
    setup = begin(crop_padding=0)
    plan = next_plan(setup)
    raw = data.pool.images[setup.split.chosen[plan.order]]
    assert np.array_equal(epoch_inputs(setup, plan).numpy(), (raw / 16).astype(np.float32))
    seen = normalised_images(torch.from_numpy(data.pool.images), data).double()
    assert float(seen.mean()) == pytest.approx(0, abs=1e-5)
    assert float(seen.std(correction=0)) == pytest.approx(1, abs=1e-5)


def test_training_validation_and_test_images_are_disjoint_and_stratified(begin, data):
    split = begin().split
    assert len(split.chosen) == 1149
    assert len(split.rest) == 288
    assert not np.intersect1d(split.chosen, split.rest).size
    labels = data.pool.labels
    for part in (split.chosen, split.rest):
        shares = np.bincount(labels[part]) / len(part)
        assert np.abs(shares - np.bincount(labels) / len(labels)).max() < 1 / 288
    pool, test = (
        {digest.tobytes() for digest in part.sample_digests()} for part in (data.pool, data.test)
    )
    assert not pool & test
