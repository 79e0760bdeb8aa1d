import math

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from analysis.errors import AnalysisError, RepeatedBlockError, UnknownArmError
from analysis.many_arms import mixed_model
from analysis.many_arms.intercepts import InterceptFit
from analysis.many_arms.mixed_model import arm_effects_across, random_intercept

# Davies & Goldsmith 1972, as lme4's Dyestuff (six batches) and Box & Tiao 1973 as Dyestuff2.
DYESTUFF = {
    "A": [1545, 1440, 1440, 1520, 1580],
    "B": [1540, 1555, 1490, 1560, 1495],
    "C": [1595, 1550, 1605, 1510, 1560],
    "D": [1445, 1440, 1595, 1465, 1545],
    "E": [1595, 1630, 1515, 1635, 1625],
    "F": [1520, 1455, 1450, 1480, 1445],
}
DYESTUFF_2 = {
    "A": [7.298, 3.846, 2.434, 9.566, 7.990],
    "B": [5.220, 6.556, 0.608, 11.788, -0.892],
    "C": [0.110, 10.386, 13.434, 5.510, 8.166],
    "D": [2.212, 4.852, 7.092, 9.288, 4.980],
    "E": [0.282, 9.014, 4.458, 9.446, 7.198],
    "F": [1.722, 4.782, 8.106, 0.758, 3.758],
}
COLUMNS = {"metric": "y", "arm": "arm", "control": "base", "cell": "data", "block": "seed"}


def _frame(groups):
    return pd.DataFrame(
        [(name, float(y)) for name, each in groups.items() for y in each],
        columns=["batch", "yield"],
    )


def _runs(*, cells=4, blocks=5, arms=("base", "kd", "kd_ig"), sds=(2.0, 1.0, 0.5), seed=0):
    rng = np.random.default_rng(seed)
    rows = []
    for cell in range(cells):
        shared = rng.normal(0, sds[0])
        for block in range(blocks):
            own = rng.normal(0, sds[1])
            rows += [
                (f"d{cell}", block, arm, shared + own + place + rng.normal(0, sds[2]))
                for place, arm in enumerate(arms)
            ]
    return pd.DataFrame(rows, columns=["data", "seed", "arm", "y"])


def _minimum_of_the_criterion(frame, arms):
    """Maximise the restricted likelihood in another way: dense matrices, Nelder and Mead."""
    y = frame["y"].to_numpy()
    design = np.column_stack(
        [np.ones(len(y)), *((frame["arm"] == arm).to_numpy(float) for arm in arms[1:])]
    )
    cell = (frame["data"].to_numpy()[:, None] == frame["data"].to_numpy()).astype(float)
    block = cell * (frame["seed"].to_numpy()[:, None] == frame["seed"].to_numpy())

    def parts(log_variances):
        variances = np.exp(log_variances)
        v = variances[0] * cell + variances[1] * block + variances[2] * np.eye(len(y))
        inverse = np.linalg.inv(v)
        information = design.T @ inverse @ design
        beta = np.linalg.solve(information, design.T @ inverse @ y)
        rest = y - design @ beta
        deviance = np.linalg.slogdet(v)[1] + np.linalg.slogdet(information)[1]
        return deviance + rest @ inverse @ rest, beta, np.sqrt(np.diag(np.linalg.inv(information)))

    options = {"xatol": 1e-8, "fatol": 1e-10, "maxiter": 4000}
    starts = [(1, 0, -1), (-9, 0, -1), (1, -9, -1), (-9, -9, -1)]
    found = [
        minimize(lambda x: parts(x)[0], x, method="Nelder-Mead", options=options) for x in starts
    ]
    best = min(found, key=lambda each: each.fun)
    return np.exp(best.x), *parts(best.x)[1:]


