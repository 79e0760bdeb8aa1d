import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from harness.seeding import stream
from studies.distillation.layers.interface import EPSILON
from studies.distillation.layers.row_norm import normalise_rows

pytestmark = pytest.mark.usefixtures("one_thread")


def random(*shape):
    return torch.from_numpy(stream("row norm", str(shape)).standard_normal(shape))


def inputs(rows, length):
    """Rows of various means and deviations, and what they are to be scaled and shifted by."""
    spread = torch.linspace(0.1, 20, rows, dtype=torch.float64).unsqueeze(1)
    return spread * (random(rows, length) + 1), 3 * random(rows), 2 * random(1, rows).squeeze(0)


def by_torch(rows, scale, shift, *, activated):
    """Batch normalisation of one image whose channels are the rows."""
    values = F.batch_norm(rows.unsqueeze(0), None, None, scale, shift, training=True, eps=EPSILON)
    return values.squeeze(0).clamp(0, 6) if activated else values.squeeze(0)


@pytest.mark.parametrize("activated", [True, False])
@pytest.mark.parametrize(("rows", "length"), [(1, 2), (7, 33), (24, 1024)])
def test_values_and_gradients_are_those_of_torch_s_batch_normalisation(rows, length, activated):
    given = [each.requires_grad_() for each in inputs(rows, length)]
    ours = normalise_rows(*given, activated=activated).values
    theirs = by_torch(*given, activated=activated)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)
    weights = random(rows, length)
    for mine, expected in zip(
        torch.autograd.grad((ours * weights).sum(), given),
        torch.autograd.grad((theirs * weights).sum(), given),
        strict=True,
    ):
        torch.testing.assert_close(mine, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("activated", [True, False])
def test_gradients_are_the_limits_of_quotients_of_differences(activated):
    given = [each.requires_grad_() for each in inputs(3, 9)]

    def values(*given):
        return normalise_rows(*given, activated=activated).values

    assert torch.autograd.gradcheck(values, given)


def test_activated_values_reach_both_ends_and_do_not_leave_them():
    rows, scale, shift = inputs(7, 200)
    values = normalise_rows(rows, 4 * scale, shift, activated=True).values
    assert (values.min(), values.max()) == (0, 6)


def test_each_row_s_mean_and_deviation_are_told():
    rows, scale, shift = inputs(5, 40)
    found = normalise_rows(rows, scale, shift, activated=True)
    torch.testing.assert_close(found.mean.flatten(), rows.mean(1))
    expected = (rows.var(1, correction=0) + EPSILON).rsqrt()
    torch.testing.assert_close(found.inverse_deviation.flatten(), expected)


def test_what_was_given_is_not_changed():
    given = inputs(5, 40)
    before = [each.clone() for each in given]
    normalise_rows(*given, activated=True)
    assert all(map(torch.equal, given, before))


def computed(rows, scale, shift, weights, *, activated):
    """Values, statistics and gradients in float32, each with the rows as its first dimension."""
    given = [each.float().requires_grad_() for each in (rows, scale, shift)]
    found = normalise_rows(*given, activated=activated)
    gradients = torch.autograd.grad((found.values * weights.float()).sum(), given)
    mean, deviation = (each.view(len(rows)) for each in found[1:])
    return [found.values, mean, deviation, *gradients]


@pytest.mark.parametrize("activated", [True, False])
@pytest.mark.parametrize("length", [7, 16, 33, 1024])
def test_a_row_is_normalised_alike_to_the_last_bit_whatever_others_there_are(length, activated):
    given = (*inputs(12, length), random(12, length))
    together = computed(*given, activated=activated)
    for chosen in ([0], [11], [3, 4], [9, 1, 5], list(range(5, 12))):
        apart = computed(*(each[chosen] for each in given), activated=activated)
        for mine, expected in zip(apart, together, strict=True):
            assert torch.equal(mine, expected[chosen])


@pytest.mark.parametrize("activated", [True, False])
@pytest.mark.parametrize("number", [float("nan"), float("inf"), 3e38])
def test_a_row_that_is_lost_leaves_its_neighbours_as_they_are(number, activated):
    given = (*inputs(5, 33), random(5, 33))
    expected = computed(*given, activated=activated)
    given[0][2, 10] = number
    found = computed(*given, activated=activated)
    neighbours = [0, 1, 3, 4]
    assert not torch.equal(found[0][2], expected[0][2])
    for mine, before in zip(found, expected, strict=True):
        assert torch.equal(mine[neighbours], before[neighbours])


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_is_not_hidden_by_the_activation(number):
    rows, scale, shift = inputs(3, 8)
    rows[1, 4] = number
    values = normalise_rows(rows, scale, shift, activated=True).values
    assert values[1].isnan().any()
