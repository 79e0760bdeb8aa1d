import numpy as np
import pandas as pd
import pytest

from analysis import Protocol, compare
from analysis.presentation.many_arms import (
    across_rows,
    effect_rows,
    effect_sentence,
    omnibus_rows,
    omnibus_sentence,
    rank_rows,
    together_text,
)

# Demšar 2006, JMLR 7, Table 6: AUC of four versions of C4.5 on 14 data sets. In print the last
# two of "voting" are both 0.975, with ranks 2 and 3; the third is given one more digit here.
TABLE_6 = [
    [0.763, 0.768, 0.771, 0.798],
    [0.599, 0.591, 0.590, 0.569],
    [0.954, 0.971, 0.968, 0.967],
    [0.628, 0.661, 0.654, 0.657],
    [0.882, 0.888, 0.886, 0.898],
    [0.936, 0.931, 0.916, 0.931],
    [0.661, 0.668, 0.609, 0.685],
    [0.583, 0.583, 0.563, 0.625],
    [0.775, 0.838, 0.866, 0.875],
    [1.000, 1.000, 1.000, 1.000],
    [0.940, 0.962, 0.965, 0.962],
    [0.619, 0.666, 0.614, 0.669],
    [0.972, 0.981, 0.9751, 0.975],
    [0.957, 0.978, 0.946, 0.970],
]
VERSIONS = ("C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf")
C45 = dict(zip(VERSIONS, zip(*TABLE_6, strict=True), strict=True))


@pytest.fixture(scope="module")
def demsar(long_form):
    """His four arms at the level at which he tells them apart."""
    protocol = Protocol("auc", "maximize", "C4.5", alpha=0.1)
    return compare(long_form(C45, metric="auc"), protocol, resamples=100)


def test_ranks_are_listed_from_best_to_worst_as_in_the_paper(demsar):
    ranks = demsar.omnibus[0].nemenyi
    assert [row[:2] for row in rank_rows(ranks)] == [
        ("arm", "average rank"),
        ("C4.5+m+cf", "1.96"),
        ("C4.5+m", "2.00"),
        ("C4.5+cf", "2.89"),
        ("C4.5", "3.14"),
    ]
    # Section 3.2.2: at 0.10 the critical difference is 1.12, and C4.5 is worse than both.
    assert ranks.critical_difference == pytest.approx(1.12, abs=0.005)
    assert [row[2] for row in rank_rows(ranks)[1:]] == [
        "C4.5+m, C4.5+cf",
        "C4.5+m+cf, C4.5+cf",
        "C4.5+m+cf, C4.5+m, C4.5",
        "C4.5+cf",
    ]


def test_the_sentence_tells_apart_what_the_paper_tells_apart(demsar):
    said = omnibus_sentence(demsar.omnibus[0], demsar.protocol)
    assert said.startswith("Some of the 4 arms rank differently (Friedman's test, 14 blocks, ")
    assert said.endswith("Nemenyi's test tells apart: C4.5+m+cf before C4.5, C4.5+m before C4.5.")


def test_at_another_level_nemenyi_tells_nothing_apart(long_form):
    # Section 3.2.2: at 0.05 the critical difference is 1.25, and the largest difference 1.18.
    found = compare(
        long_form(C45, metric="auc"), Protocol("auc", "maximize", "C4.5"), resamples=100
    )
    assert found.omnibus[0].nemenyi.critical_difference == pytest.approx(1.25, abs=0.005)
    said = omnibus_sentence(found.omnibus[0], found.protocol)
    assert said.endswith(
        "Nemenyi's test, which corrects for all pairs, tells no two of them apart."
    )


