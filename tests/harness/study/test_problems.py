import re
from dataclasses import fields

import pytest

from analysis import Protocol
from harness.errors import Problem
from harness.study.problems import dotted, shown

FUNCTION = 'function = "trials.py:main"'
COUNT = "count = 3"
LR, FAST = "\nlr = 0.1", "lr = 0.5"
ARMS = "[arms.base]\n[arms.fast]\nlr = 0.5\n"
PROTOCOL = '[protocol]\nmetric = "acc"\ndirection = "maximize"\ncontrol = "base"\n'
KEYS = (
    "name, title, trial, seeds, params, arms, factors, protocol, pareto, search, "
    "allow_test_selection"
)
PROTOCOL_KEYS = ", ".join(field.name for field in fields(Protocol))
TESTS = "permutation, t, wilcoxon"
BAD_NAME = (
    "name: must consist of letters a to z, digits, _, . and -, beginning with a letter or digit"
)
NAME = 'name = "bench"'
TOO_LARGE = 2**53
NAME_A_SEARCH = (
    '  remedy:  write the name of a search, such as "search", or "search:kd" for one arm of it'
)


def faults(*lines):
    return "\n".join(lines)


# What is changed in a good study file, and all that its author then reads below the file's name.
CHANGED = [
    (NAME, 'name = "a b"', BAD_NAME, "  given:   'a b'", '  remedy:  name = "a_b" would do'),
    (NAME, "name = 5", "name: must be text", "  given:   5", '  remedy:  write name = "my_study"'),
    (NAME, "", "name: this key is missing", '  remedy:  write name = "my_study"'),
    (NAME, f"{NAME}\ntitel = 'x'", "titel: unknown key", "  given:   titel",
     f"  allowed: {KEYS}", "  nearest: title"),
    (NAME, f"{NAME}\nsource = 'x'", "source: unknown key", "  given:   source",
     f"  allowed: {KEYS}"),
    (FUNCTION, "", "trial: a trial is either a function or a command", "  given:   neither",
     '  remedy:  write function = "train.py:main", or command = ["python", "train.py"]'),
    (FUNCTION, 'function = "trials.py"', "trial.function: is no import path",
     "  given:   trials.py",
     '  remedy:  write "package.module:function", or "train.py:main" beside this file'),
    (FUNCTION, f"{FUNCTION}\ntimeot = 5", "trial.timeot: unknown key", "  given:   timeot",
     "  allowed: function, command, timeout, retries, version, metrics, deterministic, alone",
     "  nearest: timeout"),
    (FUNCTION, f'{FUNCTION}\ntimeout = "half an hour"', "trial.timeout: is no length of time",
     "  given:   'half an hour'",
     '  remedy:  write a number and a unit, such as "90s", "30min" or "2h"'),
    (FUNCTION, f'{FUNCTION}\ntimeout = "0s"',
     "trial.timeout: must be longer than 0 and shorter than 31 years", "  given:   '0s'"),
    (FUNCTION, f"{FUNCTION}\ntimeout = inf", "trial.timeout: must be a finite number",
     "  given:   inf"),
    (FUNCTION, f"{FUNCTION}\nretries = -1", "trial.retries: must be 0 or more", "  given:   -1"),
    (FUNCTION, f"{FUNCTION}\nretries = true", "trial.retries: must be a whole number",
     "  given:   true"),
    (FUNCTION, 'command = "python train.py"', "trial.command: must be a list",
     "  given:   'python train.py'"),
    (FUNCTION, 'command = ["python", 5]', "trial.command[1]: must be text", "  given:   5"),
    (FUNCTION, "command = []", "trial.command: the command is empty", "  given:   []"),
    (FUNCTION, f"{FUNCTION}\nmetrics = []", "trial.metrics: a trial returns at least one metric",
     "  given:   []"),
    (FUNCTION, f'{FUNCTION}\nmetrics = ["accu", "seed"]',
     "trial.metrics: the results have a column of this name already", "  given:   seed",
     "protocol.metric: the arms would have no such metric: it is not among trial.metrics",
     "  given:   acc", "  allowed: accu, seed", "  nearest: accu"),
    (COUNT, "", "seeds: seeds are either counted or listed", "  given:   neither",
     "  remedy:  write count = 20, or values = [3, 5, 8]"),
    (COUNT, "values = []", "seeds.values: the list of seeds is empty", "  given:   []"),
    (COUNT, "values = [1, 2, 1]", "seeds.values: a seed is listed twice", "  given:   [1]"),
    (COUNT, "values = [3, -1]", "seeds.values[1]: must be 0 or more", "  given:   -1"),
    (COUNT, "count = 3\nsources = { init = 'init' }", "seeds.sources.init: must be a list",
     "  given:   'init'"),
    (COUNT, "count = 3\nsources = { init = [] }",
     "seeds.sources.init: lists names of random streams", "  given:   []",
     '  remedy:  write those that the trial function draws from, such as ["init"]'),
    (COUNT, "count = 3\nsources = { all = ['init'] }", ("seeds.sources.all: is what the ordinary "
     "trials are called, in which every stream follows the seed"), "  given:   all",
     "  remedy:  give the source another name"),
    (COUNT, "count = 3\nsources = { init = ['init'], data = ['order', 'init'] }",
     "seeds.sources: a stream belongs to one source, or its variance would be counted twice",
     "  given:   init"),
    (COUNT, "count = 3\nsources = { init = ['init', 'init'] }",
     "seeds.sources.init: a stream is listed twice", "  given:   ['init', 'init']"),
    (COUNT, "count = 3\nsources = { ' ' = ['init'] }",
     "seeds.sources: a source needs a visible name of one line", "  given:   ' '"),
    (COUNT, "count = 3\nheld = -1", "seeds.held: must be 0 or more", "  given:   -1"),
    (COUNT, "count = 0", "seeds.count: must be 1 or more", "  given:   0"),
    (LR, "\nlr = nan", "params.lr: must be a finite number", "  given:   nan"),
    (LR, f"\nlr = {TOO_LARGE}", "params.lr: whole numbers go up to ±(2^53 − 1)",
     f"  given:   {TOO_LARGE}", "  remedy:  write a larger one as text"),
    (LR, "\nlr = 2020-01-31", "params.lr: a parameter cannot be a date or a time",
     "  given:   2020-01-31", '  remedy:  write it as text: "2020-01-31"'),
    (LR, "\nlr = 0.1\nparameters_from = 5",
     "params.parameters_from: names no search", "  given:   5", NAME_A_SEARCH),
    (FAST, "lr = { decay = [1, inf] }", "arms.fast.lr.decay[1]: must be a finite number",
     "  given:   inf"),
    (FAST, 'parameters_from = ":kd"', "arms.fast.parameters_from: names no search",
     "  given:   ':kd'", NAME_A_SEARCH),
    (FAST, 'parameters_from = "search:"', "arms.fast.parameters_from: names no search",
     "  given:   'search:'", NAME_A_SEARCH),
    (FAST, 'parameters_from = "bench:base"',
     "arms.fast.parameters_from: a study cannot take parameters from itself", "  given:   bench"),
    (FAST, LR, "arms.fast: sets the same parameters as arms.base, so the two are one arm",
     "  given:   {'lr': 0.1}", "  remedy:  change a parameter, or remove one of the two"),
    (ARMS, "[arms]\nkd-ig = 5\n", "arms.kd-ig: must be a table of keys and values",
     "  given:   5"),
    (ARMS, "[arms]\n", "arms: must have at least 1 entry", "  given:   {}",
     "  remedy:  write one [arms.NAME] for each setting under comparison"),
    (ARMS, "", "arms: this key is missing",
     "  remedy:  write one [arms.NAME] for each setting under comparison"),
    ('"base"', '"bsae"', "protocol.control: no arm has this name", "  given:   bsae",
     "  allowed: base, fast", "  nearest: base"),
    ('control = "base"', "", "protocol.control: this key is missing",
     '  remedy:  write the arm that the others are compared with, such as control = "baseline"'),
    ('metric = "acc"', "", "protocol.metric: this key is missing",
     '  remedy:  write the metric that decides, such as metric = "test_accuracy"'),
    ('metric = "acc"', 'metric = " "', "protocol.metric: must be a name (text) that is not empty",
     "  given:   ' '"),
    ('metric = "acc"', 'metric = "seed"',
     "protocol.metric: the results have a column of this name already", "  given:   seed"),
    ('"maximize"', '"maximise"', "protocol.direction: must be one of the allowed words",
     "  given:   'maximise'", "  allowed: maximize, minimize", "  nearest: maximize",
     '  remedy:  write direction = "maximize" or "minimize"'),
    (PROTOCOL, "", "protocol: this key is missing",
     "  remedy:  write [protocol] with metric, direction and control"),
]  # fmt: skip

