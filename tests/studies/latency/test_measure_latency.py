import pytest

from studies.distillation import measure_latency
from studies.distillation.data import open_dataset
from studies.distillation.latency import machine
from studies.distillation.latency.trial import _KNOWN
from studies.distillation.params import ParameterError


@pytest.fixture
def measured(bench, trial):
    def run(**params):
        run.trial = trial(**params)
        return measure_latency(params, 1, run.trial)

    return run


def test_times_are_told_in_milliseconds_and_sizes_in_megabytes(measured):
    metrics = measured(blocks_removed=5, batch_size=64)
    assert metrics["latency_ms"] == pytest.approx(5.0)
    assert metrics["latency_low_ms"] == pytest.approx(4.997)
    assert metrics["latency_high_ms"] == pytest.approx(5.003)
    assert metrics["first_call_ms"] == 1000
    assert metrics["images_per_second"] == pytest.approx(64 / 0.005)
    assert metrics["peak_memory_mb"] == 2.5


def test_the_size_of_the_network_is_the_paper_s(measured):
    metrics = measured(dataset="cifar10", blocks_removed=5)
    assert metrics["parameters"] == 543_498
    assert metrics["multiply_adds"] / 1e6 == pytest.approx(58.70, abs=0.005)
    assert metrics["compression_factor"] == pytest.approx(4.12, abs=0.005)


def test_the_measurement_is_of_what_the_parameters_say(measured, bench):
    measured(dataset="cifar10", blocks_removed=3, batch_size=2, threads=2, warmup=4, repeats=7)
    (request,) = bench.requests
    assert (request.family, request.classes, request.blocks_removed) == ("cifar", 10, 3)
    assert (request.batch_size, request.threads) == (2, 2)
    assert (request.warmup, request.repeats) == (4, 7)


def test_memory_is_left_out_where_the_system_does_not_tell(measured, bench):
    bench.peak_memory_bytes = None
    assert "peak_memory_mb" not in measured()


def test_how_it_was_measured_is_on_record(measured):
    measured(threads=2)
    facts = measured.trial.facts
    assert (facts["torch_threads"], facts["calls_measured"]) == (2, 6)
    assert facts["interval_coverage"] == 0.96875
    assert facts["device"] in {"cpu", "cuda"}


@pytest.mark.parametrize(("busy", "cautions"), [(0.05, 0), (0.1, 0), (0.2, 1)])
def test_a_busy_machine_is_cautioned_about(measured, bench, busy, cautions):
    bench.busy = busy
    assert measured()["busy_before"] == busy
    assert len(measured.trial.cautions) == cautions


def test_work_on_the_machine_is_seen():
    assert 0 <= machine.busy_share() <= 1


def test_what_is_known_of_a_data_set_without_its_images_is_right(trial):
    opened = open_dataset("digits", trial())
    assert _KNOWN["digits"] == (opened.family, opened.classes)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"repeats": 5}, r"repeats[\s\S]*at least 6"),
        ({"repeats": 10_001}, r"repeats[\s\S]*at most 10,000"),
        ({"threads": 0}, r"threads[\s\S]*at least 1"),
        ({"batchsize": 1}, r"batchsize[\s\S]*nearest: batch_size"),
        ({"blocks_removed": 9}, r"blocks_removed[\s\S]*0 to 8"),
        ({"dataset": "digit"}, r"dataset[\s\S]*digits"),
    ],
)
def test_a_mistake_is_told_with_what_is_allowed(measured, params, message):
    with pytest.raises((ParameterError, ValueError), match=message):
        measured(**params)
