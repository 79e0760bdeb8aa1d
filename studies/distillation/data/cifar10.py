"""CIFAR-10 from its binary files, which are fetched on request only.

The binary version (Krizhevsky 2009) holds records of one label byte and 3,072 pixel bytes, the red,
green and blue plane of 32×32 each. It needs no unpickling, which the Python version would.

The archive's MD5 digest is compared when it is fetched. Whenever the files are opened, each must be
there and of the right size, and each label must stand 5,000 times in the five files of the pool and
1,000 times in the test file. Pixels are not compared; trials record the digests of what they read.
"""

import os
from functools import cache
from pathlib import Path

import numpy as np

from harness.errors import Problem
from studies.distillation.data.dataset import DataSet, cifar_like
from studies.distillation.data.errors import DataError
from studies.distillation.data.examples import Examples
from studies.distillation.data.names import CIFAR10

CLASS_NAMES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
FOLDER = "cifar-10-batches-bin"
POOL_FILES = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
TEST_FILES = ("test_batch.bin",)

RECORDS_PER_FILE = 10_000
_SHAPE = (3, 32, 32)
_RECORD_BYTES = 1 + 3 * 32 * 32

FETCH = "python -m studies.distillation.data fetch cifar10"


def data_folder() -> Path:
    """Where fetched data sets are kept: ``$HARNESS_DATA``, else ``artifacts/data``."""
    return Path(os.environ.get("HARNESS_DATA") or Path("artifacts") / "data")


def cifar10() -> DataSet:
    """CIFAR-10: 50,000 images as the pool and 10,000 as the test set.

    Raises:
        DataError: if it was not fetched, or its files are not those of CIFAR-10.
    """
    folder = data_folder() / FOLDER
    require_files(folder)
    files = [(folder / name).stat() for name in (*POOL_FILES, *TEST_FILES)]
    return _read(folder.resolve(), tuple((each.st_mtime_ns, each.st_ctime_ns) for each in files))


def require_files(folder: Path) -> None:
    """Check that all files are there and of the right size; nothing is read.

    Raises:
        DataError: naming each file that is not, with the size it should have.
    """
    if not folder.is_dir():
        what, remedy = "CIFAR-10 is not there", f"fetch it (170 MB): {FETCH}"
        raise DataError(Problem(what, CIFAR10, str(folder), remedy=remedy))
    problems = [
        problem
        for name in (*POOL_FILES, *TEST_FILES)
        if (problem := _file_problem(folder / name)) is not None
    ]
    if problems:
        raise DataError([*problems, _remedy(folder)], folder)


def _file_problem(path: Path) -> Problem | None:
    expected = RECORDS_PER_FILE * _RECORD_BYTES
    if not path.is_file():
        return Problem("this file is missing", path.name)
    found = path.stat().st_size
    if found == expected:
        return None
    fault = "truncated" if found < expected else "too long"
    return Problem(f"this file is {fault}", path.name, f"{found:,} bytes", (f"{expected:,} bytes",))


def _remedy(folder: Path) -> Problem:
    return Problem("These are not the files of CIFAR-10.", remedy=f"remove {folder}, then: {FETCH}")


@cache
def _read(folder: Path, _state: tuple[tuple[int, int], ...]) -> DataSet:
    """Read the files. Their state is an argument, so that changed ones are read again."""
    return cifar_like(
        CIFAR10, _examples(folder, POOL_FILES), _examples(folder, TEST_FILES), CLASS_NAMES
    )


def _examples(folder: Path, names: tuple[str, ...]) -> Examples:
    images = np.empty((len(names) * RECORDS_PER_FILE, *_SHAPE), dtype=np.uint8)
    labels = np.empty(len(images), dtype=np.int64)
    for number, name in enumerate(names):
        records = np.fromfile(folder / name, dtype=np.uint8).reshape(-1, _RECORD_BYTES)
        part = slice(number * RECORDS_PER_FILE, (number + 1) * RECORDS_PER_FILE)
        labels[part] = records[:, 0]
        images[part] = records[:, 1:].reshape(-1, *_SHAPE)
    _require_balance(folder, names, labels)
    return Examples(images, labels)


def _require_balance(folder: Path, names: tuple[str, ...], labels: np.ndarray) -> None:
    # Sizes alone do not tell files that a crash left full of zeros.
    counts = np.bincount(labels, minlength=len(CLASS_NAMES))
    expected = len(labels) // len(CLASS_NAMES)
    if len(counts) == len(CLASS_NAMES) and (counts == expected).all():
        return
    given = ", ".join(f"{label}: {count:,}" for label, count in enumerate(counts) if count)
    what = f"each of the labels 0 to 9 stands {expected:,} times in {', '.join(names)}"
    raise DataError([Problem(what, "labels", given), _remedy(folder)], folder)
