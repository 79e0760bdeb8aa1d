"""``harness analysis`` on a study's stored trials."""

import csv
import io
import json
from dataclasses import dataclass

import numpy as np
import pytest

from harness import run_study
from harness.cli import main
from harness.seeding import stream
from harness.study.loading import load_study
from harness.study.lookup import find_study

TRIAL = """
def main(params, seed, trial):
    init, order = (float(trial.rng(name).normal()) for name in ("init", "order"))
    score = params["gain"] * params["depth"] + init + 0.5 * order
    return {"score": score, "size": 10.0 * (1 + params["gain"]) + 0.1 * order}
"""
STUDY = """
name = "drawn"

[trial]
function = "drawn.py:main"

[seeds]
count = 8
sources = { initialisation = ["init"], order = ["order"] }

[params]
gain = 0.0
depth = 1

[arms.plain]
[arms.some]
gain = 0.5
[arms.more]
gain = 1.0

[factors]
depth = [1, 2]

[protocol]
metric = "score"
direction = "maximize"
control = "plain"
smallest_effect = 0.5

[pareto]
objectives = { score = "maximize", size = "minimize" }
"""


@dataclass(frozen=True)
class Said:
    status: int
    output: str
    errors: str


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder in which the study above has been run."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "drawn.py").write_text(TRIAL)
    (folder / "drawn.toml").write_text(STUDY)
    plain = STUDY.replace("sources =", "# sources =").replace('"drawn"', '"plain"')
    (folder / "plain.toml").write_text(plain.partition("[pareto]")[0])
    for name in ("drawn", "plain"):
        study = load_study(find_study(str(folder / f"{name}.toml")))
        run_study(study, db=folder / "results.db", artifacts=folder, jobs=1)
    return folder


@pytest.fixture
def said(folder, capsys, monkeypatch):
    """Run ``harness analysis`` in this process, on a study of the folder."""
    monkeypatch.chdir(folder)

    def run(verb, study="drawn.toml", *options, db="results.db"):
        with pytest.raises(SystemExit) as leaving:
            main(["analysis", verb, study, "--db", db, *options])
        written = capsys.readouterr()
        return Said(leaving.value.code, written.out, written.err)

    return run


def test_compare_answers_by_the_study_s_own_protocol(said):
    done = said("compare", "drawn.toml", "--format", "json")
    assert (done.status, done.errors) == (0, "")
    content = json.loads(done.output)
    assert (content["metric"], content["control"]) == ("score", "plain")
    assert content["smallest_effect"] == 0.5
    cells = [(each["arm"], each["cell"]) for each in content["comparisons"]]
    assert cells == [(arm, {"depth": depth}) for depth in (1, 2) for arm in ("some", "more")]
    # Common random numbers: every seed has the same difference, gain times depth.
    assert [each["difference"] for each in content["comparisons"]] == pytest.approx([0.5, 1, 1, 2])
    assert {each["n"] for each in content["comparisons"]} == {8}


def test_compare_leaves_out_the_runs_of_single_sources(said):
    content = json.loads(said("compare", "drawn.toml", "--format", "json").output)
    assert {each["n"] for each in content["arms"]} == {8}


def test_compare_says_in_words_and_tables_what_it_found(said):
    text = said("compare").output
    assert "some scored higher than plain in score (depth = 1)" in text
    assert "8 pairs" in text
    assert "Over all 2 levels" in text


def test_compare_as_csv_has_a_row_a_comparison(said):
    rows = list(
        csv.DictReader(io.StringIO(said("compare", "drawn.toml", "--format", "csv").output))
    )
    assert [(row["arm"], row["depth"]) for row in rows] == [
        ("some", "1"),
        ("more", "1"),
        ("some", "2"),
        ("more", "2"),
    ]


@pytest.mark.parametrize(
    ("form", "sign"), [("latex", r"\begin{tabular}"), ("markdown", "| arm"), ("html", "<table")]
)
def test_compare_writes_tables_for_papers(said, form, sign):
    assert sign in said("compare", "drawn.toml", "--format", form).output


def test_a_protocol_that_is_changed_on_the_command_line_is_said_to_be(said):
    done = said("compare", "drawn.toml", "--alpha", "0.01", "--test", "t", "--format", "json")
    assert json.loads(done.output)["alpha"] == 0.01
    assert "this is not the protocol that the study declares" in done.errors
    assert "alpha from 0.05 to 0.01" in done.errors
    assert "test from permutation to t" in done.errors


def test_the_declared_protocol_repeated_is_no_change(said):
    assert said("compare", "drawn.toml", "--alpha", "0.05").errors == ""


def test_power_plans_for_the_declared_effect(said):
    done = said("power", "plain.toml", "--format", "json")
    content = json.loads(done.output)
    assert (content["metric"], content["effect"]) == ("score", 0.5)
    assert len(content["plans"]) == 4
    # Every seed has the same difference, so that there is no spread to plan from.
    assert all("no spread" in each["reason"] for each in content["plans"])
    assert "No number of seeds that can be planned for is known" in said("power").output


