"""The example of a batch form gives the same rows in whatever batches it runs."""

from pathlib import Path

import pytest

from harness import load_study, run_study
from harness.batching import compare_groupings
from harness.execution.worker.functions import load, locate
from harness.store.exchange import export_rows
from harness.store.store import ResultsStore

EXAMPLE = Path(__file__).parents[2] / "examples" / "batched" / "digits_by_rate.toml"

# Matrix products of other shapes may add in another order; epochs of float64 stay below this.
TOLERANCE = 1e-12


@pytest.fixture(scope="module")
def study():
    declared = load_study(EXAMPLE).definition()
    return type(load_study(EXAMPLE))(**{**declared, "seeds": {"count": 4}, "source": EXAMPLE})


@pytest.fixture(scope="module")
def one_by_one(study, tmp_path_factory):
    return rows(study, tmp_path_factory.mktemp("off"), "off")


def rows(study, folder, batch):
    """Metrics and predictions by arm and seed, and how many trials shared a batch."""
    run_study(study, db=folder / "results.db", artifacts=folder, jobs=1, batch=batch)
    with ResultsStore(folder / "results.db") as store:
        found = list(export_rows(store, study.name))
    results = {
        (row["arm"], row["seed"]): (row["trial"], row["metric:test_accuracy"], row["predictions"])
        for row in found
    }
    return results, {row["facts"]["batch_trials"] for row in found}


@pytest.mark.parametrize(("batch", "sizes"), [("auto", {12}), (3, {3})])
def test_the_rows_are_the_same_in_any_batches(study, one_by_one, tmp_path, batch, sizes):
    assert one_by_one[1] == {1}
    assert rows(study, tmp_path, batch) == (one_by_one[0], sizes)


def test_what_is_reported_does_not_depend_on_the_grouping(study, tmp_path):
    form = load(locate(study)).batch_form
    cases = [
        ({**study.params, "epochs": 2, "step_size": size}, seed)
        for size in (0.1, 2.0)
        for seed in (0, 1)
    ]
    groupings = [[[0], [1], [2], [3]], [[0, 1, 2, 3]], [[3, 0], [2, 1]]]
    assert compare_groupings(form.run, cases, groupings, tmp_path) <= TOLERANCE
