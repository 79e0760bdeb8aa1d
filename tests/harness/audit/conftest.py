"""Claims files that tests change, load, check and have refused."""

import pytest

from harness.audit.checking import CheckOptions, check_claims
from harness.audit.claims.loading import load_claims
from harness.errors import ClaimsError

TEXT = """\
schema = 1
[paper]
id = "P1"
title = "A paper"
[metrics.acc]
unit = "%"
test_size = 10000
[data.runs]
file = "runs.csv"
[data.printed.arms.base]
mean = "90.00"
sd = "0.20"
runs = 10
[data.printed.arms.fast]
mean = "91.00"
sd = "0.20"
runs = 10
[family.all]
control = "base"
arms = ["fast"]
data = "runs"
[[claim]]
id = "C1"
text = "Fast beats base."
kind = "difference"
better = { arm = "fast", value = "91.00" }
worse = { arm = "base", value = "90.00" }
difference = "1.00"
p = "< 0.001"
data = "runs"
family = "all"
"""

ROWS = """\
arm,acc
base,90.01
base,89.99
base,90.02
base,89.98
fast,91.01
fast,90.99
fast,91.02
fast,90.98
"""

STUDY = """\
name = "bench"
[trial]
function = "bench_trials.py:train"
[seeds]
count = 3
[params]
gain = 0.0
[arms.base]
[arms.fast]
gain = 0.1
[protocol]
metric = "acc"
direction = "maximize"
control = "base"
"""


class ClaimsFile:
    """A claims file with a file of runs beside it."""

    def __init__(self, folder):
        self.path = folder / "claims.toml"
        self.runs = folder / "runs.csv"
        self.text = TEXT
        self.runs.write_text(ROWS, encoding="utf-8")

    def replace(self, old, new):
        assert self.text.count(old) == 1, old
        self.text = self.text.replace(old, new)
        return self

    def last(self, lines):
        self.text += lines + "\n"
        return self

    def claim(self, kind, lines, name="C2"):
        """Add a claim of some kind."""
        return self.last(f'[[claim]]\nid = "{name}"\ntext = "It is so."\nkind = "{kind}"\n{lines}')

    def rows(self, text):
        self.runs.write_text(text, encoding="utf-8")
        return self

    def with_study(self):
        """Hold the claim against a study as well, which has not run."""
        study = self.path.parent / "bench.toml"
        study.write_text(STUDY, encoding="utf-8")
        self.replace("[family.all]", f'[data.ours]\nstudy = "{study}"\n[family.all]')
        return self.replace('family = "all"', 'replicated_in = "ours"')

    def load(self):
        self.path.write_text(self.text, encoding="utf-8")
        return load_claims(self.path)

    def check(self, store=None, **asked):
        return check_claims(self.load(), store, CheckOptions(**asked))

    def faults(self, store=None, **asked):
        """What the user reads without the name of the file."""
        with pytest.raises(ClaimsError) as refusal:
            self.check(store, **asked)
        source, _, faults = str(refusal.value).partition(":\n")
        assert source == str(self.path)
        return faults


@pytest.fixture
def file(tmp_path):
    return ClaimsFile(tmp_path)