def test_pareto_takes_the_declared_objectives(said):
    content = json.loads(said("pareto", "drawn.toml", "--format", "json").output)
    text = said("pareto").output
    for name in ("score", "size"):
        assert name in json.dumps(content)
        assert name in text


def test_pareto_of_a_study_without_objectives_says_where_to_declare_them(said):
    done = said("pareto", "plain.toml")
    assert done.status == 2
    assert "declare [pareto] in the study file" in done.errors


def variance_of(values):
    return np.var(values, ddof=1)


def drawn(name):
    return [float(stream(seed, name).normal()) for seed in range(8)]


def test_variance_takes_the_study_s_sources_apart(said):
    done = said("variance", "drawn.toml", "--format", "json")
    assert (done.status, done.errors) == (0, "")
    content = json.loads(done.output)
    assert content["metric"] == "score"
    assert [(each["arm"], each["cell"]) for each in content["sources"]] == [
        (arm, {"depth": depth}) for depth in (1, 2) for arm in ("plain", "some", "more")
    ]
    for each in content["sources"]:
        by_name = {source["name"]: source["variance"] for source in each["sources"]}
        assert by_name == {
            "initialisation": pytest.approx(variance_of(drawn("init"))),
            "order": pytest.approx(variance_of(np.multiply(0.5, drawn("order")))),
        }
        whole = np.add(drawn("init"), np.multiply(0.5, drawn("order")))
        assert each["total"]["variance"] == pytest.approx(variance_of(whole))


def test_variance_says_that_arms_with_common_random_numbers_share_everything(said):
    content = json.loads(said("variance", "drawn.toml", "--format", "json").output)
    assert [each["cell"] for each in content["blocks"]] == [{"depth": 1}, {"depth": 2}]
    for each in content["blocks"]:
        assert each["correlation"] == pytest.approx(1)
        assert (each["blocks"], each["arms"]) == (8, ["plain", "some", "more"])
    text = said("variance").output
    assert "initialisation (sd " in text
    assert "100 % of the variance of score (depth = 1) is common to the runs of one seed" in text


def test_variance_of_another_metric_may_be_asked_for(said):
    content = json.loads(
        said("variance", "drawn.toml", "--metric", "size", "--format", "json").output
    )
    by_name = {each["name"]: each["variance"] for each in content["sources"][0]["sources"]}
    assert by_name["initialisation"] == 0
    assert by_name["order"] == pytest.approx(variance_of(np.multiply(0.1, drawn("order"))))


def test_variance_of_a_study_without_sources_tells_what_seeds_share(said):
    content = json.loads(said("variance", "plain.toml", "--format", "json").output)
    assert content["sources"] == []
    assert len(content["blocks"]) == 2


def test_variance_at_another_level_has_other_intervals(said):
    def width(level):
        options = ("--level", level, "--format", "json")
        (first, *_) = json.loads(said("variance", "drawn.toml", *options).output)["sources"]
        return first["sources"][0]["high"] - first["sources"][0]["low"]

    assert width("0.5") < width("0.95") < width("0.99")


@pytest.mark.parametrize("verb", ["compare", "power", "pareto", "variance"])
@pytest.mark.parametrize(
    "options", [("--arm", "method"), ("--block", "run"), ("--within", "depth")]
)
def test_a_study_s_columns_are_its_own(said, verb, options):
    done = said(verb, "drawn.toml", *options)
    assert done.status == 2
    assert "leave out --arm, --block and --within" in done.errors


def test_a_study_names_its_sources_in_its_file(said):
    done = said("variance", "drawn.toml", "--source", "source")
    assert done.status == 2
    assert "--source is for files; a study declares sources in [seeds]" in done.errors


@pytest.mark.parametrize("verb", ["compare", "variance"])
def test_a_metric_that_no_trial_has_is_refused_with_those_there_are(said, verb):
    done = said(verb, "drawn.toml", "--metric", "scores")
    assert done.status == 2
    assert "scores" in done.errors
    assert "score" in done.errors.replace("scores", "")
    assert done.output == ""


def test_an_unknown_study_is_refused(said):
    done = said("variance", "drown")
    assert done.status == 2
    assert "drown" in done.errors


def test_a_database_that_is_not_there_is_refused(said):
    done = said("compare", "drawn.toml", db="nowhere.db")
    assert done.status != 0
    assert "nowhere.db" in done.errors


@pytest.mark.parametrize("verb", ["compare", "power", "pareto", "variance"])
def test_a_study_of_which_nothing_has_run_says_so(said, folder, verb):
    (folder / "later.toml").write_text(STUDY.replace('"drawn"', '"later"'))
    done = said(verb, "later.toml")
    assert done.status in (1, 2)
    assert done.output == ""
    assert done.errors.startswith(("Error:", "Usage:"))


def test_the_same_command_gives_the_same_bytes(said):
    first, second = (said("compare", "plain.toml", "--format", "json") for _ in range(2))
    assert first == second
