"""Data sets of images behind one small interface, each with a test set that never changes."""

from studies.distillation.data.dataset import AssetSource, Augmentation, DataSet
from studies.distillation.data.errors import DataError
from studies.distillation.data.examples import Examples
from studies.distillation.data.names import dataset_problem, evaluation_problem
from studies.distillation.data.opening import open_dataset, open_evaluation_set

__all__ = [
    "AssetSource",
    "Augmentation",
    "DataError",
    "DataSet",
    "Examples",
    "dataset_problem",
    "evaluation_problem",
    "open_dataset",
    "open_evaluation_set",
]
