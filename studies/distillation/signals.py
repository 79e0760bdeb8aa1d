"""What the teacher says about every image of the pool: built once, each kind an asset.

Aligned signals are of clean, uncropped images in pool order. Signals "as released" are those of a
shuffled loader that crops and mirrors, in the order in which it gave the images; see
:mod:`studies.distillation.alignment`.
"""

from collections.abc import Mapping

import torch

from harness.assets import Asset, AssetBuild
from harness.canonical import JSON
from studies.distillation.alignment import save_signal
from studies.distillation.attribution import Attributions, integrated_gradients
from studies.distillation.cores import IdleCores
from studies.distillation.images import inputs_at_once
from studies.distillation.learning import reproducible
from studies.distillation.losses import attention_map
from studies.distillation.signal_source import SignalSource, open_source
from studies.distillation.telling import Telling
from studies.distillation.tiling import Tile, threads_for, tile_of

# Raised when code changes in a way that makes other signals of the same teacher.
VERSION = 2

# A completeness error above this share of the mean gain is cautioned against. On 400 digits, as
# compared with maps of 1,000 steps, the digits teacher's maps of 50 steps (error 2.7 %) differ by
# 4 % of their sum, of 30 steps (4.6 %) by 7 %, of 20 steps (6.6 %) by 10 %, of 5 steps (25 %) by
# 35 %. Their correlations are 0.9986, 0.996, 0.992 and 0.90.
LARGEST_RELATIVE_ERROR = 0.05


def signal_key(teacher: Asset, loader: Mapping[str, JSON] | None = None) -> dict[str, JSON]:
    """Everything that a signal depends on: which teacher, and what that was built from.

    Args:
        teacher: its asset.
        loader: of signals as released: how the loader crops and mirrors; None for aligned ones.
    """
    key: dict[str, JSON] = {
        "teacher": teacher.digest,
        "built_from": dict(teacher.key),
        "version": VERSION,
    }
    return key if loader is None else {**key, "loader": loader}


def build_logits(
    build: AssetBuild,
    *,
    teacher: str,
    built_from: Mapping[str, JSON],
    version: int,  # noqa: ARG001 - part of the address
    loader: Mapping[str, JSON] | None = None,
) -> None:
    """Store the teacher's logits, ``(n, classes)``.

    Args:
        build: where to put them.
        teacher: digest of the teacher's asset.
        built_from: key of the teacher's asset.
        version: of this module's code.
        loader: of logits as released; see :func:`signal_key`.

    Raises:
        MisalignedError: if the data set or the teacher is not the one that is meant.
    """
    source = open_source(build, teacher, built_from, loader)
    with reproducible() as facts, torch.no_grad():
        values = torch.cat([source.teacher(part.inputs).logits for part in source.parts()])
    build.note(**facts)
    save_signal(build.path, values, source.examples)


def build_attention(
    build: AssetBuild,
    *,
    teacher: str,
    built_from: Mapping[str, JSON],
    block: int,
    version: int,  # noqa: ARG001 - part of the address
    loader: Mapping[str, JSON] | None = None,
) -> None:
    """Store the teacher's attention maps after one block, ``(n, positions)``, each of norm 1.

    Args:
        build: where to put them.
        teacher: digest of the teacher's asset.
        built_from: key of the teacher's asset.
        block: number of the feature block, from 0.
        version: of this module's code.
        loader: of maps as released; see :func:`signal_key`.

    Raises:
        MisalignedError: if the data set or the teacher is not the one that is meant.
    """
    source = open_source(build, teacher, built_from, loader)
    with reproducible() as facts, torch.no_grad():
        features = (source.teacher(part.inputs, block).features for part in source.parts())
        values = torch.cat([attention_map(feature) for feature in features])
    build.note(**facts)
    save_signal(build.path, values, source.examples)


def build_attributions(
    build: AssetBuild,
    *,
    teacher: str,
    built_from: Mapping[str, JSON],
    steps: int,
    version: int,  # noqa: ARG001 - part of the address
    loader: Mapping[str, JSON] | None = None,
) -> None:
    """Store the integrated-gradients map of each image's true class, ``(n, 1, h, w)``.

    The completeness error is noted, in logits and relative to the mean absolute gain. Where it is
    too large for maps to be believed, every answer that uses them says so.

    All cores that are idle take part, because whoever else needs these maps waits for them.

    Args:
        build: where to put them.
        teacher: digest of the teacher's asset.
        built_from: key of the teacher's asset.
        steps: points at which the integral is evaluated.
        version: of this module's code.
        loader: of maps as released; see :func:`signal_key`.

    Raises:
        MisalignedError: if the data set or the teacher is not the one that is meant.
    """
    idle = IdleCores()
    source = open_source(build, teacher, built_from, loader)
    tile = tile_of(source.architecture, source.device, steps)
    threads = threads_for(source.architecture, tile, source.device, idle)
    with reproducible() as facts:
        attributions = _attributions(source, steps, tile, threads)
    error = attributions.completeness_error
    build.note(
        **facts,
        points_at_once=tile.points,
        tiles_at_once=threads,
        completeness_error_max=float(error.max()),
        completeness_error_mean=float(error.mean()),
        completeness_error_relative=attributions.relative_error,
        logit_gain_mean=float(attributions.logit_gain.mean()),
    )
    _caution_against(attributions.relative_error, steps, build)
    save_signal(build.path, attributions.maps, source.examples)


def _attributions(source: SignalSource, steps: int, tile: Tile, threads: int) -> Attributions:
    telling = Telling("attribution maps", len(source.examples.labels), "images")
    parts = source.parts(at_once=inputs_at_once(source.dataset))
    found: list[Attributions] = []
    for part in parts:
        attributions = integrated_gradients(
            source.teacher,
            part.inputs,
            part.labels,
            steps=steps,
            tile=tile,
            threads=threads,
            done=telling.part(len(part.labels)),
        )
        found.append(attributions)
    return Attributions.join(found)


def _caution_against(relative_error: float, steps: int, build: AssetBuild) -> None:
    if relative_error <= LARGEST_RELATIVE_ERROR:
        return
    build.caution(
        f"The attribution maps miss {100 * relative_error:.1f} % of what they should sum up to: "
        f"with {steps} steps the integral is not exact. More attribution_steps make it so."
    )
