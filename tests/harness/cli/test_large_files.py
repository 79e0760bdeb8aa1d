"""``harness analysis compare`` on a million rows: less than a minute of CPU, less than 4 GB."""

import json
import os
import resource
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.slow

PROGRAM = "from harness.cli import main; main()"
MOST_SECONDS = 60
MOST_BYTES = 4 * 2**30


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Write a million accuracies on a grid of 0.0001; every arm gains 0.0002 on the one before."""
    folder = tmp_path_factory.mktemp("large")

    def write(arms, blocks):
        path = folder / f"{arms}.csv"
        if not path.exists():
            rng = np.random.default_rng(0)
            shared = rng.normal(0.9, 0.01, blocks)
            gains = 0.0002 * np.arange(arms)[:, np.newaxis]
            values = shared + gains + rng.normal(0, 0.01, (arms, blocks))
            columns = {
                "arm": np.repeat([f"arm {place}" for place in range(arms)], blocks),
                "seed": np.tile(np.arange(blocks), arms),
                "accuracy": values.round(4).ravel(),
            }
            pd.DataFrame(columns).to_csv(path, index=False)
        return path

    return write


def cost_of(command):
    """Run a command; its output, its CPU seconds and its peak memory in bytes."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        output, errors = process.communicate()
    assert process.returncode == 0, errors.decode()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    unit = 1 if sys.platform == "darwin" else 1024
    return output.decode(), used.ru_utime + used.ru_stime, used.ru_maxrss * unit


@pytest.mark.parametrize("form", ["json", "table"])
@pytest.mark.parametrize("block", [("--block", "seed"), ()], ids=["paired", "unpaired"])
@pytest.mark.parametrize(("arms", "blocks"), [(2, 500_000), (100, 10_000)])
def test_a_million_rows_take_less_than_a_minute_and_4_gigabytes(arms, blocks, block, form, file):
    columns = ("--metric", "accuracy", "--control", "arm 0", *block)
    arguments = ("analysis", "compare", file(arms, blocks), *columns, "--format", form)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output, seconds, memory = cost_of([sys.executable, "-c", PROGRAM, *map(os.fspath, arguments)])
    assert seconds - before.ru_utime - before.ru_stime < MOST_SECONDS
    assert memory < MOST_BYTES
    if form == "json":
        comparisons = json.loads(output)["comparisons"]
        assert len(comparisons) == arms - 1
        assert comparisons[-1]["decision"] == "better"
        assert comparisons[-1]["n"] == blocks


def test_the_figures_of_a_million_runs_are_no_larger_than_a_photograph(file, tmp_path):
    columns = ("--metric", "accuracy", "--control", "arm 0", "--block", "seed")
    arguments = ("analysis", "compare", file(2, 500_000), *columns, "--to", tmp_path / "paper")
    _, _, memory = cost_of([sys.executable, "-c", PROGRAM, *map(os.fspath, arguments)])
    assert memory < MOST_BYTES
    sizes = [path.stat().st_size for path in (tmp_path / "paper").iterdir()]
    assert len(sizes) > 5
    assert max(sizes) < 10 * 2**20
