"""autorank (Herbold 2020): one call that chooses and makes the tests."""

from collections.abc import Mapping, Sequence

import pandas as pd
from autorank import autorank

from benchmarks.serving import Run


def ranks(values: Mapping[str, Sequence[float]]) -> Run:
    """Its one call, over all arms."""
    frame = pd.DataFrame(dict(values))
    return lambda: autorank(frame)
