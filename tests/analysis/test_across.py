import json

import numpy as np
import pandas as pd
import pytest

from analysis import Protocol, compare
from analysis.across import across_cells
from analysis.runs import read_runs

PROTOCOL = Protocol("y", "maximize", "base")


def frame(*, cells=3, blocks=6, arms=("base", "kd", "ig"), seed=0):
    """Runs of every arm in every block of every cell; arm number i gains i."""
    rng = np.random.default_rng(seed)
    rows = []
    for cell in range(cells):
        for block in range(blocks):
            shared = 10 * cell + rng.normal(0, 2)
            rows += [
                (arm, block, cell, shared + place + rng.normal(0, 0.5))
                for place, arm in enumerate(arms)
            ]
    return pd.DataFrame(rows, columns=["arm", "seed", "data", "y"])


def across(runs, protocol=PROTOCOL, names=("base", "kd", "ig")):
    cells = read_runs(runs, metric="y", arm="arm", block="seed", within=["data"])
    return across_cells(cells, names, protocol)


def test_in_a_balanced_design_an_effect_is_the_difference_of_means_with_the_error_of_blocks():
    runs = frame()
    found = across(runs)
    assert (found.cells, found.warning) == (3, None)
    wide = runs.pivot_table(index=["data", "seed"], columns="arm", values="y")
    # Two-way analysis of variance of arms and blocks (any textbook): the error's mean square.
    centred = wide - wide.mean() - wide.mean(axis="columns").to_numpy()[:, None]
    residual = ((centred + wide.to_numpy().mean()) ** 2).to_numpy().sum() / (17 * 2)
    for arm in ("kd", "ig"):
        effect = found.model.effect(arm)
        assert effect.estimate == pytest.approx((wide[arm] - wide["base"]).mean())
        assert effect.standard_error == pytest.approx((2 * residual / 18) ** 0.5)
    assert found.model.variances["residual"] == pytest.approx(residual)


def test_blocks_of_one_name_in_two_cells_are_two_blocks():
    runs = frame()
    renamed = runs.assign(seed=runs["seed"] + 100 * runs["data"])
    assert across(runs).model.groups["block"] == 18
    assert across(runs).model.effects == across(renamed).model.effects


def test_it_is_part_of_a_comparison_of_matched_runs_in_several_cells():
    found = compare(frame(), PROTOCOL, within=["data"])
    assert found.across == across(frame())
    assert compare(frame(cells=1), PROTOCOL, within=["data"]).across is None
    assert compare(frame(), PROTOCOL, within=["data"], block=None).across is None


def test_the_interval_has_the_protocol_s_level():
    wide = across(frame(), Protocol("y", "maximize", "base", alpha=0.01))
    narrow = across(frame())
    assert wide.model.level == pytest.approx(0.99)
    assert wide.model.effect("kd").low < narrow.model.effect("kd").low


def test_no_order_of_rows_matters():
    runs = frame()
    turned = across(runs.sample(frac=1, random_state=1)).model
    for arm in ("kd", "ig"):
        assert turned.effect(arm).estimate == pytest.approx(across(runs).model.effect(arm).estimate)


def test_values_that_are_not_finite_are_left_out():
    runs = frame(blocks=8)
    runs.loc[[3, 10], "y"] = [np.nan, np.inf]
    found = across(runs)
    assert found.model.n == len(runs) - 2
    assert found.model.effect("kd").estimate == pytest.approx(1, abs=0.5)


def test_an_arm_without_runs_has_no_effect_and_does_not_disturb_the_others():
    found = across(frame(arms=("base", "kd")), names=("base", "kd", "later"))
    assert [each.name for each in found.model.effects] == ["kd"]


@pytest.mark.parametrize(
    "runs",
    [
        frame(arms=("kd", "ig")),
        frame().assign(y=1.0),
        frame().assign(y=np.nan),
        frame(arms=("base",)),
    ],
    ids=["no control", "constant", "no value", "one arm"],
)
def test_a_model_that_cannot_be_fitted_says_why(runs):
    found = across(runs)
    assert found.model is None
    assert found.warning
    assert json.loads(json.dumps(found.to_dict()))["model"] is None


def test_its_dictionary_is_plain():
    plain = json.loads(json.dumps(across(frame()).to_dict()))
    assert plain["cells"] == 3
    assert [each["name"] for each in plain["model"]["effects"]] == ["kd", "ig"]
