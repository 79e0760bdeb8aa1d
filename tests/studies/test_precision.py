"""A precision is a choice: it rounds what it says, leaves nothing behind, and needs a GPU."""

import copy
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import studies
from harness import load_study, run_study
from harness.batching import batch_form_of
from harness.errors import SetupError
from harness.seeding import stream
from harness.store.store import ResultsStore
from harness.study.loading import Overrides
from harness.trial import Trial
from studies.distillation import train_student
from studies.distillation.architecture import Stage, mobilenet_v2, teacher_architecture
from studies.distillation.evaluation import logits_of_each
from studies.distillation.layers import GroupedLayers, MatrixLayers, SeparateLayers
from studies.distillation.learning import Batch, reproducible, train_epoch
from studies.distillation.losses import cross_entropy
from studies.distillation.network import build_networks
from studies.distillation.optimizer import BatchedAdam
from studies.distillation.params import BFLOAT16, FLOAT32, TF32, ParameterError, StudentParams
from studies.distillation.precision import _switches, arithmetic, forward, require_device
from studies.distillation.setup import prepare
from studies.distillation.sharing import alike
from studies.distillation.student import train_students
from studies.distillation.training import learn

MC_SEEDS = Path(studies.__file__).parent / "mc_seeds.toml"
DIGITS = teacher_architecture("digits", 10).without_last(5)
COLOUR = mobilenet_v2(
    image_channels=3,
    image_size=12,
    stem_channels=8,
    stages=(Stage(1, 8, 1, 1), Stage(4, 8, 2, 2)),
    last_channels=16,
    classes=10,
)
FORMS = [(MatrixLayers, DIGITS), (SeparateLayers, COLOUR), (GroupedLayers, COLOUR)]
# Products of numbers of 8 digits, one after the other in some layers.
NEAR = 0.1


@pytest.fixture
def with_gpu(monkeypatch):
    monkeypatch.setattr(
        "studies.distillation.precision.choose_device", lambda: torch.device("cuda")
    )


@pytest.fixture(params=FORMS, ids=lambda pair: pair[0].__name__)
def networks(request, monkeypatch):
    return networks_of(*request.param, monkeypatch)


def networks_of(form, architecture, monkeypatch):
    monkeypatch.setattr("studies.distillation.network.form_of_layers", lambda *_: form)
    return build_networks(architecture, [stream(seed, "init") for seed in range(3)])


def batch_for(networks, count=6):
    draws = stream("precision", "images")
    images = draws.random((networks.count, count, *networks.image_shape), dtype=np.float32)
    labels = draws.integers(0, 10, (networks.count, count))
    return Batch(torch.from_numpy(images), torch.from_numpy(labels))


def objective(output, batch):
    return cross_entropy(output.logits, batch.labels)


def settings():
    return [getattr(owner, name) for owner, name, _, _ in _switches()]


@pytest.mark.parametrize("precision", [TF32, BFLOAT16])
def test_without_a_gpu_a_rounding_precision_is_refused_before_anything_is_built(store, precision):
    trial = Trial({"precision": precision, "kd_weight": 0.5}, 1, store)
    (refused,) = train_students([trial])
    assert isinstance(refused, ParameterError)
    told = str(refused)
    assert precision in told
    assert 'precision = "float32"' in told
    assert "CUDA" in told
    assert not trial.assets


@pytest.mark.parametrize("precision", [TF32, BFLOAT16])
def test_it_is_refused_by_whoever_is_asked_which_students_share_a_batch(precision, request):
    form = batch_form_of(train_student)
    with pytest.raises(ParameterError, match="needs a CUDA device"):
        form.alike({"precision": precision})
    request.getfixturevalue("with_gpu")
    assert form.alike({"precision": precision}) == alike({"precision": precision})


