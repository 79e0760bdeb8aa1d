"""Which signal belongs to which image: proven by digests, never assumed from a position.

The scripts released with Hernandez et al. 2025 stored the teacher's signals in the order of a
shuffled loader and read them back by position, so that each image met the signals of another one.
Here every stored signal carries the digest of the image and label that it was computed from.
"""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from harness.errors import AssetError
from studies.distillation.datasets import DataSet, Examples, load_dataset

SIGNAL = "signal.safetensors"


class MisalignedError(AssetError):
    """Something was computed from other images, or from the same ones in another order."""


def dataset_with_pool(name: str, pool_digest: str) -> DataSet:
    """The data set of this name, if its pool is the one that is meant.

    Args:
        name: of the data set.
        pool_digest: of the pool's pixels and labels, in order.

    Raises:
        MisalignedError: if the pool's content or order differs.
    """
    dataset = load_dataset(name)
    if dataset.pool.digest() != pool_digest:
        raise MisalignedError(
            f"The training pool of {name!r} has the digest {dataset.pool.digest()}, "
            f"but {pool_digest} was asked for: images, labels or their order differ."
        )
    return dataset


def save_signal(folder: Path, values: Tensor, examples: Examples) -> None:
    """Store one value an example, with what proves which example it belongs to.

    Args:
        folder: where to put it.
        values: ``(n, …)``, in the order of the examples.
        examples: what the values were computed from.
    """
    digests = torch.from_numpy(examples.sample_digests().copy())
    tensors = {"values": values.contiguous(), "sample_digests": digests}
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
    stored, wanted = tensors["sample_digests"].numpy(), examples.sample_digests()
    if stored.shape != wanted.shape:
        raise MisalignedError(
            f"The signal in {folder} belongs to {len(stored)} examples, not to {len(wanted)}."
        )
    differing = np.flatnonzero((stored != wanted).any(axis=1))
    if len(differing):
        raise MisalignedError(
            f"The signal in {folder} belongs to other examples, or to another order of them: "
            f"{len(differing)} of {len(wanted)} differ, the first at position {differing[0]}."
        )
    return tensors["values"]
