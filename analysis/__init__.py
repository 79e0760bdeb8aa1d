"""Statistics on data frames: give it runs, get a defended answer.

Names are imported when they are first used, so that `import analysis` costs nothing and reading a
protocol needs no pandas. Three rooms have names of their own: figures (`analysis.figures`, which
loads matplotlib and seaborn), tables for a paper (`analysis.publication`), and trade-offs between
objectives (`analysis.pareto`).
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.best_of_n import BestOfN, expected_best
    from analysis.comparison import compare
    from analysis.errors import (
        AnalysisError,
        MissingColumnError,
        MissingKeyError,
        NoRunsError,
        NotFiniteError,
        NotNumericError,
        RepeatedBlockError,
        RepeatedColumnError,
        SharedColumnError,
        TooLargeError,
        UnknownArmError,
        UnknownComparisonError,
    )
    from analysis.files import FileError, read_frame
    from analysis.inference.bayesian import Posterior, bayesian_correlated_t
    from analysis.inference.bootstrap import bca_interval
    from analysis.inference.corrections import adjust
    from analysis.inference.dunnett import dunnett
    from analysis.inference.effect_sizes import (
        EffectSize,
        paired_effect_sizes,
        unpaired_effect_sizes,
    )
    from analysis.inference.equivalence import EquivalenceResult, tost_paired, tost_welch
    from analysis.inference.interquartile import InterquartileMean, interquartile_mean
    from analysis.inference.intervals import Interval
    from analysis.inference.mann_whitney import mann_whitney
    from analysis.inference.paired import Pairs, pair
    from analysis.inference.permutation import permutation_test
    from analysis.inference.result import TestResult
    from analysis.inference.samples import Samples, samples
    from analysis.inference.sign_flip import sign_flip_test
    from analysis.inference.student_t import (
        MeanInterval,
        mean_interval,
        paired_interval,
        paired_t_test,
    )
    from analysis.inference.welch import DifferenceInterval, welch_interval, welch_t
    from analysis.inference.wilcoxon import wilcoxon_signed_rank
    from analysis.many_arms.anova import Anova, one_way, welch_anova
    from analysis.many_arms.block_anova import block_anova
    from analysis.many_arms.factorial import FactorialResult, factorial
    from analysis.many_arms.friedman import FriedmanResult, friedman
    from analysis.many_arms.nemenyi import RankComparisons, bonferroni_dunn, nemenyi
    from analysis.planning import StudyPlan, plan_comparisons
    from analysis.power import PowerPlan, plan_power
    from analysis.protocol import Protocol, ProtocolError
    from analysis.results import ArmSummary, Comparison, Comparisons
    from analysis.tasks import ArmOverTasks, interquartile_means

__all__ = [
    "AnalysisError",
    "Anova",
    "ArmOverTasks",
    "ArmSummary",
    "BestOfN",
    "Comparison",
    "Comparisons",
    "DifferenceInterval",
    "EffectSize",
    "EquivalenceResult",
    "FactorialResult",
    "FileError",
    "FriedmanResult",
    "InterquartileMean",
    "Interval",
    "MeanInterval",
    "MissingColumnError",
    "MissingKeyError",
    "NoRunsError",
    "NotFiniteError",
    "NotNumericError",
    "Pairs",
    "Posterior",
    "PowerPlan",
    "Protocol",
    "ProtocolError",
    "RankComparisons",
    "RepeatedBlockError",
    "RepeatedColumnError",
    "Samples",
    "SharedColumnError",
    "StudyPlan",
    "TestResult",
    "TooLargeError",
    "UnknownArmError",
    "UnknownComparisonError",
    "adjust",
    "bayesian_correlated_t",
    "bca_interval",
    "block_anova",
    "bonferroni_dunn",
    "compare",
    "dunnett",
    "expected_best",
    "factorial",
    "friedman",
    "interquartile_mean",
    "interquartile_means",
    "mann_whitney",
    "mean_interval",
    "nemenyi",
    "one_way",
    "pair",
    "paired_effect_sizes",
    "paired_interval",
    "paired_t_test",
    "permutation_test",
    "plan_comparisons",
    "plan_power",
    "read_frame",
    "samples",
    "sign_flip_test",
    "tost_paired",
    "tost_welch",
    "unpaired_effect_sizes",
    "welch_anova",
    "welch_interval",
    "welch_t",
    "wilcoxon_signed_rank",
]

_HOMES = {
    "best_of_n": ("BestOfN", "expected_best"),
    "comparison": ("compare",),
    "errors": (
        "AnalysisError",
        "MissingColumnError",
        "MissingKeyError",
        "NoRunsError",
        "NotFiniteError",
        "NotNumericError",
        "RepeatedBlockError",
        "RepeatedColumnError",
        "SharedColumnError",
        "TooLargeError",
        "UnknownArmError",
        "UnknownComparisonError",
    ),
    "files": ("FileError", "read_frame"),
    "inference.bayesian": ("Posterior", "bayesian_correlated_t"),
    "inference.bootstrap": ("bca_interval",),
    "inference.corrections": ("adjust",),
    "inference.dunnett": ("dunnett",),
    "inference.effect_sizes": ("EffectSize", "paired_effect_sizes", "unpaired_effect_sizes"),
    "inference.equivalence": ("EquivalenceResult", "tost_paired", "tost_welch"),
    "inference.interquartile": ("InterquartileMean", "interquartile_mean"),
    "inference.intervals": ("Interval",),
    "inference.mann_whitney": ("mann_whitney",),
    "inference.paired": ("Pairs", "pair"),
    "inference.permutation": ("permutation_test",),
    "inference.result": ("TestResult",),
    "inference.samples": ("Samples", "samples"),
    "inference.sign_flip": ("sign_flip_test",),
    "inference.student_t": ("MeanInterval", "mean_interval", "paired_interval", "paired_t_test"),
    "inference.welch": ("DifferenceInterval", "welch_interval", "welch_t"),
    "inference.wilcoxon": ("wilcoxon_signed_rank",),
    "many_arms.anova": ("Anova", "one_way", "welch_anova"),
    "many_arms.block_anova": ("block_anova",),
    "many_arms.factorial": ("FactorialResult", "factorial"),
    "many_arms.friedman": ("FriedmanResult", "friedman"),
    "many_arms.nemenyi": ("RankComparisons", "bonferroni_dunn", "nemenyi"),
    "planning": ("StudyPlan", "plan_comparisons"),
    "power": ("PowerPlan", "plan_power"),
    "protocol": ("Protocol", "ProtocolError"),
    "results": ("ArmSummary", "Comparison", "Comparisons"),
    "tasks": ("ArmOverTasks", "interquartile_means"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
