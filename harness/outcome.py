"""What comes of running a trial once: the message from a worker to the results store."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from harness.assets import Asset
from harness.canonical import JSON
from harness.trial import Attachment, CurvePoint, Predictions


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt.

    Attributes:
        digest: the trial's identity.
        state: ``complete``, ``failed``, or ``pruned`` by the search that it is part of.
        started_at: seconds since 1970, UTC.
        duration_s: seconds of wall time.
        metrics: final metrics; values may be NaN or infinite.
        curve: learning-curve points.
        predictions: per-example correctness, if saved.
        assets: the assets that were used.
        facts: what the trial noted about how it ran.
        error: one line on what went wrong; None unless failed.
        traceback: the full traceback, when there is one.
        fatal: whether no other trial can do better, so that the run should end.
        spoilt_worker: whether the trial was cut off, perhaps in the middle of an import, so that
            its process should run no other one.
        attachments: small files that are kept with the trial.
    """

    digest: str
    state: Literal["complete", "failed", "pruned"]
    started_at: float
    duration_s: float
    metrics: Mapping[str, float]
    curve: tuple[CurvePoint, ...]
    predictions: Predictions | None
    assets: tuple[Asset, ...]
    facts: Mapping[str, JSON]
    error: str | None = None
    traceback: str | None = None
    fatal: bool = False
    spoilt_worker: bool = False
    attachments: tuple[Attachment, ...] = ()
