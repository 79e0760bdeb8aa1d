import pytest

from harness import load_study
from harness.errors import StudyError
from harness.study.loading import Overrides

TEXT = """\
name = "bench"
[trial]
function = "trials.py:main"
[seeds]
count = 3
[params]
lr = 0.1
epochs = 5
[arms.base]
[arms.fast]
lr = 0.5
[protocol]
metric = "acc"
direction = "maximize"
control = "base"
"""


class StudyFile:
    """A study file that can be changed, loaded, and refused."""

    def __init__(self, path):
        self.path = path
        self.text = TEXT

    def replace(self, old, new):
        assert self.text.count(old) == 1
        self.text = self.text.replace(old, new)
        return self

    def first(self, line):
        self.text = f"{line}\n{self.text}"
        return self

    def last(self, lines):
        self.text += lines + "\n"
        return self

    def load(self, *settings, profile=None, seeds=None):
        profiles = (profile,) if isinstance(profile, str) else (profile or ())
        self.path.write_text(self.text, encoding="utf-8")
        return load_study(self.path, Overrides(profiles, settings, seeds))

    def refusal(self, *settings, **overrides):
        """What the user reads when the study is refused."""
        with pytest.raises(StudyError) as refusal:
            self.load(*settings, **overrides)
        return str(refusal.value)

    def faults(self, *settings, **overrides):
        """What the user reads without the name of the file."""
        source, _, faults = self.refusal(*settings, **overrides).partition(":\n")
        assert source.startswith(str(self.path)) or source == "--set"
        return faults


@pytest.fixture
def file(tmp_path):
    return StudyFile(tmp_path / "bench.toml")
