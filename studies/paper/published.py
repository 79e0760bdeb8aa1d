"""What the paper reports, as data; studies/claims/published/SOURCES.md says where it is from."""

from pathlib import Path

import pandas as pd

_FOLDER = Path(__file__).parents[1] / "claims" / "published"


def ablation_runs() -> pd.DataFrame:
    """Every run of the ablation: ``arm``, ``run``, ``test_accuracy`` in per cent."""
    return pd.read_csv(_FOLDER / "ablation_runs.csv")


def monte_carlo() -> pd.DataFrame:
    """The Monte Carlo experiment by arm: variance, normality, and the test against the student."""
    return pd.read_csv(_FOLDER / "monte_carlo.csv").set_index("arm")


def models() -> pd.DataFrame:
    """Every network by blocks removed, 0 for the teacher; accuracies in per cent."""
    return pd.read_csv(_FOLDER / "models.csv").set_index("blocks_removed")


def transfer() -> pd.DataFrame:
    """Accuracy and balanced accuracy on the ImageNet subset by arm, in per cent."""
    return pd.read_csv(_FOLDER / "transfer.csv").set_index("arm")


def chosen() -> "pd.Series[float]":
    """The settings that the paper chose, by the parameter's name."""
    return pd.read_csv(_FOLDER / "search.csv").set_index("parameter")["chosen"]
