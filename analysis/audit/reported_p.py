"""A reported p with its test statistic, and the ways in which it may have been computed."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from analysis.audit.printed_numbers import Printed, exact, printed
from analysis.audit.recomputed import PInterval, Sides, has_direction, p_agrees, recomputed_p
from analysis.audit.tail_probabilities import Test
from analysis.errors import AnalysisError

Text = Printed | str | int | None

_NOT_SIGNIFICANT = {"ns", "n.s.", "n.s"}


@dataclass(frozen=True, slots=True)
class Reading:
    """One way in which a p may have been computed.

    Attributes:
        words: what kind of p it is.
        interval: the p-values that rounding allows.
        is_declared: whether it is what the claim says, or what is usual where it says nothing.
    """

    words: str
    interval: PInterval
    is_declared: bool

    def fits(self, p: Printed) -> bool:
        """Whether a printed p may have been computed in this way."""
        return p_agrees(p, self.interval)


@dataclass(frozen=True, slots=True)
class ReportedP:
    """A p as printed, with everything printed and declared about its test.

    Attributes are the arguments of `analysis.audit.p_values.p_recompute`.
    """

    test: Test
    statistic: Printed
    p: Printed
    df: Printed | None
    df2: Printed | None
    sides: Sides | None
    df_rounded: bool | None
    family: int

    @property
    def text(self) -> str:
        """The claim as a paper prints it."""
        degrees = ", ".join(str(each) for each in (self.df, self.df2) if each is not None)
        name = f"{self.test}({degrees})" if degrees else self.test
        return f"{name} {_related(self.statistic)}, p {_related(self.p)}"

    @property
    def has_direction(self) -> bool:
        """Whether its test can be one-sided."""
        return has_direction(self.test, self.df)

    def readings(self) -> Iterator[Reading]:
        """What was declared first; then what may have been left undeclared."""
        first, others = (self.sides or 2), (1,) if self.sides is None else ()
        all_sides: tuple[Sides, ...] = (first, *others) if self.has_direction else (first,)
        roundings = [bool(self.df_rounded)]
        if self.df_rounded is None and self._has_whole_df:
            roundings.append(True)
        for rounded in roundings:
            suffix = " (rounded df)" if rounded and self.df_rounded is None else ""
            for sides in all_sides:
                interval = self._recomputed(sides, rounded=rounded)
                is_declared = sides == first and not suffix
                words, corrected = sides_in_words(sides), interval.corrected(self.family)
                yield Reading(words + suffix, corrected, is_declared)
                # The effect may have been expected on the other side. Undeclared, that would
                # explain every "p > .05".
                if sides == 1 and (self.sides == 1 or self.p.relation == "="):
                    corrected = interval.other_tail().corrected(self.family)
                    yield Reading(f"{words} (other side){suffix}", corrected, is_declared)

    def two_sided(self) -> PInterval:
        """The p-values that rounding allows, two-sided and corrected as declared."""
        return self._recomputed(2, rounded=bool(self.df_rounded)).corrected(self.family)

    def _recomputed(self, sides: Sides, *, rounded: bool) -> PInterval:
        return recomputed_p(
            self.test, self.statistic, df=self.df, df2=self.df2, sides=sides, df_rounded=rounded
        )

    @property
    def _has_whole_df(self) -> bool:
        """Whether df may be Welch's, rounded: only t and F have such."""
        last = {"t": self.df, "F": self.df2}.get(self.test)
        return last is not None and last.decimals == 0


@dataclass(frozen=True, slots=True)
class SignificanceLevel:
    """What counts as significant.

    Attributes:
        alpha: the level, above 0 and below 1.
        alpha_is_significant: whether p = alpha counts as significant.
    """

    alpha: Decimal
    alpha_is_significant: bool

    def significant(self, p: Decimal) -> bool:
        """Whether an exact p is significant."""
        return p < self.alpha or (p == self.alpha and self.alpha_is_significant)

    def decision(self, p: Printed) -> bool | None:
        """Whether a printed p claims significance; None where "<" or ">" leaves it open."""
        match p.relation:
            case "=":
                return self.significant(p.value)
            case "<":
                return True if p.value <= self.alpha else None
            case "<=":
                return True if self.significant(p.value) else None
            case ">":
                return False if p.value >= self.alpha else None
            case ">=":
                return False if not self.significant(p.value) else None


def read_claim(
    test: Test,
    statistic: Text,
    p: Text,
    df: Text,
    df2: Text,
    sides: Sides | None,
    df_rounded: bool | None,
    family: int,
    alpha: str,
) -> ReportedP:
    """Read what is printed and declared; the arguments are those of `p_recompute`.

    Raises:
        AnalysisError: something is no printed number, or alpha, sides or family is impossible.
    """
    if sides not in (None, 1, 2):
        raise AnalysisError(f"sides is {sides!r}; allowed: 1, 2, or None when it is not declared")
    level = exact(alpha)
    if not 0 < level.value < 1:
        raise AnalysisError(f"alpha is {alpha!r}; allowed: a number above 0 and below 1")
    _require_whole(family)
    return ReportedP(
        test,
        printed(statistic),  # type: ignore[arg-type]
        _read_p(p, level),
        None if df is None else exact(df),
        None if df2 is None else exact(df2),
        sides,
        df_rounded,
        family,
    )


def _require_whole(family: object) -> None:
    if isinstance(family, bool) or not isinstance(family, int) or family < 1:
        raise AnalysisError(f"family is {family!r}; allowed: a whole number from 1")


def _read_p(p: Text, alpha: Printed) -> Printed:
    if isinstance(p, str) and p.strip().lower().replace(" ", "") in _NOT_SIGNIFICANT:
        return Printed(f"> {alpha}", ">", alpha.value, alpha.decimals)
    return printed(p)  # type: ignore[arg-type]


def _related(number: Printed) -> str:
    return number.text if number.text[0] in "<>=≤≥" else f"= {number.text}"


def sides_in_words(sides: Sides) -> Literal["one-sided", "two-sided"]:
    """What a test with so many sides is called."""
    return "one-sided" if sides == 1 else "two-sided"