ADDED = [
    ("smallest_efect = 1.0", "protocol.smallest_efect: unknown key", "  given:   smallest_efect",
     f"  allowed: {PROTOCOL_KEYS}", "  nearest: smallest_effect"),
    ("alpha = 5.0", "protocol.alpha: must be a number above 0 and below 1", "  given:   5.0"),
    ('alpha = "5 %"', "protocol.alpha: must be a number", "  given:   '5 %'"),
    ('test = "permutatoin"', "protocol.test: must be one of the allowed words",
     "  given:   'permutatoin'", f"  allowed: {TESTS}", "  nearest: permutation"),
    *((f'test = "{test}"', ("protocol.test: is for runs that share nothing, and the trials of a "
       "study are paired by their seeds"), f"  given:   '{test}'", f"  allowed: {TESTS}")
      for test in ("mann_whitney", "dunnett")),
    ('alternative = "larger"', "protocol.alternative: must be one of the allowed words",
     "  given:   'larger'", "  allowed: two-sided, greater, less"),
    ('missing = "worse"', "protocol.missing: must be one of the allowed words",
     "  given:   'worse'", "  allowed: exclude, worst, fail", "  nearest: worst"),
    ("run_correlation = 1.0", "protocol.run_correlation: must be a number from 0, and below 1",
     "  given:   1.0"),
    ('treatments = { kd = ["fsat"] }', "protocol.treatments.kd[0]: no arm has this name",
     "  given:   fsat", "  allowed: base, fast", "  nearest: fast"),
    ('treatments = { kd = "fast" }', "protocol.treatments.kd: must be a list",
     "  given:   'fast'"),
    *((f"treatments = {{ kd = {arms} }}", ("protocol.treatments.kd: some arms have a treatment and "
       "others do without, or nothing shows what it does"), f"  given:   {arms}",
       "  allowed: base, fast") for arms in ("[]", "['base', 'fast']")),
    ('comparisons = "all_pair"',
     "protocol.comparisons: names a family of comparisons, or lists pairs of arms",
     "  given:   'all_pair'", "  allowed: control, all_pairs", "  nearest: all_pairs",
     '  remedy:  pairs are written as [["kd", "student"], ["kd_ig", "kd"]]'),
    ('comparisons = [["fast", "base"], ["fast"]]',
     "protocol.comparisons[1]: is no pair of an arm and its reference", "  given:   ['fast']",
     '  remedy:  write ["kd", "student"]'),
    ('comparisons = [["fsat", "base"]]', "protocol.comparisons[0]: no arm has this name",
     "  given:   fsat", "  allowed: base, fast", "  nearest: fast"),
    ("comparisons = []", "protocol.comparisons: must be at least one (arm, reference) pair",
     "  given:   []"),
    ("[factors]\nepoch = [1]",
     "factors.epoch: a factor varies a parameter of [params], and there is none of this name",
     "  given:   epoch", "  allowed: lr, epochs", "  nearest: epochs",
     "  remedy:  add epoch with its usual value to [params]"),
    ("[factors]\nepochs = []", "factors.epochs: a factor needs at least one level",
     "  given:   []"),
    ("[factors]\nepochs = [1, 2, 1.0]", "factors.epochs: a level is listed twice",
     "  given:   [1, 2, 1.0]"),
    ("[factors]\nepochs = 5", "factors.epochs: must be a list", "  given:   5"),
    ("[factors]\nepochs = [1, nan]", "factors.epochs[1]: must be a finite number",
     "  given:   nan"),
    ("[factors]\nlr = [0.1]",
     "factors.lr: overrides what arms.fast sets, so that arm would not be what it says",
     "  given:   [0.1]", "  remedy:  remove lr from the arm or from [factors]"),
    ("[pareto]\nobjectives = { acc = 'maximize' }",
     "pareto.objectives: weighs at least two objectives against each other",
     "  given:   {'acc': 'maximize'}", ("  remedy:  write { compression_factor = "
     '"maximize", test_accuracy = "maximize" }')),
    ("[pareto]\nobjectives = { acc = 'maximize', size = 'minimise' }",
     "pareto.objectives.size: must be one of the allowed words", "  given:   'minimise'",
     "  allowed: maximize, minimize", "  nearest: minimize"),
    ("[pareto]\nobjectives = { acc = 'maximize', seed = 'minimize' }",
     "pareto.objectives.seed: the results have a column of this name already",
     "  given:   seed"),
    ("[pareto]\nobjectives = { acc = 'maximize', ' ' = 'minimize' }",
     "pareto.objectives: a metric's name is visible text", "  given:   ' '"),
    ("[pareto]\nobjectivs = { acc = 'maximize', size = 'minimize' }",
     "pareto.objectives: this key is missing\npareto.objectivs: unknown key",
     "  given:   objectivs", "  allowed: objectives", "  nearest: objectives"),
    ("[pareto]", "pareto.objectives: this key is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), [(o, n, faults(*e)) for o, n, *e in CHANGED])
def test_a_change_for_the_worse_is_refused_and_explained(file, old, new, expected):
    assert file.replace(old, new).faults() == expected


@pytest.mark.parametrize(("lines", "expected"), [(line, faults(*e)) for line, *e in ADDED])
def test_an_impossible_addition_is_refused_and_explained(file, lines, expected):
    assert file.last(lines).faults() == expected


def test_a_pareto_objective_is_among_the_metrics_that_are_declared(file):
    file.replace(FUNCTION, f'{FUNCTION}\nmetrics = ["acc", "size"]')
    file.last("[pareto]\nobjectives = { acc = 'maximize', siez = 'minimize' }")
    assert file.faults() == faults(
        "pareto.objectives.siez: the arms would have no such metric: it is not among trial.metrics",
        "  given:   siez",
        "  allowed: acc, size",
        "  nearest: size",
    )


def test_no_factor_or_metric_is_called_source_where_sources_are_declared(file):
    file.replace(LR, "\nlr = 0.1\nsource = 1").last("[factors]\nsource = [1, 2]")
    assert file.load().factors["source"] == (1, 2)
    file.replace(COUNT, "count = 3\nsources = { init = ['init'] }")
    assert "factors.source: the results have a column of this name already" in file.refusal()


@pytest.mark.parametrize("name", ["arm", "seed", "trial", "state", "acc"])
def test_a_factor_cannot_hide_a_column_of_the_results(file, name):
    file.replace(LR, f"\nlr = 0.1\n{name} = 1").last(f"[factors]\n{name} = [1, 2]")
    assert f"factors.{name}: the results have a column of this name already" in file.refusal()


def test_all_faults_are_shown_at_once(file):
    file.replace(COUNT, "count = 0").replace('"maximize"', '"up"').replace(LR, "\nlr = nan")
    assert re.findall(r"(?m)^([\w.]+): ", file.faults()) == [
        "seeds.count",
        "params.lr",
        "protocol.direction",
    ]


def test_no_fault_shows_the_whole_document(file):
    for old, new, *_ in CHANGED:
        file.__init__(file.path)
        assert "trials.py:main'" not in file.replace(old, new).faults()


def test_a_place_is_written_as_in_toml_and_python():
    assert dotted(("protocol", "comparisons", 0, "[1]", "", "x")) == "protocol.comparisons[0][1].x"


def test_a_long_value_is_shown_in_short():
    assert shown("x" * 200) == "'" + "x" * 76 + "..."


def test_what_is_given_is_matched_without_its_quotes():
    assert "  nearest: holm" in Problem("no", given="'hlom'", allowed=("holm", "none")).lines()
