"""Students trained in one program get what each would get alone, and what plain torch gives."""

import math

import pytest
import torch
from torch import nn

from benchmarks.plain import Arm, PlainNetwork, Taught, plain_epoch
from harness.trial import Trial, TrialPruned
from studies.distillation.learning import reproducible
from studies.distillation.network import Unit, build_networks
from studies.distillation.plan import batch_bounds, plan_epoch
from studies.distillation.seeing import epoch_inputs, epoch_samples
from studies.distillation.student import train_students, trained_students
from studies.distillation.training import learn

pytestmark = pytest.mark.usefixtures("one_thread")

SHORT = {"epochs": 2, "teacher_epochs": 3, "attribution_steps": 4, "subset_fraction": 0.3}
ARMS = {
    "student": {},
    "kd": {"kd_weight": 0.01},
    "ig": {"overlay_probability": 0.1},
    "kd_ig": {"kd_weight": 0.3, "temperature": 4.0, "overlay_probability": 0.5},
    "at": {"attention_weight": 0.8},
    "kd_at": {"kd_weight": 0.01, "attention_weight": 0.8},
    "ig_at": {"overlay_probability": 0.1, "attention_weight": 0.3, "learning_rate": 0.002},
    "kd_ig_at": {"kd_weight": 0.01, "overlay_probability": 0.1, "attention_weight": 0.8},
}


def params_of(arm, **more):
    return {**SHORT, **ARMS[arm], **more}


@pytest.fixture
def trials(store):
    """Fresh trials of all eight arms: one seed for the first four, another for the others."""

    def make(**more):
        seeds = [1, 1, 1, 1, 2, 2, 2, 3]
        return [
            Trial(params_of(arm, **more), seed, store)
            for arm, seed in zip(ARMS, seeds, strict=True)
        ]

    return make


def assert_same(one, other):
    assert one.metrics == other.metrics
    ours, theirs = one.network().state_dict(), other.network().state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


GROUPINGS = [
    [[0], [1], [2], [3], [4], [5], [6], [7]],
    [[7, 6, 5, 4, 3, 2, 1, 0]],
    [[0, 1, 2], [3, 4, 5, 6, 7]],
    [[4, 0], [7, 1, 3], [6, 2, 5]],
]


@pytest.mark.parametrize("grouping", GROUPINGS, ids=["alone", "reversed", "3+5", "mixed"])
def test_which_trials_share_a_batch_changes_no_bit_of_any_result(trials, grouping):
    everything = trials()
    expected = trained_students(everything)
    for group in grouping:
        again = trials()
        results = trained_students([again[number] for number in group])
        for number, trained in zip(group, results, strict=True):
            assert_same(trained, expected[number])
            assert again[number].curve == everything[number].curve
            assert again[number].predictions == everything[number].predictions


def test_the_smallest_batch_left_over_by_an_epoch_is_trained_alike_in_any_company(trials):
    # 431 images in batches of 215 leave one over, which joins the batch before.
    assert len(trained_students(trials()[:1])[0].setup.split.chosen) == 431
    together = train_students(trials(batch_size=215, epochs=1))
    for number in (0, 5):
        assert train_students([trials(batch_size=215, epochs=1)[number]]) == [together[number]]


def test_a_student_that_diverges_does_not_disturb_its_neighbours(trials):
    healthy = trained_students(trials())
    company = trials()
    company[2].params = {**company[2].params, "learning_rate": 1e30}
    disturbed = trained_students(company)
    assert math.isnan(disturbed[2].metrics["validation_accuracy"])
    for number in {*range(8)} - {2}:
        assert_same(disturbed[number], healthy[number])


def test_students_with_shorter_trainings_leave_the_others_as_they_are(trials):
    long = trained_students(trials(epochs=4))
    short = trained_students(trials(epochs=1))
    company = trials(epochs=4)
    for number in (1, 4, 5):
        company[number].params = {**company[number].params, "epochs": 1}
    mixed = trained_students(company)
    for number in range(8):
        assert_same(mixed[number], (short if number in {1, 4, 5} else long)[number])
        assert len(company[number].curve) == 2 * (1 if number in {1, 4, 5} else 4)