def test_every_test_has_a_row_with_its_degrees_of_freedom(demsar):
    header, *rows = omnibus_rows(demsar.omnibus[0], demsar.protocol)
    assert header == ("test", "statistic", "degrees of freedom", "p")
    assert [row[0] for row in rows] == [
        "Friedman, chi-square",
        "Friedman, Iman and Davenport's F",
        "Friedman, permutation (exact)",
        "Anova over blocks",
        "Anova over blocks, Greenhouse and Geisser",
    ]
    assert [row[2] for row in rows[:4]] == ["3", "3, 39", "none", "3, 39"]
    assert float(rows[4][2].partition(",")[0]) < 3


def test_arms_that_are_all_alike_are_not_said_to_be_equal(long_form):
    values = np.tile([1.0, 2.0, 3.0], 4)
    arms = {"a": values, "b": np.roll(values, 1), "c": np.roll(values, 2)}
    found = compare(long_form(arms), Protocol("accuracy", "maximize", "a"), resamples=100)
    said = omnibus_sentence(found.omnibus[0], found.protocol)
    assert said.startswith("That any of the 3 arms rank differently was not shown (Friedman's test")
    assert "permutation p = 1.0" in said


def test_ties_in_every_block_are_undefined_and_said_to_be(long_form):
    found = compare(
        long_form({arm: [1.0, 2.0, 3.0] for arm in "abc"}),
        Protocol("accuracy", "maximize", "a"),
        resamples=100,
    )
    omnibus = found.omnibus[0]
    assert omnibus_sentence(omnibus, found.protocol).endswith(".")
    for row in omnibus_rows(omnibus, found.protocol)[1:]:
        assert "nan" not in " ".join(row)
        assert "None" not in " ".join(row)


def test_runs_that_share_nothing_are_told_apart_by_welch_s_analysis(long_form):
    # R's ?oneway.test on PlantGrowth: F = 5.181, num df = 2, denom df = 17.128, p = 0.01739.
    plants = {
        "ctrl": [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14],
        "trt1": [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69],
        "trt2": [6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26],
    }
    protocol = Protocol("weight", "maximize", "ctrl")
    found = compare(long_form(plants, metric="weight"), protocol, block=None, resamples=100)
    _, one_way, welch = omnibus_rows(found.omnibus[0], protocol)
    # R's anova(lm(weight ~ group)): F = 4.8461 on 2 and 27, p = 0.01591.
    assert one_way == ("One-way anova", "4.846", "2, 27", "0.016")
    assert welch == ("Welch's anova", "5.181", "2, 17.13", "0.017")
    assert omnibus_sentence(found.omnibus[0], protocol) == (
        "The means of the 3 arms are not all the same (Welch's analysis of variance, 30 runs, "
        "p = 0.017)."
    )
    strict = Protocol("weight", "maximize", "ctrl", alpha=0.01)
    found = compare(long_form(plants, metric="weight"), strict, block=None, resamples=100)
    assert omnibus_sentence(found.omnibus[0], strict).startswith(
        "That the means of the 3 arms differ was not shown"
    )


def test_where_nothing_can_be_tested_the_reason_is_the_sentence(long_form):
    found = compare(
        long_form({"a": [1.0], "b": [2.0], "c": [float("nan")]}),
        Protocol("accuracy", "maximize", "a"),
        resamples=100,
    )
    assert omnibus_sentence(found.omnibus[0], found.protocol) == found.omnibus[0].warning
    assert omnibus_rows(found.omnibus[0], found.protocol) == (
        ("test", "statistic", "degrees of freedom", "p"),
    )


def test_many_pairs_told_apart_are_counted(long_form):
    arms = {f"arm {place}": 10.0 * place + np.arange(40) for place in range(5)}
    found = compare(long_form(arms), Protocol("accuracy", "maximize", "arm 0"), resamples=100)
    said = omnibus_sentence(found.omnibus[0], found.protocol)
    apart = sum(each.significant for each in found.omnibus[0].nemenyi.differences)
    assert apart == 10
    assert said.endswith(f", and {apart - 6} more.")


