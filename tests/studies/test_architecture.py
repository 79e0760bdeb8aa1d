import pytest

from studies.distillation.architecture import (
    FAMILIES,
    Stage,
    attention_block,
    compression_factor,
    mobilenet_v2,
)
from studies.distillation.network import Network

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


@pytest.fixture(scope="module")
def paper_teacher():
    rows = (
        (1, 16, 1, 1),
        (6, 24, 2, 1),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    )
    return mobilenet_v2(
        image_channels=3,
        image_size=32,
        stem_channels=32,
        stages=tuple(Stage(*row) for row in rows),
        last_channels=1280,
        classes=10,
    )


@pytest.mark.parametrize("removed", PAPER)
def test_the_count_of_parameters_and_multiply_adds_is_the_paper_s(paper_teacher, removed):
    parameters, millions = PAPER[removed]
    student = paper_teacher.without_last(removed)
    assert student.parameters() == parameters
    assert student.multiply_adds() / 1e6 == pytest.approx(millions, abs=0.006)


@pytest.mark.parametrize(("removed", "factor"), [(3, 2.19), (5, 4.12), (15, 139.43), (17, 1121.71)])
def test_compression_factors_are_the_paper_s(paper_teacher, removed, factor):
    student = paper_teacher.without_last(removed)
    assert compression_factor(paper_teacher, student) == pytest.approx(factor, abs=0.006)


@pytest.mark.parametrize(
    ("removed", "divider"),
    [(3, 2), (5, 2), (7, 2), (9, 4), (11, 4), (13, 4), (15, 8), (17, 20)],
)
def test_attention_is_taken_after_the_block_that_the_paper_takes(paper_teacher, removed, divider):
    student = paper_teacher.without_last(removed)
    assert attention_block(paper_teacher, student) == 19 // divider


@pytest.mark.parametrize(
    ("removed", "block"), [(1, 5), (2, 5), (3, 5), (4, 2), (5, 2), (6, 2), (7, 1), (8, 0)]
)
def test_the_digits_students_follow_the_same_rule(removed, block):
    teacher = FAMILIES["digits"]
    assert attention_block(teacher, teacher.without_last(removed)) == block


@pytest.mark.parametrize("removed", range(9))
def test_a_built_network_has_the_parameters_that_its_shape_counts(removed):
    student = FAMILIES["digits"].without_last(removed)
    assert sum(p.numel() for p in Network(student).parameters()) == student.parameters()


@pytest.mark.parametrize("removed", [-1, 9, 10])
def test_removing_too_many_blocks_is_refused_with_what_is_allowed(removed):
    with pytest.raises(ValueError, match=r"blocks_removed[\s\S]*0 to 8"):
        FAMILIES["digits"].without_last(removed)
