"""Families of tests: which decisions do not survive a correction for the number of them."""

from collections.abc import Mapping

from analysis.audit.finding import Finding, Outcome, finding
from analysis.errors import AnalysisError, nearest
from analysis.inference.corrections import adjust, reaches
from analysis.inference.t_power import require_alpha

_WORDS = {"holm": "Holm", "benjamini_hochberg": "Benjamini-Hochberg", "dunnett": "Dunnett"}


def multiplicity(
    p_values: Mapping[str, float],
    member: str,
    *,
    alpha: float = 0.05,
    dunnett: Mapping[str, float] | None = None,
    primary: str | None = None,
) -> Finding:
    """Check whether a significant result stays significant in the family that it belongs to.

    Rule: of m tests at alpha without a correction, some reject although nothing differs, in more
    than a share alpha of all studies. Holm's p (Holm 1979, Scandinavian Journal of Statistics 6,
    65-70) and Dunnett's (1955, Journal of the American Statistical Association 50, 1096-1121)
    hold that chance, Benjamini & Hochberg's (1995, Journal of the Royal Statistical Society B 57,
    289-300) the expected share of false rejections. A decision changes when the uncorrected p
    reaches alpha and a corrected one does not.

    False alarms: one comparison that was specified as the primary one beforehand needs no
    correction; name it. The family is declared by whoever audits, and a larger one corrects more.
    Dunnett's test pools all arms' spread, so that it may differ from a corrected Welch test for
    that reason as well.

    Args:
        p_values: uncorrected p of every member of the family, each in [0, 1].
        member: the member that the claim is about.
        alpha: error rate, above 0 and below 1; a p equal to it is significant.
        dunnett: Dunnett's p of members, already corrected; None where there is no such test.
        primary: the one comparison that was specified as primary before the data were seen.

    Returns:
        `flag` when a correction takes the member's significance away, `pass` otherwise. Its
        values hold all p-values, and `changed`: for every member whose decision changes the
        corrections that change it.

    Raises:
        AnalysisError: a p is out of its range, or a name is not in the family.
    """
    require_alpha(alpha)
    for name in (member, *(dunnett or {}), *([primary] if primary is not None else [])):
        _require_member(name, p_values)
    adjusted = _adjusted(p_values, dunnett)
    changed = {
        name: [each for each, of in adjusted.items() if name in of and not reaches(of[name], alpha)]
        for name, p in p_values.items()
        if reaches(p, alpha) and name != primary
    }
    changed = {name: by for name, by in changed.items() if by}
    outcome = Outcome.FLAG if member in changed else Outcome.PASS
    return finding(
        "multiplicity",
        outcome,
        _detail(p_values, member, primary, alpha, adjusted, changed),
        member=member,
        family_size=len(p_values),
        alpha=alpha,
        uncorrected=p_values,
        **adjusted,
        changed=changed,
        primary=primary,
    )


def _adjusted(
    p_values: Mapping[str, float], dunnett: Mapping[str, float] | None
) -> dict[str, dict[str, float | None]]:
    """Corrected p of all members, by correction."""
    family = list(p_values.values())
    found: dict[str, dict[str, float | None]] = {
        "holm": dict(zip(p_values, adjust(family, "holm"), strict=True)),
        "benjamini_hochberg": dict(
            zip(p_values, adjust(family, "benjamini_hochberg"), strict=True)
        ),
    }
    if dunnett is not None:
        # Already corrected; this refuses what is no p.
        found["dunnett"] = dict(zip(dunnett, adjust(list(dunnett.values()), "none"), strict=True))
    return found


def _detail(
    p_values: Mapping[str, float],
    member: str,
    primary: str | None,
    alpha: float,
    adjusted: Mapping[str, Mapping[str, float | None]],
    changed: Mapping[str, list[str]],
) -> str:
    p, size = p_values[member], len(p_values)
    if member == primary:
        return (
            f"{member} is the one primary comparison, specified beforehand: it needs no correction."
        )
    if size == 1:
        return f"{member} is the only comparison (p = {p:.3g}): there is nothing to correct for."
    corrected = ", ".join(
        f"{_WORDS[name]} {of[member]:.3g}" for name, of in adjusted.items() if member in of
    )
    if not reaches(p, alpha):
        return (
            f"{member} is not significant even without a correction for {size} comparisons "
            f"(p = {p:.3g}; {corrected})."
        )
    if member not in changed:
        return (
            f"{member} stays significant at {alpha:g} within its family of {size} "
            f"(p = {p:.3g}; {corrected})."
        )
    by = " and ".join(_WORDS[each] for each in changed[member])
    return (
        f"{member} has p = {p:.3g}, but is one of {size} comparisons: corrected by {by} it is "
        f"not significant at {alpha:g} ({corrected})."
    )


def _require_member(name: str, p_values: Mapping[str, float]) -> None:
    if name not in p_values:
        guess = nearest(name, p_values)
        hint = f" Did you mean {guess!r}?" if guess else ""
        listed = ", ".join(repr(each) for each in p_values) or "nothing"
        raise AnalysisError(f"{name!r} is not in the family; there are: {listed}.{hint}")
