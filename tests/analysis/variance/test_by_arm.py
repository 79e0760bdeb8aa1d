import itertools
import json

import numpy as np
import pandas as pd
import pytest

from analysis.errors import (
    AnalysisError,
    MissingColumnError,
    MissingKeyError,
    NoRunsError,
    NotNumericError,
    RepeatedBlockError,
    SharedColumnError,
)
from analysis.variance.by_arm import decompose_by_arm, require_repeats, shared_by_block
from analysis.variance.sources import decompose

# Shrout & Fleiss 1979, Psychological Bulletin 86, Table 2: six targets, four judges.
RATINGS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def ratings():
    rows = [
        (f"judge {judge}", target, float(value))
        for target, values in enumerate(RATINGS)
        for judge, value in enumerate(values)
    ]
    return pd.DataFrame(rows, columns=["arm", "seed", "rating"])


def test_what_a_block_shares_is_shrout_and_fleiss_s_third_intraclass_correlation():
    (share,) = shared_by_block(ratings(), "rating")
    # Their Tables 3 and 4: mean squares 11.24 between targets and 1.02 of the error;
    # ICC(3, 1) = .71.
    assert share.components["residual"].variance == pytest.approx(1.02, abs=0.005)
    assert share.components["block"].variance == pytest.approx((11.24 - 1.02) / 4, abs=0.005)
    assert share.correlation == pytest.approx(0.715, abs=0.005)
    assert (share.blocks, len(share.arms)) == (6, 4)


def test_its_interval_is_that_of_shrout_and_fleiss():
    (share,) = shared_by_block(ratings(), "rating")
    # R's psych::ICC on these ratings (`example(ICC)`): ICC3 0.71, F = 11, df 5 and 15, interval
    # 0.34 to 0.95.
    assert share.correlation_low == pytest.approx(0.34, abs=0.005)
    assert share.correlation_high == pytest.approx(0.95, abs=0.005)
    (narrower,) = shared_by_block(ratings(), "rating", level=0.8)
    assert share.correlation_low < narrower.correlation_low < share.correlation
    assert share.correlation < narrower.correlation_high < share.correlation_high


def test_the_interval_covers_a_negative_correlation_as_often_as_it_says():
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(300):
        values = rng.multivariate_normal([0, 0], [[1, -0.5], [-0.5, 1]], 8)
        rows = [(arm, seed, v[k]) for seed, v in enumerate(values) for k, arm in enumerate("ab")]
        (share,) = shared_by_block(pd.DataFrame(rows, columns=["arm", "seed", "y"]), "y", level=0.9)
        held += share.correlation_low <= -0.5 <= share.correlation_high
    # 300 draws at 0.9 have a standard error of 0.017.
    assert held / 300 == pytest.approx(0.9, abs=0.05)


def test_pairing_multiplies_the_variance_of_a_difference_by_one_minus_it():
    rng = np.random.default_rng(0)
    shared, own = rng.normal(0, 2, 4000), rng.normal(0, 1, (2, 4000))
    frame = pd.concat(
        pd.DataFrame({"arm": arm, "seed": range(4000), "y": shared + noise})
        for arm, noise in zip("ab", own, strict=True)
    )
    (share,) = shared_by_block(frame, "y")
    unpaired = 2 * (4 + 1)
    paired = np.var(own[0] - own[1], ddof=1)
    assert share.correlation == pytest.approx(0.8, abs=0.02)
    assert (1 - share.correlation) * unpaired == pytest.approx(paired, rel=0.05)


def test_no_order_of_rows_arms_or_blocks_matters():
    frame = ratings()
    (first,) = shared_by_block(frame, "rating")
    for seed in range(3):
        (again,) = shared_by_block(frame.sample(frac=1, random_state=seed), "rating")
        assert again.components == first.components
        assert again.correlation == first.correlation


def test_a_difference_between_arms_is_no_variance():
    frame = ratings()
    shifted = frame.assign(rating=frame["rating"] + 100 * (frame["arm"] == "judge 1"))
    (first,), (second,) = (shared_by_block(each, "rating") for each in (frame, shifted))
    assert second.correlation == pytest.approx(first.correlation)


def test_blocks_that_lack_an_arm_are_left_out():
    frame = ratings()
    frame.loc[(frame["seed"] == 5) & (frame["arm"] == "judge 2"), "rating"] = np.inf
    (share,) = shared_by_block(frame, "rating")
    (five,) = shared_by_block(frame[frame["seed"] < 5], "rating")
    assert share.blocks == 5
    assert share.correlation == five.correlation


