import hashlib
import json
import tarfile
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from studies.distillation.data import cifar10, fetching, open_dataset
from studies.distillation.data.__main__ import main

RECORDS = 20


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def run(capsys):
    """Runs a command; returns its status and what it wrote to standard output and error."""

    def command(*arguments):
        with pytest.raises(SystemExit) as left:
            main(arguments)
        captured = capsys.readouterr()
        return left.value.code, captured.out, captured.err

    return command


@pytest.fixture
def archive(tmp_path_factory, monkeypatch):
    """The archive of a small CIFAR-10 on a server; MD5 and sizes are patched to fit."""
    monkeypatch.setattr(cifar10, "RECORDS_PER_FILE", RECORDS)
    served = tmp_path_factory.mktemp("served")
    files = served / "source" / cifar10.FOLDER
    files.mkdir(parents=True)
    for name in (*cifar10.POOL_FILES, *cifar10.TEST_FILES):
        content = np.zeros((RECORDS, 3073), dtype=np.uint8)
        content[:, 0] = np.arange(RECORDS) % 10
        content.tofile(files / name)
    path = served / "cifar-10-binary.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(files, cifar10.FOLDER)
    monkeypatch.setattr(fetching, "MD5", hashlib.md5(path.read_bytes()).hexdigest())
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *args: Handler(*args, directory=str(served))
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setattr(fetching, "URL", f"http://127.0.0.1:{server.server_port}/{path.name}")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield path
    server.shutdown()
    thread.join()
    server.server_close()


def left_behind(folder):
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def test_what_is_fetched_can_be_opened(here, archive, run, assets):
    status, out, err = run("fetch", "cifar10")
    assert status == 0, err
    assert out == ""
    assert "cifar10 is in artifacts/data/cifar-10-batches-bin." in err
    assert left_behind(here / "artifacts/data") == [cifar10.FOLDER]
    assert len(open_dataset("cifar10", assets).pool.labels) == 100


def test_a_folder_of_one_s_own_is_told_with_the_variable_that_studies_need(here, archive, run):
    status, _, err = run("fetch", "cifar10", "--folder", "big disk")
    assert status == 0
    assert left_behind(here / "big disk") == [cifar10.FOLDER]
    assert "HARNESS_DATA='big disk'" in err


def test_what_is_there_is_not_fetched_again(here, archive, run, monkeypatch):
    run("fetch", "cifar10")
    monkeypatch.setattr(fetching, "URL", "http://127.0.0.1:1/nothing")
    assert run("fetch", "cifar10")[0] == 0


def test_another_file_than_the_expected_one_is_refused_and_leaves_nothing(here, archive, run):
    archive.write_bytes(archive.read_bytes()[:-100])
    status, _, err = run("fetch", "cifar10")
    assert status == 2
    assert f"not the file with the MD5 {fetching.MD5}" in err
    assert "Traceback" not in err
    assert left_behind(here / "artifacts/data") == []


def test_an_archive_with_other_files_in_it_is_refused_and_leaves_nothing(
    here, archive, run, monkeypatch
):
    monkeypatch.setattr(cifar10, "RECORDS_PER_FILE", RECORDS + 1)
    status, _, err = run("fetch", "cifar10")
    assert status == 2
    assert "data_batch_1.bin: this file is truncated" in err
    assert left_behind(here / "artifacts/data") == []


@pytest.mark.parametrize("place", ["127.0.0.1:1", "no-such-host.invalid"])
def test_without_a_network_one_message_says_so(here, archive, run, monkeypatch, place):
    monkeypatch.setattr(fetching, "URL", f"http://{place}/{archive.name}")
    status, _, err = run("fetch", "cifar10")
    assert status == 2
    assert "download failed" in err
    assert place in err
    assert "Traceback" not in err
    assert left_behind(here / "artifacts/data") == []


def test_a_missing_file_on_the_server_is_told(here, archive, run):
    archive.unlink()
    status, _, err = run("fetch", "cifar10")
    assert status == 2
    assert "404" in err


def test_an_interrupted_download_leaves_nothing_that_passes_for_the_data_set(
    here, archive, run, monkeypatch
):
    def interrupt(folder):
        raise KeyboardInterrupt

    monkeypatch.setattr(fetching, "require_files", interrupt)
    status, _, err = run("fetch", "cifar10")
    assert (status, err.splitlines()[-1]) == (130, "Interrupted.")
    assert left_behind(here / "artifacts/data") == []


