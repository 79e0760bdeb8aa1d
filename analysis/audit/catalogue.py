"""Every check there is: what it finds, and whether it can prove anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["deterministic", "statistical", "declared"]


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        finds: the fault that it looks for.
        kinds: "deterministic" when arithmetic decides, "statistical" when a distribution does,
            "declared" when it rests on a fact that the claims file states.
    """

    finds: str
    kinds: tuple[Kind, ...]

    @property
    def can_fail(self) -> bool:
        """Whether it can show an impossibility; everything else is a flag at most."""
        return "deterministic" in self.kinds


def _check(finds: str, *kinds: Kind) -> Check:
    return Check(finds, kinds)


CHECKS: Mapping[str, Check] = {
    "p_recompute": _check("a p that does not follow from its statistic", "deterministic"),
    "decision_error": _check("an error in p that flips significance", "deterministic"),
    "one_sided": _check("a one-tailed p given as two-tailed", "deterministic"),
    "ci_vs_p": _check("an interval and a p that disagree", "deterministic"),
    "arithmetic": _check("a number that does not follow from the others", "deterministic"),
    "grim": _check("a share that so many items cannot give", "deterministic"),
    "grimmer": _check("a deviation impossible for mean, n and granule", "deterministic"),
    "granular_exact": _check("a variance or t impossible for the granule", "deterministic"),
    "sd_range": _check("a deviation impossible for range and n", "deterministic"),
    "sd_label": _check("which spread a ± is", "deterministic"),
    "n_mismatch": _check("runs, degrees of freedom and n that disagree", "deterministic"),
    "max_as_mean": _check("a maximum presented as a method's accuracy", "deterministic"),
    "best_of_n": _check("a gain inflated by taking maxima", "statistical"),
    "duplicates": _check("copied or shifted runs", "statistical"),
    "seeds": _check("absent, repeated or ineffective seeds", "declared", "deterministic"),
    "attainable_p": _check("a p below the test's floor", "deterministic"),
    "wrong_pairing": _check("a paired test on unmatched runs", "declared", "statistical"),
    "multiplicity": _check("an uncorrected family of tests", "statistical"),
    "leakage": _check("selection, stopping or tuning on the test set", "declared"),
    "noise_floor": _check("a difference inside the test set's sampling noise", "statistical"),
    "too_small_variance": _check("runs implausibly alike", "statistical"),
    "heteroscedastic": _check("an equal-variance test on unequal variances", "statistical"),
    "mde": _check("an effect smaller than n could detect", "statistical"),
    "p_outperform": _check("a gain real but too small to matter", "statistical"),
    "equivalence": _check('"no difference" claimed', "statistical"),
    "speedup_bound": _check("a latency gain that the arithmetic cannot give", "statistical"),
    "checkpoint": _check("a saved model that is not among the runs", "deterministic"),
    "replication": _check("whether a re-run confirms", "statistical"),
    "rerun_tolerance": _check("whether a re-run agrees", "deterministic", "statistical"),
    "protocol_drift": _check("an analysis changed after data were seen", "deterministic"),
}  # fmt: skip
