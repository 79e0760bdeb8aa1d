"""Which signal belongs to which image: proven by digests, never assumed from a position.

The scripts released with Hernandez et al. 2025 stored the teacher's signals in the order of a
shuffled loader and read them back by position, so that each image met the signals of another one.
Here every stored signal carries the digest of the image and label that it was computed from. What
was stored in another order on purpose is read by another function.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from harness.errors import AssetError
from studies.distillation.data import AssetSource, DataSet, Examples, open_dataset

SIGNAL = "signal.safetensors"

Digests = npt.NDArray[np.uint8]


class MisalignedError(AssetError):
    """Something was computed from other images, or from the same ones in another order."""


def dataset_with_pool(name: str, pool_digest: str, assets: AssetSource) -> DataSet:
    """The data set of this name, if its pool is the one that is meant.

    Args:
        name: of the data set.
        pool_digest: of the pool's pixels and labels, in order.
        assets: gives the decoded images.

    Raises:
        MisalignedError: if the pool's content or order differs.
    """
    dataset = open_dataset(name, assets)
    check_digest(f"training pool of {name!r}", dataset.pool, pool_digest)
    return dataset


def check_digest(what: str, examples: Examples, wanted: str) -> None:
    """Refuse examples that are not those that are meant.

    Args:
        what: names them in the message.
        examples: those at hand.
        wanted: digest of the pixels and labels that are meant, in order.

    Raises:
        MisalignedError: if content or order differs.
    """
    found = examples.digest()
    if found != wanted:
        raise MisalignedError(
            f"The {what} has the digest {found}, "
            f"but {wanted} was asked for: images, labels or their order differ."
        )


def save_signal(folder: Path, values: Tensor, examples: Examples) -> None:
    """Store one value an example, with what proves which example it belongs to.

    Args:
        folder: where to put it.
        values: ``(n, …)``, in the order of the examples.
        examples: what the values were computed from.
    """
    digests = torch.from_numpy(examples.sample_digests().copy())
    tensors = {"values": values.cpu().contiguous(), "sample_digests": digests}
    save_file(tensors, folder / SIGNAL)


def load_signal(folder: Path, examples: Examples) -> Tensor:
    """Read a signal that was stored for exactly these examples in this order.

    Args:
        folder: where :func:`save_signal` put it.
        examples: what the signal is wanted for.

    Returns:
        ``(n, …)``, in the order of the examples.

    Raises:
        MisalignedError: if it was stored for other examples or for another order of them.
    """
    tensors = load_file(folder / SIGNAL)
    stored, wanted = _digests(folder, tensors["sample_digests"], examples)
    differing = np.flatnonzero((stored != wanted).any(axis=1))
    if len(differing):
        raise MisalignedError(
            f"The signal in {folder} belongs to other examples, or to another order of them: "
            f"{len(differing)} of {len(wanted)} differ, the first at position {differing[0]}."
        )
    return tensors["values"]


def load_misaligned_signal(folder: Path, examples: Examples) -> Tensor:
    """Read a signal whose values belong to these examples in another order, as they are stored.

    Value i then meets example i, though it was computed from another one: what the released scripts
    do, and what an arm may be trained with to measure what that costs.

    Args:
        folder: where :func:`save_signal` put it.
        examples: whose signals are wanted, in whatever order they were stored.

    Returns:
        ``(n, …)``, in the order in which they were stored.

    Raises:
        MisalignedError: unless each of the examples has exactly one value.
    """
    tensors = load_file(folder / SIGNAL)
    stored, wanted = _digests(folder, tensors["sample_digests"], examples)
    if not np.array_equal(_sorted(stored), _sorted(wanted)):
        raise MisalignedError(
            f"The signal in {folder} belongs to other examples, not only to another order of them."
        )
    return tensors["values"]


def _digests(folder: Path, stored: Tensor, examples: Examples) -> tuple[Digests, Digests]:
    wanted = examples.sample_digests()
    if tuple(stored.shape) != wanted.shape:
        raise MisalignedError(
            f"The signal in {folder} belongs to {len(stored)} examples, not to {len(wanted)}."
        )
    return stored.numpy(), wanted


def _sorted(digests: Digests) -> Digests:
    return digests[np.lexsort(digests.T[::-1])]
