import numpy as np
import pytest
import torch

from studies.distillation.images import normalised_images
from studies.distillation.losses import attention_map
from studies.distillation.plan import plan_epoch
from studies.distillation.seeing import epoch_inputs, epoch_samples, seen_together

# Other seeds, too, so that every student visits other images than its neighbours.
STUDENTS = [
    {"seed": 1},
    {"seed": 2, "kd_weight": 0.5},
    {"seed": 3, "attention_weight": 0.8},
    {"seed": 4, "overlay_probability": 0.5},
    {"seed": 5, "kd_weight": 0.1, "attention_weight": 0.8, "overlay_probability": 0.1},
]
TAUGHT, ATTENTIVE, OVERLAID = [1, 4], [2, 4], [3, 4]
VISITS = slice(64, 192)

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def setups(begin):
    return [begin(crop_padding=0, **student) for student in STUDENTS]


@pytest.fixture
def plans(setups):
    return [
        plan_epoch(setup.streams, len(setup.split.chosen), setup.dataset.augmentation)
        for setup in setups
    ]


@pytest.fixture
def shown(setups, plans, data):
    """Positions in the pool of the images that each student was shown, told by their pixels.

    An overlaid image is a mean with a map; its position is that of the plan.
    """
    batch = seen_together(setups, plans, VISITS)
    places = {image.tobytes(): place for place, image in enumerate(data.pool.images)}
    found = []
    for number, (setup, plan) in enumerate(zip(setups, plans, strict=True)):
        positions = epoch_samples(setup, plan)[VISITS].numpy()
        clean = plan.coins[VISITS] >= setup.params.overlay_probability
        assert clean.all() == (number not in OVERLAID)
        pixels = (batch.inputs[number] * 16).round().to(torch.uint8).numpy()
        told = [places[image.tobytes()] for image in pixels[clean]]
        # No two images of the pool are equal in all pixels, or else this would be no proof.
        assert len(places) == len(data.pool.images)
        assert told == positions[clean].tolist()
        found.append(positions)
    return batch, found


def test_labels_belong_to_the_images_that_are_shown(shown, data):
    batch, positions = shown
    for labels, places in zip(batch.labels, positions, strict=True):
        assert np.array_equal(labels.numpy(), data.pool.labels[places])


def test_each_student_is_shown_images_of_its_own(shown, setups):
    _, positions = shown
    for number, places in enumerate(positions):
        assert np.isin(places, setups[number].split.chosen).all()
        assert len(np.unique(places)) == 128
    assert not any(np.array_equal(positions[0], others) for others in positions[1:])


def test_signals_are_what_the_teacher_says_about_the_images_that_are_shown(
    shown, setups, data, teacher
):
    batch, positions = shown
    assert batch.teacher_logits.shape == (len(TAUGHT), 128, 10)
    assert batch.teacher_attention.shape[:2] == (len(ATTENTIVE), 128)
    (block,) = {setups[number].guidance.attention_block for number in ATTENTIVE}
    with torch.no_grad():
        output = teacher(normalised_images(torch.from_numpy(data.pool.images), data), block)
    attention = attention_map(output.features)
    for lane, number in enumerate(TAUGHT):
        expected = output.logits[positions[number]]
        torch.testing.assert_close(batch.teacher_logits[lane], expected)
    for lane, number in enumerate(ATTENTIVE):
        torch.testing.assert_close(batch.teacher_attention[lane], attention[positions[number]])


def test_students_without_signals_get_none(setups, plans):
    batch = seen_together([setups[0], setups[3]], [plans[0], plans[3]], VISITS)
    assert batch.teacher_logits is None
    assert batch.teacher_attention is None


def test_what_a_student_sees_together_is_what_it_sees_alone(setups, plans):
    batch = seen_together(setups, plans, VISITS)
    for number, (setup, plan) in enumerate(zip(setups, plans, strict=True)):
        alone = seen_together([setup], [plan], VISITS)
        assert torch.equal(batch.inputs[[number]], alone.inputs)
        assert torch.equal(batch.labels[[number]], alone.labels)
        if number in TAUGHT:
            taught = batch.teacher_logits[[TAUGHT.index(number)]]
            assert torch.equal(taught, alone.teacher_logits)
        if number in ATTENTIVE:
            attentive = batch.teacher_attention[[ATTENTIVE.index(number)]]
            assert torch.equal(attentive, alone.teacher_attention)


def test_parts_of_an_epoch_are_parts_of_what_is_seen_in_the_whole_of_it(setups, plans):
    count = len(setups[0].split.chosen)
    whole = seen_together(setups, plans, slice(0, count))
    pieces = [
        seen_together(setups, plans, slice(start, min(start + 300, count)))
        for start in range(0, count, 300)
    ]
    for name in whole._fields:
        joined = torch.cat([getattr(piece, name) for piece in pieces], dim=1)
        assert torch.equal(joined, getattr(whole, name))
    for number, (setup, plan) in enumerate(zip(setups, plans, strict=True)):
        assert torch.equal(whole.inputs[number], epoch_inputs(setup, plan))


def test_crops_are_those_of_each_student_s_own_plan(begin):
    setups = [begin(seed=seed, crop_padding=1) for seed in (1, 2)]
    plans = [plan_epoch(each.streams, 1149, each.dataset.augmentation) for each in setups]
    inputs = seen_together(setups, plans, VISITS).inputs
    for seen, setup, plan in zip(inputs, setups, plans, strict=True):
        part = plan.part(VISITS)
        images = setup.pool.images[epoch_samples(setup, part)] / 16
        padded = torch.nn.functional.pad(images, (1,) * 4)
        cropped = [
            image[:, row : row + 8, column : column + 8]
            for image, (row, column) in zip(padded, part.corners, strict=True)
        ]
        assert torch.equal(seen, torch.stack(cropped))
    assert not np.array_equal(plans[0].corners, plans[1].corners)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_images_and_signals_have_the_precision_that_is_asked_for(setups, plans, dtype):
    batch = seen_together(setups, plans, VISITS, dtype=dtype)
    parts = (batch.inputs, batch.teacher_logits, batch.teacher_attention)
    assert {part.dtype for part in parts} == {dtype}
    assert batch.labels.dtype == torch.int64