def test_every_combination_of_levels_has_its_own_share():
    frame = pd.concat([ratings().assign(k=k) for k in (5, 3)], ignore_index=True)
    frame.loc[frame["k"] == 5, "rating"] += frame["seed"] * 10
    low, high = shared_by_block(frame, "rating", within=["k"])
    assert (low.cell, high.cell) == ((("k", 3),), (("k", 5),))
    assert high.correlation > low.correlation


def test_values_that_do_not_vary_have_no_correlation():
    (share,) = shared_by_block(ratings().assign(rating=0.1), "rating")
    assert share.correlation is None
    assert json.dumps(share.to_dict())


def test_values_of_which_only_the_arms_differ_have_no_correlation():
    frame = ratings()
    (share,) = shared_by_block(frame.assign(rating=frame["arm"].str[-1].astype(float)), "rating")
    assert share.correlation is None


def test_blocks_that_are_less_alike_than_chance_have_a_negative_correlation():
    values = {"a": [1.0, 2.0, 3.0, 4.0], "b": [4.1, 3.0, 2.0, 1.0]}
    rows = [(arm, seed, v) for arm, each in values.items() for seed, v in enumerate(each)]
    (share,) = shared_by_block(pd.DataFrame(rows, columns=["arm", "seed", "y"]), "y")
    # With two arms of equal spread it is Pearson's.
    assert share.correlation == pytest.approx(np.corrcoef(values["a"], values["b"])[0, 1], abs=0.01)
    assert share.correlation_low < share.correlation < share.correlation_high < 0
    assert share.components["block"].variance == 0
    assert share.notes == ()


def test_an_arm_and_its_mirror_have_the_correlation_of_minus_one_and_no_interval():
    rows = [("a", seed, float(seed)) for seed in range(5)]
    rows += [("b", seed, -float(seed)) for seed in range(5)]
    (share,) = shared_by_block(pd.DataFrame(rows, columns=["arm", "seed", "y"]), "y")
    assert share.correlation == -1
    assert (share.correlation_low, share.correlation_high) == (None, None)


def test_a_negative_component_of_the_arms_is_no_note():
    rng = np.random.default_rng(1)
    luck = np.repeat(rng.normal(0, 3, 6), 2)
    frame = pd.DataFrame(
        {
            "arm": ["a", "b"] * 6,
            "seed": np.repeat(range(6), 2),
            "y": luck + [0.5, -0.5, -0.5, 0.5] * 3,
        }
    )
    (share,) = shared_by_block(frame, "y")
    assert any("'arm'" in note for note in share.components.notes)
    assert share.notes == ()


@pytest.mark.parametrize("rows", [ratings()["arm"] == "judge 0", ratings()["seed"] == 0])
def test_one_arm_or_one_block_shares_nothing(rows):
    assert shared_by_block(ratings()[rows], "rating") == ()


def test_its_dictionary_says_nothing_about_the_arms_differences():
    (share,) = shared_by_block(ratings(), "rating")
    plain = json.loads(json.dumps(share.to_dict()))
    assert set(plain["components"]) == {"block", "residual"}
    assert plain["correlation"] == share.correlation
    assert plain["correlation_low"] == share.correlation_low
    assert plain["correlation_high"] == share.correlation_high
    assert plain["blocks"] == 6


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"metric": "rate"}, MissingColumnError),
        ({"arm": "judge"}, MissingColumnError),
        ({"block": "target"}, MissingColumnError),
        ({"within": ["k"]}, MissingColumnError),
        ({"arm": "seed"}, SharedColumnError),
    ],
)
def test_impossible_columns_are_refused(changes, error):
    with pytest.raises(error):
        shared_by_block(ratings(), **{"metric": "rating", **changes})


def test_a_block_that_an_arm_has_twice_is_refused():
    with pytest.raises(RepeatedBlockError):
        shared_by_block(pd.concat([ratings(), ratings()]), "rating")


def runs():
    """Two arms at two levels; each source of each with variances of its own."""
    rng = np.random.default_rng(1)
    rows = []
    for arm, k, (source, sd) in itertools.product(
        ("base", "kd"), (3, 5), (("init", 0.01), ("order", 0.02), ("all", 0.03))
    ):
        rows += [(arm, k, source, 0.8 + value) for value in rng.normal(0, sd * k / 10, 12)]
    return pd.DataFrame(rows, columns=["arm", "k", "source", "accuracy"])


def test_every_arm_in_every_cell_is_taken_apart_by_itself():
    found = decompose_by_arm(runs(), "accuracy", within=["k"])
    assert [(each.arm, each.cell) for each in found] == [
        (arm, (("k", k),)) for arm in ("base", "kd") for k in (3, 5)
    ]
    for each in found:
        own = runs().query(f"arm == {each.arm!r} and k == {dict(each.cell)['k']}")
        assert each.sources == decompose(own, "accuracy")
        values = own.loc[own["source"] == "init", "accuracy"]
        assert each.sources["init"].variance == pytest.approx(values.var())


