"""What a trial function is given: its random streams, its assets, and where to report to."""

import math
import operator
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from harness.assets import Asset, AssetStore, Builder, caution_text, require_no_cautions
from harness.canonical import JSON
from harness.seeding import stream
from harness.text import is_visible_line

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from harness.search.pruning import StopRule

# What a trial computed from stands under this key among its facts.
DATA = "data"

# Facts by which a trial function may name the program and the device that computed it. An answer
# from several says so.
ENGINE, DEVICE = "engine", "device"

# The column of steps is a 32-bit integer on PostgreSQL.
LARGEST_STEP = 2**31 - 1

# A database is no place for weights: what is large is an asset.
LARGEST_ATTACHMENT_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One value of a learning curve."""

    step: int
    metric: str
    value: float


@dataclass(frozen=True, slots=True)
class Predictions:
    """Which examples of the test set a trial got right, one bit an example.

    Attributes:
        count: number of examples.
        packed: ``ceil(count / 8)`` bytes; the first example is the highest bit of the first byte.
    """

    count: int
    packed: bytes

    @classmethod
    def pack(cls, correct: "npt.ArrayLike") -> "Predictions":
        """Pack a vector of true and false.

        Raises:
            ValueError: unless ``correct`` is one-dimensional and holds only true/false or 0/1.
        """
        import numpy as np

        array = np.asarray(correct)
        if array.ndim != 1 or not np.isin(array, (0, 1)).all():
            raise ValueError(
                f"save_predictions takes a vector of true/false, one an example; "
                f"given: shape {array.shape}, type {array.dtype}"
            )
        return cls(len(array), np.packbits(array.astype(bool)).tobytes())

    def unpack(self) -> "npt.NDArray[np.bool_]":
        """The vector of true and false, shape ``(count,)``."""
        import numpy as np

        bits = np.unpackbits(np.frombuffer(self.packed, dtype=np.uint8), count=self.count)
        return bits.astype(bool)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A small file that a trial keeps in the database, such as the arrays behind a figure."""

    name: str
    content: bytes


class TrialPruned(BaseException):
    """A search has seen enough of a trial; no ``except Exception`` of a trial hides it."""


