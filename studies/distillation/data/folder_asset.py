"""The decoded images of a folder: made once, kept as an asset, made anew when a file changes."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import PIL
from safetensors import safe_open
from safetensors.numpy import save_file

from harness.assets import AssetBuild
from harness.canonical import JSON
from harness.errors import Problem
from harness.text import one_line
from studies.distillation.data.dataset import AssetSource
from studies.distillation.data.decoding import SIDE, UnreadableImageError, decode
from studies.distillation.data.errors import LISTED, DataError
from studies.distillation.data.examples import Examples, Labels, Pixels
from studies.distillation.data.listing import TEST, UNDIVIDED, Listing, list_images
from studies.distillation.data.quality import Quality
from studies.distillation.data.walking import ImageFile

# Raised when code changes in a way that makes other pixels, another order or other cautions of the
# same files.
VERSION = 2

IMAGES = "images.safetensors"


@dataclass(frozen=True, slots=True, eq=False)
class FolderImages:
    """The decoded images of a folder.

    Attributes:
        parts: ``train`` and ``test``, or ``undivided`` alone; images are ``(n, 3, 32, 32)``.
        class_names: what each label stands for.
    """

    parts: dict[str, Examples]
    class_names: tuple[str, ...]

    @property
    def for_evaluation(self) -> Examples:
        """The test part, or all images of a folder that is not divided."""
        return self.parts[UNDIVIDED if UNDIVIDED in self.parts else TEST]


def folder_images(folder: str, assets: AssetSource) -> FolderImages:
    """The images of a folder in the parts that it has on the disk.

    Args:
        folder: where it is, as it was typed.
        assets: keeps the decoded images.

    Raises:
        DataError: if the folder or a file of it cannot be used.
    """
    return read_images(images_asset(folder, assets))


def images_asset(folder: str, assets: AssetSource) -> Path:
    """Where the decoded images of a folder are kept, as the folder is now; see :func:`read_images`.

    Raises:
        DataError: if the folder or a file of it cannot be used.
    """
    fingerprint = list_images(folder).fingerprint
    return assets.asset(build_images, folder=folder, fingerprint=fingerprint, version=VERSION).path


def read_images(asset: Path) -> FolderImages:
    """The images of the asset in this folder, which its store has verified."""
    with safe_open(asset / IMAGES, framework="np") as file:
        names = sorted({key.partition(".")[0] for key in file.keys()})  # noqa: SIM118 - no mapping
        parts = {
            part: Examples(file.get_tensor(f"{part}.images"), file.get_tensor(f"{part}.labels"))
            for part in names
        }
        return FolderImages(parts, tuple(json.loads(file.metadata()["class_names"])))


def build_images(
    build: AssetBuild,
    *,
    folder: str,
    fingerprint: str,
    version: int,  # noqa: ARG001 - part of the address
) -> None:
    """Decode all images of a folder and keep them.

    Args:
        build: where to put them.
        folder: where the images are, as it was typed.
        fingerprint: of the listing that is meant.
        version: of this module's code.

    Raises:
        DataError: if a file is no readable image, or the folder changes while it is read.
    """
    listing = _unchanged(folder, fingerprint)
    quality = Quality()
    parts = _decode(folder, listing, quality)
    _unchanged(folder, fingerprint)
    tensors: dict[str, npt.NDArray[Any]] = {
        f"{part}.images": examples.images for part, examples in parts.items()
    }
    tensors |= {f"{part}.labels": examples.labels for part, examples in parts.items()}
    class_names = json.dumps(listing.class_names, ensure_ascii=False)
    save_file(tensors, build.path / IMAGES, metadata={"class_names": class_names})
    build.note(
        images={part: _counts(images) for part, images in listing.parts.items()},
        content={part: examples.digest() for part, examples in parts.items()},
        pillow=PIL.__version__,
    )
    for sentence in quality.cautions(folder):
        build.caution(sentence)


def _unchanged(folder: str, fingerprint: str) -> Listing:
    listing = list_images(folder)
    if listing.fingerprint != fingerprint:
        what = "the folder changed while it was read"
        raise DataError(Problem(what, remedy="run the command again when it is complete"), folder)
    return listing


def _decode(folder: str, listing: Listing, quality: Quality) -> dict[str, Examples]:
    refused: list[str] = []
    parts = {
        part: Examples(_pixels(images, refused, quality), _labels(images, listing.class_names))
        for part, images in listing.parts.items()
    }
    if refused:
        what = f"{len(refused)} files cannot be read as images"
        more = [f"… and {len(refused) - LISTED} more"] if len(refused) > LISTED else []
        files = [Problem(each) for each in (*refused[:LISTED], *more)]
        remedy = Problem("Nothing was decoded.", remedy="mend or remove these files")
        raise DataError([Problem(what), *files, remedy], folder)
    return parts


def _pixels(images: Sequence[ImageFile], refused: list[str], quality: Quality) -> Pixels:
    """Decoded images, ``(n, 3, 32, 32)``.

    What could not be decoded is added to ``refused``, and what could be is counted in ``quality``.
    """
    pixels = np.zeros((len(images), 3, SIDE, SIDE), dtype=np.uint8)
    for position, image in enumerate(images):
        try:
            decoded = decode(image.path)
        except UnreadableImageError as error:
            refused.append(f"{one_line(image.relative)}: {one_line(str(error))}")
        else:
            pixels[position] = decoded.pixels
            quality.count(decoded)
    return pixels


def _labels(images: Sequence[ImageFile], class_names: Sequence[str]) -> Labels:
    label = {name: position for position, name in enumerate(class_names)}
    return np.array([label[image.class_name] for image in images], dtype=np.int64)


def _counts(images: Sequence[ImageFile]) -> dict[str, JSON]:
    return dict(Counter(image.class_name for image in images))
