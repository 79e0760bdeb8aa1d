"""Whether a printed p follows from its test statistic.

The rules are those of statcheck (Nuijten, Hartgerink, van Assen, Epskamp & Wicherts 2016, Behavior
Research Methods 48, 1205-1226), with two differences: what another reading of the claim explains is
flagged and not failed, and p-values below the smallest float are compared too.
"""

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.printed_numbers import exact
from analysis.audit.recomputed import ImpossibleStatisticError, Sides, p_agrees
from analysis.audit.reported_p import SignificanceLevel, Text, read_claim, sides_in_words
from analysis.audit.tail_probabilities import DF_COUNT, Test, require_test


def p_recompute(
    test: Test,
    statistic: Text,
    p: Text,
    *,
    df: Text = None,
    df2: Text = None,
    sides: Sides | None = None,
    df_rounded: bool | None = None,
    family: int = 1,
    alpha: str = "0.05",
) -> Finding:
    """Check that a printed p follows from the printed statistic.

    Rule: the statistic's rounding interval, and that of degrees of freedom printed with decimals,
    give an interval of p. A p printed with "=" must meet it with its own rounding interval, one
    with "<" must not lie below it, one with ">" not above it. A p of 0 or less ("p = .000") is
    always an error, and so is a statistic that its test cannot give (r = 1.2, F = -3).

    Source: statcheck (Nuijten et al. 2016).

    False alarms: a p that was corrected for a family of tests, an undeclared one-sided p, and
    Welch's degrees of freedom rounded to a whole number. Declare them. Undeclared, a one-sided p
    and rounded degrees of freedom are flagged and not failed.

    Args:
        test: "t", "F", "z", "chi2" or "r".
        statistic: as printed, "<" or ">" before it included; "t < 1" is read as abs(t) < 1.
        p: as printed; "ns" stands for "> alpha".
        df: degrees of freedom as printed; of the numerator for F, n - 2 for r, none for z.
        df2: degrees of freedom of the denominator, for F only.
        sides: 1 or 2 when the claim declares it. With None the two-sided p is tried first.
        df_rounded: whether whole degrees of freedom are Welch's, rounded; None when undeclared.
        family: number of tests for which p was corrected: 1 means not at all. A p corrected by
            Bonferroni, Holm, Benjamini-Hochberg or Dunnett lies between p and family · p.
        alpha: the level that "ns" is measured by.

    Raises:
        AnalysisError: an argument is no printed number, or out of its range.
    """
    check = "p_recompute"
    missing = _missing(check, test, statistic, p, df, df2)
    if missing is not None:
        return missing
    claim = read_claim(test, statistic, p, df, df2, sides, df_rounded, family, alpha)
    try:
        readings = list(claim.readings())
    except ImpossibleStatisticError as error:
        return finding(check, Outcome.FAIL, f"{claim.text}: {error}.")
    declared = readings[0]
    values = declared.interval.values() | {"p_reported": claim.p}
    if claim.p.value <= 0:
        detail = f"{claim.text}: no p is 0 or less; recomputed, it is {declared.interval}."
        return finding(check, Outcome.FAIL, detail, **values)
    fits = next((each for each in readings if each.fits(claim.p)), None)
    detail = f"{claim.text}: the {declared.words} p is {declared.interval}"
    if fits is not None and fits.is_declared:
        return finding(check, Outcome.PASS, f"{detail}, as reported.", **values)
    if fits is None:
        return finding(check, Outcome.FAIL, f"{detail}, not as reported.", **values)
    detail += f". The reported one is the {fits.words} p, {fits.interval}, which is not declared."
    return finding(check, Outcome.FLAG, detail, **values, explained_by=fits.words)


