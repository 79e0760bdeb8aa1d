"""Claims files written by tests: any file, and the file of a simulated honest paper."""

import copy
import json
import math
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats

from harness.audit.checking import CheckOptions, check_claims
from harness.audit.claims.loading import load_claims

PAPER = {"id": "simulated", "title": "A simulated paper"}
VALIDATED = {"seeds": "recorded", "selection": "validation"}

FAMILY = {"control": "student", "arms": ["kd", "kd_ig"], "data": "runs"}
STEPS = {"student": -1, "kd": 0, "kd_ig": 1}
"""Where every arm lies, in units of the gain from one to the next."""

BASE = 0.50
"""KD's share of right answers: around it all arms vary about alike."""


def toml(value):
    """A value as TOML has it."""
    match value:
        case dict():
            inside = ", ".join(f"{json.dumps(key)} = {toml(each)}" for key, each in value.items())
            return f"{{ {inside} }}"
        case list() | tuple():
            return f"[{', '.join(map(toml, value))}]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def _check(folder, document, files=None, store=None, **asked):
    for name, text in (files or {}).items():
        (folder / name).write_text(text, encoding="utf-8")
    path = folder / "claims.toml"
    whole = {"schema": 1, "paper": PAPER, **document}
    path.write_text("\n".join(f"{key} = {toml(each)}" for key, each in whole.items()), "utf-8")
    return check_claims(load_claims(path), store, CheckOptions(**asked))


@dataclass(frozen=True)
class Paper:
    """A paper that says what it did and did what it says.

    Attributes:
        document: its claims file.
        files: the data beside it.
        values: the runs' percentages, by arm.
    """

    document: dict
    files: dict
    values: dict

    def only(self, *ids):
        """The same paper with these claims alone; it can be changed."""
        claims = [each for each in self.document["claim"] if each["id"] in ids]
        document = copy.deepcopy({**self.document, "claim": claims})
        return Paper(document, dict(self.files), self.values)

    @property
    def claim(self):
        """The first claim's table."""
        return self.document["claim"][0]


def honest_paper(seed, *, design="welch_t", runs=10, items=10_000, gain_in_sd=6.0):
    """Simulate a paper of three arms, and print its numbers from its runs.

    Every run answers `items` test questions, each rightly with a chance that varies from seed to
    seed by half of what the number of questions makes of it; the same seeds do so alike in all
    arms when the design is paired.

    Args:
        seed: of the simulation.
        design: "paired_t" of runs that share seeds; "welch_t" or "pooled_t" of runs that do not.
        runs: an arm.
        items: test questions; 100 / items has two decimals.
        gain_in_sd: by how many standard deviations of a run one arm is better than the one before.
    """
    rng = np.random.default_rng([seed, 20_250_614])
    floor = math.sqrt(BASE * (1 - BASE) / items)
    sd = floor * math.sqrt(1.25)
    paired = design == "paired_t"
    luck = rng.normal(0, floor / 2, size=(1 if paired else len(STEPS), runs))
    counts = {
        arm: rng.binomial(items, BASE + step * gain_in_sd * sd + luck[0 if paired else place])
        for place, (arm, step) in enumerate(STEPS.items())
    }
    values = {arm: 100 * count / items for arm, count in counts.items()}
    document = {
        "metrics": {"accuracy": {"unit": "%", "test_size": items}},
        "design": {**VALIDATED, "pairing": "seed" if paired else "none"},
        "data": {"runs": {"file": "runs.csv", "runs": runs, "metric": "accuracy"}},
        "family": {"vs_student": FAMILY},
        "claim": [
            _difference(values, design),
            _test(values, design),
            _value(values["kd"]),
            _summary(values["kd"]),
            _variance(values["kd"]),
            _order(),
            _contrast(),
            _ratio(),
            _equivalence(100 * sd * (gain_in_sd + 6)),
            _replication(rng, gain_in_sd, runs),
        ],
    }
    return Paper(document, {"runs.csv": _csv(values, paired)}, values)


def _csv(values, paired):
    lines = ["arm,run,accuracy,seed"]
    for place, (arm, runs) in enumerate(values.items()):
        offset = 0 if paired else 1000 * place
        lines += [f"{arm},{run},{value:.2f},{offset + run}" for run, value in enumerate(runs, 1)]
    return "\n".join(lines) + "\n"


