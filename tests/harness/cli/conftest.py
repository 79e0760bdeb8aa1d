import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[3] / "examples"


@dataclass(frozen=True)
class Said:
    status: int
    output: str
    errors: str


@pytest.fixture
def harness(tmp_path):
    """Run the command line in a folder of its own, as a user does: in a process of its own."""

    def run(*arguments, folder=tmp_path, **environment):
        import os

        done = subprocess.run(
            [sys.executable, "-c", "from harness.cli import main; main()", *map(str, arguments)],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "COLUMNS": "100", **environment},
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def step_size():
    return EXAMPLES / "function" / "step_size.toml"


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A folder in which an example study has been run."""
    folder = tmp_path_factory.mktemp("finished")
    subprocess.run(
        [
            sys.executable,
            "-c",
            "from harness.cli import main; main()",
            "study",
            "run",
            str(EXAMPLES / "function" / "step_size.toml"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder
