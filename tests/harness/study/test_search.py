"""The grammar of ``[search]``: what it means, and how a slip is explained."""

import re
from pathlib import Path

import pytest

from harness import load_study
from harness.study.links import references
from harness.study.search import Dimension, Search
from harness.study.template import as_toml

SPACE = "[search.space]\nlr = { low = 0.01, high = 1.0, log = true }\n"
SEARCH = f'[search]\ntrials = 8\nmetric = "val"\ndirection = "maximize"\n{SPACE}'
METRIC = 'metric = "val"'
LR = "lr = { low = 0.01, high = 1.0, log = true }"


def lines(*parts):
    return "\n".join(parts)


# What is changed in a good search, and all that its author then reads below the file's name.
FAULTS = [
    ("trials = 8", "trials = 0", "search.trials: must be 1 or more", "  given:   0",
     "  remedy:  write how many candidates every arm has, such as trials = 40"),
    ("trials = 8", "", "search.trials: this key is missing",
     "  remedy:  write how many candidates every arm has, such as trials = 40"),
    (METRIC, "", "search.metric: this key is missing",
     ('  remedy:  write the metric that selects, such as metric = "validation_accuracy"')),
    (METRIC, 'metric = " "', "search.metric: must be a name (text) that is not empty",
     "  given:   ' '"),
    (METRIC, 'metric = "seed"', "search.metric: the results have a column of this name already",
     "  given:   seed"),
    (METRIC, 'metric = "test_acc"',
     "search.metric: selecting by a test metric makes every later test of the winner optimistic",
     "  given:   test_acc",
     ("  remedy:  select by a validation metric; if there is a reason not to, write "
      "allow_test_selection = true at the top, and every answer will say so")),
    (METRIC, f'{METRIC}\nsamplr = "tpe"', "search.samplr: unknown key", "  given:   samplr",
     ("  allowed: trials, metric, direction, sampler, pruner, at_once, startup, warmup_steps, "
      "seed, space"), "  nearest: sampler"),
    (METRIC, f'{METRIC}\nsampler = "rnadom"', "search.sampler: must be one of the allowed words",
     "  given:   'rnadom'", "  allowed: tpe, random, grid", "  nearest: random"),
    (METRIC, f'{METRIC}\npruner = "mean"', "search.pruner: must be one of the allowed words",
     "  given:   'mean'", "  allowed: median, none", "  nearest: median"),
    (METRIC, f"{METRIC}\nat_once = 0", "search.at_once: must be 1 or more", "  given:   0"),
    (METRIC, f"{METRIC}\nat_once = true", "search.at_once: must be a whole number",
     "  given:   true"),
    (SPACE, "[search.space]\n", "search.space: nothing is searched", "  given:   {}",
     "  remedy:  name a parameter and what it may be"),
    (SPACE, "", "search.space: this key is missing",
     ("  remedy:  write [search.space] with each parameter and what it may be, such as "
      "lr = { low = 0.001, high = 1.0, log = true }")),
    (LR, "lr = 5", "search.space.lr: must be a table of keys and values", "  given:   5"),
    (LR, "lr = {}", "search.space.lr: lists its values, or has a range from low to high",
     "  given:   {}", "  remedy:  write { values = [1, 2, 4] }, or { low = 0.1, high = 1.0 }"),
    (LR, "lr = { low = 0.5 }", "search.space.lr: lists its values, or has a range from low to high",
     "  given:   {'low': 0.5}",
     "  remedy:  write { values = [1, 2, 4] }, or { low = 0.1, high = 1.0 }"),
    (LR, "lr = { hgih = 1.0, low = 0.1 }", "search.space.lr.hgih: unknown key", "  given:   hgih",
     "  allowed: values, low, high, step, log", "  nearest: high"),
    (LR, "lr = { low = 1.0, high = 0.1 }",
     "search.space.lr: the range is empty: low is more than high",
     "  given:   low = 1.0, high = 0.1"),
    (LR, "lr = { low = 0.0, high = 1.0, log = true }", "search.space.lr.low: has no logarithm",
     "  given:   0.0", "  remedy:  a logarithmic range begins above 0, such as low = 0.001"),
    (LR, "lr = { low = 0.0, high = 1.0, step = 0.0 }", "search.space.lr.step: must be more than 0",
     "  given:   0.0"),
    (LR, "lr = { low = 0.1, high = 1.0, step = 0.1, log = true }",
     "search.space.lr.step: a logarithmic range has no other step", "  given:   0.1",
     "  remedy:  leave out step, or write step = 1 with a whole low and high"),
    (LR, "lr = { low = 0.0, high = 1.0, step = 0.0000001 }",
     "search.space.lr.step: makes more than 100000 numbers", "  given:   1e-07"),
    (LR, "lr = { low = 0, high = 4 }",
     "search.space.lr: are only whole numbers meant, or all numbers between them?",
     "  given:   low = 0, high = 4",
     "  remedy:  write step = 1 for whole numbers, or low = 0.0 for any number"),
    (LR, "lr = { low = nan, high = 4.0 }", "search.space.lr.low: must be a finite number",
     "  given:   nan"),
    (LR, 'lr = { low = "1", high = 4.0 }', "search.space.lr.low: must be a number",
     "  given:   '1'"),
    (LR, "lr = { values = [] }", "search.space.lr.values: lists at least one value",
     "  given:   []"),
    (LR, "lr = { values = [0.1, 0.5, 1, true] }", "search.space.lr.values: a value is listed twice",
     "  given:   [0.1, 0.5, 1, True]"),
    (LR, "lr = { values = [0.1, 0.5], high = 1.0 }",
     "search.space.lr: either lists its values or has a range", "  given:   values, high",
     "  remedy:  write { values = [1, 2, 4] }, or { low = 0.1, high = 1.0 }"),
    (LR, f"lr = {{ low = 0, high = 1{'0' * 400}, step = 1 }}",
     "search.space.lr.high: whole numbers go up to ±(2^53 − 1)", f"  given:   1{'0' * 76}...",
     "  remedy:  write a larger one as text"),
    (LR, f"lr = {{ low = 0, high = {2**60}, step = 1 }}",
     "search.space.lr.high: whole numbers go up to ±(2^53 − 1)", f"  given:   {2**60}",
     "  remedy:  write a larger one as text"),
    (LR, "lr = { low = -1e308, high = 1e308 }",
     "search.space.lr: the range is too wide to draw from",
     "  given:   low = -1e+308, high = 1e+308",
     "  remedy:  write log = true, or a narrower range"),
    (LR, "lr = { values = [[1], 2] }",
     "search.space.lr.values[0]: must be text, a number, true or false", "  given:   [1]",
     "  remedy:  a list or a table cannot be searched as one value"),
    (METRIC, 'metric = "TEST_acc"',
     "search.metric: selecting by a test metric makes every later test of the winner optimistic",
     "  given:   TEST_acc",
     ("  remedy:  select by a validation metric; if there is a reason not to, write "
      "allow_test_selection = true at the top, and every answer will say so")),
    ('metric = "val"\ndirection = "maximize"', METRIC,
     "search.direction: val selects, and [protocol] only says which acc is better",
     "  allowed: maximize, minimize",
     '  remedy:  say which val is better, such as direction = "maximize"'),
    (LR, "llr = { low = 0.0, high = 1.0 }",
     "search.space.llr: no arm has a parameter of this name", "  given:   llr",
     "  allowed: epochs, lr, momentum", "  nearest: lr",
     "  remedy:  give llr its usual value in [params], or in the arms that have it"),
    (LR, "lr = { low = 0.2, high = 1.0 }",
     "params.lr: the search of arms.base begins here, and search.space.lr leaves it out",
     "  given:   0.1", "  remedy:  widen the space, or begin within it"),
    (LR, "lr = { values = [0.1, 0.4] }",
     "arms.fast.lr: the search of arms.fast begins here, and search.space.lr leaves it out",
     "  given:   0.5", "  remedy:  widen the space, or begin within it"),
]  # fmt: skip


@pytest.fixture
def search(file):
    """A study file with a search; one of its two arms differs in a parameter of its own."""
    file.replace("[arms.fast]\nlr = 0.5\n", "[arms.fast]\nlr = 0.5\nmomentum = 0.9\n")
    return file.last(SEARCH)


@pytest.mark.parametrize(("old", "new", "expected"), [(o, n, lines(*e)) for o, n, *e in FAULTS])
def test_a_slip_in_a_search_is_explained(search, old, new, expected):
    assert search.replace(old, new).faults() == expected


@pytest.mark.parametrize(
    ("key", "tables"),
    [
        ("factors", "[factors]\nepochs = [5, 6]\n"),
        ("pareto", "[pareto]\nobjectives = { acc = 'maximize', size = 'minimize' }\n"),
    ],
)
def test_what_cannot_stand_beside_a_search_is_refused(search, key, tables):
    faults = search.last(tables).faults()
    assert faults.startswith(f"{key}: cannot stand beside [search] in this version of harness")
    assert 'parameters_from = "bench"' in faults


def test_sources_of_variance_cannot_stand_beside_a_search(search):
    search.replace("count = 3", "count = 3\nsources = { init = ['init'] }")
    assert "seeds.sources: cannot stand beside [search]" in search.faults()


def test_arms_that_differ_only_in_what_is_searched_are_one(file):
    assert (
        file.last(SEARCH)
        .faults()
        .startswith(
            "arms.fast: differs from arms.base only in what is searched, so the two are one"
        )
    )


