import pytest
import torch

from harness.seeding import stream
from studies.distillation.learning import Batch
from studies.distillation.losses import (
    attention_loss,
    attention_map,
    cross_entropy,
    distillation_loss,
)
from studies.distillation.network import Output
from studies.distillation.objective import ArmsObjective

ARMS = [
    {},
    {"kd_weight": 0.3, "temperature": 4.0},
    {"attention_weight": 0.8},
    {"overlay_probability": 0.5},
    {"kd_weight": 0.01, "temperature": 2.5, "attention_weight": 2.0},
]
DISTILLED, ATTENTIVE = [1, 4], [2, 4]


def random(*shape):
    return torch.from_numpy(stream("objective", str(shape)).standard_normal(shape))


@pytest.fixture(scope="module")
def output():
    return Output(random(5, 6, 10), random(5, 3, 6, 4))


@pytest.fixture(scope="module")
def batch():
    labels = torch.arange(30).view(5, 6) % 10
    return Batch(
        torch.zeros(5, 6, 1, 8, 8), labels, random(2, 6, 10), attention_map(random(2, 3, 6, 4))
    )


@pytest.fixture
def losses(begin, output, batch):
    setups = [begin(**arm) for arm in ARMS]
    return ArmsObjective.of(setups, torch.float64)(output, batch)


def test_a_student_without_a_teacher_minimises_the_cross_entropy(losses, output, batch):
    expected = cross_entropy(output.logits, batch.labels)
    for plain in (0, 3):
        assert torch.equal(losses[plain], expected[plain])


def test_students_are_distilled_with_the_settings_of_their_own_arms(losses, output, batch):
    expected = distillation_loss(
        output.logits[DISTILLED],
        batch.teacher_logits,
        batch.labels[DISTILLED],
        weight=torch.tensor([0.3, 0.01], dtype=torch.float64),
        temperature=torch.tensor([4.0, 2.5], dtype=torch.float64),
    )
    assert torch.equal(losses[1], expected[0])
    imitation = 2.0 * attention_loss(attention_map(output.features[4]), batch.teacher_attention[1])
    torch.testing.assert_close(losses[4], expected[1] + imitation)


def test_imitated_attention_is_added_with_the_weight_of_its_own_arm(losses, output, batch):
    imitation = 0.8 * attention_loss(attention_map(output.features[2]), batch.teacher_attention[0])
    expected = cross_entropy(output.logits, batch.labels)[2] + imitation
    torch.testing.assert_close(losses[2], expected)


@pytest.mark.parametrize("number", range(len(ARMS)))
def test_a_student_s_loss_is_the_one_that_it_has_alone(begin, losses, output, batch, number):
    def mine(signals, of):
        return signals[of.index(number)].unsqueeze(0) if number in of else None

    alone = ArmsObjective.of([begin(**ARMS[number])], torch.float64)(
        Output(output.logits[[number]], output.features[[number]]),
        Batch(
            batch.inputs[[number]],
            batch.labels[[number]],
            mine(batch.teacher_logits, DISTILLED),
            mine(batch.teacher_attention, ATTENTIVE),
        ),
    )
    assert torch.equal(alone, losses[[number]])
