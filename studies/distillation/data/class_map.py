"""Which folder holds which class: ``classes.toml`` in an image folder, or the folders' own names.

.. code-block:: toml

    ignore = ["n00007846"]

    [classes]
    n02691156 = "airplane"
    n02958343 = "automobile"
"""

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import Problem, nearest_match
from harness.text import is_visible_line, one_line
from studies.distillation.data.errors import DataError

CLASS_MAP = "classes.toml"

_KEYS = ("classes", "ignore")


@dataclass(frozen=True, slots=True)
class ClassMap:
    """The class of each folder.

    Attributes:
        classes: class name by folder name; None when every folder is a class of its own name.
        ignore: folders that are left out.
    """

    classes: Mapping[str, str] | None
    ignore: frozenset[str]

    def class_of(self, folder: str) -> str | Problem | None:
        """The class that a folder holds, None for one that is left out, or what is wrong."""
        name = composed(folder)
        if name in self.ignore:
            return None
        if self.classes is None:
            return name if name.isprintable() else _unprintable(folder)
        if name in self.classes:
            return self.classes[name]
        nearest = nearest_match(name, self.classes)
        return Problem(
            f"this folder is not in {CLASS_MAP}",
            one_line(folder),
            remedy=(f"nearest: {nearest}; " if nearest else "")
            + "give it a class under [classes], or name it in ignore",
        )


def read_class_map(root: Path) -> ClassMap:
    """The class map of an image folder; one that maps nothing when there is no file.

    Raises:
        DataError: naming every fault of the file.
    """
    path = root / CLASS_MAP
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ClassMap(None, frozenset())
    except (OSError, ValueError) as error:  # TOML's and UTF-8's errors are ValueErrors
        raise DataError(Problem(f"this file cannot be read: {error}"), path) from None
    problems = _faults(document)
    if problems:
        raise DataError(problems, path)
    classes = document.get("classes")
    return ClassMap(
        None if classes is None else {composed(k): composed(v) for k, v in classes.items()},
        frozenset(composed(folder) for folder in document.get("ignore", ())),
    )


def composed(text: str) -> str:
    """One spelling (Unicode's NFC) for one name: some file systems keep ``é`` as two characters."""
    return unicodedata.normalize("NFC", text)


def _faults(document: Mapping[str, Any]) -> list[Problem]:
    classes, ignore = document.get("classes", {}), document.get("ignore", [])
    faults = [Problem("unknown key", key, key, _KEYS) for key in document if key not in _KEYS]
    if not isinstance(classes, dict):
        return [*faults, Problem("not a table", "classes", repr(classes), ('folder = "class"',))]
    if not isinstance(ignore, list) or not all(isinstance(each, str) for each in ignore):
        return [*faults, Problem("not a list of folder names", "ignore", repr(ignore))]
    for folder, name in classes.items():
        key = f"classes.{one_line(folder)}"
        if not isinstance(name, str) or not is_visible_line(name):
            faults.append(Problem("not the name of a class", key, repr(name), ("visible text",)))
        if folder in ignore:
            faults.append(Problem("this folder has a class and is in ignore as well", key))
    return faults


def _unprintable(folder: str) -> Problem:
    what = "this folder's name cannot be the name of a class"
    remedy = f"rename it: visible text in UTF-8; {CLASS_MAP} cannot name it either"
    return Problem(what, one_line(folder), remedy=remedy)
