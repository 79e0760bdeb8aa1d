"""Whether a re-run confirms an original: every common criterion, side by side."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from analysis.audit.estimates import Estimate, t_cdf, t_quantile
from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.replication_bayes import replication_bayes_factor
from analysis.audit.sceptical import sceptical_p
from analysis.audit.small_telescopes import SMALL_POWER, small_telescopes
from analysis.errors import AnalysisError
from analysis.inference.intervals import Interval

__all__ = ["DECISIVE", "Compatibility", "Estimate", "compatibility", "replication"]

DECISIVE = ("same_direction", "replication_significant", "in_prediction_interval")
"""The criteria that a re-run has to meet to pass."""


@dataclass(frozen=True, slots=True)
class Compatibility:
    """Whether two estimates may be of one effect.

    Attributes:
        prediction_interval: where the replication estimate was to be expected, given the original.
        q: squared difference over the sum of the squared standard errors.
        degrees: degrees of freedom of the difference, Welch's; infinite for known errors.
        p: two-sided p-value of the difference, that of Cochran's Q when the errors are known.
            Below 1 - level exactly where the replication lies outside the prediction interval.
    """

    prediction_interval: Interval
    q: float
    degrees: float
    p: float


def compatibility(
    original: Estimate, replication: Estimate, *, level: float = 0.95
) -> Compatibility:
    """Compare two estimates by their difference.

    With known standard errors this is the prediction interval of Patil, Peng & Leek (2016,
    Perspectives on Psychological Science 11, 539-544) and the Q-test of Hedges & Schauer (2019,
    Journal of Educational and Behavioral Statistics 44, 543-570). Standard errors from a few runs
    take the t distribution with Welch's degrees of freedom in place of the normal.

    Args:
        original: its estimate is the interval's centre.
        replication: in the same unit.
        level: of the interval, above 0 and below 1.
    """
    error = math.hypot(original.se, replication.se)
    share = (original.se / error) ** 2
    scarcity = share**2 / original.degrees + (1 - share) ** 2 / replication.degrees
    degrees = 1 / scarcity if scarcity > 0 else math.inf
    reach = t_quantile(0.5 + level / 2, degrees) * error
    z = (replication.estimate - original.estimate) / error
    interval = Interval(original.estimate - reach, original.estimate + reach)
    return Compatibility(interval, z**2, degrees, 2 * t_cdf(-abs(z), degrees))


def replication(original: Estimate, replication: Estimate, *, alpha: float = 0.05) -> Finding:
    """Say whether a re-run confirms an original estimate.

    It passes when the directions agree, the replication is significant, and it lies in the
    original's prediction interval. The other criteria are shown beside these, because they answer
    other questions, and `disagree` names every one that speaks against confirmation. No single
    criterion decides (Held 2020; Simonsohn 2015; Verhagen & Wagenmakers 2014).

    False alarms: of re-runs with the same true effect alpha lie outside the prediction interval
    (simulated, 4 % to 5 % for 3 to 20 runs in an arm), and as many as the re-run's power lacks are
    not significant. Without any effect alpha / 2 of re-runs pass. An original chosen because it was
    significant overstates its effect, and re-runs then lie outside more often. The small
    telescopes, tested at alpha, raise a false alarm at most at that rate. The sceptical p and the
    Bayes factor are those of normal estimates; standard errors from few runs are widened for them
    until p is that of the t-test.

    Args:
        original: the claim's estimate.
        replication: the re-run's estimate, in the same unit.
        alpha: two-sided error rate, above 0 and below 1/3; intervals have the level 1 - alpha, and
            the one-sided sceptical p is held against alpha / 2.

    Raises:
        AnalysisError: alpha is out of its range.
    """
    if not 0 < alpha < SMALL_POWER:
        raise AnalysisError(f"alpha is {alpha!r}; allowed: a number above 0 and below 1/3")
    values = _values(original, replication, alpha)
    confirms = _confirms(values, alpha)
    disagree = [name for name, holds in confirms.items() if not holds]
    confirmed = all(confirms[name] for name in DECISIVE)
    return finding(
        "replication",
        Outcome.PASS if confirmed else Outcome.FLAG,
        _sentence(original, replication, values, disagree, confirmed=confirmed),
        **values,
        alpha=alpha,
        confirms=confirms,
        disagree=disagree,
    )


def _values(original: Estimate, replication: Estimate, alpha: float) -> dict[str, Any]:
    level = 1 - alpha
    together = compatibility(original, replication, level=level)
    telescopes = small_telescopes(original, replication, alpha=alpha)
    claim, rerun = original.as_normal(), replication.as_normal()
    sceptic = (claim.t, rerun.t, (claim.se / rerun.se) ** 2)
    return {
        "original": asdict(original),
        "replication": asdict(replication),
        "original_p": original.p,
        "replication_p": replication.p,
        "original_interval": _ends(original.interval(level)),
        "replication_interval": _ends(replication.interval(level)),
        "prediction_interval": _ends(together.prediction_interval),
        "q": together.q,
        "q_degrees": together.degrees,
        "q_p": together.p,
        "small_effect": telescopes.small_effect,
        "small_telescopes_p": telescopes.p,
        "sceptical_p": sceptical_p(*sceptic),
        "sceptical_p_two_sided": sceptical_p(*sceptic, sides=2),
        "sceptical_p_nominal": sceptical_p(*sceptic, recalibration="nominal"),
        "sceptical_p_nominal_two_sided": sceptical_p(*sceptic, sides=2, recalibration="nominal"),
        "bayes_factor_none_to_original": replication_bayes_factor(
            claim.estimate, claim.se, rerun.estimate, rerun.se
        ),
    }


def _confirms(values: Mapping[str, Any], alpha: float) -> dict[str, bool]:
    """Return, for every criterion, whether it speaks for a confirmation."""
    first, second = (values[name]["estimate"] for name in ("original", "replication"))
    return {
        "same_direction": first * second > 0,
        "replication_significant": values["replication_p"] <= alpha,
        "in_prediction_interval": values["q_p"] >= alpha,
        "original_significant": values["original_p"] <= alpha,
        "original_in_replication_interval": _within(first, values["replication_interval"]),
        "replication_in_original_interval": _within(second, values["original_interval"]),
        "large_enough_for_original": values["small_telescopes_p"] > alpha,
        "sceptic_convinced": values["sceptical_p"] <= alpha / 2,
        "bayes_factor": values["bayes_factor_none_to_original"] < 1,
    }


def _sentence(
    original: Estimate,
    replication: Estimate,
    values: Mapping[str, Any],
    disagree: list[str],
    *,
    confirmed: bool,
) -> str:
    low, high = values["prediction_interval"]
    against = ", ".join(name.replace("_", " ") for name in disagree) or "none"
    return (
        f"The re-run estimates {replication.estimate:.4g} (SE {replication.se:.4g}, "
        f"p = {replication.p:.2g}) where the original had {original.estimate:.4g} "
        f"(SE {original.se:.4g}, p = {original.p:.2g}) and a re-run was to be expected between "
        f"{low:.4g} and {high:.4g}: it {'confirms' if confirmed else 'does not confirm'} the "
        f"original. Criteria that are not met: {against}."
    )


def _ends(interval: Interval) -> list[float]:
    return [interval.low, interval.high]


def _within(value: float, ends: list[float]) -> bool:
    return ends[0] <= value <= ends[1]
