"""``harness analysis variance`` on a file of runs."""

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from harness.cli import main

RNG = np.random.default_rng(0)
DRAWN = {source: RNG.normal(0, sd, 12) for source, sd in {"init": 3.0, "order": 1.0}.items()}
WHOLE = RNG.normal(0, 3.2, 12)


@dataclass(frozen=True)
class Said:
    status: int
    output: str
    errors: str


def rows(arm, shift):
    named = {**DRAWN, "all": WHOLE}
    return [
        (arm, seed, source, shift + value)
        for source, values in named.items()
        for seed, value in enumerate(values)
    ]


@pytest.fixture(scope="module")
def frame():
    """Runs of two methods with what was varied in each; both saw the same luck."""
    columns = ["method", "seed", "varied", "accuracy"]
    return pd.DataFrame([*rows("base", 50.0), *rows("new", 60.0)], columns=columns)


@pytest.fixture
def said(capsys, tmp_path, monkeypatch):
    """Write runs into a file, and run the command on it in this process."""
    monkeypatch.chdir(tmp_path)

    def run(frame, *options, name="runs.csv"):
        frame.to_csv(tmp_path / name, index=False, sep="\t" if name.endswith("tsv") else ",")
        with pytest.raises(SystemExit) as leaving:
            main(["analysis", "variance", name, *options])
        written = capsys.readouterr()
        return Said(leaving.value.code, written.out, written.err)

    return run


COLUMNS = ("--arm", "method", "--metric", "accuracy")


def test_sources_of_every_arm_are_taken_apart(said, frame):
    done = said(frame, *COLUMNS, "--source", "varied", "--format", "json")
    assert (done.status, done.errors) == (0, "")
    content = json.loads(done.output)
    assert [each["arm"] for each in content["sources"]] == ["base", "new"]
    for each in content["sources"]:
        found = {source["name"]: source for source in each["sources"]}
        for name, values in DRAWN.items():
            assert found[name]["variance"] == pytest.approx(np.var(values, ddof=1))
            assert found[name]["n"] == 12
        assert each["total"]["variance"] == pytest.approx(np.var(WHOLE, ddof=1))
    assert content["blocks"] == []


def test_in_words_the_largest_source_is_named_and_every_source_has_a_row(said, frame):
    text = said(frame, *COLUMNS, "--source", "varied").output
    assert "base: the largest estimate is init" in text
    assert "new: the largest estimate is init" in text
    assert [line.split()[0] for line in text.splitlines() if "12 " in line] == [
        "init",
        "order",
        "all",
    ] * 2


def test_blocks_are_those_of_runs_that_drew_everything(said, frame):
    done = said(frame, *COLUMNS, "--source", "varied", "--block", "seed", "--format", "json")
    content = json.loads(done.output)
    (share,) = content["blocks"]
    assert (share["blocks"], share["arms"]) == (12, ["base", "new"])
    assert share["correlation"] == pytest.approx(1)
    assert len(content["sources"]) == 2


def test_without_a_source_the_runs_of_one_block_are_held_together(said, frame):
    own = np.random.default_rng(1).normal(0, 1, 24)
    runs = frame[frame["varied"] == "all"]
    runs = runs.assign(accuracy=runs["accuracy"] + own)
    done = said(runs, *COLUMNS, "--block", "seed", "--format", "json")
    content = json.loads(done.output)
    assert content["sources"] == []
    (share,) = content["blocks"]
    wide = runs.pivot_table(index="seed", columns="method", values="accuracy")
    # A two-way layout without replicates, by its definition: within is half the variance of
    # differences, and between is what covariance the two arms have, as both have equal weight.
    residual = (wide["new"] - wide["base"]).var(ddof=1) / 2
    between = wide.cov().to_numpy()[0, 1]
    assert share["components"]["residual"]["variance"] == pytest.approx(residual)
    assert share["components"]["block"]["variance"] == pytest.approx(between)
    assert share["correlation"] == pytest.approx(between / (between + residual))
    assert -1 < share["correlation_low"] < share["correlation"] < share["correlation_high"] < 1
    assert "is common to the runs of one seed" in said(runs, *COLUMNS, "--block", "seed").output


def test_factors_are_kept_apart(said, frame):
    doubled = pd.concat(
        [frame.assign(depth=depth, accuracy=frame["accuracy"] * depth) for depth in (1, 2)]
    )
    options = ("--source", "varied", "--block", "seed", "--within", "depth", "--format", "json")
    content = json.loads(said(doubled, *COLUMNS, *options).output)
    assert [each["cell"] for each in content["blocks"]] == [{"depth": 1}, {"depth": 2}]
    variances = {
        (each["arm"], each["cell"]["depth"]): each["sources"][0]["variance"]
        for each in content["sources"]
    }
    assert len(variances) == 4
    assert variances["base", 2] == pytest.approx(4 * variances["base", 1])


def test_a_file_of_one_method_needs_no_column_of_arms(said, frame):
    alone = frame[frame["method"] == "base"].drop(columns="method")
    done = said(alone, "--metric", "accuracy", "--source", "varied", "--format", "json")
    assert done.status == 0
    (only,) = json.loads(done.output)["sources"]
    assert only["total"]["n"] == 12


def test_tab_separated_runs_are_read_as_well(said, frame):
    done = said(frame, *COLUMNS, "--source", "varied", name="runs.tsv")
    assert done.status == 0


