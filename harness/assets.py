"""Expensive inputs that trials share: built once, addressed by what they are built from.

An asset is a folder of files. Its address is the digest of the builder's name and of the key that
the builder is given, so another key is another asset. A file lock lets one process build while the
others wait; the folder appears under its address in one step, complete and with a manifest of
checksums, so that a crash at any moment leaves either the whole asset or none.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.canonical import JSON, canonical_json, digest
from harness.errors import AssetError
from harness.seeding import stream
from harness.text import is_visible_line

if TYPE_CHECKING:
    import numpy as np

MANIFEST = "manifest.json"

# What a trial or an asset cautions against stands under this key among its facts.
CAUTIONS = "cautions"

Builder = Callable[..., None]

# Modules that are loaded from a file beside a study file have names that begin so.
STUDY_FILE_MODULE = "study_file_"


@dataclass(frozen=True, slots=True)
class AssetFile:
    """One file of an asset: its name, its size in bytes and its SHA-256 in hexadecimal."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Asset:
    """A finished asset.

    Attributes:
        digest: its address, 64 hexadecimal digits.
        path: the folder that holds its files.
        builder: dotted name of the function that built it.
        key: what it was built from.
        inputs: addresses of the assets that it was built from.
        files: its files with their checksums.
        facts: what the builder noted about it.
        build_s: how long building took, in seconds.
    """

    digest: str
    path: Path
    builder: str
    key: Mapping[str, JSON]
    inputs: tuple[str, ...]
    files: tuple[AssetFile, ...]
    facts: Mapping[str, JSON]
    build_s: float

    @property
    def cautions(self) -> tuple[str, ...]:
        """What to know before believing a trial that used it, or an asset it was built from."""
        found = self.facts.get(CAUTIONS)
        return tuple(map(str, found)) if isinstance(found, list) else ()

    @property
    def content_digest(self) -> str:
        """Digest of names and checksums of all files: what the asset is, not what it is for."""
        return digest("asset-content", sorted([file.name, file.sha256] for file in self.files))


class AssetBuild:
    """What a builder works with.

    Attributes:
        path: an empty folder, to be filled with the asset's files.
    """

    def __init__(self, path: Path, address: str, store: "AssetStore") -> None:
        self.path = path
        self._address = address
        self._store = store
        self.facts: dict[str, JSON] = {}
        self.cautions: list[str] = []
        self.inputs: list[str] = []

    def rng(self, name: str) -> "np.random.Generator":
        """A random stream that depends on what the asset is built from and on this name alone."""
        return stream(self._address, name)

    def asset(self, builder: Builder, **key: JSON) -> Asset:
        """Another asset that this one is built from."""
        asset = self._store.get(builder, **key)
        self.inputs.append(asset.digest)
        self.cautions += asset.cautions
        return asset

    def note(self, **facts: JSON) -> None:
        """Keep facts about the asset beside its files, such as the accuracy of a teacher.

        Raises:
            ValueError: for what JSON cannot hold, NaN and infinity included, and for a fact
                called ``cautions``, which is what :meth:`caution` is for.
        """
        require_no_cautions(facts)
        canonical_json(facts)
        self.facts.update(facts)

    def caution(self, sentence: str) -> None:
        """Say what a reader must know before believing a trial that used this asset.

        Every answer with such a trial shows the sentence, also when the asset is an input of
        another one.
        """
        self.cautions.append(caution_text(sentence))


