"""Verdicts: what findings and recomputed effects say of a claim, in a fixed order.

The first verdict that applies is the claim's. What is worst for a claim comes first, so that no
later and milder word hides it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from analysis.audit.decision_test import DecisionTest
from analysis.audit.finding import Finding, Outcome
from analysis.audit.printed_numbers import Printed
from analysis.presentation.numbers import decimals_for, format_interval, format_number, p_statement


class Verdict(StrEnum):
    """What became of a claim, from the worst to the best."""

    INTERNALLY_INCONSISTENT = "internally_inconsistent"
    CONTRADICTED = "contradicted"
    STATISTIC_MISLABELLED = "statistic_mislabelled"
    NOT_SUPPORTED = "not_supported"
    FRAGILE = "fragile"
    INCONCLUSIVE = "inconclusive"
    REPRODUCED_SMALLER = "reproduced_smaller"
    REPRODUCED_LARGER = "reproduced_larger"
    REPRODUCED_WITH_CAVEATS = "reproduced_with_caveats"
    REPRODUCED = "reproduced"
    ARITHMETIC_OK = "arithmetic_ok"
    NOT_CHECKABLE = "not_checkable"

    @property
    def holds(self) -> bool:
        """Whether the claim stands as it is made."""
        return self in _HOLDING


_MOST_TOLD = 2
"""Comparisons whose numbers a reason gives; more are counted."""

_SAID_BY_P = frozenset({"decision_error", "one_sided"})
"""Checks that say again of a p that is right what p_recompute says of it."""

_HOLDING = frozenset(
    {
        Verdict.REPRODUCED,
        Verdict.REPRODUCED_WITH_CAVEATS,
        Verdict.REPRODUCED_LARGER,
        Verdict.ARITHMETIC_OK,
    }
)


@dataclass(frozen=True, slots=True)
class Support:
    """What one set of data says of a claimed effect.

    Attributes:
        data: its name.
        estimate: the effect, oriented so that above 0 is as claimed; in the metric's unit.
        ci_low, ci_high: its 95 % interval; None when there is none.
        tests: the decision tests, corrected.
        runs: how many runs it rests on; the strongest data have most.
        decided_by_one_run: whether leaving out a single run turns the decision over.
        comparable: whether its size, and not only its sign, can be held against the claim's.
        family: for how many comparisons the tests are corrected.
    """

    data: str
    estimate: float
    ci_low: float | None
    ci_high: float | None
    tests: tuple[DecisionTest, ...]
    runs: int
    decided_by_one_run: bool = False
    comparable: bool = True
    family: int = 1

    def is_decidable(self, alpha: float) -> bool:
        """Whether there are tests, and some could have been significant with so many runs."""
        return bool(self._deciding(alpha))

    def is_significant(self, alpha: float) -> bool:
        """Whether every test finds the effect, in the claimed direction."""
        return self.is_decidable(alpha) and self.estimate > 0 and all(self._found(alpha))

    def is_found_by_none(self, alpha: float) -> bool:
        """Whether no test finds it."""
        return not any(self._found(alpha)) or self.estimate <= 0

    def tests_disagree(self, alpha: float) -> bool:
        """Whether some tests find it and others do not."""
        return len(set(self._found(alpha))) > 1

    def is_opposite(self, null: float) -> bool:
        """Whether its whole interval lies on the other side of no effect."""
        return self.ci_high is not None and self.ci_high < null

    def effect(self) -> str:
        """The effect with its interval, as text."""
        if self.ci_low is None or self.ci_high is None:
            return format_number(self.estimate, decimals_for(None, self.estimate))
        width = self.ci_high - self.ci_low
        decimals = decimals_for(width / 4 if width > 0 else None, self.estimate)
        interval = format_interval(self.ci_low, self.ci_high, decimals)
        return f"{format_number(self.estimate, decimals)} (95 % interval {interval})"

    def _found(self, alpha: float) -> list[bool]:
        return [each.is_significant(alpha) for each in self._deciding(alpha)]

    def _deciding(self, alpha: float) -> list[DecisionTest]:
        """The tests that could have found something; the others decide nothing."""
        return [each for each in self.tests if each.can_reach(alpha)]


@dataclass(frozen=True, slots=True)
class Case:
    """All that a verdict rests on.

    Attributes:
        own: findings about the claim's own numbers, among them those of the arms it names.
        others: findings about how the runs were made and compared.
        supports: what each set of declared data says of the effect.
        alpha: the level at which the paper calls results significant.
        claimed: the effect's claimed size; None when none is claimed.
        mislabelled: which other statistic the claimed numbers are; empty when they are none.
        refuted: why the claim fails although it has no tests, such as a bound it exceeds; empty
            when nothing of the kind was found.
        opposed: which printed numbers, or members of the claim, say the opposite; empty when none.
        confirmed: why the claim is reproduced although it has no tests, such as a model that gives
            the value; empty when nothing of the kind was found.
        stated: the findings, among `own`, about numbers that the claim itself prints; nothing else
            makes its arithmetic be in order.
        expects_effect: whether the claim is that there is an effect, or that none was found.
        larger_is_better: whether a value above the claimed one is better than claimed.
        what: what the effect is, for sentences.
        null: what the effect is when there is none; None where that is no question, as for a
            value.
    """

    own: Sequence[Finding]
    others: Sequence[Finding]
    supports: Sequence[Support]
    alpha: float
    claimed: Printed | None = None
    mislabelled: str = ""
    refuted: str = ""
    opposed: str = ""
    confirmed: str = ""
    stated: Sequence[Finding] = ()
    expects_effect: bool = True
    larger_is_better: bool = True
    what: str = "the difference"
    null: float | None = 0.0

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, those about the claim's own numbers first."""
        return (*self.own, *self.others)

    @property
    def strongest(self) -> Support | None:
        """The data with most runs; the first of them where several have as many."""
        return max(self.supports, key=lambda each: each.runs, default=None)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its reason, in sentences that a reviewer can paste."""

    verdict: Verdict
    reason: str


def judge(case: Case) -> Judgement:
    """Give the first verdict that applies.

    Source of the order: the project's rules of auditing, in docs/audit.md.
    """
    for verdict, rule in _RULES:
        reason = rule(case)
        if reason:
            return Judgement(verdict, reason)
    return Judgement(Verdict.NOT_CHECKABLE, _why_not(case))


def _inconsistent(case: Case) -> str:
    failures = [each.detail for each in case.own if each.outcome is Outcome.FAIL]
    return " ".join(failures)


def _contradicted(case: Case) -> str:
    strongest = case.strongest
    if case.opposed:
        return case.opposed
    if strongest is None or case.null is None or not case.expects_effect:
        return ""
    if not strongest.is_opposite(case.null):
        return ""
    corrected = ", not corrected for the family," if strongest.family > 1 else ""
    return (
        f"In {strongest.data} {case.what} is {strongest.effect()}: "
        f"the whole interval{corrected} lies on the other side."
    )


def _mislabelled(case: Case) -> str:
    strongest = case.strongest
    if not case.mislabelled or strongest is None:
        return case.mislabelled
    if not strongest.tests:
        return f"{case.mislabelled} {_found(case)}"
    verb = "is" if strongest.is_significant(case.alpha) else "is not"
    return f"{case.mislabelled} {_found(case)} By these tests it {verb} significant."


def _not_supported(case: Case) -> str:
    if case.refuted:
        return case.refuted
    tested = _tested(case)
    if not case.expects_effect:
        found = [each for each in tested if each.is_significant(case.alpha)]
        return f"{_told(case, found[0])} So there is an effect." if found else ""
    if not tested or not all(each.is_found_by_none(case.alpha) for each in tested):
        return ""
    told = [
        f"In {each.data} {case.what} is {each.effect()}, and no test finds it"
        f"{_corrected_for(each)} [{_tests(each)}]."
        for each in sorted(tested, key=lambda each: -each.runs)
    ]
    if len(told) > _MOST_TOLD:
        told = [told[0], f"Nor does any test in the other {len(told) - 1} comparisons."]
    return " ".join(told)


def _corrected_for(support: Support) -> str:
    return f" after correction for {support.family} comparisons" if support.family > 1 else ""


def _fragile(case: Case) -> str:
    if not case.expects_effect:
        return ""
    for each in _tested(case):
        if each.tests_disagree(case.alpha):
            return (
                f"In {each.data} {case.what} is {each.effect()}, and the tests disagree about it "
                f"[{_tests(each)}]."
            )
    strongest = case.strongest
    if strongest is not None and strongest.decided_by_one_run:
        return (
            f"In {strongest.data} {case.what} is {strongest.effect()} [{_tests(strongest)}], "
            "but leaving out a single run turns the decision over."
        )
    return ""


def _inconclusive(case: Case) -> str:
    if not case.expects_effect:
        return ""
    tested = _tested(case)
    agreeing = {each.is_significant(case.alpha) for each in tested}
    if len(agreeing) > 1:
        told = "; ".join(f"{each.data}: {each.effect()} [{_tests(each)}]" for each in tested)
        return f"The data disagree about {case.what}: {told}."
    strongest = case.strongest
    if strongest is None or strongest.ci_low is None or strongest.ci_high is None:
        return ""
    if case.null is None or not strongest.ci_low <= case.null <= strongest.ci_high:
        return ""
    if case.claimed is not None and not _overlaps(case.claimed, strongest):
        return ""
    held = "both no effect and the claimed one" if case.claimed is not None else "no effect"
    return f"In {strongest.data} {case.what} is {strongest.effect()}, which holds {held}."


def _smaller(case: Case) -> str:
    return _of_other_size(case, larger=False)


def _larger(case: Case) -> str:
    return _of_other_size(case, larger=True)


def _of_other_size(case: Case, *, larger: bool) -> str:
    strongest = case.strongest
    if strongest is None or case.claimed is None or not strongest.comparable:
        return ""
    slack = _slack(case.claimed)
    above = strongest.estimate > float(case.claimed.high) + slack
    below = strongest.estimate < float(case.claimed.low) - slack
    if not (above if larger == case.larger_is_better else below):
        return ""
    word = "larger" if above else "smaller"
    return f"{_found(case).removesuffix('.')}: {word} than the claimed {case.claimed}."


def _slack(claimed: Printed) -> float:
    """What floating-point arithmetic may do to a mean that lies on the edge of a rounding.

    Means of ten runs with two decimals do so in one of ten papers.
    """
    return max(1e-9 * abs(float(claimed.value)), 1e-6 * float(claimed.half_unit))


def _with_caveats(case: Case) -> str:
    flagged, found = _flagged(case), _reproduced(case)
    return f"{found} {flagged}" if found and flagged else ""


def _reproduced(case: Case) -> str:
    return " ".join(filter(None, (case.confirmed, _found(case))))


def _arithmetic(case: Case) -> str:
    passed = [each for each in case.stated if each.outcome is Outcome.PASS]
    told = [each.detail for each in passed if each.check not in _SAID_BY_P]
    return " ".join(filter(None, (*told, _flagged(case)))) if passed else ""


def _unexplained(case: Case) -> str:
    """What the claim's own numbers are flagged for, where nothing speaks for them."""
    return " ".join(each.detail for each in case.stated if each.outcome is Outcome.FLAG)


