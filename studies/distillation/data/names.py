"""The names by which a study calls data sets, and what is wrong with a name that is none."""

from harness.errors import Problem, nearest_match

DIGITS = "digits"
CIFAR10 = "cifar10"
DIGITS_CORRUPTED = "digits_corrupted"
IMAGE_FOLDER = "imagefolder:"

# What may be trained on, as it is told to a user.
TRAINABLE = (DIGITS, CIFAR10, f"{IMAGE_FOLDER}PATH")


def dataset_problem(name: str, key: str = "dataset") -> Problem | None:
    """Why no data set to train on can have this name, or None when one can.

    Args:
        name: what a user gave. Nothing is looked for on the disk.
        key: where it was given.
    """
    if name in (DIGITS, CIFAR10) or folder_of(name):
        return None
    if name == DIGITS_CORRUPTED:
        what = "this set is for evaluation only; it has no pool to train on"
        return Problem(what, key, repr(name), TRAINABLE, "give it as transfer_dataset instead")
    return Problem("no such data set", key, repr(name), TRAINABLE, _meant(name))


def evaluation_problem(name: str, key: str = "transfer_dataset") -> Problem | None:
    """Why no set of images to evaluate on can have this name, or None when one can."""
    if name == DIGITS_CORRUPTED or dataset_problem(name) is None:
        return None
    allowed = (DIGITS_CORRUPTED, *TRAINABLE)
    return Problem("no such data set", key, repr(name), allowed, _meant(name))


def folder_of(name: str) -> str | None:
    """The path in ``imagefolder:PATH`` as it was typed; None for other names."""
    return name.removeprefix(IMAGE_FOLDER) or None if name.startswith(IMAGE_FOLDER) else None


def _meant(name: str) -> str | None:
    """What to do about a name that looks like that of an image folder; None for others."""
    kind, _, path = name.partition(":")
    if nearest_match(kind, [IMAGE_FOLDER.rstrip(":")]) is None:
        return None
    return f"write {IMAGE_FOLDER}{path or 'PATH'}, with the folder that holds the images"