@dataclass(slots=True)
class AssetStore:
    """The folder in which all assets live.

    Attributes:
        root: the folder; made when the first asset is built.
        used: every asset that was asked for through this object, by address.
    """

    root: Path
    used: dict[str, Asset] = field(default_factory=dict)

    def get(self, builder: Builder, **key: JSON) -> Asset:
        """The asset that this builder makes of this key, built now if it is not there yet.

        Args:
            builder: a module-level function ``builder(build, **key)`` that fills ``build.path``.
            **key: everything that the asset depends on, as JSON values.

        Raises:
            AssetError: if the asset's files are not those that were built.
            ValueError: if the builder is no module-level function.
        """
        name = f"{builder.__module__}.{builder.__qualname__}"
        if "<" in name:
            # All lambdas of a module share one name, and with it they would share assets.
            raise ValueError(f"an asset's builder is a module-level function; given: {name}")
        address = digest("asset", {"builder": name, "source": _own_file(builder), "key": key})
        if address not in self.used:
            self.used[address] = self._fetch(address, name, builder, key)
        return self.used[address]

    def _fetch(self, address: str, name: str, builder: Builder, key: Mapping[str, JSON]) -> Asset:
        folder = self.root / address
        if not (folder / MANIFEST).exists():
            # It takes 0.01 s to import, which commands that build nothing need not wait for.
            from filelock import FileLock

            locks = self.root / "locks"
            _make(locks)
            with FileLock(locks / f"{address}.lock"):
                if not (folder / MANIFEST).exists():
                    self._build(folder, address, name, builder, key)
        asset = read_asset(folder)
        verify(asset)
        return asset

    def _build(
        self, folder: Path, address: str, name: str, builder: Builder, key: Mapping[str, JSON]
    ) -> None:
        # The lock makes this process the only one that may use the scratch folder: whatever lies
        # there was left by a builder that was killed.
        if folder.exists():
            raise AssetError(_damaged(folder, f"{MANIFEST} is missing"))
        scratch = self.root / "unfinished" / address
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        started = time.perf_counter()
        build = AssetBuild(scratch, address, self)
        builder(build, **key)
        manifest = {
            "digest": address,
            "builder": name,
            "key": dict(key),
            "inputs": sorted(set(build.inputs)),
            "files": [asdict(file) for file in _checksums(scratch)],
            "facts": _facts(build),
            "build_s": time.perf_counter() - started,
        }
        text = json.dumps(manifest, indent=2, sort_keys=True)
        (scratch / MANIFEST).write_text(text, encoding="utf-8")
        _sync_files(scratch)
        scratch.replace(folder)
        _sync_folder(self.root)


def _facts(build: AssetBuild) -> dict[str, JSON]:
    cautions: list[JSON] = [*dict.fromkeys(build.cautions)]
    return {**build.facts, CAUTIONS: cautions} if cautions else build.facts


def require_no_cautions(facts: Mapping[str, JSON]) -> None:
    """Refuse a fact that would be taken for cautions."""
    if CAUTIONS in facts:
        raise ValueError(f"no fact can be called {CAUTIONS!r}; say it with caution(...)")


def caution_text(sentence: str) -> str:
    """A caution as it is kept.

    Raises:
        ValueError: unless it is visible text of one line.
    """
    if not is_visible_line(sentence):
        raise ValueError(f"a caution is one line of visible text; given: {sentence!r}")
    return sentence.strip()


def _own_file(builder: Builder) -> str | None:
    """SHA-256 of the file beside a study file that defines a builder; None for other modules.

    Many such files are called train.py, and they are edited: neither may give one study another's
    asset. The builders of packages have distinct names, and say in their keys what they depend on.
    """
    if not builder.__module__.startswith(STUDY_FILE_MODULE):
        return None
    return _sha256(Path(builder.__code__.co_filename))


def read_asset(folder: Path) -> Asset:
    """The asset in this folder, from its manifest; its files are not looked at.

    Raises:
        AssetError: if there is no readable manifest.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = tuple(AssetFile(**file) for file in manifest.pop("files"))
        inputs = tuple(manifest.pop("inputs"))
        return Asset(path=folder, files=files, inputs=inputs, **manifest)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise AssetError(_damaged(folder, f"its manifest cannot be read ({error})")) from error


def verify(asset: Asset) -> None:
    """Compare every file of the asset with its checksum.

    Raises:
        AssetError: if a file is missing, was changed or was added.
    """
    found = {file.name: file for file in _checksums(asset.path)}
    expected = {file.name: file for file in asset.files}
    for name in sorted(found.keys() | expected.keys()):
        if name not in found:
            raise AssetError(_damaged(asset.path, f"{name} is missing"))
        if name not in expected:
            raise AssetError(_damaged(asset.path, f"{name} was added after it was built"))
        if found[name] != expected[name]:
            raise AssetError(_damaged(asset.path, f"{name} is not the file that was built"))


def _damaged(folder: Path, fault: str) -> str:
    return (
        f"The asset {folder} is damaged: {fault}.\n"
        f"Remove that folder and run the study again; the asset is then built anew."
    )


def _checksums(folder: Path) -> tuple[AssetFile, ...]:
    manifest = folder / MANIFEST
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path != manifest)
    return tuple(
        AssetFile(path.relative_to(folder).as_posix(), path.stat().st_size, _sha256(path))
        for path in paths
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AssetError(
            f"The folder of shared assets, {folder.parent}, cannot be written ({error.strerror})."
        ) from error


def _sync_files(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    # Some file systems cannot sync a folder; the rename is then as durable as they make it.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
