"""Every study at the paper's scale, cut short: two steps of two seeds on real images."""

import json

import pytest

pytestmark = pytest.mark.cifar10

TRAINED = (
    "ablation",
    "alignment",
    "attention",
    "compression",
    "examples",
    "mc_seeds",
    "overlay",
    "search",
    "search_grid",
    "transfer",
    "variance",
)

PROFILES = ("--profile", "cifar10", "--profile", "smoke")


@pytest.fixture(scope="module")
def folder(tmp_path_factory, small_images):
    """Where the studies run; they share the teacher and its signals."""
    folder = tmp_path_factory.mktemp("smoke")
    (folder / "images").symlink_to(small_images, target_is_directory=True)
    return folder


def settings(study):
    yield from ("--set", "params.dataset=imagefolder:images")
    if study == "transfer":
        yield from ("--set", "params.transfer_dataset=imagefolder:images")


def trials(harness, folder, study):
    listing = harness(folder, "results", "list", study, "--format", "json")
    return json.loads(listing.stdout)


@pytest.mark.parametrize("study", TRAINED)
def test_a_study_runs_at_the_papers_scale(study, folder, harness):
    done = harness(folder, "study", "run", study, *PROFILES, *settings(study), "--jobs", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = trials(harness, folder, study)
    assert {row["state"] for row in rows} <= {"complete", "pruned"}
    # Pictures are drawn of one seed.
    assert len({row["seed"] for row in rows}) == (1 if study == "examples" else 2)
    parameters = {row["metrics"]["parameters"] for row in rows if row["state"] == "complete"}
    # The paper's student without five blocks; compression has one of another size.
    assert 543_498 in parameters


def test_latency_is_measured_of_the_papers_networks(folder, harness):
    done = harness(folder, "study", "run", "latency", *PROFILES)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = trials(harness, folder, "latency")
    sizes = {row["arm"]: row["metrics"]["parameters"] for row in rows}
    assert (sizes["teacher"], sizes["k5"], sizes["k17"]) == (2_236_682, 543_498, 1_994)
    ratios = {row["metrics"]["multiply_adds"] for row in rows if row["arm"] in {"teacher", "k5"}}
    assert max(ratios) / min(ratios) == pytest.approx(1.50, abs=0.005)