def test_dyestuff_gives_the_reml_estimates_of_lme4():
    found = random_intercept(_frame(DYESTUFF), "yield", "batch")
    # Bates et al. 2015 (JSS 67) and the lme4 manual: 1764.05, 2451.25; 1527.50, SE 19.38.
    assert found.variances["batch"] == pytest.approx(1764.05, abs=5e-3)
    assert found.variances["residual"] == pytest.approx(2451.25, abs=5e-3)
    assert found.intercept.estimate == pytest.approx(1527.5)
    assert found.intercept.standard_error == pytest.approx(19.38, abs=5e-3)
    assert found.closed_form
    assert found.groups == {"batch": 6}


def test_dyestuff_gives_the_maximum_likelihood_estimates_of_lme4():
    found = random_intercept(_frame(DYESTUFF), "yield", "batch", reml=False)
    # lmer(Yield ~ 1 + (1|Batch), Dyestuff, REML = FALSE): 1388.33, 2451.25, SE 17.69.
    assert found.variances["batch"] == pytest.approx(1388.33, abs=5e-3)
    assert found.variances["residual"] == pytest.approx(2451.25, abs=5e-3)
    assert found.intercept.standard_error == pytest.approx(17.69, abs=5e-3)


def test_dyestuff_2_has_no_variance_between_batches():
    found = random_intercept(_frame(DYESTUFF_2), "yield", "batch")
    # lmer(Yield ~ 1 + (1|Batch), Dyestuff2): 0.00 and 13.81 (standard deviation 3.716).
    assert found.variances["batch"] == 0.0
    assert math.sqrt(found.variances["residual"]) == pytest.approx(3.716, abs=5e-4)
    assert found.intercept.estimate == pytest.approx(5.6656)
    assert found.intercept.standard_error == pytest.approx(0.6784, abs=5e-5)


def test_an_unbalanced_column_comes_close_to_what_another_optimiser_finds():
    pytest.importorskip("statsmodels")
    groups = {name: each[: 2 + place % 4] for place, (name, each) in enumerate(DYESTUFF.items())}
    frame = _frame(groups)
    found = random_intercept(frame, "yield", "batch")
    y, same = frame["yield"].to_numpy(), frame["batch"].to_numpy()

    def deviance(log_variances):
        between, within = np.exp(log_variances)
        v = between * (same[:, None] == same) + within * np.eye(len(y))
        inverse = np.linalg.inv(v)
        weight = inverse.sum()
        rest = y - inverse.sum(axis=0) @ y / weight
        return np.linalg.slogdet(v)[1] + math.log(weight) + rest @ inverse @ rest

    best = minimize(deviance, [7.0, 7.0], method="Nelder-Mead", options={"fatol": 1e-12})
    expected = np.exp(best.x)
    assert not found.closed_form
    assert found.converged
    assert found.variances["batch"] == pytest.approx(expected[0], rel=0.01)
    assert found.variances["residual"] == pytest.approx(expected[1], rel=0.01)


def test_balanced_runs_give_the_exact_maximum_in_closed_form():
    frame = _runs()
    found = arm_effects_across(frame, **COLUMNS)
    variances, beta, errors = _minimum_of_the_criterion(frame, ["base", "kd", "kd_ig"])
    assert found.closed_form
    assert list(found.variances.values()) == pytest.approx(variances, rel=1e-3)
    effects = (found.intercept, *found.effects)
    assert [each.estimate for each in effects] == pytest.approx(beta, rel=1e-6)
    assert [each.standard_error for each in effects] == pytest.approx(errors, rel=1e-3)


@pytest.mark.parametrize("sds", [(0.0, 1.0, 0.5), (1.0, 0.0, 1.0), (0.0, 0.0, 1.0)])
@pytest.mark.parametrize("seed", range(3))
def test_closed_form_is_right_at_the_boundary_too(sds, seed):
    frame = _runs(sds=sds, seed=seed)
    found = arm_effects_across(frame, **COLUMNS)
    variances, _, errors = _minimum_of_the_criterion(frame, ["base", "kd", "kd_ig"])
    assert list(found.variances.values()) == pytest.approx(variances, rel=1e-3, abs=1e-3)
    assert found.intercept.standard_error == pytest.approx(errors[0], rel=1e-2)