def test_a_metric_that_is_not_declared_cannot_select(search):
    search.replace('"trials.py:main"', '"trials.py:main"\nmetrics = ["acc", "vall"]')
    assert "  nearest: vall" in search.faults()


def test_a_parameter_cannot_have_the_name_of_the_metric(search):
    search.replace("epochs = 5", "epochs = 5\nval = 1").replace(LR, "val = { values = [1, 2] }")
    assert "search.space.val: the results have a column of this name" in search.faults()


def test_a_grid_needs_numbers_that_can_be_counted(search):
    search.replace(METRIC, f'{METRIC}\nsampler = "grid"')
    assert search.faults() == lines(
        "search.space.lr: a grid needs numbers that can be counted",
        "  remedy:  add step, or list values = [0.1, 0.2, 0.4]",
    )


def test_a_budget_below_the_size_of_the_grid_is_refused(search):
    search.replace(METRIC, f'{METRIC}\nsampler = "grid"')
    search.replace(LR, "lr = { low = 0.1, high = 1.0, step = 0.1 }")
    assert (
        lines(
            "search.trials: the grid of arms.base has 10 points, and all of them are tried",
            "  given:   8",
            "  remedy:  write trials = 10, or search fewer values",
        )
        in search.faults()
    )


def test_a_grid_may_leave_out_the_declared_values(search):
    search.replace(METRIC, f'{METRIC}\nsampler = "grid"').replace(LR, "lr = { values = [3, 4] }")
    found = search.load()
    assert found.search.budget({"lr": 0.1}) == 2


def test_a_test_metric_may_select_when_the_study_says_so(search):
    search.replace(METRIC, 'metric = "test_acc"').first("allow_test_selection = true")
    assert search.load().definition()["allow_test_selection"] is True