# Box, Hunter & Hunter 2005, section 5.2, the pilot plant: yields of two runs at each of the
# eight combinations of temperature T, concentration C and catalyst K.
PLANT = {
    (): (59, 61),
    ("T",): (74, 70),
    ("C",): (50, 58),
    ("T", "C"): (69, 67),
    ("K",): (50, 54),
    ("T", "K"): (81, 85),
    ("C", "K"): (46, 44),
    ("T", "C", "K"): (79, 81),
}


@pytest.fixture(scope="module")
def plant(long_form):
    arms = {"+".join(on) or "none": list(map(float, runs)) for on, runs in PLANT.items()}
    treatments = {
        name: tuple("+".join(on) for on in PLANT if name in on) for name in ("T", "C", "K")
    }
    protocol = Protocol("yield", "maximize", "none", test="t", treatments=treatments)
    return compare(long_form(arms, metric="yield"), protocol, resamples=100)


def test_effects_are_those_of_the_textbook(plant):
    result = plant.factorial[0].result
    header, *rows = effect_rows(result, plant.protocol)
    assert header == ("effect", "n", "estimate", "95 % interval", "p", "p corrected")
    # Table 5.4: T 23, C -5, K 1.5, TC 1.5, TK 10, CK 0, TCK 0.5.
    assert {row[0]: float(row[2]) for row in rows} == {
        "T": 23.0,
        "C": -5.0,
        "K": 1.5,
        "T × C": 1.5,
        "T × K": 10.0,
        "C × K": 0.0,
        "T × C × K": 0.5,
    }
    assert {row[1] for row in rows} == {"2"}


def test_an_effect_is_said_to_be_shown_only_after_the_correction(plant):
    result = plant.factorial[0].result
    said = effect_sentence(result.effect("T", "K"), result, plant.protocol)
    assert said.startswith("An interaction of T × K was not shown (10")
    assert "2 blocks, corrected p" in said
    assert effect_sentence(result.effect("C"), result, plant.protocol).startswith(
        "A main effect of C was not shown (-5"
    )


def test_a_clear_effect_is_said_not_to_be_zero(long_form):
    wiggle = np.tile([0.1, -0.1, 0.05], 4)
    arms = {"plain": wiggle, "kd": wiggle[::-1] + 3}
    protocol = Protocol("accuracy", "maximize", "plain", treatments={"KD": ("kd",)})
    found = compare(long_form(arms), protocol, resamples=100)
    result = found.factorial[0].result
    assert effect_sentence(result.effects[0], result, protocol).startswith(
        "The main effect of KD was shown not to be zero (3.000 in accuracy, 95 % interval"
    )


@pytest.fixture(scope="module")
def levels():
    rng = np.random.default_rng(0)
    rows = [
        (arm, seed, k, 10 * k + gain + rng.normal())
        for arm, gain in (("base", 0), ("kd", 3))
        for seed in range(10)
        for k in range(6)
    ]
    frame = pd.DataFrame(rows, columns=["arm", "seed", "k", "accuracy"])
    protocol = Protocol("accuracy", "maximize", "base")
    return compare(frame, protocol, within=["k"], resamples=100)


def test_effects_over_all_levels_have_a_row_an_arm(levels):
    header, row = across_rows(levels.across.model, levels.protocol)
    assert header == ("arm", "effect against base", "95 % interval", "z", "p")
    effect = levels.across.model.effect("kd")
    assert row[0] == "kd"
    assert float(row[1]) == pytest.approx(effect.estimate, abs=0.005)
    assert float(row[3]) == pytest.approx(effect.estimate / effect.standard_error, rel=1e-3)
    assert row[4] == "< 0.0001"


def test_the_text_has_a_sentence_for_all_arms_and_for_every_effect(demsar, plant, levels):
    assert together_text(demsar) == "All arms: " + omnibus_sentence(
        demsar.omnibus[0], demsar.protocol
    )
    result = plant.factorial[0].result
    sentences = [effect_sentence(each, result, plant.protocol) for each in result.effects]
    assert together_text(plant).split("\n\n")[1:] == sentences
    assert together_text(levels).startswith("Over all 6 levels")