def decision_error(
    test: Test,
    statistic: Text,
    p: Text,
    *,
    df: Text = None,
    df2: Text = None,
    sides: Sides | None = None,
    df_rounded: bool | None = None,
    family: int = 1,
    alpha: str = "0.05",
    alpha_is_significant: bool = True,
) -> Finding:
    """Check that an error in p does not flip its significance.

    Rule: `p_recompute` objects, and the reported and the recomputed p fall on different sides of
    alpha. It fails where every p that rounding allows lies on the other side, and flags where only
    some do or where an undeclared reading, such as a one-sided test, explains the reported p.

    Source: statcheck's decision errors (Nuijten et al. 2016).

    False alarms: those of `p_recompute`.

    Args:
        test: as in `p_recompute`, like the others down to `family`.
        statistic: as printed.
        p: as printed.
        df: degrees of freedom.
        df2: degrees of freedom of F's denominator.
        sides: 1, 2 or undeclared.
        df_rounded: whether whole degrees of freedom are rounded.
        family: number of tests for which p was corrected.
        alpha: the significance level, as printed.
        alpha_is_significant: whether p = alpha counts as significant.

    Raises:
        AnalysisError: an argument is no printed number, or out of its range.
    """
    check = "decision_error"
    missing = _missing(check, test, statistic, p, df, df2)
    if missing is not None:
        return missing
    claim = read_claim(test, statistic, p, df, df2, sides, df_rounded, family, alpha)
    level = SignificanceLevel(exact(alpha).value, alpha_is_significant)
    try:
        readings = list(claim.readings())
    except ImpossibleStatisticError as error:
        return finding(check, Outcome.NOT_APPLICABLE, f"{claim.text}: {error}.")
    interval = readings[0].interval
    values = interval.values() | {"p_reported": claim.p, "alpha": level.alpha}
    if claim.p.value > 0 and any(each.is_declared and each.fits(claim.p) for each in readings):
        detail = f"{claim.text}: the p follows from its statistic."
        return finding(check, Outcome.PASS, detail, **values)
    reported, recomputed = level.decision(claim.p), level.significant(interval.at)
    if reported is None:
        detail = f"{claim.text}: on which side of alpha = {alpha} it lies is not said."
        return finding(check, Outcome.NOT_APPLICABLE, detail, **values)
    values |= {"significant_as_reported": reported, "significant_recomputed": recomputed}
    if reported == recomputed:
        detail = f"{claim.text}: the recomputed p, {interval}, lies on the same side of {alpha}."
        return finding(check, Outcome.PASS, detail, **values)
    certain = level.significant(interval.low) == level.significant(interval.high)
    explained = claim.p.value > 0 and any(each.fits(claim.p) for each in readings)
    now = "significant" if recomputed else "not significant"
    detail = f"{claim.text}: recomputed, p is {interval}, which is {now} at {alpha}."
    outcome = Outcome.FAIL if certain and not explained else Outcome.FLAG
    return finding(check, outcome, detail, **values)


def one_sided(
    test: Test,
    statistic: Text,
    p: Text,
    *,
    df: Text = None,
    df2: Text = None,
    sides: Sides | None = None,
    df_rounded: bool | None = None,
    family: int = 1,
    alpha: str = "0.05",
) -> Finding:
    """Check that a p is not one-sided without saying so.

    Rule: `sides` is undeclared, the reported p does not follow from its statistic two-sided, and
    half of that p does, within rounding: a flag. For F with several numerator degrees of freedom,
    and chi-squared with several, there is no one-sided test at all; the detail says so.

    Source: statcheck's one-tailed detection (Nuijten et al. 2016).

    False alarms: at coarse rounding an ordinary mistake may land on the half.

    Args:
        test: as in `p_recompute`, like all the others.
        statistic: as printed.
        p: as printed.
        df: degrees of freedom.
        df2: degrees of freedom of F's denominator.
        sides: 1 or 2 when declared; then there is nothing to find.
        df_rounded: whether whole degrees of freedom are rounded.
        family: number of tests for which p was corrected.
        alpha: the level that "ns" is measured by.

    Raises:
        AnalysisError: an argument is no printed number, or out of its range.
    """
    check = "one_sided"
    missing = _missing(check, test, statistic, p, df, df2)
    if missing is not None:
        return missing
    claim = read_claim(test, statistic, p, df, df2, sides, df_rounded, family, alpha)
    if sides is not None:
        detail = f"{claim.text}: declared as {sides_in_words(sides)}."
        return finding(check, Outcome.NOT_APPLICABLE, detail, sides=sides)
    try:
        both = claim.two_sided()
    except ImpossibleStatisticError as error:
        return finding(check, Outcome.NOT_APPLICABLE, f"{claim.text}: {error}.")
    half = both.halved()
    values = both.values() | {"p_half": half.at, "p_reported": claim.p}
    if p_agrees(claim.p, both):
        detail = f"{claim.text}: the two-sided p fits."
        return finding(check, Outcome.PASS, detail, **values)
    if claim.p.value <= 0 or not p_agrees(claim.p, half):
        detail = f"{claim.text}: neither the two-sided p, {both}, nor its half fits."
        return finding(check, Outcome.PASS, detail, **values)
    detail = f"{claim.text}: this is half of the two-sided p, {both}, and no one-sided test is "
    detail += "declared." if claim.has_direction else "possible with several degrees of freedom."
    return finding(check, Outcome.FLAG, detail, **values)


def _missing(
    check: str, test: Test, statistic: Text, p: Text, df: Text, df2: Text
) -> Finding | None:
    needed = {"statistic": statistic, "p": p} | dict(
        list({"df": df, "df2": df2}.items())[: DF_COUNT[require_test(test)]]
    )
    names = [name for name, value in needed.items() if value is None]
    if not names:
        return None
    detail = f"A {test} test cannot be recomputed without {' and '.join(names)}."
    return finding(check, Outcome.MISSING_INPUT, detail, missing=names)