@dataclass(slots=True)
class Trial:
    """One execution of a trial function.

    Attributes:
        params: the parameters of this trial; read-only. Lists and tables in them are its own copy.
        seed: what every random number follows that is not drawn from a varied stream: the trial's
            seed, or the held one in a trial that varies one source of variance alone.
        drawn: names of the streams that were asked for.
        data: digest of each data set that it used, by name.
        pruned: whether a search has stopped it.
    """

    params: Mapping[str, JSON]
    seed: int
    _asset_store: AssetStore
    _varied: Mapping[str, int] = field(default_factory=dict)
    _stops: "StopRule | None" = None
    curve: list[CurvePoint] = field(default_factory=list)
    facts: dict[str, JSON] = field(default_factory=dict)
    predictions: Predictions | None = None
    attachments: dict[str, Attachment] = field(default_factory=dict)
    cautions: list[str] = field(default_factory=list)
    assets: dict[str, Asset] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    drawn: set[str] = field(default_factory=set)
    pruned: bool = False
    _reported: set[tuple[int, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        # Trials of one arm are handed out together and share what is nested in their parameters.
        self.params = MappingProxyType(deepcopy(dict(self.params)))

    def rng(self, name: str) -> "np.random.Generator":
        """The random stream of this name, from its beginning.

        It is derived from the seed and the name alone, so it is the same in every arm, and however
        many numbers other streams have given. Asking twice gives two generators with equal numbers.

        Args:
            name: what the numbers are for, such as ``init``, ``order`` or ``augment``.
        """
        self.drawn.add(name)
        return stream(self._varied.get(name, self.seed), name)

    def report(self, step: int, **metrics: float) -> None:
        """Record points of learning curves; in a search, a trial that falls behind ends here.

        Args:
            step: epoch or update count, a whole number from 0.
            **metrics: the values at this step. NaN and infinity are recorded as what they are.

        Raises:
            ValueError: if a metric was already reported for this step, or has no visible name, or
                the step is negative.
            TypeError: if the step is no whole number.
            TrialPruned: if a search has seen enough. It is no ``Exception``; let it pass.
        """
        # NumPy's whole numbers become Python's, which is all that databases know.
        step = operator.index(step)
        if not 0 <= step <= LARGEST_STEP:
            raise ValueError(f"a step lies between 0 and {LARGEST_STEP}; given: {step}")
        points = [CurvePoint(step, name, float(value)) for name, value in metrics.items()]
        for name in metrics:
            if not is_visible_line(name):
                raise ValueError(f"a metric's name is visible text; given: {name!r}")
            if (step, name) in self._reported:
                raise ValueError(f"{name} was already reported for step {step}")
        self._reported.update((step, name) for name in metrics)
        self.curve += points
        # A trial that went on in spite of it is stopped again.
        self.pruned = self.pruned or (self._stops is not None and self._stops(step, metrics))
        if self.pruned:
            raise TrialPruned(f"stopped by its search at step {step}")

    def asset(self, builder: Builder, **key: JSON) -> Asset:
        """A shared asset, built at most once across all processes.

        Args:
            builder: a module-level function ``builder(build, **key)``; see :class:`AssetBuild`.
            **key: everything that the asset depends on.
        """
        asset = self._asset_store.get(builder, **key)
        self.assets[asset.digest] = asset
        return asset

    def save_predictions(self, correct: "npt.ArrayLike") -> None:
        """Keep which test examples this trial got right.

        Args:
            correct: shape ``(examples,)``, true where the prediction is right, in the order of the
                test set, which must be the same in every trial of the study.
        """
        self.predictions = Predictions.pack(correct)

    def attach(self, name: str, content: bytes) -> None:
        """Keep a small file with this trial in the database.

        Args:
            name: of the file, such as ``examples.safetensors``.
            content: at most 16 MiB.

        Raises:
            ValueError: if the name is no visible text or is taken, or the content is too large.
        """
        if not is_visible_line(name):
            raise ValueError(f"an attachment's name is visible text; given: {name!r}")
        if name in self.attachments:
            raise ValueError(f"{name} is attached already")
        if len(content) > LARGEST_ATTACHMENT_BYTES:
            raise ValueError(
                f"an attachment holds at most {LARGEST_ATTACHMENT_BYTES} bytes, and {name} has "
                f"{len(content)}; what is larger is an asset"
            )
        self.attachments[name] = Attachment(name, bytes(content))

    def note(self, **facts: JSON) -> None:
        """Record how this trial ran, such as ``torch_threads=1``; shown with the environment.

        Facts called ``engine`` and ``device`` name the program and the device that computed it; an
        answer whose trials differ in one of them says so.

        Raises:
            ValueError: for a fact called ``cautions``, which is what :meth:`caution` is for, or
                ``data``, which is what :meth:`used_data` is for.
        """
        require_no_cautions(facts)
        if DATA in facts:
            raise ValueError(f"no fact can be called {DATA!r}; say it with used_data(...)")
        self.facts.update(facts)

    def used_data(self, name: str, digest: str) -> None:
        """Record which state of a data set this trial used, where parameters tell only its name.

        An answer whose trials used several states of one name says so.

        Args:
            name: of the data, such as ``test set of photos``.
            digest: of its content.

        Raises:
            ValueError: if the name is blank, or has another digest in this trial already.
        """
        if not name.strip():
            raise ValueError(f"data has a name; given: {name!r}")
        if self.data.setdefault(name, digest) != digest:
            raise ValueError(f"this trial used {name!r} in another state already")

    def caution(self, sentence: str) -> None:
        """Say what a reader must know before believing this trial's metrics.

        Every answer that the trial is part of shows the sentence, once, with the number of trials.
        """
        self.cautions.append(caution_text(sentence))


def metric_problem(value: float) -> str | None:
    """Why a value cannot be averaged: ``nan``, ``inf`` or ``-inf``; None when it can."""
    return None if math.isfinite(value) else str(float(value))
