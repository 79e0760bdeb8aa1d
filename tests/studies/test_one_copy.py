"""Trials of one batch share what they hold of the same images, for as long as they hold it."""

import gc
import weakref

import numpy as np
import torch

from studies.distillation.data import Examples
from studies.distillation.images import DeviceImages
from studies.distillation.one_copy import OneCopy

CPU = torch.device("cpu")


def some_examples():
    return Examples(np.zeros((3, 1, 2, 2), np.uint8), np.arange(3))


def test_the_same_examples_and_name_give_the_same_copy():
    copies, examples = OneCopy(), some_examples()
    first = copies.of(examples, "a", lambda: torch.zeros(1))
    assert copies.of(examples, "a", lambda: torch.ones(1)) is first
    assert copies.of(examples, "b", lambda: torch.ones(1)) is not first
    # Of equal content, but another thing: only what is the same is known to be equal.
    assert copies.of(some_examples(), "a", lambda: torch.ones(1)) is not first


def test_nothing_is_kept_that_nobody_holds():
    copies, examples = OneCopy(), some_examples()
    held = copies.of(examples, "a", lambda: torch.zeros(1))
    told = weakref.ref(held)
    del held
    gc.collect()
    assert told() is None
    assert copies.of(examples, "a", lambda: torch.ones(1)) == 1
    whose = weakref.ref(examples)
    del examples
    gc.collect()
    assert whose() is None


def test_trials_share_the_pool_on_the_device():
    examples = some_examples()
    first = DeviceImages.of(examples, CPU)
    assert DeviceImages.of(examples, CPU) is first
    assert torch.equal(first.labels, torch.arange(3))
    assert DeviceImages.of(some_examples(), CPU) is not first


def test_students_share_pool_and_signals_but_not_those_of_other_assets(begin):
    taught = {"kd_weight": 0.5, "overlay_probability": 0.5, "attribution_steps": 4}
    first, second = begin(1, **taught), begin(2, **taught)
    assert first.pool is second.pool
    assert first.guidance.logits is second.guidance.logits
    assert first.guidance.maps is second.guidance.maps
    other = begin(1, **{**taught, "attribution_steps": 3, "signal_alignment": "as_released"})
    assert other.pool is first.pool
    assert other.guidance.maps is not first.guidance.maps
    assert not torch.equal(other.guidance.logits, first.guidance.logits)