def test_students_that_a_search_stops_leave_the_others_as_they_are(trials):
    whole = trained_students(trials(epochs=3))
    company = trials(epochs=3)
    company[0]._stops = lambda step, _metrics: step == 0
    company[6]._stops = lambda step, _metrics: step == 1
    results = trained_students(company)
    assert isinstance(results[0], TrialPruned)
    assert isinstance(results[6], TrialPruned)
    assert [len(company[number].curve) for number in (0, 6, 1)] == [2, 4, 6]
    for number in {*range(8)} - {0, 6}:
        assert_same(results[number], whole[number])


def test_when_all_students_are_stopped_the_batch_ends(trials):
    company = trials(epochs=50)
    for trial in company:
        trial._stops = lambda _step, _metrics: True
    results = train_students(company)
    assert all(isinstance(result, TrialPruned) for result in results)
    assert all(len(trial.curve) == 2 for trial in company)


def test_a_trial_that_cannot_begin_is_told_in_its_place_and_the_others_are_trained(trials):
    company = trials()
    company[3].params = {**company[3].params, "subset_fraction": 0.9999}
    results = train_students(company)
    assert isinstance(results[3], ValueError)
    assert results[:3] == train_students(trials()[:3])


def taught_by(setup, samples):
    guidance = setup.guidance
    return Taught(
        setup.pool.labels[samples],
        None if guidance.logits is None else guidance.logits[samples].double(),
        None if guidance.attention is None else guidance.attention[samples].double(),
    )


def plain_training(setup, *, steps=None):
    """The same student by torch's own modules and optimizer, on the same images, in float64."""
    params, count = setup.params, len(setup.split.chosen)
    network = PlainNetwork(setup.architecture).double()
    network.load(build_networks(setup.architecture, [setup.initial]).weights_of(0))
    optimizer = torch.optim.Adam(network.parameters(), params.learning_rate)
    arm = Arm(params.kd_weight, params.temperature, params.attention_weight)
    for _ in range(params.epochs):
        plan = plan_epoch(setup.streams, count, setup.dataset.augmentation)
        images, samples = epoch_inputs(setup, plan).double(), epoch_samples(setup, plan)
        bounds = batch_bounds(count, params.batch_size)[:steps]
        batches = ((images[part], taught_by(setup, samples[part])) for part in bounds)
        plain_epoch(network, optimizer, batches, arm, setup.guidance.attention_block)
    return network


def batched_training(setups):
    with reproducible():
        return learn(setups, lambda *_: None, torch.float64).networks


def differences(networks, number, plain):
    """Largest difference of what the loss depends on, and of what it does not.

    The shift of a BatchNorm without ReLU is taken off again by the next BatchNorm, so its gradient
    is rounding alone, which Adam scales to the size of a step; running means follow it.
    """
    single = networks.chosen([number])
    units = [unit for unit in single.modules() if isinstance(unit, Unit)]
    mine = [m for m in plain.modules() if isinstance(m, nn.Conv2d | nn.BatchNorm2d)]
    pairs, idle = [(single.head.weight[0], plain.head.weight)], []
    pairs.append((single.head.bias[0], plain.head.bias))
    for unit, convolution, norm in zip(units, mine[::2], mine[1::2], strict=True):
        weight = unit.kernel.weight[0].view_as(convolution.weight)
        pairs += [(weight, convolution.weight), (unit.norm.scale[0], norm.weight)]
        pairs.append((unit.norm.running_variance[0], norm.running_var))
        (pairs if unit.norm.activated else idle).append((unit.norm.shift[0], norm.bias))
        idle.append((unit.norm.running_mean[0], norm.running_mean))
    return [
        max(float((ours - theirs).detach().abs().max()) for ours, theirs in each)
        for each in (pairs, idle)
    ]


def test_after_one_step_every_arm_agrees_with_a_plain_loop(begin):
    def setups():
        return [
            begin(seed, **params_of(arm, epochs=1, max_steps=1)) for seed, arm in enumerate(ARMS)
        ]

    networks = batched_training(setups())
    for number, setup in enumerate(setups()):
        assert max(differences(networks, number, plain_training(setup, steps=1))) < 1e-9


@pytest.mark.slow
def test_after_fifteen_epochs_every_arm_agrees_with_a_plain_loop(begin):
    def setups():
        return [
            begin(seed, **params_of(arm, epochs=15, subset_fraction=0.2))
            for seed, arm in enumerate(ARMS)
        ]

    networks = batched_training(setups())
    for number, setup in enumerate(setups()):
        effective, idle = differences(networks, number, plain_training(setup))
        assert effective < 1e-12
        assert idle < 1e-7
