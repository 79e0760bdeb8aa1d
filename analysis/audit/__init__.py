"""Audit checks: give it what a paper prints, get what does not follow.

Every check is a function of printed numbers or of runs that gives a `Finding`. Its docstring says
the rule, the source of the rule and the false alarms that it gives. Names are imported when they
are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.audit.arithmetic import (
        change_of,
        difference_of,
        order_of,
        ratio_of,
        sum_of,
    )
    from analysis.audit.attainable import attainable_p
    from analysis.audit.catalogue import CHECKS
    from analysis.audit.checkpoints import checkpoint
    from analysis.audit.confidence import ci_vs_p
    from analysis.audit.copies import duplicates
    from analysis.audit.corrected_family import multiplicity
    from analysis.audit.counts import n_mismatch
    from analysis.audit.detectable import mde, mde_from_summaries
    from analysis.audit.deviations import sd_label, sd_range
    from analysis.audit.drift import protocol_drift
    from analysis.audit.equivalence_claims import equivalence
    from analysis.audit.estimates import Estimate
    from analysis.audit.family import decision_tests
    from analysis.audit.finding import Finding, Outcome
    from analysis.audit.granular import granular_exact
    from analysis.audit.maxima import best_of_n, max_as_mean
    from analysis.audit.outperformance import p_outperform
    from analysis.audit.p_values import decision_error, one_sided, p_recompute
    from analysis.audit.pairing import wrong_pairing
    from analysis.audit.possible_deviations import grimmer
    from analysis.audit.printed_numbers import Printed, PrintedError, printed
    from analysis.audit.replicated import replication
    from analysis.audit.sampling_noise import noise_floor
    from analysis.audit.seed_records import seeds
    from analysis.audit.selection import leakage
    from analysis.audit.shares import grim, grim_mean
    from analysis.audit.speedup import speedup_bound
    from analysis.audit.tolerance import rerun_tolerance
    from analysis.audit.variances import heteroscedastic, too_small_variance
    from analysis.audit.verdicts import Case, Judgement, Support, Verdict, judge

__all__ = [
    "CHECKS",
    "Case",
    "Estimate",
    "Finding",
    "Judgement",
    "Outcome",
    "Printed",
    "PrintedError",
    "Support",
    "Verdict",
    "attainable_p",
    "best_of_n",
    "change_of",
    "checkpoint",
    "ci_vs_p",
    "decision_error",
    "decision_tests",
    "difference_of",
    "duplicates",
    "equivalence",
    "granular_exact",
    "grim",
    "grim_mean",
    "grimmer",
    "heteroscedastic",
    "judge",
    "leakage",
    "max_as_mean",
    "mde",
    "mde_from_summaries",
    "multiplicity",
    "n_mismatch",
    "noise_floor",
    "one_sided",
    "order_of",
    "p_outperform",
    "p_recompute",
    "printed",
    "protocol_drift",
    "ratio_of",
    "replication",
    "rerun_tolerance",
    "sd_label",
    "sd_range",
    "seeds",
    "speedup_bound",
    "sum_of",
    "too_small_variance",
    "wrong_pairing",
]

_HOMES = {
    "arithmetic": ("change_of", "difference_of", "order_of", "ratio_of", "sum_of"),
    "attainable": ("attainable_p",),
    "catalogue": ("CHECKS",),
    "checkpoints": ("checkpoint",),
    "confidence": ("ci_vs_p",),
    "counts": ("n_mismatch",),
    "detectable": ("mde", "mde_from_summaries"),
    "deviations": ("sd_label", "sd_range"),
    "drift": ("protocol_drift",),
    "copies": ("duplicates",),
    "equivalence_claims": ("equivalence",),
    "estimates": ("Estimate",),
    "family": ("decision_tests",),
    "finding": ("Finding", "Outcome"),
    "granular": ("granular_exact",),
    "shares": ("grim", "grim_mean"),
    "possible_deviations": ("grimmer",),
    "selection": ("leakage",),
    "maxima": ("best_of_n", "max_as_mean"),
    "corrected_family": ("multiplicity",),
    "sampling_noise": ("noise_floor",),
    "outperformance": ("p_outperform",),
    "p_values": ("decision_error", "one_sided", "p_recompute"),
    "pairing": ("wrong_pairing",),
    "printed_numbers": ("Printed", "PrintedError", "printed"),
    "replicated": ("replication",),
    "seed_records": ("seeds",),
    "speedup": ("speedup_bound",),
    "tolerance": ("rerun_tolerance",),
    "variances": ("heteroscedastic", "too_small_variance"),
    "verdicts": ("Case", "Judgement", "Support", "Verdict", "judge"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return __all__
