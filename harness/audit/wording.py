"""An audit in words: what every form of it says."""

import re
from collections.abc import Iterator, Sequence

from analysis.audit.finding import Finding, Outcome
from analysis.audit.verdicts import Support, Verdict
from analysis.presentation.numbers import (
    count_of,
    decimals_for,
    format_interval,
    format_number,
    p_statement,
)
from harness.audit.checking import Audit, ClaimResult, Judged
from harness.audit.evidence.model import Evidence

VERDICT_WORDS: dict[Verdict, str] = {
    Verdict.INTERNALLY_INCONSISTENT: "internally inconsistent",
    Verdict.CONTRADICTED: "contradicted",
    Verdict.STATISTIC_MISLABELLED: "another statistic than it says",
    Verdict.NOT_SUPPORTED: "not supported",
    Verdict.FRAGILE: "fragile",
    Verdict.INCONCLUSIVE: "inconclusive",
    Verdict.REPRODUCED_SMALLER: "reproduced, smaller",
    Verdict.REPRODUCED_LARGER: "reproduced, larger",
    Verdict.REPRODUCED_WITH_CAVEATS: "reproduced, with caveats",
    Verdict.REPRODUCED: "reproduced",
    Verdict.ARITHMETIC_OK: "arithmetic in order",
    Verdict.NOT_CHECKABLE: "not checkable",
}

NO_DATA = "no declared data"

NO_RUNS_YET = "no runs yet"

_OBJECTIONS = (Outcome.FAIL, Outcome.FLAG)
_UNTESTED = (Outcome.NOT_TESTABLE, Outcome.MISSING_INPUT)

_OF_DATA = frozenset({"seeds", "leakage", "protocol_drift", "duplicates"})
"""Checks of how runs were made: their findings are the same for every claim of these runs."""

_TESTS = {
    "welch_t": "Welch's t",
    "permutation": "permutation",
    "dunnett": "Dunnett",
    "paired_t": "paired t",
    "sign_flip": "sign flips",
    "pooled_t": "equal-variance t",
}


def summary(audit: Audit) -> str:
    """How many claims hold, in a sentence."""
    held = sum(each.judged.verdict.holds for each in audit.results)
    total = count_of(len(audit.results), "claim")
    return f"{total} checked at α = {audit.claims.head.paper.alpha}: {held} as claimed."


def verdict_of(judged: Judged) -> str:
    """The verdict in words; where nothing has run yet, that."""
    return NO_RUNS_YET if is_waiting(judged) else VERDICT_WORDS[judged.verdict]


def is_waiting(judged: Judged) -> bool:
    """Whether the data that the verdict was to rest on have no runs yet."""
    lacking = {
        each.values.get("data")
        for each in judged.findings
        if each.check == "replication" and each.outcome is Outcome.MISSING_INPUT
    }
    return bool(judged.data) and lacking.issuperset(judged.data)


def decided_by(judged: Judged) -> list[str]:
    """The checks whose findings the verdict's reason repeats."""
    return list(dict.fromkeys(each.check for each in _objections(judged) if _is_said(each, judged)))


def further(judged: Judged) -> list[Finding]:
    """What somebody has to answer beside the reason, failures first; facts of the data aside."""
    return [
        each
        for each in _objections(judged)
        if each.check not in _OF_DATA and not _is_said(each, judged)
    ]


def flagged_data(judged: Judged) -> list[str]:
    """The checks that flag how the claim's data were made; `data_flags` has their findings."""
    return list(
        dict.fromkeys(
            each.check
            for each in _objections(judged)
            if each.check in _OF_DATA and not _is_said(each, judged)
        )
    )


def data_flags(audit: Audit) -> list[tuple[str, Finding]]:
    """Every flag of how data were made, once, after the name of the data.

    Claims of other arms of the same data count other runs; of these the one that counts most is
    told.
    """
    found: dict[tuple[str, str, str], Finding] = {}
    for judged in (each for result in audit.results for _, each in both(result)):
        for each in _objections(judged):
            if each.check not in _OF_DATA:
                continue
            data = str(each.values.get("data", NO_DATA)).partition(" (")[0]
            key = (data, each.check, _COUNT.sub("", each.detail))
            if key not in found or _counts(each) > _counts(found[key]):
                found[key] = each
    return [(data, each) for (data, _, _), each in found.items()]