def test_without_factors_an_arm_s_runs_are_taken_together():
    found = decompose_by_arm(runs(), "accuracy")
    assert [(each.arm, each.cell, each.sources["init"].n) for each in found] == [
        ("base", (), 24),
        ("kd", (), 24),
    ]


def test_arms_whose_runs_all_drew_everything_are_left_out():
    frame = runs()
    plain = frame[(frame["arm"] == "base") | (frame["source"] == "all")]
    assert [each.arm for each in decompose_by_arm(plain, "accuracy")] == ["base"]
    assert decompose_by_arm(plain[plain["source"] == "all"], "accuracy") == ()


def test_predictions_belong_to_one_arm_in_one_cell():
    correct = np.random.default_rng(2).random((12, 40)) < 0.8
    cell = (("k", 5),)
    found = decompose_by_arm(runs(), "accuracy", within=["k"], predictions={("kd", cell): correct})
    with_examples = [
        (each.arm, each.cell)
        for each in found
        if "test examples" in {source.name for source in each.sources.sources}
    ]
    assert with_examples == [("kd", cell)]


def test_columns_may_have_other_names():
    frame = runs().rename(columns={"source": "varied", "arm": "method"})
    found = decompose_by_arm(frame, "accuracy", source="varied", arm="method")
    assert [each.arm for each in found] == ["base", "kd"]


def test_arms_and_levels_that_are_no_text_are_kept():
    frame = runs().assign(arm=lambda each: each["arm"].eq("kd"), k=lambda each: each["k"] / 2)
    first, *_ = decompose_by_arm(frame, "accuracy", within=["k"])
    assert (first.arm, first.cell) == ("False", (("k", 1.5),))
    assert json.dumps(first.to_dict())


def test_its_dictionary_has_everything():
    (first, *_) = decompose_by_arm(runs(), "accuracy", within=["k"])
    plain = json.loads(json.dumps(first.to_dict()))
    assert (plain["arm"], plain["cell"]) == ("base", {"k": 3})
    assert [each["name"] for each in plain["sources"]] == ["init", "order"]
    assert plain["total"]["n"] == 12


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"metric": "accurate"}, MissingColumnError),
        ({"source": "varied"}, MissingColumnError),
        ({"arm": "method"}, MissingColumnError),
        ({"within": ["depth"]}, MissingColumnError),
        ({"source": "arm"}, SharedColumnError),
        ({"within": ["source"]}, SharedColumnError),
        ({"level": 1.0}, AnalysisError),
    ],
)
def test_impossible_arguments_are_refused(changes, error):
    with pytest.raises(error):
        decompose_by_arm(runs(), **{"metric": "accuracy", **changes})


def test_a_metric_that_is_not_there_is_refused_even_where_nothing_is_taken_apart():
    frame = runs().query("source == 'all'")
    with pytest.raises(MissingColumnError, match="accurate"):
        decompose_by_arm(frame, "accurate")


@pytest.mark.parametrize("column", ["arm", "source", "k"])
def test_a_row_without_a_key_is_refused(column):
    frame = runs().astype({column: object})
    frame.loc[3, column] = None
    with pytest.raises(MissingKeyError, match=column):
        decompose_by_arm(frame, "accuracy", within=["k"])


def test_no_rows_are_refused():
    with pytest.raises(NoRunsError):
        decompose_by_arm(runs().iloc[:0], "accuracy")


def test_a_metric_that_is_no_number_is_refused():
    with pytest.raises(NotNumericError):
        decompose_by_arm(runs().assign(accuracy="high"), "accuracy")


def test_a_column_that_names_another_source_in_every_run_is_refused():
    frame = pd.DataFrame({"arm": ["a", "b"] * 5, "seed": np.repeat(range(5), 2), "y": range(10)})
    words = "'seed' names 5 sources with a single run each of an arm: a source is what was varied"
    with pytest.raises(AnalysisError, match=words):
        require_repeats(frame, "seed", "arm", [])
    with pytest.raises(AnalysisError, match="a single run each: a source"):
        require_repeats(frame[frame["arm"] == "a"], "seed", "arm", [])


def test_sources_of_which_one_has_two_runs_are_not_refused():
    require_repeats(runs(), "source", "arm", ["k"])
    frame = pd.DataFrame({"arm": "a", "source": ["x", "y", "y", "all"], "y": range(4)})
    require_repeats(frame, "source", "arm", [])
    require_repeats(frame[frame["source"] == "x"], "source", "arm", [])
