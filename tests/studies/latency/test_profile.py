import json

import pytest

from studies.distillation.latency import machine, profiled_latency_ms
from studies.distillation.latency.profile import profile_key


@pytest.mark.parametrize(("removed", "latency_ms"), [(0, 10.0), (5, 5.0), (8, 2.0)])
def test_every_network_of_the_family_has_its_latency(bench, trial, removed, latency_ms):
    assert profiled_latency_ms(trial(), "digits", 10, removed) == pytest.approx(latency_ms)


def test_the_family_is_measured_once_however_many_trials_ask(bench, trial):
    latencies = [profiled_latency_ms(trial(), "digits", 10, 5) for _ in range(3)]
    assert len(set(latencies)) == 1
    assert [request.blocks_removed for request in bench.requests] == list(range(9))
    assert {request.batch_size for request in bench.requests} == {64}


def test_the_trial_records_the_profile_that_it_quotes(bench, trial):
    asking = trial()
    profiled_latency_ms(asking, "digits", 10, 5)
    (asset,) = asking.assets.values()
    assert asset.key == profile_key("digits", 10)
    assert len(json.loads((asset.path / "profile.json").read_text())) == 9


def test_another_machine_or_torch_has_a_profile_of_its_own(bench, trial, monkeypatch):
    profiled_latency_ms(trial(), "digits", 10, 5)
    monkeypatch.setattr("studies.distillation.latency.profile.cpu_model", lambda: "another one")
    profiled_latency_ms(trial(), "digits", 10, 5)
    assert len(bench.requests) == 2 * 9


def test_a_profile_of_a_busy_machine_carries_its_caution(bench, trial):
    bench.busy = 0.5
    asking = trial()
    profiled_latency_ms(asking, "digits", 10, 5)
    (asset,) = asking.assets.values()
    assert asset.facts["busy_before_most"] == 0.5
    assert machine.BUSY in str(asset.facts)