def test_unbalanced_runs_come_close_to_what_another_optimiser_finds():
    pytest.importorskip("statsmodels")
    frame = _runs(cells=5, seed=1).sample(frac=0.85, random_state=3)
    found = arm_effects_across(frame, **COLUMNS)
    variances, beta, errors = _minimum_of_the_criterion(frame, ["base", "kd", "kd_ig"])
    assert not found.closed_form
    assert list(found.variances.values()) == pytest.approx(variances, rel=0.01)
    effects = (found.intercept, *found.effects)
    assert [each.estimate for each in effects] == pytest.approx(beta, abs=1e-3)
    assert [each.standard_error for each in effects] == pytest.approx(errors, rel=0.01)


def test_the_closed_form_and_statsmodels_agree():
    statsmodels = pytest.importorskip("statsmodels.api")
    frame = _runs(cells=8, seed=2)
    design = np.column_stack(
        [np.ones(len(frame)), *((frame["arm"] == arm).to_numpy(float) for arm in ("kd", "kd_ig"))]
    )
    frame["block"] = frame["data"] + frame["seed"].astype(str)
    fit = statsmodels.MixedLM(
        frame["y"], design, groups=frame["data"], exog_re=np.ones((len(frame), 1)),
        exog_vc=_blocks_of(frame),
    ).fit()  # fmt: skip
    found = arm_effects_across(frame, **COLUMNS)
    assert found.effect("kd").standard_error == pytest.approx(fit.bse_fe.iloc[1], rel=1e-3)
    assert found.variances["residual"] == pytest.approx(fit.scale, rel=1e-3)


def _blocks_of(frame):
    from statsmodels.regression.mixed_linear_model import VCSpec

    groups = [frame.loc[frame["data"] == cell, "seed"] for cell in sorted(frame["data"].unique())]
    matrices = [pd.get_dummies(each).to_numpy(float) for each in groups]
    return VCSpec(["b"], [[[str(i) for i in range(m.shape[1])] for m in matrices]], [matrices])


def test_effects_of_balanced_runs_are_differences_of_means():
    frame = _runs()
    means = frame.groupby("arm")["y"].mean()
    found = arm_effects_across(frame, **COLUMNS)
    assert found.intercept.estimate == pytest.approx(means["base"])
    assert found.effect("kd_ig").estimate == pytest.approx(means["kd_ig"] - means["base"])
    assert [each.name for each in found.effects] == ["kd", "kd_ig"]


def test_equal_keys_in_different_cells_are_different_blocks():
    frame = _runs(cells=6, sds=(0.0, 3.0, 0.1))
    found = arm_effects_across(frame, **COLUMNS)
    assert found.groups == {"data": 6, "seed": 30}
    assert found.variances["seed"] > 10 * found.variances["residual"]


def test_one_cell_or_one_block_a_cell_has_one_random_intercept():
    one_cell = arm_effects_across(_runs(cells=1, blocks=8), **COLUMNS)
    assert list(one_cell.variances) == ["seed", "residual"]
    one_block = arm_effects_across(_runs(cells=8, blocks=1), **COLUMNS)
    assert list(one_block.variances) == ["data", "residual"]
    assert one_block.closed_form


def test_the_order_of_rows_changes_nothing():
    pytest.importorskip("statsmodels")
    for frame in (_runs(), _runs().iloc[3:]):
        shuffled = frame.sample(frac=1, random_state=5)
        one, other = (arm_effects_across(each, **COLUMNS) for each in (frame, shuffled))
        assert (one.intercept, one.variances) == (other.intercept, other.variances)
        assert one.effect("kd") == other.effect("kd")
    frame = _frame(DYESTUFF)
    shuffled = frame.sample(frac=1, random_state=5)
    assert random_intercept(frame, "yield", "batch") == random_intercept(shuffled, "yield", "batch")


def test_runs_without_a_value_are_left_out_and_counted():
    pytest.importorskip("statsmodels")
    frame = _runs(cells=7, blocks=6)
    frame.loc[[2, 9], "y"] = [np.nan, np.inf]
    found = arm_effects_across(frame, **COLUMNS)
    assert (found.n, found.missing) == (len(frame) - 2, 2)