def test_a_damaged_copy_is_named_and_not_overwritten(here, archive, run):
    run("fetch", "cifar10")
    damaged = here / "artifacts/data" / cifar10.FOLDER / "test_batch.bin"
    damaged.write_bytes(b"")
    status, _, err = run("fetch", "cifar10")
    assert status == 2
    assert "test_batch.bin: this file is truncated" in err
    assert "remove artifacts/data/cifar-10-batches-bin" in err
    assert damaged.read_bytes() == b""


def test_a_folder_that_cannot_be_written_is_told(here, archive, run):
    (here / "file").write_text("")
    status, _, err = run("fetch", "cifar10", "--folder", "file/data")
    assert status == 2
    assert "cannot be written" in err


def test_the_list_has_every_name_and_whether_it_is_there(here, archive, run):
    rows = json.loads(run("list", "--format", "json")[1])
    assert [row["name"] for row in rows] == [
        "digits",
        "cifar10",
        "imagefolder:PATH",
        "digits_corrupted",
    ]
    assert rows[1]["ready"] == "no: python -m studies.distillation.data fetch cifar10"
    run("fetch", "cifar10")
    assert json.loads(run("list", "--format", "json")[1])[1]["ready"] == "yes"
    (here / "artifacts/data" / cifar10.FOLDER / "test_batch.bin").unlink()
    assert json.loads(run("list", "--format", "json")[1])[1]["ready"] == "damaged"
    assert run("list", "--format", "csv")[1].startswith("name,ready,use,what\n")


def test_show_tells_what_a_data_set_holds(here, run, assets):
    status, out, _ = run("show", "digits", "--format", "json")
    shown, data = json.loads(out), open_dataset("digits", assets)
    assert status == 0
    assert (shown["pool_images"], shown["test_images"]) == (1437, 360)
    assert (shown["width"], shown["height"], shown["channels"]) == (8, 8, 1)
    assert shown["mean"] == list(data.mean)
    assert shown["deviation"] == list(data.deviation)
    assert shown["digest"] == data.digest()
    assert shown["classes"][3] == {
        "class": "3",
        "pool": int((data.pool.labels == 3).sum()),
        "test": int((data.test.labels == 3).sum()),
    }
    table = run("show", "digits")[1]
    assert data.digest() in table
    assert "0.3053" in table


def test_show_counts_test_images_that_are_in_the_pool_as_well(here, photos, run):
    root = photos({"train/cat": 3, "train/dog": 3, "test/cat": 2, "test/dog": 2})
    (root / "test/dog/copy.png").write_bytes((root / "train/cat/001.png").read_bytes())
    shown = json.loads(run("show", "imagefolder:photos", "--format", "json")[1])
    assert (shown["test_images"], shown["test_images_in_pool"]) == (5, 1)


def test_show_tells_a_validation_part_that_nothing_uses(here, photos, run):
    photos({"train/cat": 3, "train/dog": 3, "test/cat": 2, "val/cat": 2, "validation/dog": 1})
    shown = json.loads(run("show", "imagefolder:photos", "--format", "json")[1])
    assert shown["unused_folders"] == ["val", "validation"]
    for name, unused in (("imagefolder:photos", "val, validation"), ("digits", "none")):
        assert f"unused_folders {unused}" in " ".join(run("show", name)[1].split())


def test_show_decodes_into_the_assets_that_studies_use(here, photos, run):
    photos({"cat": 5, "dog": 5})
    run("show", "imagefolder:photos")
    assert len(list((here / "artifacts/assets").glob("*/images.safetensors"))) == 1


@pytest.mark.parametrize("arguments", [["show", "digit5"], ["fetch", "mnist"], ["shwo"], ["show"]])
def test_a_user_s_mistake_gets_one_message_and_status_2(here, run, arguments):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert "Error: " in err
    assert "Traceback" not in err


@pytest.mark.parametrize("command", [[], ["fetch"], ["list"], ["show"]])
def test_every_help_has_an_example(run, command):
    status, out, _ = run(*command, "--help")
    assert status == 0
    assert "python -m studies.distillation.data " in out.partition("Example")[2]
