"""Finds the images of an image folder, and tells every fault of its layout in one message.

Only names and file states are looked at, which takes less than a second for tens of thousands.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.errors import Problem
from studies.distillation.data.class_map import read_class_map
from studies.distillation.data.errors import DataError, first_of
from studies.distillation.data.walking import ClassFolder, ImageFile, Walk

TRAIN = "train"
TEST = "test"
UNDIVIDED = "undivided"

# Folders that may hold the test part, the first that is there; two without the first are too many.
TEST_FOLDERS = (TEST, "val", "validation")

LAYOUTS = (
    "PATH/train/CLASS/IMAGE with PATH/test/CLASS/IMAGE (or val, or validation)",
    "PATH/CLASS/IMAGE",
)

Parts = Mapping[str, tuple[ImageFile, ...]]


@dataclass(frozen=True, slots=True)
class Listing:
    """The images of a folder, sorted by class folder and name within each part.

    Attributes:
        parts: ``train`` and ``test``, or ``undivided`` alone.
        class_names: sorted.
        unused: folders that could be the test part, where another one is.
        fingerprint: digest of names, classes, sizes and times of change: it tells changed files
            without reading them.
    """

    parts: Parts
    class_names: tuple[str, ...]
    unused: tuple[str, ...]
    fingerprint: str


def list_images(folder: str) -> Listing:
    """The images of an image folder. Links are followed, to files and to folders.

    Args:
        folder: absolute, relative to the current folder, or beginning with ``~``.

    Raises:
        DataError: naming every fault: folders without a class or without an image, files that are
            no images by their ending, links that lead nowhere, and so on.
    """
    root = Path(folder).expanduser()
    if not root.is_dir():
        what = "this is no folder" if root.exists() else "there is no such folder"
        remedy = (
            f"looked for at {root.absolute()}; "
            "a relative path begins at the folder in which the command runs"
        )
        raise DataError(Problem(what, "imagefolder", folder, remedy=remedy))
    try:
        return _list(Walk(root, read_class_map(root)))
    except OSError as error:
        problem = Problem(f"this cannot be read ({error.strerror})", given=str(error.filename))
        raise DataError(problem, root) from None


def _list(walk: Walk) -> Listing:
    folders = _part_folders(walk)
    found = {part: walk.class_folders(folder) for part, folder in folders.items()}
    problems = walk.faults.problems() or _class_problems(found)
    if problems:
        raise DataError(problems, walk.root)
    parts = {
        part: tuple(image for folder in each for image in folder.images)
        for part, each in found.items()
    }
    names = {folder.class_name for each in found.values() for folder in each}
    unused = _unused_folders(walk, folders)
    return Listing(parts, tuple(sorted(names)), unused, _fingerprint(parts))


def _part_folders(walk: Walk) -> dict[str, str]:
    """Which folder holds which part; the image folder itself, if it is not divided into parts.

    Raises:
        DataError: if there is no test part, more than one, or a folder that is no part.
    """
    names = [name for name in walk.subfolders("") if name not in walk.class_map.ignore]
    # A class may be called train: its folder holds images, and no folders.
    if TRAIN not in names or not Walk(walk.root, walk.class_map).subfolders(TRAIN):
        walk.faults.outside.clear()  # class_folders meets the same images
        return {UNDIVIDED: ""}
    tests = [name for name in TEST_FOLDERS if name in names]
    others = [name for name in names if name not in (TRAIN, *TEST_FOLDERS)]
    problems = []
    if not tests:
        problems.append(Problem("there is train, but no test part", allowed=TEST_FOLDERS))
    elif len(tests) > 1 and tests[0] != TEST:
        problems.append(Problem("which of these is the test part?", given=first_of(tests)))
    if others:
        what = "beside train, these folders are no part of the data set"
        problems.append(Problem(what, given=first_of(others), allowed=LAYOUTS))
    if problems:
        raise DataError(problems, walk.root)
    return {TRAIN: TRAIN, TEST: tests[0]}


def _unused_folders(walk: Walk, folders: Mapping[str, str]) -> tuple[str, ...]:
    if TEST not in folders:
        return ()
    possible = set(TEST_FOLDERS) - walk.class_map.ignore - {folders[TEST]}
    return tuple(name for name in TEST_FOLDERS if name in possible and (walk.root / name).is_dir())


def _class_problems(found: Mapping[str, tuple[ClassFolder, ...]]) -> list[Problem]:
    problems = [
        Problem("there are no class folders", "" if part == UNDIVIDED else part, allowed=LAYOUTS)
        for part, folders in found.items()
        if not folders
    ]
    if problems or UNDIVIDED in found:
        return problems
    known = {folder.class_name for folder in found[TRAIN]}
    return [
        Problem("this class has no images to train on", folder.relative, folder.class_name)
        for folder in found[TEST]
        if folder.class_name not in known
    ]


def _fingerprint(parts: Parts) -> str:
    # No name holds a zero byte, so fields that are joined by it cannot run into each other.
    listing = hashlib.sha256()
    for part, images in parts.items():
        for image in images:
            state = f"{image.size_bytes}\0{image.modified_ns}\0{image.changed_ns}"
            line = f"{part}\0{image.class_name}\0{state}\0".encode()
            listing.update(line + os.fsencode(image.relative) + b"\0")
    return listing.hexdigest()