def test_few_groups_are_warned_of():
    found = arm_effects_across(_runs(cells=3, blocks=8), **COLUMNS)
    assert "only 3 groups of 'data'" in found.warnings[0]
    named = arm_effects_across(_runs(cells=3, blocks=8), **COLUMNS, nouns={"data": "data sets"})
    assert "only 3 data sets: the variance between them" in named.warnings[0]
    assert arm_effects_across(_runs(cells=8, blocks=8), **COLUMNS).warnings == ()


def test_what_statsmodels_warns_of_is_told_and_not_emitted():
    pytest.importorskip("statsmodels")
    frame = _runs(cells=8, blocks=6, sds=(0.0, 0.0, 1.0), seed=4).iloc[1:]
    found = arm_effects_across(frame, **COLUMNS)
    assert any(each.startswith("statsmodels: ") for each in found.warnings)
    assert found.variances["data"] < 0.1


@pytest.mark.parametrize("converged", [True, False])
def test_attempts_are_told_of_only_where_the_last_one_failed_too(converged, monkeypatch):
    boundary = "The MLE may be on the boundary of the parameter space."
    attempts = (
        "Maximum Likelihood optimization failed to converge. Check mle_retvals",
        "Retrying MixedLM optimization with lbfgs",
    )

    def fitted(*_, **__):
        return InterceptFit(
            np.array([0.0, 1.0, 1.0]),
            np.ones(3),
            (1.0, 1.0, 1.0),
            closed_form=False,
            converged=converged,
            warnings=(*attempts, boundary),
        )

    monkeypatch.setattr(mixed_model, "_fit", fitted)
    found = arm_effects_across(_runs(cells=8, blocks=8), **COLUMNS)
    told = [each for each in found.warnings if each.startswith("statsmodels: ")]
    assert f"statsmodels: {boundary}" in told
    assert len(told) == (1 if converged else 3)
    assert (mixed_model.NOT_CONVERGED in found.warnings) is not converged


def test_no_residual_has_no_test():
    frame = _runs(sds=(1.0, 1.0, 0.0))
    found = arm_effects_across(frame, **COLUMNS)
    assert found.variances["residual"] == 0.0
    assert (found.effect("kd").z, found.effect("kd").p_value) == (None, None)
    assert "no residual" in " ".join(found.warnings)


def test_what_cannot_be_modelled_is_refused():
    frame = _runs()
    with pytest.raises(UnknownArmError):
        arm_effects_across(frame, **{**COLUMNS, "control": "bas"})
    with pytest.raises(UnknownArmError):
        arm_effects_across(frame, **COLUMNS).effect("base")
    with pytest.raises(AnalysisError, match="an arm beside"):
        arm_effects_across(frame[frame["arm"] == "base"], **COLUMNS)
    with pytest.raises(AnalysisError, match="too few"):
        arm_effects_across(_runs(cells=1, blocks=1), **COLUMNS)
    with pytest.raises(AnalysisError, match="all values are equal"):
        arm_effects_across(frame.assign(y=1.0), **COLUMNS)
    with pytest.raises(AnalysisError, match="level"):
        arm_effects_across(frame, **COLUMNS, level=1.0)
    with pytest.raises(RepeatedBlockError):
        arm_effects_across(pd.concat([frame, frame]), **COLUMNS)
    with pytest.raises(AnalysisError, match="rename"):
        arm_effects_across(
            frame.rename(columns={"data": "residual"}), **{**COLUMNS, "cell": "residual"}
        )


@pytest.mark.parametrize("groups", [{"a": [1.0, 2.0]}, {"a": [1.0], "b": [2.0]}, {"a": []}])
def test_too_few_groups_or_values_have_no_components(groups):
    with pytest.raises(AnalysisError):
        random_intercept(_frame(groups), "yield", "batch")


def test_nasty_names_survive(nasty):
    frame = _runs(arms=("base", nasty)).rename(columns={"data": "a column, so named"})
    found = arm_effects_across(frame, **{**COLUMNS, "cell": "a column, so named"})
    assert found.to_frame()["name"].tolist() == ["base", nasty]
