"""Fetches CIFAR-10: whole, checked, and in one step, or not at all."""

import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import Problem
from studies.distillation.data.cifar10 import FETCH, FOLDER, require_files
from studies.distillation.data.errors import DataError

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
MD5 = "c32a1d4ab5d03f1284b67883e8d87530"

# A server that says nothing for so long is taken to be out of reach.
SILENCE_S = 30.0


def fetch_cifar10(folder: Path) -> Path:
    """Download and unpack CIFAR-10, unless it is there already.

    The archive is unpacked in a folder of its own, which gets its name only when its files are
    complete: whatever interrupts this leaves nothing that passes for the data set.

    Args:
        folder: where to put it; made if it is not there.

    Returns:
        The folder that holds its files.

    Raises:
        DataError: if it cannot be downloaded or stored, the file is not the expected one, or
            another folder of that name is in the way.
    """
    target = folder / FOLDER
    if target.exists():
        require_files(target)
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as scratch:
            _download(Path(scratch))
            require_files(Path(scratch) / FOLDER)
            (Path(scratch) / FOLDER).replace(target)
    except OSError as error:
        what = f"this folder cannot be written ({error.strerror or error})"
        remedy = "name another with --folder"
        raise DataError(Problem(what, given=str(folder), remedy=remedy)) from None
    return target


def _download(scratch: Path) -> None:
    from torchvision.datasets.utils import download_and_extract_archive

    try:
        with _patience(SILENCE_S):
            download_and_extract_archive(URL, str(scratch), md5=MD5, remove_finished=True)
    except OSError as error:  # URLError and what sockets raise are OSErrors
        remedy = f"when there is a network, run again: {FETCH}"
        raise DataError(Problem(f"download failed: {error}", given=URL, remedy=remedy)) from None
    except RuntimeError:  # what torchvision raises for another checksum
        what = f"what was downloaded is not the file with the MD5 {MD5}"
        remedy = "something between here and the server changed it; run again, or elsewhere"
        raise DataError(Problem(what, given=URL, remedy=remedy)) from None


@contextmanager
def _patience(silence_s: float) -> Iterator[None]:
    """Let no connection wait for longer; torchvision's download has no such setting."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(silence_s)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
