"""What the teacher says about images that nobody trains on: built once for all trials."""

from collections.abc import Mapping
from dataclasses import replace

import torch

from harness.assets import Asset, AssetBuild
from harness.canonical import JSON
from studies.distillation.alignment import check_digest, load_signal, save_signal
from studies.distillation.data import AssetSource, Examples, open_evaluation_set
from studies.distillation.evaluation import Evaluation, judge
from studies.distillation.learning import reproducible
from studies.distillation.signal_source import open_source
from studies.distillation.signals import signal_key

# Stands for the test set of the data set itself; no data set has an empty name.
OWN_TEST_SET = ""


def build_evaluation_logits(
    build: AssetBuild,
    *,
    teacher: str,
    built_from: Mapping[str, JSON],
    version: int,  # noqa: ARG001 - part of the address
    evaluation_set: str,
    examples: str,
) -> None:
    """Store the teacher's logits of images outside its pool, ``(n, classes)``.

    Args:
        build: where to put them.
        teacher: digest of the teacher's asset.
        built_from: key of the teacher's asset.
        version: of the signals' code.
        evaluation_set: name of the set; empty for the test set of the teacher's own data set.
        examples: digest of its images and labels, in order.

    Raises:
        MisalignedError: if the images or the teacher are not those that are meant.
    """
    source = open_source(build, teacher, built_from)
    found = (
        source.dataset.test
        if evaluation_set == OWN_TEST_SET
        else open_evaluation_set(evaluation_set, source.dataset.class_names, build)
    )
    check_digest("set of images to evaluate on", found, examples)
    shown = replace(source, examples=found)
    with reproducible() as facts, torch.no_grad():
        values = torch.cat([shown.teacher(part.inputs).logits for part in shown.parts()])
    build.note(**facts)
    save_signal(build.path, values, found)


def evaluate_teacher(
    teacher: Asset, evaluation_set: str, examples: Examples, assets: AssetSource
) -> Evaluation:
    """How the teacher does on images outside its pool.

    Args:
        teacher: its asset.
        evaluation_set: name of the set; empty for the test set of the teacher's own data set.
        examples: of that set, with labels that index the classes of the teacher's data set.
        assets: gives the logits, built now if they are not there yet.
    """
    asset = assets.asset(
        build_evaluation_logits,
        **signal_key(teacher),
        evaluation_set=evaluation_set,
        examples=examples.digest(),
    )
    logits = load_signal(asset.path, examples)
    return judge(logits, torch.from_numpy(examples.labels))
