"""Statistics on data frames: give it runs, get a defended answer.

Names are imported when they are first used, so that `import analysis` costs nothing and reading a
protocol needs no pandas. Figures live in `analysis.figures`, which loads matplotlib and seaborn.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.comparison import compare
    from analysis.errors import (
        AnalysisError,
        MissingColumnError,
        MissingKeyError,
        NoRunsError,
        NotNumericError,
        RepeatedBlockError,
        UnknownArmError,
        UnknownComparisonError,
    )
    from analysis.inference.corrections import adjust
    from analysis.inference.paired import Pairs, pair
    from analysis.inference.result import TestResult
    from analysis.inference.sign_flip import sign_flip_test
    from analysis.inference.student_t import (
        MeanInterval,
        mean_interval,
        paired_interval,
        paired_t_test,
        standardised_difference,
    )
    from analysis.protocol import Protocol, ProtocolError
    from analysis.results import ArmSummary, Comparison, Comparisons

__all__ = [
    "AnalysisError",
    "ArmSummary",
    "Comparison",
    "Comparisons",
    "MeanInterval",
    "MissingColumnError",
    "MissingKeyError",
    "NoRunsError",
    "NotNumericError",
    "Pairs",
    "Protocol",
    "ProtocolError",
    "RepeatedBlockError",
    "TestResult",
    "UnknownArmError",
    "UnknownComparisonError",
    "adjust",
    "compare",
    "mean_interval",
    "pair",
    "paired_interval",
    "paired_t_test",
    "sign_flip_test",
    "standardised_difference",
]

_HOMES = {
    "comparison": ("compare",),
    "inference.corrections": ("adjust",),
    "errors": (
        "AnalysisError",
        "MissingColumnError",
        "MissingKeyError",
        "NoRunsError",
        "NotNumericError",
        "RepeatedBlockError",
        "UnknownArmError",
        "UnknownComparisonError",
    ),
    "inference.paired": ("Pairs", "pair"),
    "protocol": ("Protocol", "ProtocolError"),
    "results": ("ArmSummary", "Comparison", "Comparisons"),
    "inference.result": ("TestResult",),
    "inference.sign_flip": ("sign_flip_test",),
    "inference.student_t": (
        "MeanInterval",
        "mean_interval",
        "paired_interval",
        "paired_t_test",
        "standardised_difference",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
