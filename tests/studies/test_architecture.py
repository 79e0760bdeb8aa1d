import pytest

from studies.distillation.architecture import (
    attention_block,
    compression_factor,
    teacher_architecture,
)
from studies.distillation.network import Networks

# Hernandez et al. 2025, for CIFAR-10: blocks removed → parameters, million multiply-adds.
PAPER = {
    0: (2_236_682, 87.98),
    3: (1_019_402, 68.85),
    5: (543_498, 58.70),
    7: (306_954, 43.88),
    9: (185_738, 36.36),
    11: (77_194, 29.62),
    13: (40_970, 23.56),
    15: (16_042, 14.93),
    17: (1_994, 1.70),
}


# Hernandez et al. 2025: blocks removed → compression factor.
PAPER_FACTORS = {
    3: 2.19,
    5: 4.12,
    7: 7.29,
    9: 12.04,
    11: 28.97,
    13: 54.59,
    15: 139.43,
    17: 1121.71,
}

CIFAR = teacher_architecture("cifar", 10)
DIGITS = teacher_architecture("digits", 10)


@pytest.mark.parametrize("removed", PAPER)
def test_the_count_of_parameters_and_multiply_adds_is_the_paper_s(removed):
    parameters, millions = PAPER[removed]
    student = CIFAR.without_last(removed)
    assert student.parameters() == parameters
    assert student.multiply_adds() / 1e6 == pytest.approx(millions, abs=0.005)


@pytest.mark.parametrize(("removed", "factor"), PAPER_FACTORS.items())
def test_compression_factors_are_the_paper_s(removed, factor):
    student = CIFAR.without_last(removed)
    assert compression_factor(CIFAR, student) == pytest.approx(factor, abs=0.005)


@pytest.mark.parametrize(
    ("removed", "divider"),
    [(3, 2), (5, 2), (7, 2), (9, 4), (11, 4), (13, 4), (15, 8), (17, 20)],
)
def test_attention_is_taken_after_the_block_that_the_paper_takes(removed, divider):
    student = CIFAR.without_last(removed)
    assert attention_block(CIFAR, student) == 19 // divider


@pytest.mark.parametrize(
    ("removed", "block"), [(1, 5), (2, 5), (3, 5), (4, 2), (5, 2), (6, 2), (7, 1), (8, 0)]
)
def test_the_digits_students_follow_the_same_rule(removed, block):
    assert attention_block(DIGITS, DIGITS.without_last(removed)) == block


@pytest.mark.parametrize("removed", range(9))
def test_a_built_network_has_the_parameters_that_its_shape_counts(removed):
    student = DIGITS.without_last(removed)
    parameters = Networks(student, 1).parameters()
    assert sum(parameter.numel() for parameter in parameters) == student.parameters()


@pytest.mark.parametrize("removed", [-1, 9, 10])
def test_removing_too_many_blocks_is_refused_with_what_is_allowed(removed):
    with pytest.raises(ValueError, match=r"blocks_removed[\s\S]*0 to 8"):
        DIGITS.without_last(removed)


def test_an_unknown_family_is_refused_with_the_ones_that_there_are():
    with pytest.raises(ValueError, match=r"family[\s\S]*cifra[\s\S]*digits[\s\S]*cifar"):
        teacher_architecture("cifra", 10)


def test_another_number_of_classes_changes_the_head_alone():
    ten, four = teacher_architecture("cifar", 10), teacher_architecture("cifar", 4)
    assert ten.blocks == four.blocks
    assert ten.parameters() - four.parameters() == 6 * (1280 + 1)


def test_weights_take_four_bytes_for_each_parameter_and_running_statistic():
    # One removed block less than all: a stem of 12 channels and a first block of 12 → 8 channels,
    # so BatchNorms of 12, 12 and 8 channels, each with a running mean and variance.
    student = DIGITS.without_last(8)
    assert student.weights_bytes() == 4 * (student.parameters() + 2 * (12 + 12 + 8))