def _why_not(case: Case) -> str:
    lacking = [
        each.detail
        for each in case.findings
        if each.outcome in {Outcome.MISSING_INPUT, Outcome.NOT_TESTABLE}
    ]
    nothing = "Nothing was declared that this claim could be held against."
    return " ".join(dict.fromkeys(lacking)) or nothing


def _found(case: Case) -> str:
    return "" if case.strongest is None else _told(case, case.strongest)


def _told(case: Case, support: Support) -> str:
    tests = f" [{_tests(support)}]" if support.tests else ""
    return f"In {support.data} {case.what} is {support.effect()}{tests}."


def _flagged(case: Case) -> str:
    names = dict.fromkeys(each.check for each in case.findings if each.outcome is Outcome.FLAG)
    return f"To be answered: {', '.join(names)}." if names else ""


def _tested(case: Case) -> list[Support]:
    return [each for each in case.supports if each.is_decidable(case.alpha)]


def _tests(support: Support) -> str:
    return ", ".join(
        f"{_TEST_WORDS.get(each.name, each.name)} {p_statement(each.p_adjusted)}"
        for each in support.tests
    )


def _overlaps(claimed: Printed, support: Support) -> bool:
    low, high = support.ci_low, support.ci_high
    if low is None or high is None:
        return False
    return low <= float(claimed.high) and float(claimed.low) <= high


_TEST_WORDS = {
    "welch_t": "Welch's t",
    "permutation": "permutation",
    "dunnett": "Dunnett",
    "paired_t": "paired t",
    "sign_flip": "sign flips",
    "pooled_t": "equal-variance t",
}

_RULES: tuple[tuple[Verdict, Callable[[Case], str]], ...] = (
    (Verdict.INTERNALLY_INCONSISTENT, _inconsistent),
    (Verdict.CONTRADICTED, _contradicted),
    (Verdict.STATISTIC_MISLABELLED, _mislabelled),
    (Verdict.NOT_SUPPORTED, _not_supported),
    (Verdict.FRAGILE, _fragile),
    (Verdict.INCONCLUSIVE, _inconclusive),
    (Verdict.REPRODUCED_SMALLER, _smaller),
    (Verdict.REPRODUCED_LARGER, _larger),
    (Verdict.REPRODUCED_WITH_CAVEATS, _with_caveats),
    (Verdict.REPRODUCED, _reproduced),
    (Verdict.ARITHMETIC_OK, _arithmetic),
    (Verdict.NOT_SUPPORTED, _unexplained),
)
