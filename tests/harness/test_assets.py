import json
import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from harness.assets import MANIFEST, AssetStore, read_asset, verify
from harness.errors import AssetError


def teacher(build, *, log=None, **key):
    if log is not None:
        with Path(log).open("a") as file:
            file.write("built\n")
    (build.path / "weights").write_bytes(build.rng("init").bytes(8))
    (build.path / "deep").mkdir()
    (build.path / "deep" / MANIFEST).write_text("not the manifest")
    build.note(accuracy=0.97)


def logits(build):
    parent = build.asset(teacher, width=1)
    (build.path / "logits").write_bytes((parent.path / "weights").read_bytes())


def killed(build, **key):
    (build.path / "half").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)


def raising(build):
    (build.path / "half").write_text("half")
    raise RuntimeError("no memory")


@pytest.fixture
def assets(tmp_path):
    return AssetStore(tmp_path / "assets")


def again(assets):
    """The same folder, as another process sees it."""
    return AssetStore(assets.root)


def test_an_asset_is_built_once_and_found_again(assets, tmp_path):
    log = str(tmp_path / "log")
    first = assets.get(teacher, log=log)
    second = again(assets).get(teacher, log=log)
    assert first == second
    assert (tmp_path / "log").read_text() == "built\n"
    assert second.facts == {"accuracy": 0.97}
    assert {file.name for file in second.files} == {"weights", f"deep/{MANIFEST}"}


def test_another_key_is_another_asset_and_5_is_5_0(assets):
    assert assets.get(teacher, width=5).digest == assets.get(teacher, width=5.0).digest
    assert assets.get(teacher, width=5).digest != assets.get(teacher, width=6).digest
    assert assets.get(teacher, width=5).digest != assets.get(logits).digest


def test_what_an_asset_is_built_from_is_recorded(assets):
    derived = assets.get(logits)
    assert derived.inputs == (assets.get(teacher, width=1).digest,)


def test_many_processes_at_once_build_an_asset_once(assets, tmp_path):
    log = tmp_path / "log"
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=again(assets).get, args=(teacher,), kwargs={"log": str(log)})
        for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 3
    assert log.read_text() == "built\n"


def test_a_builder_that_is_killed_leaves_nothing_that_could_be_taken_for_an_asset(assets):
    worker = multiprocessing.get_context("spawn").Process(target=assets.get, args=(killed,))
    worker.start()
    worker.join()
    assert worker.exitcode == -signal.SIGKILL
    assert not list(assets.root.glob(f"*/{MANIFEST}"))


def test_a_builder_that_raises_may_be_tried_again(assets):
    for _ in range(2):
        with pytest.raises(RuntimeError, match="no memory"):
            assets.get(raising)


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (lambda folder: (folder / "weights").write_bytes(b"other"), "not the file that was built"),
        (lambda folder: (folder / "weights").unlink(), "weights is missing"),
        (lambda folder: (folder / "new").write_text("x"), "new was added"),
        (lambda folder: (folder / "deep" / MANIFEST).write_text("x"), "not the file that was"),
        (lambda folder: (folder / MANIFEST).unlink(), "manifest.json is missing"),
        (lambda folder: (folder / MANIFEST).write_text("{"), "manifest cannot be read"),
        (lambda folder: (folder / MANIFEST).write_text("[]"), "manifest cannot be read"),
    ],
)
def test_a_damaged_asset_is_never_used_and_the_remedy_is_named(assets, harm, fault):
    folder = assets.get(teacher).path
    harm(folder)
    with pytest.raises(AssetError, match=fault) as refusal:
        again(assets).get(teacher)
    assert f"asset {folder} is damaged" in str(refusal.value)
    assert "Remove that folder" in str(refusal.value)


def test_an_asset_on_disk_can_be_read_and_verified_by_itself(assets):
    asset = assets.get(teacher)
    verify(read_asset(asset.path))
    assert read_asset(asset.path) == asset
    assert json.loads((asset.path / MANIFEST).read_text())["digest"] == asset.digest


def test_the_randomness_of_an_asset_follows_from_what_it_is_built_from(assets, tmp_path):
    elsewhere = AssetStore(tmp_path / "elsewhere")
    one, same, other = (
        store.get(teacher, width=width)
        for store, width in ((assets, 1), (elsewhere, 1), (assets, 2))
    )
    assert one.files == same.files
    assert one.files != other.files


def doubtful(build):
    (build.path / "map").write_text("1")
    build.caution("The map is coarse.")


def derived(build):
    build.asset(doubtful)
    (build.path / "overlay").write_text("1")
    build.caution("The overlay is faint.")


def test_what_an_asset_cautions_against_is_kept_and_handed_on_to_what_is_built_from_it(assets):
    assert assets.get(derived).cautions == ("The map is coarse.", "The overlay is faint.")
    assert again(assets).get(doubtful).cautions == ("The map is coarse.",)
    assert assets.get(teacher).cautions == ()


def test_two_lambdas_of_a_module_cannot_share_an_asset(assets):
    with pytest.raises(ValueError, match="module-level function"):
        assets.get(lambda build: build.note())


@pytest.mark.parametrize("fact", [float("nan"), {1, 2}, 2**60])
def test_a_fact_that_json_cannot_hold_is_refused(assets, tmp_path, fact):
    from harness.assets import AssetBuild

    with pytest.raises(ValueError, match="canonical JSON"):
        AssetBuild(tmp_path, "address", assets).note(fact=fact)
