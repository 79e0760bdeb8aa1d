"""Walks through class folders and remembers every fault that it meets."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness.errors import Problem
from harness.text import one_line
from studies.distillation.data.class_map import ClassMap
from studies.distillation.data.errors import first_of

# Compared in lower case.
IMAGE_ENDINGS = (
    *(".bmp", ".gif", ".jpeg", ".jpg", ".pgm"),
    *(".png", ".ppm", ".tif", ".tiff", ".webp"),
)

# What operating systems leave behind; whatever begins with a dot is ignored as well.
_LITTER = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


@dataclass(frozen=True, slots=True)
class ImageFile:
    """One image of a listing.

    Attributes:
        path: where it is.
        relative: the same, from the image folder on.
        class_name: what it shows.
        size_bytes: of the file.
        modified_ns: when its content was last written, as the file says; a program can set it.
        changed_ns: when anything about it was last changed, as the file system says.
    """

    path: str
    relative: str
    class_name: str
    size_bytes: int
    modified_ns: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class ClassFolder:
    """A folder of images of one class; several folders may show the same class.

    Attributes:
        relative: its name, from the image folder on.
        class_name: what its images show.
        images: sorted by name.
    """

    relative: str
    class_name: str
    images: tuple[ImageFile, ...]


@dataclass(slots=True)
class Faults:
    """What was found wrong; all names are from the image folder on.

    Attributes:
        unmapped: folders that no class is known for.
        strays: entries of class folders that are no images by their ending, or no files.
        outside: images that lie in no class folder.
        nested: folders inside of class folders.
        broken: links that lead nowhere.
        empty: class folders without an image.
    """

    unmapped: list[Problem] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    nested: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)

    def problems(self) -> list[Problem]:
        """Each kind of fault, with the first ten names and how many there are."""
        endings = f"remove them; images end in {', '.join(IMAGE_ENDINGS)}"
        kinds = (
            ("files in class folders are no images, by their ending", self.strays, endings),
            ("images lie outside of any class folder", self.outside, "move them into one"),
            ("folders lie inside of class folders", self.nested, "images lie in them directly"),
            ("links lead nowhere", self.broken, "mend or remove them"),
            ("class folders hold no image", self.empty, "fill or remove them"),
        )
        named = [
            Problem(what, given=first_of(names), remedy=remedy)
            for what, names, remedy in kinds
            if names
        ]
        return [*self.unmapped, *named]


@dataclass(slots=True)
class Walk:
    """A walk through one image folder.

    Attributes:
        root: the image folder.
        class_map: says which folder holds which class.
        faults: what was met so far.
    """

    root: Path
    class_map: ClassMap
    faults: Faults = field(default_factory=Faults)

    def subfolders(self, relative: str) -> list[str]:
        """Names of the folders in a folder, sorted; images that lie beside them are faults."""
        names = []
        for entry in _entries(self.root / relative):
            if _is_folder(entry):
                names.append(entry.name)
            elif _is_image(entry.name):
                self.faults.outside.append(self._relative(entry))
        return names

    def class_folders(self, relative: str) -> tuple[ClassFolder, ...]:
        """The class folders in a folder, without those that the class map ignores."""
        folders = []
        for name in self.subfolders(relative):
            found = self.class_map.class_of(name)
            if isinstance(found, Problem):
                self.faults.unmapped.append(found)
            elif found is not None:
                folders.append(self._class_folder(os.path.join(relative, name), found))  # noqa: PTH118 - "" stands for the root
        return tuple(folders)

    def _class_folder(self, relative: str, class_name: str) -> ClassFolder:
        images = tuple(self._images(relative, class_name))
        if not images:
            self.faults.empty.append(one_line(relative))
        return ClassFolder(relative, class_name, images)

    def _images(self, folder: str, class_name: str) -> Iterator[ImageFile]:
        for entry in _entries(self.root / folder):
            if _is_folder(entry):
                self.faults.nested.append(self._relative(entry))
            elif entry.is_symlink() and not Path(entry.path).exists():
                self.faults.broken.append(self._relative(entry))
            elif not _is_image(entry.name) or not stat.S_ISREG((state := entry.stat()).st_mode):
                self.faults.strays.append(self._relative(entry))
            else:
                times = state.st_mtime_ns, state.st_ctime_ns
                relative = f"{folder}/{entry.name}"
                yield ImageFile(entry.path, relative, class_name, state.st_size, *times)

    def _relative(self, entry: "os.DirEntry[str]") -> str:
        return one_line(os.path.relpath(entry.path, self.root))


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    """What lies in a folder, sorted by name, without what operating systems leave behind."""
    with os.scandir(folder) as found:
        visible = [
            entry
            for entry in found
            if not entry.name.startswith(".") and entry.name.lower() not in _LITTER
        ]
    return sorted(visible, key=lambda entry: os.fsencode(entry.name))


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    # Unlike an entry, a path takes a link that leads to itself for no folder, and raises nothing.
    return Path(entry.path).is_dir() if entry.is_symlink() else entry.is_dir()


def _is_image(name: str) -> bool:
    return name.lower().endswith(IMAGE_ENDINGS)