def test_a_profile_replaces_a_range_by_values_and_changes_the_end_of_a_range(search):
    search.last(
        "[profiles.listed.search.space]\nlr = { values = [0.1, 0.5] }\n"
        "[profiles.longer.search.space]\nlr = { high = 2.0 }\n"
    )
    assert search.load(profile="listed").search.space["lr"] == Dimension(values=(0.1, 0.5))
    assert search.load(profile="longer").search.space["lr"].high == 2.0
    assert search.load("search.space.lr.low=0.05").search.space["lr"].low == 0.05


def test_a_study_without_a_search_keeps_the_definition_that_it_had(file):
    assert file.load().definition().keys().isdisjoint({"search", "allow_test_selection", "links"})


def test_a_search_is_written_as_a_file_that_reads_the_same(search, tmp_path):
    study = search.load()
    search.text = as_toml(study.definition())
    assert search.load().search == study.search


@pytest.mark.parametrize(
    ("dimension", "points"),
    [
        ({"low": 0.0, "high": 1.0, "step": 0.1}, [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9,
                                                  1.0]),
        ({"low": 1, "high": 8, "step": 3}, [1, 4, 7]),
        ({"low": 0.5, "high": 0.5}, [0.5]),
        ({"low": 1, "high": 3, "step": 1, "log": True}, [1, 2, 3]),
        ({"values": ["b", None, 2, 0.5]}, ["b", None, 2, 0.5]),
    ],
)  # fmt: skip
def test_the_points_of_a_dimension_are_exact(dimension, points):
    found = Dimension(**dimension)
    assert found.points() == tuple(points)
    assert found.size == len(points)
    assert [type(each) for each in found.points()] == [type(each) for each in points]


def test_a_value_becomes_what_it_would_be_declared_as():
    assert repr(Dimension(low=0.0, high=1.0, step=0.1).plain(0.30000000000000004)) == "0.3"
    assert repr(Dimension(low=0.0, high=4.0).plain(2)) == "2.0"
    assert repr(Dimension(low=0, high=4, step=1).plain(2.0)) == "2"
    assert repr(Dimension(values=(2.0, "a")).plain(2)) == "2.0"


def test_a_dimension_contains_what_it_may_be_and_nothing_else():
    stepped = Dimension(low=0.0, high=1.0, step=0.1)
    assert stepped.contains(0.1 + 0.2)
    assert not stepped.contains(0.25)
    assert not stepped.contains(1.1)
    assert not stepped.contains(True)
    assert not stepped.contains("0.1")
    listed = Dimension(values=(1, 2))
    assert listed.contains(1.0)
    assert not listed.contains(True)


def test_an_arm_searches_what_it_has_and_an_arm_with_nothing_has_one_candidate():
    space = {"a": {"values": [1, 2]}, "b": {"values": [1, 2, 3]}}
    search = Search(trials=40, metric="val", sampler="grid", space=space)
    assert search.budget({"a": 1, "b": 1}) == 6
    assert search.budget({"b": 1}) == 3
    assert search.budget({"c": 1}) == 1
    assert list(search.searched({"c": 1, "b": 2})) == ["b"]


def test_the_example_in_the_docs_is_a_search(tmp_path):
    page = (Path(__file__).parents[3] / "docs" / "search.md").read_text(encoding="utf-8")
    searching, taking = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "search.toml").write_text(searching, encoding="utf-8")
    study = load_study(tmp_path / "search.toml")
    assert study.search.budget({**study.params, **study.arms["kd"]}) == 40
    rest = searching.partition("[trial]")[2].partition("[seeds]")[0]
    end = searching[searching.index("[protocol]") :]
    (tmp_path / "taking.toml").write_text(f"{taking}\n[trial]{rest}{end}", encoding="utf-8")
    assert [each.of for each in references(load_study(tmp_path / "taking.toml"))] == ["kd", "kd"]


def test_every_key_of_a_search_is_in_the_docs():
    page = (Path(__file__).parents[3] / "docs" / "search.md").read_text(encoding="utf-8")
    assert [name for name in Search.model_fields if f"| `{name}` |" not in page] == []
