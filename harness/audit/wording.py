"""An audit in words: what every form of it says."""

from collections.abc import Iterator, Sequence

from analysis.audit.finding import Finding, Outcome
from analysis.audit.verdicts import Support, Verdict
from analysis.presentation.numbers import count_of, p_statement
from harness.audit.checking import Audit, ClaimResult, Judged

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

_DECISIVE = (Outcome.FAIL, Outcome.FLAG)
_UNTESTED = (Outcome.NOT_TESTABLE, Outcome.MISSING_INPUT)


def summary(audit: Audit) -> str:
    """How many claims hold, in a sentence."""
    held = sum(each.judged.verdict.holds for each in audit.results)
    total = count_of(len(audit.results), "claim")
    return f"{total} checked at α = {audit.claims.head.paper.alpha}: {held} as claimed."


def decisive(judged: Judged) -> list[Finding]:
    """The findings that somebody has to answer, failures first."""
    return [each for outcome in _DECISIVE for each in judged.findings if each.outcome is outcome]


def untested(judged: Judged) -> list[Finding]:
    """What could not be tested, and what would be needed."""
    return [each for each in judged.findings if each.outcome in _UNTESTED]


def passed(judged: Judged) -> list[str]:
    """The names of checks that found nothing."""
    names = [each.check for each in judged.findings if each.outcome is Outcome.PASS]
    objections = {each.check for each in decisive(judged)}
    return [name for name in dict.fromkeys(names) if name not in objections]


def of_data(names: Sequence[str]) -> str:
    """The data that a verdict rests on."""
    return ", ".join(names) or NO_DATA


def effects(judged: Judged) -> Iterator[tuple[str, str]]:
    """Every set of data with the effect and the tests of it."""
    for support in judged.supports:
        yield support.data, effect(support)


def effect(support: Support) -> str:
    """An effect with its interval, its tests and the number of runs."""
    tests = ", ".join(f"{test.name} {p_statement(test.p_adjusted)}" for test in support.tests)
    tested = f"; corrected: {tests}" if tests else ""
    return f"{support.effect()}, {count_of(support.runs, 'run')}{tested}"


def both(result: ClaimResult) -> Iterator[tuple[str, Judged]]:
    """A claim's verdicts, each with what it rests on."""
    yield "The paper's own numbers", result.judged
    if result.replicated is not None:
        yield "Runs of this database", result.replicated