def test_the_order_of_rows_does_not_matter(said, frame):
    options = (*COLUMNS, "--source", "varied", "--block", "seed", "--format", "json")
    first = json.loads(said(frame, *options).output)
    turned = json.loads(said(frame.iloc[::-1], *options).output)
    assert turned["blocks"][0]["components"] == first["blocks"][0]["components"]
    assert {each["arm"]: each for each in turned["sources"]} == {
        each["arm"]: each for each in first["sources"]
    }


def test_runs_without_a_value_are_left_out_and_counted(said, frame):
    runs = frame.copy()
    runs.loc[[0, 1], "accuracy"] = float("nan")
    text = said(runs, *COLUMNS, "--source", "varied").output
    assert "Note: 2 runs without a finite value left out." in text


def test_a_metric_that_no_source_moves_is_said_not_to_be_moved(said, frame):
    text = said(frame.assign(accuracy=1.0), *COLUMNS, "--source", "varied").output
    assert "base: none of the sources measured moves accuracy at all." in text


def test_one_run_of_the_only_source_has_no_spread(said, frame):
    once = frame[(frame["seed"] == 0) & (frame["varied"] != "order")]
    text = said(once, *COLUMNS, "--source", "varied").output
    assert "base: no source has runs enough to say how far it moves accuracy." in text


@pytest.fixture
def refused(said):
    """What is said of a command that cannot be carried out."""

    def run(*given):
        done = said(*given)
        assert done.status == 2
        assert done.output == ""
        assert "Traceback" not in done.errors
        return done.errors

    return run


def test_a_column_of_seeds_is_no_column_of_sources(refused, frame):
    errors = refused(frame[frame["varied"] == "all"], *COLUMNS, "--source", "seed")
    assert "'seed' names 12 sources with a single run each of an arm" in errors
    assert "such as initialisation" in errors


@pytest.mark.parametrize("options", [(), ("--block", "seed"), ("--source", "varied")])
def test_without_sources_or_two_arms_there_is_nothing_to_split(refused, frame, options):
    only = frame[(frame["method"] == "base") & (frame["varied"] == "all")]
    errors = refused(only, *COLUMNS, *options)
    assert "There is nothing to split in runs.csv" in errors
    assert "--source" in errors
    assert "--block" in errors


@pytest.mark.parametrize("block", [(), ("--block", "seed")])
@pytest.mark.parametrize(
    ("options", "role"),
    [
        (("--metric", "accuracy", "--source", "vared"), "source"),
        (("--metric", "acuracy", "--source", "varied"), "metric"),
        (("--metric", "accuracy", "--source", "varied", "--within", "dept"), "factor"),
    ],
)
def test_an_unknown_column_is_named_with_those_there_are(refused, frame, options, role, block):
    errors = refused(frame, "--arm", "method", *options, *block)
    assert role in errors
    assert any(option in errors for option in ("'vared'", "'acuracy'", "'dept'"))
    for column in frame.columns:
        assert column in errors


def test_an_unknown_column_of_arms_is_named(refused, frame):
    errors = refused(frame, "--arm", "meth", "--metric", "accuracy", "--source", "varied")
    assert "'meth'" in errors
    assert "method" in errors


def test_the_metric_has_to_be_named(refused, frame):
    errors = refused(frame, "--arm", "method", "--source", "varied")
    assert "Name the metric in runs.csv with --metric" in errors
    assert "accuracy" in errors


def test_a_misspelt_metric_is_named_even_where_nothing_was_varied(refused, frame):
    plain = frame[frame["varied"] == "all"]
    errors = refused(plain, "--arm", "method", "--metric", "acuracy", "--source", "varied")
    assert "'acuracy'" in errors


@pytest.mark.parametrize("column", ["method", "varied"])
def test_a_row_without_a_key_is_refused(refused, frame, column):
    runs = frame.copy()
    runs.loc[3, column] = None
    assert column in refused(runs, *COLUMNS, "--source", "varied")


def test_a_metric_that_is_no_number_is_refused(refused, frame):
    assert "accuracy" in refused(frame.assign(accuracy="high"), *COLUMNS, "--source", "varied")


def test_one_column_cannot_be_two_things(refused, frame):
    errors = refused(frame, *COLUMNS, "--source", "method")
    assert "method" in errors


@pytest.mark.parametrize("level", ["0", "1", "1.5", "often"])
def test_a_level_is_a_share(refused, frame, level):
    assert "--level" in refused(frame, *COLUMNS, "--source", "varied", "--level", level)


@pytest.mark.parametrize("options", [("--source", "varied"), ("--block", "seed")])
def test_a_file_without_rows_is_refused(refused, frame, options):
    assert "columns but no rows" in refused(frame.iloc[:0], *COLUMNS, *options)


def test_a_misspelt_block_is_named_even_where_no_run_drew_everything(refused, frame):
    parts = frame[frame["varied"] != "all"]
    errors = refused(parts, *COLUMNS, "--source", "varied", "--block", "sed")
    assert "'sed'" in errors


def test_the_blocks_of_one_method_have_nothing_to_share(said, frame):
    alone = frame[frame["method"] == "base"].drop(columns="method")
    options = ("--metric", "accuracy", "--source", "varied", "--block", "seed")
    content = json.loads(said(alone, *options, "--format", "json").output)
    assert content["blocks"] == []