def test_a_study_in_a_precision_that_is_not_possible_here_leaves_no_trial(tmp_path):
    declared = load_study(MC_SEEDS, Overrides(seeds=2)).definition()
    declared["params"] |= {"precision": TF32}
    study = type(load_study(MC_SEEDS))(**declared, source=MC_SEEDS)
    with pytest.raises(SetupError, match="needs a CUDA device") as refused:
        run_study(study, db=tmp_path / "results.db", artifacts=tmp_path, jobs=1)
    assert 'precision = "float32"' in str(refused.value)
    with ResultsStore(tmp_path / "results.db") as store:
        assert store.trial_rows(study.name) == []


def test_float32_is_possible_everywhere_and_all_are_with_a_gpu(with_gpu):
    for precision in (FLOAT32, TF32, BFLOAT16):
        require_device(precision)


def test_float32_on_the_processor_needs_no_gpu():
    require_device(FLOAT32)


def test_float32_is_no_tf32_and_only_tf32_is():
    # torch's own default for convolutions is TF32.
    inside = {}
    for precision in (FLOAT32, TF32, BFLOAT16):
        with arithmetic(precision):
            inside[precision] = settings()
    exact = [value for _, _, value, _ in _switches()]
    rounded = [value for _, _, _, value in _switches()]
    assert exact != rounded
    assert inside == {FLOAT32: exact, TF32: rounded, BFLOAT16: exact}


def test_older_versions_of_torch_are_told_by_the_names_that_they_know(monkeypatch):
    products, convolutions = SimpleNamespace(allow_tf32=False), SimpleNamespace(allow_tf32=True)
    backends = SimpleNamespace(cudnn=convolutions, cuda=SimpleNamespace(matmul=products))
    monkeypatch.setattr("studies.distillation.precision.torch", SimpleNamespace(backends=backends))
    for precision, allowed in ((FLOAT32, False), (TF32, True)):
        with arithmetic(precision):
            assert (products.allow_tf32, convolutions.allow_tf32) == (allowed, allowed)
        assert (products.allow_tf32, convolutions.allow_tf32) == (False, True)


@pytest.mark.parametrize("precision", [FLOAT32, TF32, BFLOAT16])
def test_settings_are_as_before_afterwards_also_after_an_error(precision):
    before = settings(), torch.backends.cudnn.allow_tf32, torch.get_float32_matmul_precision()
    with pytest.raises(RuntimeError, match="on purpose"), reproducible(precision):
        raise RuntimeError("on purpose")
    after = settings(), torch.backends.cudnn.allow_tf32, torch.get_float32_matmul_precision()
    assert after == before


def test_a_teacher_s_asset_within_a_rounded_training_is_built_in_float32():
    with reproducible(TF32) as outer:
        rounded = settings()
        with reproducible() as inner:
            assert settings() == [value for _, _, value, _ in _switches()]
        assert settings() == rounded
    assert (outer["precision"], inner["precision"]) == (TF32, FLOAT32)


@pytest.mark.parametrize("precision", [FLOAT32, TF32])
def test_what_is_not_rounded_is_what_networks_give_by_themselves(networks, precision):
    inputs = batch_for(networks).inputs
    with reproducible(precision):
        expected = copy.deepcopy(networks)(inputs, 1)
        found = forward(networks, inputs, 1, precision)
    assert torch.equal(found.logits, expected.logits)
    assert torch.equal(found.features, expected.features)


@pytest.mark.parametrize("training", [True, False])
def test_bfloat16_rounds_products_and_is_near(networks, training):
    networks.train(training)
    inputs = batch_for(networks).inputs
    with reproducible(BFLOAT16):
        exact = copy.deepcopy(networks)(inputs, 1)
        found = forward(networks, inputs, 1, BFLOAT16)
    assert (found.logits.dtype, found.features.dtype) == (torch.float32, torch.float32)
    # Products leave numbers of bfloat16.
    assert torch.equal(found.logits, found.logits.bfloat16().float())
    assert not torch.equal(found.logits, exact.logits)
    apart = (found.logits - exact.logits).norm() / exact.logits.norm()
    assert apart < NEAR