def _difference(values, design):
    """KD against the student, with its test and its interval, as a paper prints them."""
    found = t_test(values["kd"], values["student"], design)
    return {
        "id": "difference", "kind": "difference", "text": "KD beats the student.", "data": "runs",
        "better": {"arm": "kd", "value": f"{values['kd'].mean():.2f}"},
        "worse": {"arm": "student", "value": f"{values['student'].mean():.2f}"},
        "difference": f"{values['kd'].mean() - values['student'].mean():.2f}",
        "family": "vs_student", "test": design,
        "statistic": f"{found.statistic:.2f}", "df": _df(found.df, design), "p": _p(found.pvalue),
        "interval": {"low": f"{found.low:.2f}", "high": f"{found.high:.2f}", "level": "0.95"},
    }  # fmt: skip


def _test(values, design):
    """KD+IG against the student, with every digit that the program wrote."""
    found = t_test(values["kd_ig"], values["student"], design)
    return {
        "id": "test", "kind": "test", "text": "KD+IG beats the student.", "data": "runs",
        "test": "t", "statistic": repr(float(found.statistic)), "df": repr(float(found.df)),
        "p": repr(float(found.pvalue)), "sides": 2, "used": design,
        "better": "kd_ig", "worse": "student", "family": "vs_student",
    }  # fmt: skip


def _value(runs):
    return {
        "id": "value", "kind": "value", "text": "KD has this accuracy.", "data": "runs",
        "arm": "kd", "value": f"{runs.mean():.2f}", "statistic": "mean",
        "spread": f"{runs.std(ddof=1):.2f}", "spread_is": "sd",
    }  # fmt: skip


def _summary(runs):
    return {
        "id": "summary", "kind": "summary", "text": "KD in a table.", "metric": "accuracy",
        "mean": f"{runs.mean():.3f}", "sd": f"{runs.std(ddof=1):.3f}", "n": len(runs),
        "min": f"{runs.min():.2f}", "max": f"{runs.max():.2f}",
    }  # fmt: skip


def _variance(runs):
    return {
        "id": "variance", "kind": "summary", "text": "KD in the supplement.", "n": len(runs),
        "variance": repr(float(runs.var(ddof=1))), "metric": "accuracy",
    }  # fmt: skip


def _order():
    return {
        "id": "order", "kind": "order", "text": "KD beats the student.", "data": "runs",
        "better": "kd", "worse": "student", "family": "vs_student",
    }  # fmt: skip


def _contrast():
    return {
        "id": "contrast", "kind": "contrast", "text": "IG adds to KD.", "data": "runs",
        "weights": {"kd_ig": "1", "kd": "-1"},
    }  # fmt: skip


def _ratio():
    return {
        "id": "ratio", "kind": "ratio", "text": "Four times faster.", "metric": "accuracy",
        "numerator": "140.2", "denominator": "33.9", "value": "4.14", "work_ratio": "3.9",
        "warm_up": True, "repeats": 100, "batch": 64,
    }  # fmt: skip


def _equivalence(margin):
    return {
        "id": "equivalence", "kind": "equivalence", "text": "They hardly differ.", "data": "runs",
        "arms": ["kd", "student"], "margin": f"{margin:.2f}",
    }  # fmt: skip


def _replication(rng, gain_in_sd, runs):
    """Two experiments with one true effect, in units of a run's standard deviation."""
    se = math.sqrt(2 / runs)
    first, second = rng.normal(gain_in_sd, se, size=2)
    return {
        "id": "replication", "kind": "replication", "text": "Found again.", "metric": "accuracy",
        "original": {"estimate": f"{first:.4f}", "se": f"{se:.4f}", "n": runs},
        "replication": {"estimate": f"{second:.4f}", "se": f"{se:.4f}", "n": runs},
    }  # fmt: skip


@dataclass(frozen=True)
class TTest:
    """SciPy's t-test with its interval: none of the code that is audited with."""

    __test__ = False

    statistic: float
    df: float
    pvalue: float
    low: float
    high: float


def t_test(better, worse, design):
    """The t-test of a design, by SciPy."""
    if design == "paired_t":
        found = stats.ttest_rel(better, worse)
    else:
        found = stats.ttest_ind(better, worse, equal_var=design == "pooled_t")
    interval = found.confidence_interval(0.95)
    return TTest(found.statistic, found.df, found.pvalue, interval.low, interval.high)


def _df(df, design):
    """Papers print Welch's degrees of freedom as a whole number, or with two decimals."""
    return f"{df:.2f}" if design == "welch_t" and round(df) % 2 else str(round(df))


def _p(p):
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


@pytest.fixture
def check(tmp_path):
    """Write a claims file with the data beside it, and check it."""

    def run(document, files=None, store=None, **asked):
        return _check(tmp_path, document, files, store, **asked)

    return run


@pytest.fixture
def check_paper(check):
    """Check a simulated paper."""
    return lambda paper, **asked: check(paper.document, paper.files, **asked)


@pytest.fixture(scope="session")
def paper():
    """Simulate an honest paper; see `honest_paper`."""
    return honest_paper
