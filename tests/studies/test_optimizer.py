import pytest
import torch

from harness.seeding import stream
from studies.distillation.architecture import teacher_architecture
from studies.distillation.network import build_networks
from studies.distillation.optimizer import BatchedAdam

# Its numbers of weights are no multiples of a register's width, so that every number of networks
# puts them at other places of the array.
STUDENT = teacher_architecture("digits", 10).without_last(8)
RATES = [0.005, 0.03, 1e-4, 0.2, 0.005, 0.01, 0.07, 0.002]

pytestmark = pytest.mark.usefixtures("one_thread")


def build(numbers, dtype=torch.float32):
    return build_networks(STUDENT, [stream(k, "init") for k in numbers]).to(dtype)


def pulled(networks, numbers, step):
    """A loss whose gradient differs from weight to weight, network to network and step to step."""
    total = torch.zeros((), dtype=networks.head.weight.dtype)
    for name, parameter in networks.named_parameters():
        for lane, number in enumerate(numbers):
            shape = tuple(parameter.shape[1:])
            values = stream(number, f"target {name} {step % 7}").standard_normal(shape)
            target = torch.from_numpy(values).to(parameter)
            # Of the order of one, of a millionth or of a thousand, to try the small number in Adam.
            size = (1.0, 1e-6, 1e3)[(number + step) % 3]
            total = total + size * (parameter[lane] - target).square().sum()
    return total


def gone(numbers, steps, dtype=torch.float32):
    """Networks after some steps, and their optimizer."""
    networks = build(numbers, dtype)
    optimizer = BatchedAdam(networks, [RATES[k] for k in numbers])
    for step in range(steps):
        optimizer.step(pulled(networks, numbers, step))
    return networks, optimizer


def test_each_network_takes_the_steps_of_torch_s_adam_at_its_own_rate():
    numbers, steps = [0, 1, 3], 60
    ours, _ = gone(numbers, steps, torch.float64)
    for lane, number in enumerate(numbers):
        alone = build([number], torch.float64)
        adam = torch.optim.Adam(alone.parameters(), RATES[number])
        for step in range(steps):
            adam.zero_grad()
            pulled(alone, [number], step).backward()
            adam.step()
        for name, expected in alone.weights_of(0).items():
            found = ours.weights_of(lane)[name]
            torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)
            if name.endswith("weight"):
                start = build([number], torch.float64).weights_of(0)[name]
                assert (expected - start).abs().mean() > RATES[number]


@pytest.fixture(scope="module")
def all_of_them():
    return gone(range(8), 6)[0]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_a_network_s_bits_do_not_depend_on_how_many_there_are(all_of_them, count):
    for numbers in (range(count), range(7, 7 - count, -1)):
        networks, _ = gone(list(numbers), 6)
        for lane, number in enumerate(numbers):
            ours, theirs = networks.weights_of(lane), all_of_them.weights_of(number)
            assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_chosen_networks_go_on_as_if_the_others_had_never_been_there():
    numbers, staying = [0, 1, 2, 3, 4], [3, 0]
    networks, optimizer = gone(numbers, 4)
    chosen = networks.chosen(staying)
    going_on = optimizer.chosen(chosen, staying)
    for step in range(4, 9):
        going_on.step(pulled(chosen, staying, step))
        optimizer.step(pulled(networks, numbers, step))
    never_there, _ = gone(staying, 9)
    for lane, number in enumerate(staying):
        ours = chosen.weights_of(lane)
        for name, expected in never_there.weights_of(lane).items():
            assert torch.equal(ours[name], expected)
            # Those that it was chosen from went on as well, undisturbed.
            assert torch.equal(networks.weights_of(number)[name], expected)


def test_a_network_can_be_chosen_twice():
    networks, optimizer = gone([0, 1], 2)
    twins = networks.chosen([1, 1])
    optimizer.chosen(twins, [1, 1]).step(pulled(twins, [1, 1], 2))
    optimizer.step(pulled(networks, [0, 1], 2))
    for name, expected in networks.weights_of(1).items():
        assert torch.equal(twins.weights_of(0)[name], expected)
        assert torch.equal(twins.weights_of(1)[name], expected)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_leaves_the_other_networks_alone(number):
    numbers = [0, 1, 2]
    networks, optimizer = gone(numbers, 3)
    lost, unfortunate = gone(numbers, 3)
    for step in (3, 4):
        optimizer.step(pulled(networks, numbers, step))
        unfortunate.step(pulled(lost, numbers, step) + number * lost.head.bias[1].sum())
    assert not lost.head.bias[1].isfinite().any()
    for neighbour in (0, 2):
        for name, expected in networks.weights_of(neighbour).items():
            assert torch.equal(lost.weights_of(neighbour)[name], expected)


def test_networks_compute_with_the_weights_that_the_optimizer_moves():
    networks = build([0, 1])
    before = [parameter.detach().clone() for parameter in networks.parameters()]
    optimizer = BatchedAdam(networks, [0.1, 0.0])
    for parameter, start in zip(networks.parameters(), before, strict=True):
        assert torch.equal(parameter, start)
    optimizer.step(pulled(networks, [0, 1], 0))
    for parameter, start in zip(networks.parameters(), before, strict=True):
        assert (parameter[0] != start[0]).all()
        assert torch.equal(parameter[1], start[1])