def test_steps_in_bfloat16_keep_weights_statistics_and_optimizer_in_float32(networks):
    batch, exact = batch_for(networks), copy.deepcopy(networks)
    before = copy.deepcopy(networks.state_dict())
    losses = {}
    for precision, trained in ((BFLOAT16, networks), (FLOAT32, exact)):
        adam = BatchedAdam(trained, [0.001] * 3)
        with reproducible(precision):
            losses[precision] = train_epoch(
                trained, adam, [batch] * 3, objective, precision=precision
            )
        assert {each.dtype for each in (adam._mean, adam._square, adam._weights)} == {torch.float32}
    assert losses[BFLOAT16].dtype == torch.float32
    assert not torch.equal(losses[BFLOAT16], losses[FLOAT32])
    assert torch.allclose(losses[BFLOAT16], losses[FLOAT32], rtol=NEAR)
    for name, tensor in networks.state_dict().items():
        assert tensor.dtype == torch.float32
        assert not torch.equal(tensor, before[name])


def test_a_step_in_bfloat16_sees_the_weights_that_the_last_one_left(networks):
    networks.eval()
    inputs = batch_for(networks).inputs
    with torch.no_grad():
        forward(networks, inputs, None, BFLOAT16)
        networks.head.weight.mul_(2)
        networks.head.bias.add_(1)
        moved = forward(networks, inputs, None, BFLOAT16).logits
        fresh = forward(copy.deepcopy(networks), inputs, None, BFLOAT16).logits
    assert torch.equal(moved, fresh)


def test_students_of_one_batch_are_rounded_alike_in_every_grouping(store):
    def weights(groups):
        found = {}
        for group in groups:
            params = [
                StudentParams(epochs=1, max_steps=2, precision=BFLOAT16, learning_rate=rate)
                for rate in group
            ]
            setups = [prepare(each, Trial({}, 1, store)) for each in params]
            with reproducible(BFLOAT16):
                learned = learn(setups, lambda *_: None)
            found |= {rate: learned.networks.weights_of(k) for k, rate in enumerate(group)}
            assert all(math.isfinite(each["train_loss"]) for each in learned.metrics.values())
        return found

    together, apart = weights([(0.001, 0.002, 0.003)]), weights([(0.003, 0.001), (0.002,)])
    for rate, expected in together.items():
        for name, tensor in expected.items():
            assert torch.equal(apart[rate][name], tensor), (rate, name)


def test_a_trial_records_its_precision_and_is_trained_in_it(store, with_gpu):
    params = {"epochs": 1, "max_steps": 2}
    trials = {
        precision: Trial({**params, "precision": precision}, 1, store)
        for precision in (FLOAT32, BFLOAT16)
    }
    metrics = {precision: train_students([trial])[0] for precision, trial in trials.items()}
    assert [trial.facts["precision"] for trial in trials.values()] == [FLOAT32, BFLOAT16]
    assert metrics[FLOAT32]["train_loss"] != metrics[BFLOAT16]["train_loss"]


@pytest.mark.parametrize("precision", [FLOAT32, BFLOAT16])
def test_a_single_network_is_tested_beside_a_copy_of_itself_as_it_was_trained(
    monkeypatch, precision
):
    networks = networks_of(GroupedLayers, COLOUR, monkeypatch)
    seen = []
    called = torch.nn.functional.conv2d

    def conv2d(x, *args, **named):
        seen.append(named["groups"])
        return called(x, *args, **named)

    monkeypatch.setattr("studies.distillation.layers.grouped.F.conv2d", conv2d)
    images, alone = batch_for(networks).inputs, networks.chosen([1])
    with reproducible(precision):
        together = logits_of_each(networks, list(images), torch.Tensor.float, 4, precision)
        seen.clear()
        found = logits_of_each(alone, [images[1]], torch.Tensor.float, 4, precision)
    assert min(seen) == 2
    assert torch.equal(found[0], together[1])
