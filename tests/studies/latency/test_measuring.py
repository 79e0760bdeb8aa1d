"""Real measurements of small networks; how long they take is not for a test to say."""

import pytest
import torch

from studies.distillation.latency.measuring import measure
from studies.distillation.latency.process import measure_in_fresh_process
from studies.distillation.network import Networks


def test_the_network_runs_in_evaluation_without_gradients_on_the_batch_and_threads_asked_for(
    request_for, monkeypatch
):
    seen = set()
    forward = Networks.forward

    def watched(self, images, features_of=None):
        seen.add(
            (
                tuple(images.shape),
                self.training,
                torch.is_inference_mode_enabled(),
                torch.get_num_threads(),
                len(self.blocks),
            )
        )
        return forward(self, images, features_of)

    monkeypatch.setattr(Networks, "forward", watched)
    before = torch.get_num_threads()
    measure(request_for(batch_size=3, threads=before + 1, blocks_removed=4))
    assert seen == {((1, 3, 1, 8, 8), False, True, before + 1, 6)}
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("family", ["digits", "cifar"])
def test_a_fresh_process_measures_what_is_asked_for(request_for, family):
    measured = measure_in_fresh_process(request_for(family=family, blocks_removed=8))
    assert len(measured.calls.times_s) >= 6
    assert min(measured.calls.times_s) > 0
    assert measured.calls.first_s > min(measured.calls.times_s)
    assert measured.peak_memory_bytes is None or measured.peak_memory_bytes > 0


def test_a_process_that_fails_is_told_with_its_own_words(request_for):
    with pytest.raises(RuntimeError, match="no such network family"):
        measure_in_fresh_process(request_for(family="none"))
