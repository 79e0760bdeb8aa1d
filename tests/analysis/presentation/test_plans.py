import numpy as np
import pandas as pd
import pytest

from analysis import Protocol
from analysis.errors import AnalysisError
from analysis.planning import plan_comparisons
from analysis.presentation.plans import (
    PLAN_COLUMNS,
    plan_figure,
    plan_rows,
    plan_sentence,
    plan_text,
    widest,
)

# Ten differences with mean 0 and standard deviation 1.
UNIT = np.tile([1.0, -1.0], 5) * np.sqrt(9 / 10)


@pytest.fixture
def planned(long_form):
    """Plan comparisons with a control of zeros, of arms whose runs are what is given."""

    def plan(arms, **changes):
        n = max(map(len, arms.values()))
        protocol = Protocol(
            **{
                "metric": "acc",
                "direction": "maximize",
                "control": "base",
                "smallest_effect": 0.5,
                **changes,
            }
        )
        frame = long_form({"base": np.zeros(n), **arms}, metric="acc")
        return plan_comparisons(frame, protocol), protocol

    return plan


def test_a_row_has_the_seeds_that_the_textbook_has(planned):
    found, _ = planned({"kd": UNIT})
    header, row = plan_rows(found)
    assert header[:4] == ("comparison", "pilot pairs", "sd", "seeds")
    assert all(name in PLAN_COLUMNS for name in header[2:])
    # R's power.t.test(delta = 0.5, sd = 1, power = 0.8, type = "paired"): n = 33.36713.
    assert row[:4] == ("kd against base", "10", "1", "34")
    assert int(row[4]) > 34
    # And power.t.test(n = 10, sd = 1, power = 0.8, type = "paired"): delta = 0.9999.
    assert float(row[5]) == pytest.approx(1.0, abs=0.005)


def test_the_sentence_has_the_number_for_one_comparison(planned):
    assert plan_sentence(*planned({"kd": UNIT})) == (
        "To show a difference of 0.5 in acc with a probability of 80 % in the comparison, 34 "
        "seeds an arm are enough if the spread is as in the pilot."
    )


def test_for_several_the_largest_number_at_the_corrected_level_is_named(planned):
    found, protocol = planned({"kd": UNIT, "ig": 2 * UNIT})
    numbers = [int(row[3]) for row in plan_rows(found)[1:]]
    assert numbers[1] > 4 * 34 - 10
    said = plan_sentence(found, protocol)
    assert f"in each of 2 comparisons, {numbers[1]} seeds an arm are enough" in said


def test_comparisons_of_which_the_pilot_says_nothing_are_counted(planned):
    found, protocol = planned({"kd": UNIT, "ig": np.ones(10), "at": UNIT[:1]})
    said = plan_sentence(found, protocol)
    assert said.endswith("if the spread is as in the pilot. It cannot tell for 2 comparisons.")
    assert plan_rows(found)[2:] == (
        ("ig against base", *["n/a"] * 5),
        ("at against base", *["n/a"] * 5),
    )


def test_where_nothing_can_be_planned_no_number_is_named(planned):
    found, protocol = planned({"ig": np.ones(10)})
    assert plan_sentence(found, protocol).startswith("No number of seeds that can be planned for")
    assert widest(found) is None
    with pytest.raises(AnalysisError, match="no power to draw"):
        plan_figure(found, protocol)


def test_an_effect_out_of_reach_is_said_to_be(planned):
    found, protocol = planned({"kd": UNIT}, smallest_effect=1e-9)
    (row,) = plan_rows(found)[1:]
    assert row[3:5] == ("out of reach", "out of reach")
    assert plan_sentence(found, protocol).startswith("No number of seeds")


def test_the_text_has_the_reason_for_what_was_not_planned(planned):
    found, protocol = planned({"kd": UNIT, "ig": np.ones(10)})
    blocks = plan_text(found, protocol).split("\n\n")
    assert blocks[0] == plan_sentence(found, protocol)
    assert blocks[1].splitlines()[0].startswith("comparison")
    assert blocks[2] == f"In the table, {PLAN_COLUMNS}"
    assert blocks[3] == f"kd against base: {found.plans[0].plan}"
    assert blocks[4] == f"ig against base: {found.plans[1].reason}"


def test_the_figure_is_of_the_comparison_that_spreads_most(planned):
    found, protocol = planned({"kd": UNIT, "ig": 2 * UNIT})
    assert widest(found).arm == "ig"
    figure = plan_figure(found, protocol)
    texts = " ".join(each.get_text() for each in figure.findobj(lambda x: hasattr(x, "get_text")))
    assert f"{found.plans[1].plan.seeds_needed} pairs" in texts
    assert "0.5 in acc" in texts


def test_factors_are_named_in_the_rows():
    rows = [
        (arm, seed, k, (arm == "kd") * value * k)
        for arm in ("base", "kd")
        for seed, value in enumerate(UNIT)
        for k in (1, 2)
    ]
    frame = pd.DataFrame(rows, columns=["arm", "seed", "k", "acc"])
    protocol = Protocol("acc", "maximize", "base", smallest_effect=0.5)
    found = plan_comparisons(frame, protocol, within=["k"])
    assert [row[0] for row in plan_rows(found)[1:]] == [
        "kd against base (k = 1)",
        "kd against base (k = 2)",
    ]