_COUNT = re.compile(r"\d+")


def _counts(found: Finding) -> list[int]:
    return [int(count) for count in _COUNT.findall(found.detail)]


def used(audit: Audit) -> list[Evidence]:
    """The data that any of the checked claims was held against."""
    names = {name for each in audit.results for _, judged in both(each) for name in judged.data}
    return [each for name, each in audit.evidence.items() if name in names]


def made(evidence: Evidence) -> str:
    """How runs were made, as far as anybody says."""
    design = evidence.design
    return (
        f"runs share: {design.pairing}; seeds: {design.seeds.replace('_', ' ')}; "
        f"selected on: {design.selection}"
    )


def about(evidence: Evidence) -> str:
    """What a reader has to know of some data."""
    return evidence.lacking or evidence.note or evidence.design.evidence


def untested(judged: Judged) -> list[Finding]:
    """What could not be tested, and what would be needed, where the reason does not say it."""
    return [
        each for each in judged.findings if each.outcome in _UNTESTED and not _is_said(each, judged)
    ]


def passed(judged: Judged) -> list[str]:
    """The names of checks that found nothing."""
    names = [each.check for each in judged.findings if each.outcome is Outcome.PASS]
    objections = {each.check for each in _objections(judged)}
    return [name for name in dict.fromkeys(names) if name not in objections]


def of_data(names: Sequence[str]) -> str:
    """The data that a verdict rests on."""
    return ", ".join(names) or NO_DATA


def recomputed(judged: Judged) -> str:
    """The effect in the data with most runs, and its interval; empty where there is none."""
    strongest = max(judged.supports, key=lambda each: each.runs, default=None)
    if strongest is None:
        return ""
    low, high = strongest.ci_low, strongest.ci_high
    if low is None or high is None:
        return strongest.effect()
    decimals = decimals_for((high - low) / 4)
    interval = format_interval(low, high, decimals)
    return f"{format_number(strongest.estimate, decimals)} [{interval}]"


def overview(audit: Audit) -> list[tuple[str, ...]]:
    """Every claim with its verdict in a row, below a header.

    Verdicts by runs of this database have a column where there is any.
    """
    ours = has_our_runs(audit)
    rows = [("claim", "verdict", "recomputed [95 %]", "by our runs", "says")]
    for result in audit.results:
        again = result.replicated
        rows.append(
            (
                result.claim.id,
                verdict_of(result.judged),
                recomputed(result.judged),
                "" if again is None else verdict_of(again),
                result.claim.text,
            )
        )
    return [row if ours else (*row[:3], *row[4:]) for row in rows]


def has_our_runs(audit: Audit) -> bool:
    """Whether any claim was held against runs of this database as well."""
    again = (result.replicated for result in audit.results)
    return any(each is not None and not is_waiting(each) for each in again)


def effect(support: Support) -> str:
    """An effect with its interval, its tests and the number of runs."""
    tested = f"; corrected: {tests(support)}" if support.tests else ""
    return f"{support.effect()}, {count_of(support.runs, 'run')}{tested}"


def tests(support: Support) -> str:
    """The decision tests of an effect, corrected."""
    return ", ".join(
        f"{_TESTS.get(test.name, test.name)} {p_statement(test.p_adjusted)}"
        for test in support.tests
    )


def both(result: ClaimResult) -> Iterator[tuple[str, Judged]]:
    """A claim's verdicts, each with what it rests on."""
    yield "By the paper's own numbers", result.judged
    if result.replicated is not None:
        yield "By runs of this database", result.replicated


def _objections(judged: Judged) -> list[Finding]:
    """The findings that somebody has to answer, failures first."""
    return [each for outcome in _OBJECTIONS for each in judged.findings if each.outcome is outcome]


def _is_said(found: Finding, judged: Judged) -> bool:
    return found.detail in judged.reason
