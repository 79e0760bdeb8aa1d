"""Arms that combine treatments: which arm has which, and what their effects are."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from analysis.comparison import compare
from analysis.errors import AnalysisError, UnknownArmError
from analysis.protocol import Protocol

NAN = math.nan
TWO = {"KD": ("kd", "kd_at"), "AT": ("at", "kd_at")}


def protocol(treatments=None, **changes):
    fields = {"metric": "accuracy", "direction": "maximize", "control": "plain"}
    return Protocol(**{**fields, "treatments": treatments or TWO, **changes})


@pytest.fixture
def additive(long_form):
    """KD adds 2 and AT adds 1, and both together 0.5 more, give or take what a block adds."""
    block = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    noise = np.array([0.25, -0.25, 0.125, -0.125, 0.0, 0.0])
    return long_form(
        {"plain": block, "kd": block + 2 + noise, "at": block + 1 - noise, "kd_at": block + 3.5}
    )


def effects(results):
    return {each.label: each.estimate for each in results.factorial[0].result.effects}


def test_effects_are_averages_over_the_other_treatment(additive):
    # By hand: KD (2 + 2.5) / 2, AT (1 + 1.5) / 2, and half of the 0.5 by which they differ.
    found = effects(compare(additive, protocol()))
    assert found == {"KD": 2.25, "AT": 1.25, "KD × AT": 0.25}


def test_neither_the_order_of_rows_nor_that_of_arms_matters(additive):
    first = compare(additive, protocol())
    again = compare(additive.sample(frac=1, random_state=1), protocol())
    assert effects(again) == effects(first)
    pairs = zip(first.factorial[0].result.effects, again.factorial[0].result.effects, strict=True)
    for one, other in pairs:
        assert one.sign_flip.p_value == other.sign_flip.p_value
        assert one.standard_error == pytest.approx(other.standard_error, rel=1e-12)


def test_the_protocols_test_and_correction_hold_for_effects_too(additive):
    flips = compare(additive, protocol(correction="bonferroni")).factorial[0].result
    assert (flips.test, flips.correction) == ("sign_flip", "bonferroni")
    assert flips.effects[0].sign_flip.p_value == 2 / 2**6
    assert flips.effects[0].p_adjusted == pytest.approx(3 * 2 / 2**6)
    assert compare(additive, protocol(test="t")).factorial[0].result.test == "t"


def test_blocks_that_are_incomplete_are_left_out_and_counted(additive):
    additive.loc[7, "accuracy"] = NAN
    found = compare(additive.drop(index=23), protocol()).factorial[0]
    assert (found.n, found.dropped_blocks, found.result.blocks) == (4, 2, 4)


def test_without_a_complete_block_there_are_no_effects(additive):
    additive["accuracy"] = additive["accuracy"].where(additive["arm"] != "at", NAN)
    results = compare(additive, protocol())
    (found,) = results.factorial
    assert (found.n, found.dropped_blocks, found.result) == (0, 6, None)
    json.loads(results.to_json(), parse_constant=pytest.fail)
    str(results)


@pytest.mark.parametrize("n", [1, 2])
def test_few_blocks_leave_effects_without_a_verdict(n, additive):
    results = compare(additive[additive["seed"] < n], protocol())
    for effect in results.factorial[0].result.effects:
        assert effect.p_adjusted is None or effect.p_adjusted >= 0.5
    json.loads(results.to_json(), parse_constant=pytest.fail)


def test_identical_arms_have_effects_of_zero_and_no_finding(additive):
    results = compare(additive.assign(accuracy=additive["seed"] / 7), protocol())
    for effect in results.factorial[0].result.effects:
        assert effect.estimate == 0
        assert effect.p_adjusted is None or effect.p_adjusted == 1


def test_every_cell_has_effects_of_its_own(additive):
    frame = pd.concat([additive.assign(k=k, accuracy=additive["accuracy"] * k) for k in (1, 2)])
    found = compare(frame, protocol(), within=["k"]).factorial
    assert [each.cell for each in found] == [(("k", 1),), (("k", 2),)]
    assert [each.result.effects[0].estimate for each in found] == [2.25, 4.5]


def test_three_treatments_have_seven_effects(long_form):
    names = ["", "a", "b", "c", "ab", "ac", "bc", "abc"]
    block = np.arange(5.0)
    frame = long_form({name or "plain": block + len(name) for name in names})
    treatments = {
        letter.upper(): tuple(name for name in names if letter in name) for letter in "abc"
    }
    found = effects(compare(frame, protocol(treatments)))
    assert [found[letter] for letter in "ABC"] == [1.0, 1.0, 1.0]
    assert len(found) == 7
    assert sum(map(abs, found.values())) == 3.0


MISTAKES = {
    "an unknown arm": ({"KD": ("kd", "kdat"), "AT": ("at", "kd_at")}, "'kdat'.*mean 'kd_at'"),
    "too few treatments": ({"KD": ("kd", "kd_at")}, "'plain' and 'at' have the same treatments"),
    "one of no arm": ({**TWO, "IG": ()}, "3 treatments need 8 arms"),
    "two alike": ({**TWO, "KD again": TWO["KD"]}, "no arm has: KD; KD again"),
    "one of every arm": ({**TWO, "X": ("plain", "kd", "at", "kd_at")}, "no arm has: none of them"),
}


@pytest.mark.parametrize(("treatments", "words"), MISTAKES.values(), ids=MISTAKES)
def test_treatments_that_do_not_fit_the_arms_are_refused(treatments, words, additive):
    with pytest.raises(AnalysisError, match=words):
        compare(additive, protocol(treatments))


def test_an_unknown_arm_is_an_unknown_arm(additive):
    with pytest.raises(UnknownArmError):
        compare(additive, protocol({"KD": ("nothing",)}))


def test_very_many_treatments_are_refused_at_once_and_in_few_words(additive):
    treatments = {f"T{i}": ("kd",) for i in range(40)}
    with pytest.raises(AnalysisError, match="40 treatments need 1099511627776 arms") as refused:
        compare(additive[additive["arm"].isin(["plain", "kd"])], protocol(treatments))
    assert str(refused.value).endswith("...")
    assert len(str(refused.value)) < 300


def test_effects_are_for_matched_runs_alone(additive):
    with pytest.raises(AnalysisError, match="treatments"):
        compare(additive, protocol(), block=None)


def test_names_mean_nothing(long_form, nasty_arms):
    block = np.arange(6.0)
    arms = nasty_arms[:4]
    frame = long_form({arm: block * (1 + i / 10) + i for i, arm in enumerate(arms)})
    treatments = {"<A>&": (arms[1], arms[3]), "50%_$": (arms[2], arms[3])}
    results = compare(frame, protocol(treatments, control=arms[0]))
    assert list(effects(results)) == ["<A>&", "50%_$", "<A>& × 50%_$"]
    assert "50%_$" in str(results)
    json.loads(results.to_json())
