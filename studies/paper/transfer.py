"""Transfer: what the students make of images of the same classes from another source."""

from collections.abc import Iterator, Sequence

from analysis import Comparisons
from analysis.figures import differences
from analysis.presentation.alt_text import describe_differences
from analysis.publication import PublicationTable
from analysis.publication.columns import text_column
from analysis.publication.entries import Entry, nothing_entry, number_entry
from harness.answer import Answer
from harness.errors import StoreError
from harness.reports.manuscript import Item, PaperFigure, PaperTable, Words
from studies.paper import published
from studies.paper.material import Material
from studies.paper.parts import Part, of_comparisons
from studies.paper.tables import column, comparison_table, explained, mean_entry, values_of
from studies.paper.words import UNTESTED, about_runs, level, tested

RIGHT = "_teacher_right"
_RECALL = "test_transfer_recall_"
_COPIES = {("digits", "digits_corrupted")}
"""Data sets to train on with those to transfer to that have one image for each of their test set.

Of others nothing in the database says how many images they are.
"""
_METRICS = {
    "test_transfer_accuracy": "accuracy",
    "test_transfer_balanced_accuracy": "balanced",
    "test_transfer_kappa": "κ",
}


def make(answer: Answer, results: Comparisons, material: Material) -> Iterator[Item]:
    """Yield the comparison, the other metrics, each class, and what the paper printed."""
    images = _images(answer, material)
    caption = f"Transfer to {_transfer_set(answer)}. {images}"
    yield PaperTable("transfer", comparison_table(answer, results, "transfer", caption))
    yield PaperTable("transfer-metrics", _metrics(answer, results, images))
    classes = _classes(answer)
    for suffix in ("", RIGHT):
        if classes:
            stem = f"transfer-classes{'-right' if suffix else ''}"
            table = _by_class(answer, results, classes, (suffix, images, stem))
            yield PaperTable(stem, table)
    if not classes:
        yield Words("No trial returned the recall of single classes.")
    if results.comparisons:
        yield PaperFigure(
            "transfer-differences",
            differences(results),
            f"Transfer to {_transfer_set(answer)}: difference in {results.protocol.metric} of "
            f"every arm to {results.protocol.control}, with its paired {level(results)} interval, "
            f"not corrected. {images} {about_runs(answer, results)} {tested(results)}",
            describe_differences(results),
        )
    yield PaperTable("transfer-paper", _printed())


def _transfer_set(answer: Answer) -> str:
    name = str(answer.study.params.get("transfer_dataset", "")) or "the data set of the study"
    return "images of a folder" if name.startswith("imagefolder:") else name


def _arms(results: Comparisons) -> list[str]:
    return list(dict.fromkeys(each.arm for each in results.arms))


def _metrics(answer: Answer, results: Comparisons, images: str) -> PublicationTable:
    arms = _arms(results)
    columns = [
        column(
            f"{shown}{' (right)' if suffix else ''}",
            [
                mean_entry(
                    values_of(answer.compared, metric + suffix, arm=arm),
                    (f"{metric}{suffix}", f"{metric}{suffix} sd"),
                    3,
                )
                for arm in arms
            ],
        )
        for suffix in ("", RIGHT)
        for metric, shown in _METRICS.items()
    ]
    table = PublicationTable(
        columns=(text_column("arm", arms), *columns),
        caption=(
            f"Transfer to {_transfer_set(answer)}: mean ± standard deviation over runs of "
            "accuracy, balanced accuracy and Cohen's κ on all images, and on those that the "
            f"teacher classifies rightly (right). {images} {about_runs(answer, results)} "
            f"{UNTESTED} The comparison of arms is a table of its own."
        ),
        label="tab:transfer-metrics",
        row_names=tuple(arms),
        subject="transfer",
    )
    return explained(table, "no trial returned it.")


def _images(answer: Answer, material: Material) -> str:
    """Say how many images there are and how many the teacher gets right, as far as is known."""
    count = _count(answer, material)
    known = "How many images is not known." if count is None else f"Images: {count}."
    shares = values_of(answer.compared, "test_transfer_teacher_accuracy")
    if len(shares) == 0:
        return known
    share = float(shares.mean())
    # Only trials of one teacher agree on a number of images.
    one_teacher = count is not None and float(shares.min()) == float(shares.max())
    right = f"{round(share * count)} of them" if one_teacher and count else "a share"
    return f"{known} The teacher gets {right} right ({share:.3f})."


def _count(answer: Answer, material: Material) -> int | None:
    """How many images the transfer set has; None where nothing in the database says so."""
    params = answer.study.params
    if (params.get("dataset"), params.get("transfer_dataset")) not in _COPIES:
        return None
    trials = [str(each) for each in answer.compared["trial"]]
    try:
        found = material.context.store.predictions(trials)
    except StoreError:
        return None
    return found.correct.shape[1] if found.trials else None


def _classes(answer: Answer) -> tuple[str, ...]:
    """The classes, in the order of the metrics' names; each has a metric of either kind."""
    names = [str(each) for each in answer.compared.columns if str(each).startswith(_RECALL)]
    return tuple(
        each.removeprefix(_RECALL)
        for each in names
        if each + RIGHT in names or not each.endswith(RIGHT)
    )


def _by_class(
    answer: Answer, results: Comparisons, classes: Sequence[str], kind: tuple[str, str, str]
) -> PublicationTable:
    suffix, images, stem = kind
    arms = _arms(results)
    counted = "the images that the teacher gets right" if suffix else "all images"

    def recall(name: str, arm: str) -> Entry:
        values = 100 * values_of(answer.compared, f"{_RECALL}{name}{suffix}", arm=arm)
        return mean_entry(values, (f"{arm} mean", f"{arm} sd"), 1)

    table = PublicationTable(
        columns=(
            text_column("class", classes),
            *(column(arm, [recall(name, arm) for name in classes]) for arm in arms),
        ),
        caption=(
            f"Transfer to {_transfer_set(answer)} by class: recall in per cent of {counted}, mean "
            f"± standard deviation over runs. {images} {about_runs(answer, results)} {UNTESTED}"
        ),
        label=f"tab:{stem}",
        row_names=tuple(classes),
        subject="recall" + ("right" if suffix else ""),
    )
    return explained(table, "no image of the class is among them.")


def _printed() -> PublicationTable:
    theirs = published.transfer()

    def numbers(name: str) -> list[Entry]:
        found = [theirs[name].get(arm) for arm in theirs.index]
        return [
            nothing_entry(name) if each is None else number_entry(name, float(each), 2)
            for each in found
        ]

    arms = [str(each) for each in theirs.index]
    return PublicationTable(
        columns=(
            text_column("arm", arms),
            column("accuracy", numbers("accuracy")),
            column("balanced accuracy", numbers("balanced_accuracy")),
        ),
        caption=(
            "Paper: per cent of an ImageNet subset's images that the teacher classifies rightly, "
            "as published, without a spread. Two classes are absent, and the paper's bar chart "
            "exchanges the accuracies of ig and kd_ig_at."
        ),
        label="tab:transfer-paper",
        row_names=tuple(arms),
        subject="paper",
    )


PART = Part("transfer", "Transfer to other images", "transfer", of_comparisons(make))
