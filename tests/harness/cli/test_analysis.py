"""``harness analysis`` on files, as a user types it: right answers, and one message a mistake."""

import csv
import io
import json
import math
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from harness.cli import main

PROGRAM = "from harness.cli import main; main()"
NASTY = ("a 0", 'a<b&"c"%_$x$', "a'; echo foo", "../x", "naïve", "蒸留,{0} \\frac", "100%,", "--x")


@pytest.fixture
def harness(tmp_path, monkeypatch, capsys):
    """Run the command line in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            main([str(each) for each in arguments])
        said = capsys.readouterr()
        return left.value.code or 0, said.out, said.err

    return run


def runs(arms=("base", "kd"), n=8, step=0.01):
    rng = np.random.default_rng(0)
    rows = [
        (arm, seed, round(0.9 + place * step + rng.normal(0, 0.002), 4))
        for seed in range(n)
        for place, arm in enumerate(arms)
    ]
    return pd.DataFrame(rows, columns=["arm", "seed", "accuracy"])


WRITERS = {
    "csv": lambda frame, path: frame.to_csv(path, index=False),
    "tsv": lambda frame, path: frame.to_csv(path, index=False, sep="\t"),
    "parquet": lambda frame, path: frame.to_parquet(path),
    "jsonl": lambda frame, path: frame.to_json(path, orient="records", lines=True),
}


@pytest.fixture
def file(tmp_path):
    """Write runs to a file of the kind that its name says."""

    def write(frame=None, name="runs.csv"):
        path = tmp_path / name
        WRITERS[path.suffix[1:]](runs() if frame is None else frame, path)
        return path.name

    return write


@pytest.fixture
def compare(harness):
    def run(data, *options, metric="accuracy", control="base", block="seed"):
        paired = ("--block", block) if block else ()
        named = ("--metric", metric, "--control", control)
        return harness("analysis", "compare", data, *named, *paired, *options)

    return run


def assert_refused(said, *words):
    """One message on standard error, exit status 2, and nothing else anywhere."""
    status, output, errors = said
    assert status == 2, (status, errors)
    assert output == ""
    assert "Traceback" not in errors
    assert errors.count("Error: ") == 1
    for word in words:
        assert word in errors


def strictly(text):
    """Read JSON as a strict reader does."""

    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("kind", WRITERS)
def test_every_kind_of_file_gives_the_same_answer(kind, compare, file):
    status, output, errors = compare(file(name=f"runs.{kind}"), "--format", "json")
    assert (status, errors) == (0, "")
    answer = strictly(output)
    assert answer["comparisons"][0]["decision"] == "better"
    assert answer["comparisons"][0]["difference"] == pytest.approx(
        strictly(compare(file(), "--format", "json")[1])["comparisons"][0]["difference"], abs=0
    )


def test_json_keeps_the_keys_that_programs_rely_on(compare, file):
    answer = strictly(compare(file(), "--format", "json")[1])
    assert answer.keys() >= {
        "metric", "direction", "control", "design", "alpha", "correction", "arms", "comparisons",
        "omnibus",
    }  # fmt: skip
    assert answer["arms"][0].keys() >= {
        "arm", "n", "mean", "sd", "median", "min", "max", "ci_low", "ci_high",
    }  # fmt: skip
    (comparison,) = answer["comparisons"]
    assert comparison.keys() >= {
        "arm", "reference", "n", "difference", "ci_low", "ci_high", "tests", "decisive_test",
        "p_value", "p_adjusted", "effect_sizes", "minimal_detectable_effect", "decision",
        "warnings",
    }  # fmt: skip
    assert comparison["tests"].keys() == {"paired_t", "wilcoxon", "sign_flip"}
    for test in comparison["tests"].values():
        assert test.keys() == {"statistic", "p_value", "exact", "p_floor"}
    assert comparison["effect_sizes"].keys() == {"d_z", "hedges_g", "cliffs_delta", "superiority"}


def test_without_a_block_runs_share_nothing(compare, file):
    answer = strictly(compare(file(), "--format", "json", block=None)[1])
    assert answer["design"] == "unpaired"
    (comparison,) = answer["comparisons"]
    assert comparison["tests"].keys() == {"welch_t", "mann_whitney", "permutation", "dunnett"}
    assert comparison["effect_sizes"].keys() == {"hedges_g", "cliffs_delta", "superiority"}


MISTAKES = {
    "no such file": ("nosuch.csv", [], ["nosuch.csv", "there is no such file"]),
    "wrong suffix": ("runs.cvs", [], ["'.cvs'", ".csv, .tsv, .parquet", "Did you mean '.csv'?"]),
    "--arm with a study": ("nosuch", ["--arm", "method"], ["taken for a study", "--arm"]),
    "--db with a file": ("runs.csv", ["--db", "x.db"], ["--db is for studies"]),
    "unknown block": ("runs.csv", ["--block", "sed"], ["'sed' is missing", "mean 'seed'"]),
    "unknown arm column": ("runs.csv", ["--arm", "amr"], ["'amr' is missing", "mean 'arm'"]),
    "unknown factor": ("runs.csv", ["--within", "k"], ["factor column 'k' is missing"]),
    "same column twice": ("runs.csv", ["--arm", "seed"], ["'seed' cannot be both"]),
    "factor is the arm": ("runs.csv", ["--within", "arm"], ["both the arm and the factor"]),
    "metric is the block": ("runs.csv", ["--metric", "seed"], ["both the metric and the block"]),
    "unknown metric": ("runs.csv", ["--metric", "acuracy"], ["'acuracy'", "mean 'accuracy'"]),
    "unknown control": ("runs.csv", ["--control", "bsae"], ["'bsae'", "mean 'base'"]),
    "empty control": ("runs.csv", ["--control", " "], ["control is ' '"]),
    "alpha 0": ("runs.csv", ["--alpha", "0"], ["alpha is 0.0", "above 0 and below 1"]),
    "alpha 1": ("runs.csv", ["--alpha", "1"], ["alpha is 1.0"]),
    "alpha nan": ("runs.csv", ["--alpha", "nan"], ["alpha is nan"]),
    "alpha text": ("runs.csv", ["--alpha", "5%"], ["--alpha", "'5%'"]),
    "smallest effect": ("runs.csv", ["--smallest-effect", "-1"], ["smallest_effect is -1.0"]),
    "effect inf": ("runs.csv", ["--smallest-effect", "inf"], ["smallest_effect is inf"]),
    "run correlation": ("runs.csv", ["--run-correlation", "1"], ["run_correlation is 1.0"]),
    "test of the other design": ("runs.csv", ["--test", "dunnett"], ["'dunnett'", "'permutation'"]),
    "mann_whitney of pairs": ("runs.csv", ["--test", "mann_whitney"], ["runs matched by a block"]),
    "unknown test": ("runs.csv", ["--test", "anova"], ["'anova' is not one of"]),
    "unknown correction": ("runs.csv", ["--correction", "tukey"], ["'tukey' is not one of"]),
    "unknown format": ("runs.csv", ["--format", "xml"], ["'xml' is not one of"]),
    "few resamples": ("runs.csv", ["--resamples", "1"], ["--resamples"]),
    "seed below 0": ("runs.csv", ["--seed", "1.5"], ["--seed"]),
    "no treatment": ("runs.csv", ["--treatment", "kd"], ["'kd' is no treatment", "NAME=ARM"]),
    "treatment of no arm": ("runs.csv", ["--treatment", "KD=kdd"], ["'kdd'", "mean 'kd'"]),
    "treatments incomplete": (
        "runs.csv",
        ["--treatment", "KD=kd", "--treatment", "AT=kd"],
        ["2 treatments need 4 arms", "no arm has: KD; AT"],
    ),
    "treatment twice": (
        "runs.csv",
        ["--treatment", "KD=kd", "--treatment", "KD=base"],
        ["'KD'", "twice"],
    ),
    "unwritable folder": ("runs.csv", ["--to", "runs.csv/out"], ["runs.csv/out"]),
    "a file for a folder": ("runs.csv", ["--to", "runs.csv"], ["runs.csv", "is a file"]),
}


@pytest.mark.parametrize(("data", "options", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_gets_one_message_and_no_answer(data, options, words, compare, file):
    file()
    assert_refused(compare(data, *options), *words)


def test_a_factor_named_twice_is_refused(compare, file):
    data = file(runs().assign(k=1))
    assert_refused(compare(data, "--within", "k", "--within", "k"), "'k' cannot be both")


def test_what_is_neither_a_study_nor_a_file_is_said_to_be_no_study(harness):
    assert_refused(harness("analysis", "compare", "nosuch"), "no study of this name", "nosuch")


def test_a_metric_or_control_that_is_not_named_is_asked_for_with_what_there_is(harness, file):
    named = harness("analysis", "compare", file(), "--control", "base")
    assert_refused(named, "--metric", "arm, seed, accuracy")
    asked = harness("analysis", "compare", file(), "--metric", "accuracy")
    assert_refused(asked, "--control", "base, kd")


CONTENTS = {
    "empty": (b"", "the file is empty"),
    "blank": (b"\n\n", "is no readable CSV"),
    "header only": (b"arm,seed,accuracy\n", "no rows"),
    "header without an end": (b"arm,seed,accuracy", "no rows"),
    "not UTF-8": ("arm,seed,accuracy\nnaïve,0,1\n".encode("latin1"), "is not UTF-8 text"),
    "UTF-16": ("arm,seed,accuracy\nbase,0,1\n".encode("utf-16"), "is not UTF-8 text"),
    "quote without an end": (b'arm,seed,accuracy\n"base,0,1\n', "is no readable CSV"),
    "a row too long": (b"arm,seed,accuracy\nbase,0,1\nkd,0,1,2\n", "line 3"),
    "all rows too long": (b"arm,seed,accuracy\nbase,0,1,\nkd,0,1,\n", "more fields than"),
    "a row cut off": (b"arm,seed,accuracy\nbase,0,1\nkd,0", "line 3 has fewer fields"),
    "a name twice": (b"arm,seed,accuracy,arm\nbase,0,1,x\n", "several columns are called 'arm'"),
    "semicolons": (b"arm;seed;accuracy\nbase;0;1\n", "separated by semicolons"),
    "tabs": (b"arm\tseed\taccuracy\nbase\t0\t1\n", "separated by tabs"),
    "text for a number": (b"arm,seed,accuracy\nbase,0,1\nkd,0,high\n", "'high' in row 2"),
    "decimal comma": (b'arm,seed,accuracy\nbase,0,"0,5"\nkd,0,"0,6"\n', "'0,5' in row 1"),
    "no arm": (
        b"arm,seed,accuracy\nbase,0,1\n,0,1\n",
        "1 row(s) have no value in the column 'arm'",
    ),
    "no block": (b"arm,seed,accuracy\nbase,0,1\nkd,,1\n", "no value in the column 'seed'"),
    "a block twice": (
        b"arm,seed,accuracy\nbase,0,1\nkd,0,1\nkd,0,2\n",
        "The arm 'kd' has more than one run in block 0",
    ),
    "too large": (b"arm,seed,accuracy\nbase,0,1\nkd,0,1e200\n", "'kd' has a run whose 'accuracy'"),
    "a null byte": (b"arm,seed,accuracy\nba\0se,0,1\nkd,0,1\n", "base"),
}


@pytest.mark.parametrize(("content", "words"), CONTENTS.values(), ids=CONTENTS)
def test_a_broken_csv_file_gets_one_message_that_names_it(content, words, compare, tmp_path):
    (tmp_path / "runs.csv").write_bytes(content)
    assert_refused(compare("runs.csv"), words)


OTHER_CONTENTS = {
    "empty.parquet": (b"", "the file is empty"),
    "broken.parquet": (b"PAR1 and nothing else", "is no readable Parquet"),
    "text.parquet": (b"arm,seed\n", "is no readable Parquet"),
    "empty.jsonl": (b"", "the file is empty"),
    "blank.jsonl": (b"\n \n", "the file is empty"),
    "broken.jsonl": (b'{"arm": "base"}\n{"arm": \n', "line 2 is no JSON"),
    "array.jsonl": (b'[{"arm": "base"}]\n', "line 1 is no JSON object"),
    "twice.jsonl": (b'{"arm": "base", "arm": "kd"}\n', "names 'arm' twice"),
    "deep.ndjson": (b"[" * 100_000, "line 1 is no JSON"),
    "latin.jsonl": ('{"arm": "naïve"}\n'.encode("latin1"), "is not UTF-8 text"),
    "list.jsonl": (
        b'{"arm": "base", "seed": [1], "accuracy": 1}\n{"arm": "kd", "seed": [1], "accuracy": 1}\n',
        "values of the type list",
    ),
    "object.jsonl": (
        (
            b'{"arm": "base", "seed": 1, "accuracy": {"a": 1}}\n'
            b'{"arm": "kd", "seed": 1, "accuracy": 1}\n'
        ),
        "'accuracy' is not numeric",
    ),
    "half.jsonl": (b'{"arm": "\\ud800", "seed": 1}\n', "line 1 is no JSON"),
    "huge.jsonl": (
        b'{"arm": "base", "seed": 1, "accuracy": 1%s}\n'
        b'{"arm": "kd", "seed": 1, "accuracy": 1}\n' % (b"0" * 400),
        "'accuracy' is not numeric",
    ),
}


@pytest.mark.parametrize(
    ("name", "content", "words"), [(name, *each) for name, each in OTHER_CONTENTS.items()]
)
def test_a_broken_file_of_another_kind_gets_one_message(name, content, words, compare, tmp_path):
    (tmp_path / name).write_bytes(content)
    assert_refused(compare(name), words)


def test_a_folder_is_no_file(compare, tmp_path):
    (tmp_path / "runs.csv").mkdir()
    assert_refused(compare("runs.csv"), "is a folder")


def test_a_file_of_a_kind_that_cannot_be_read_is_not_taken_for_a_study(compare, tmp_path):
    (tmp_path / "runs.xlsx").write_bytes(b"PK")
    assert_refused(compare("runs.xlsx"), "ends in '.xlsx'", "allowed: .csv")


def test_a_name_too_long_for_a_file_is_no_crash(compare):
    assert_refused(compare("x" * 5000 + ".csv"), "x")


def test_missing_values_are_refused_where_the_protocol_says_so(compare, file):
    frame = runs()
    frame.loc[3, "accuracy"] = math.nan
    assert_refused(compare(file(frame), "--missing", "fail"), "kd, 1", "missing or infinite")


@pytest.mark.parametrize("gap", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("policy", ["exclude", "worst"])
@pytest.mark.parametrize("form", ["table", "json", "csv", "latex", "markdown", "html"])
def test_a_gap_is_shown_in_every_form_and_is_never_a_number(gap, policy, form, compare, file):
    frame = runs()
    frame.loc[3, "accuracy"] = gap
    status, output, errors = compare(file(frame), "--missing", policy, "--format", form)
    assert (status, errors) == (0, "")
    if form == "json":
        answer = strictly(output)
        assert answer["comparisons"][0]["warnings"]
        assert answer["arms"][1]["n"] == (7 if policy == "exclude" else 8)
    assert "inf" not in output.replace("infinite", "")
    assert "nan" not in output


DEGENERATE = {
    "one run": runs(n=1),
    "two runs": runs(n=2),
    "identical arms": runs().assign(accuracy=lambda frame: 0.9 + frame["seed"] / 100),
    "constant": runs().assign(accuracy=0.5),
    "zero": runs().assign(accuracy=0),
    "no value": runs().assign(accuracy=math.nan),
    "one arm": runs(arms=("base",)),
    "true or false": runs().assign(accuracy=lambda frame: frame["seed"] % 2 == 0),
    "whole": runs().assign(accuracy=lambda frame: frame["seed"] * 10**15),
}
FORMS = ("table", "json", "csv", "latex", "markdown", "html")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("block", ["seed", None], ids=["paired", "unpaired"])
@pytest.mark.parametrize("frame", DEGENERATE.values(), ids=DEGENERATE)
def test_degenerate_runs_have_an_answer_in_every_form(frame, block, form, compare, file):
    data = file(frame, "runs.parquet")
    status, output, errors = compare(data, "--format", form, block=block)
    assert status == 0
    assert errors == "" or (block is None and "--block seed compares them in pairs" in errors)
    assert "nan" not in output.lower().replace("nant", "")
    if form == "json":
        assert all(each["decision"] == "undecided" for each in strictly(output)["comparisons"])


def test_blocks_that_no_two_arms_share_are_said_to_match_nothing(compare, file):
    status, output, _ = compare(file(runs().assign(seed=range(16))))
    assert status == 0
    assert "No value of 'seed' occurs in more than one arm" in output
    assert "cannot be compared" in output


def test_identical_arms_are_said_to_look_like_the_same_training(compare, file):
    same = DEGENERATE["identical arms"]
    for block in ("seed", None):
        status, output, _ = compare(file(same), block=block)
        assert status == 0
        assert "is the parameter in which they differ used?" in output


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("kind", WRITERS)
def test_a_name_that_means_something_elsewhere_is_only_a_name(name, kind, compare, file):
    data = file(runs(arms=("base", name)), f"runs.{kind}")
    answer = strictly(compare(data, "--format", "json")[1])
    assert [each["arm"] for each in answer["arms"]] == ["base", name]
    status, output, _ = compare(data, "--format", "table", "--control", name)
    assert status == 0
    assert name in output
    rows = list(csv.reader(io.StringIO(compare(data, "--format", "csv")[1])))
    assert rows[1][0] == name


def test_pages_and_tables_hold_names_and_no_code_of_theirs(compare, file):
    data = file(runs(arms=("base", "<script>alert(1)</script>", "a|b", "50%_\\x")))
    page = compare(data, "--format", "html")[1]
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "a\\|b" in compare(data, "--format", "markdown")[1]
    latex = compare(data, "--format", "latex")[1]
    assert r"50\%\_" in latex


def test_a_name_cannot_steer_the_terminal(compare, file):
    names = ("base", "red\x1b[31m", "two\nlines", "back\r\t\x00space")
    data = file(runs(arms=names), "runs.parquet")
    output = compare(data)[1]
    assert "\x1b" not in output
    assert "red\\x1b[31m" in output
    assert "two\\nlines" in output
    answer = strictly(compare(data, "--format", "json")[1])
    assert [each["arm"] for each in answer["arms"]] == list(names)


def test_names_are_written_as_well_as_an_old_encoding_can(tmp_path, file):
    data = file(runs(arms=("base", "蒸留")))
    options = ["--metric", "accuracy", "--control", "base", "--block", "seed"]
    for form in ("table", "json"):
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                PROGRAM,
                "analysis",
                "compare",
                data,
                *options,
                "--format",
                form,
            ],
            cwd=tmp_path,
            capture_output=True,
            check=False,
            env={**os.environ, "PYTHONIOENCODING": "latin1"},
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert rb"\u84b8\u7559" in done.stdout


def test_names_like_numbers_and_missing_values_are_names(compare, file):
    names = ("NA", "None", "nan", "1", "01", "1.0", "true", "null")
    data = file(runs(arms=names))
    answer = strictly(compare(data, "--format", "json", control="1")[1])
    assert [each["arm"] for each in answer["arms"]] == list(names)
    assert {each["n"] for each in answer["arms"]} == {8}


def test_power_answers_and_draws(harness, file, tmp_path):
    options = ("--metric", "accuracy", "--control", "base", "--block", "seed", "--effect", "0.01")
    status, output, _ = harness("analysis", "power", file(), *options, "--format", "json")
    assert status == 0
    assert strictly(output)["seeds_needed"] > 1
    status, output, _ = harness("analysis", "power", file(), *options, "--figure", "power.svg")
    assert status == 0
    assert (tmp_path / "power.svg").read_text().startswith("<?xml")


POWER_MISTAKES = {
    "no effect": ([], ["smallest difference that matters"]),
    "effect 0": (["--effect", "0"], ["the effect is 0.0"]),
    "effect nan": (["--effect", "nan"], ["the effect is nan"]),
    "effect inf": (["--effect", "inf"], ["the effect is inf"]),
    "power 1": (["--effect", "0.1", "--power", "1"], ["--power"]),
    "power below alpha": (["--effect", "0.1", "--power", "0.01"], ["0.01"]),
    "power nan": (["--effect", "0.1", "--power", "nan"], ["nan"]),
    "no plan for this test": (["--effect", "0.1", "--test", "dunnett"], ["'dunnett'", "'t'"]),
    "figure": (["--effect", "0.1", "--figure", "power.jpg"], ["power.jpg", ".pdf, .svg, .png"]),
    "figure nowhere": (["--effect", "0.1", "--figure", "no/power.pdf"], ["'no' is not there"]),
    "figure into a file": (["--effect", "0.1", "--figure", "runs.csv/a.pdf"], ["runs.csv"]),
}


@pytest.mark.parametrize(("options", "words"), POWER_MISTAKES.values(), ids=POWER_MISTAKES)
def test_a_mistake_in_a_plan_gets_one_message(options, words, harness, file):
    named = ("--metric", "accuracy", "--control", "base", "--block", "seed")
    assert_refused(harness("analysis", "power", file(), *named, *options), *words)


@pytest.mark.parametrize("option", [("--run-correlation", "0.1"), ("--test", "mann_whitney")])
def test_a_plan_has_no_options_that_it_does_not_use(option, harness, file):
    named = ("--metric", "accuracy", "--control", "base", "--block", "seed", "--effect", "0.1")
    assert_refused(harness("analysis", "power", file(), *named, *option), option[-2])


def test_the_help_of_power_says_what_is_planned_for(harness):
    _, output, _ = harness("analysis", "power", "--help")
    words = " ".join(output.split())
    assert "--test [t|wilcoxon|permutation]" in words
    assert "t exactly, the others by simulation. [default: t]" in words
    assert "[default: permutation]" not in words


def test_a_plan_without_blocks_is_refused(harness, file):
    said = harness("analysis", "power", file(), "--metric", "accuracy", "--control", "base")
    assert_refused(said, "--block")


@pytest.mark.parametrize("frame", DEGENERATE.values(), ids=DEGENERATE)
@pytest.mark.parametrize("form", ["table", "json"])
def test_degenerate_pilots_have_a_plan_or_a_reason(frame, form, harness, file):
    options = ("--metric", "accuracy", "--control", "base", "--block", "seed", "--effect", "0.01")
    data = file(frame, "runs.parquet")
    status, output, errors = harness("analysis", "power", data, *options, "--format", form)
    assert (status, errors) == (0, "")
    assert "nan" not in output
    if form == "json":
        strictly(output)


def with_cost(arms=("base", "kd", "at"), n=4):
    frame = runs(arms, n)
    return frame.assign(latency=lambda each: 10 - each["accuracy"] * each["seed"].add(1))


PARETO = ("--objective", "accuracy=maximize", "--objective", "latency=minimize")


@pytest.mark.parametrize("block", [("--block", "seed"), ()], ids=["paired", "unpaired"])
def test_a_front_is_found_shown_and_drawn(block, harness, file, tmp_path):
    data = file(with_cost())
    status, output, _ = harness("analysis", "pareto", data, *PARETO, *block, "--format", "json")
    assert status == 0
    strictly(output)
    said = harness("analysis", "pareto", data, *PARETO, *block, "--figure", "front.pdf")
    assert said[0] == 0
    assert (tmp_path / "front.pdf").read_bytes().startswith(b"%PDF")


PARETO_MISTAKES = {
    "no objective": ([], ["--objective"]),
    "one objective": (["--objective", "accuracy=maximize"], ["objective"]),
    "no direction": (["--objective", "accuracy"], ["COLUMN=maximize or minimize"]),
    "wrong direction": (["--objective", "accuracy=max"], ["'accuracy=max' is no objective"]),
    "unknown column": ([*PARETO[:3], "latencies=minimize"], ["'latencies'", "latency"]),
    "objective twice": ([*PARETO, "--objective", "latency=maximize"], ["'latency'", "twice"]),
    "no number": ([*PARETO, "--reference", "accuracy=low"], ["COLUMN=NUMBER"]),
    "reference of another": ([*PARETO, "--reference", "seed=1"], ["seed"]),
    "reference nan": (
        [*PARETO, "--reference", "accuracy=nan", "--reference", "latency=1"],
        ["nan"],
    ),
    "figure": ([*PARETO, "--figure", "front"], ["'front'", ".pdf, .svg, .png"]),
}


@pytest.mark.parametrize(("options", "words"), PARETO_MISTAKES.values(), ids=PARETO_MISTAKES)
def test_a_mistake_in_a_front_gets_one_message(options, words, harness, file):
    assert_refused(harness("analysis", "pareto", file(with_cost()), *options), *words)


@pytest.mark.parametrize(
    "changes",
    [
        {"latency": 1.0},
        {"accuracy": math.nan},
        {"latency": math.inf},
        {"accuracy": 0, "latency": 0},
    ],
    ids=str,
)
@pytest.mark.parametrize("form", ["table", "json"])
def test_degenerate_objectives_give_an_answer_or_one_message(changes, form, harness, file):
    said = harness(
        "analysis", "pareto", file(with_cost().assign(**changes)), *PARETO, "--format", form
    )
    if said[0]:
        assert_refused(said)
    else:
        assert "nan" not in said[1].lower()
        if form == "json":
            strictly(said[1])


def test_variance_answers_for_a_file_and_refuses_what_it_cannot_split(harness, file):
    named = ("--metric", "accuracy")
    status, output, _ = harness(
        "analysis", "variance", file(), *named, "--block", "seed", "--format", "json"
    )
    assert status == 0
    strictly(output)
    assert_refused(harness("analysis", "variance", file(), *named), "nothing to split")
    assert_refused(harness("analysis", "variance", file()), "--metric")
    unknown = harness("analysis", "variance", file(), *named, "--source", "varid")
    assert_refused(unknown, "'varid'")
    unknown = harness("analysis", "variance", file(), *named, "--source", "x", "--block", "seed")
    assert_refused(unknown, "'x'")


def test_a_folder_receives_tables_and_figures(compare, file, tmp_path):
    status, _, errors = compare(file(runs(("base", *NASTY))), "--to", "new/paper")
    assert status == 0
    written = {path.name for path in (tmp_path / "new" / "paper").iterdir()}
    assert {"comparisons.tex", "comparisons.html", "differences.pdf"} <= written
    assert all(f"new/paper/{name}" in errors for name in written)


@pytest.mark.parametrize("frame", DEGENERATE.values(), ids=DEGENERATE)
def test_degenerate_runs_are_drawn_too(frame, compare, file, tmp_path):
    status, _, errors = compare(file(frame, "runs.parquet"), "--to", "paper")
    assert status == 0, errors
    assert (tmp_path / "paper" / "distributions.pdf").exists()
