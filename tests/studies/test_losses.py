from math import exp, log

import pytest
import torch

from harness.seeding import stream
from studies.distillation.losses import (
    attention_loss,
    attention_map,
    cross_entropy,
    distillation_loss,
)


def distilled(student, teacher, labels, *, weight, temperature):
    """The distillation loss of one network, from tensors without a dimension of networks."""
    loss = distillation_loss(
        student.unsqueeze(0),
        teacher.unsqueeze(0),
        labels.unsqueeze(0),
        weight=torch.tensor([weight]),
        temperature=torch.tensor([temperature]),
    )
    assert loss.shape == (1,)
    return loss[0]


def test_distillation_equals_the_numbers_worked_out_by_hand():
    # At T = 2: the teacher's odds are e^(2/2) = e, the student's e^(0/2) = 1.
    student, teacher = torch.tensor([[0.0, 0.0]]), torch.tensor([[2.0, 0.0]])
    p = exp(1) / (1 + exp(1))
    divergence = p * log(p / 0.5) + (1 - p) * log((1 - p) / 0.5)
    expected = 0.3 * 4 * divergence + 0.7 * log(2)
    loss = distilled(student, teacher, torch.tensor([1]), weight=0.3, temperature=2.0)
    assert float(loss) == pytest.approx(expected, abs=1e-6)


def test_distillation_with_the_paper_s_settings_equals_the_numbers_worked_out_by_hand():
    # α = 0.01 and T = 2.5, so α·T² = 0.0625. The softened odds of the teacher are e^(5/2.5) = e²,
    # those of the student e^(−2.5/2.5) = 1/e; the label is class 0.
    student, teacher = torch.tensor([[-2.5, 0.0]]), torch.tensor([[5.0, 0.0]])
    p, q = exp(2) / (1 + exp(2)), exp(-1) / (1 + exp(-1))
    divergence = p * log(p / q) + (1 - p) * log((1 - p) / (1 - q))
    expected = 0.0625 * divergence + 0.99 * log(1 + exp(2.5))
    loss = distilled(student, teacher, torch.tensor([0]), weight=0.01, temperature=2.5)
    assert float(loss) == pytest.approx(expected, abs=1e-6)


def test_distillation_with_no_weight_is_the_cross_entropy_and_with_all_of_it_the_divergence():
    student, teacher = torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 0.0]])
    labels = torch.tensor([1])
    alone = distilled(student, teacher, labels, weight=0.0, temperature=4.0)
    assert float(alone) == pytest.approx(log(1 + exp(1)), abs=1e-6)
    taught = distilled(student, teacher, labels, weight=1.0, temperature=4.0)
    assert float(taught) == pytest.approx(0, abs=1e-6)


def test_distillation_is_a_mean_over_the_batch():
    student, teacher = torch.tensor([[1.0, -1.0, 0.5]]), torch.tensor([[0.0, 2.0, 1.0]])
    labels = torch.tensor([2])
    one = distilled(student, teacher, labels, weight=0.5, temperature=3.0)
    many = distilled(
        student.repeat(7, 1), teacher.repeat(7, 1), labels.repeat(7), weight=0.5, temperature=3.0
    )
    torch.testing.assert_close(one, many)


def test_the_divergence_weighs_by_the_teacher_not_by_the_student():
    certain, undecided = torch.tensor([[9.0, 0.0]]), torch.tensor([[0.0, 0.0]])
    labels = torch.tensor([0])

    def divergence(student, teacher):
        return float(distilled(student, teacher, labels, weight=1.0, temperature=1.0))

    assert divergence(undecided, certain) == pytest.approx(log(2), abs=0.01)
    assert divergence(certain, undecided) == pytest.approx(4.5 - log(2), abs=0.01)


def test_an_attention_map_is_the_channels_mean_square_scaled_to_norm_one():
    # Two channels, one image, two positions: mean squares (9 + 0) / 2 and (4 + 2²·2) / 2.
    features = torch.tensor([[[3.0, 2.0]], [[0.0, 8.0**0.5]]])
    expected = torch.tensor([[4.5, 6.0]]) / 7.5
    torch.testing.assert_close(attention_map(features), expected)


def test_attention_maps_leave_a_silent_image_at_zero():
    assert not attention_map(torch.zeros(3, 1, 4)).any()


def test_attention_loss_is_the_mean_over_images_and_positions():
    student = torch.tensor([[0.6, 0.8], [1.0, 0.0]])
    teacher = torch.tensor([[0.8, 0.6], [0.0, 1.0]])
    assert float(attention_loss(student, teacher)) == pytest.approx((0.04 * 2 + 1 * 2) / 4)


def test_cross_entropy_is_a_mean_over_the_images_of_each_network_in_nats():
    logits = torch.tensor([[[1.0, 0.0], [0.0, 0.0]], [[0.0, 3.0], [0.0, 3.0]]])
    labels = torch.tensor([[0, 1], [1, 0]])
    expected = [(log(1 + exp(-1)) + log(2)) / 2, log(1 + exp(-3)) + 1.5]
    assert cross_entropy(logits, labels).tolist() == pytest.approx(expected, abs=1e-6)


def random(*shape):
    return torch.from_numpy(stream("losses", str(shape)).standard_normal(shape)).float()


def test_each_network_is_distilled_with_its_own_weight_and_temperature():
    student, teacher = random(3, 5, 10), random(3, 5, 10).flip(0)
    labels = torch.arange(15).view(3, 5) % 10
    weights, temperatures = [0.01, 0.5, 1.0], [2.5, 1.0, 20.0]
    together = distillation_loss(
        student,
        teacher,
        labels,
        weight=torch.tensor(weights),
        temperature=torch.tensor(temperatures),
    )
    for k, settings in enumerate(zip(weights, temperatures, strict=True)):
        weight, temperature = settings
        alone = distilled(student[k], teacher[k], labels[k], weight=weight, temperature=temperature)
        assert torch.equal(together[k], alone)


def test_each_network_has_attention_maps_and_a_distance_of_its_own():
    features, teacher = random(3, 4, 5, 6), attention_map(random(3, 2, 5, 6))
    maps = attention_map(features)
    distances = attention_loss(maps, teacher)
    assert distances.shape == (3,)
    for k in range(3):
        assert torch.equal(maps[k], attention_map(features[k]))
        torch.testing.assert_close(distances[k], attention_loss(maps[k], teacher[k]))
    assert len(set(distances.tolist())) == 3
