"""What a claims file holds beside its claims: the paper, its metrics, how runs were made, the data.

These classes are the grammar of the file's tables; `kinds` has that of the claims themselves.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from analysis.audit.printed_numbers import printed
from analysis.protocol import Direction
from harness.audit.claims.numbers import Alpha, Gamma, Number, SchemaVersion, Spread
from harness.errors import Problem
from harness.study.parts import Part, as_tuple, is_visible, twice
from harness.study.problems import GrammarError


def _visible(text: str) -> str:
    if not is_visible(text):
        raise GrammarError("must be text that can be read, on one line")
    return text


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _said(text: str) -> str:
    if not text:
        raise GrammarError("says nothing", remedy="write the sentence as the paper has it")
    return text


def _different(names: tuple[str, ...]) -> tuple[str, ...]:
    name = twice(names)
    if name is not None:
        raise GrammarError("is named twice", given=name)
    return names


Visible = Annotated[str, AfterValidator(_visible)]
"""A name, which is not empty and has no line ends or other control characters."""

Prose = Annotated[str, AfterValidator(_one_line)]
"""Sentences, whose line ends count as blanks."""

Sentence = Annotated[Prose, AfterValidator(_said)]
"""A sentence that may not be empty."""

Count = Annotated[int, Field(ge=1)]
Names = Annotated[tuple[Visible, ...], BeforeValidator(as_tuple), AfterValidator(_different)]
Pairing = Literal["none", "seed", "split", "unknown"]
Recorded = Literal["recorded", "not_recorded", "unknown"]
Selection = Literal["validation", "test", "none", "unknown"]

PER_CENT = "%"
FRACTION = "fraction"


class Paper(Part):
    """Which paper it is.

    Attributes:
        id: how it is cited, such as an arXiv number or a DOI.
        title: its title.
        alpha: the level at which it calls results significant; 0.3 at most.
        gamma: with which chance a run of the better arm has to beat one of the other, for the gain
            to matter; above 0.5.
        source: where its numbers were read.
    """

    id: Visible
    title: Sentence
    alpha: Alpha = printed("0.05")
    gamma: Gamma = printed("0.75")
    source: Prose = ""


class Metric(Part):
    """What is measured.

    Attributes:
        unit: "%", "fraction", or a unit of one's own.
        direction: in which direction it gets better.
        test_size: number of test examples that one run's value is a share of; gives the granule.
    """

    unit: str = FRACTION
    direction: Direction = "maximize"
    test_size: Count | None = None

    @model_validator(mode="after")
    def _is_in_shares(self) -> "Metric":
        if self.test_size is not None and not self.is_share:
            raise GrammarError(
                "is no unit of a share of test examples, which test_size makes it",
                key="unit",
                given=self.unit,
                allowed=(PER_CENT, FRACTION),
                remedy=f'write unit = "{self._nearest_share()}", or leave test_size out',
            )
        return self

    def _nearest_share(self) -> str:
        return PER_CENT if self.unit.strip().lower().startswith(("p", "%")) else FRACTION

    @property
    def is_per_cent(self) -> bool:
        """Whether values are hundred times the share."""
        return self.unit == PER_CENT

    @property
    def is_share(self) -> bool:
        """Whether values are shares of something, as accuracies are."""
        return self.unit in {PER_CENT, FRACTION}

    def of_unknown_test_set(self) -> "Metric":
        """The same metric, measured on other examples."""
        return self.model_copy(update={"test_size": None})


class Design(Part):
    """How runs were made, as far as anybody knows.

    Attributes:
        pairing: what runs of one number share in different arms.
        seeds: whether runs say which seed they had.
        selection: what hyperparameters or epochs were chosen on.
        candidates: how many settings or epochs were tried and chosen from.
        evidence: where these facts were read.
    """

    pairing: Pairing = "unknown"
    seeds: Recorded = "unknown"
    selection: Selection = "unknown"
    candidates: Count | None = None
    evidence: Prose = ""


class Summary(Part):
    """What is printed of an arm whose runs are not."""

    runs: Count | None = None
    mean: Number | None = None
    sd: Spread | None = None
    variance: Spread | None = None
    median: Number | None = None
    min: Number | None = None
    max: Number | None = None
    histogram: Annotated[
        tuple[Annotated[int, Field(ge=0)], ...] | None, BeforeValidator(as_tuple)
    ] = None

    @model_validator(mode="after")
    def _one_spread(self) -> "Summary":
        if self.sd is not None and self.variance is not None:
            raise GrammarError(
                "has both sd and variance", key="variance", remedy="keep the one that is printed"
            )
        return self


class Data(Part):
    """Where values come from: a file of runs, printed summaries, or a study in the database.

    Attributes:
        file: a CSV file beside the claims file: columns arm, [run,] the metric's, [seed].
        column: the metric's column, where it is not called as the metric.
        arm_columns: the arms, where every arm has a column of its own instead.
        level: the column of a factor inside of which arms are compared, such as blocks_removed.
        arms: printed summaries by arm.
        study: a study whose runs are in the results database.
        profile: the study's profiles, where the command line names none.
        unit: the values' unit where it is not the metric's; "%" and "fraction" are converted, and
            so are "s" and "ms".
        same_profile: the profile with which a study repeats the paper's experiment itself, so that
            sizes can be compared with the paper's, and not only signs.
        runs: runs of every arm, as declared.
        decimals: with how many decimals all values were printed, where a file has lost the zeros.
        metric: the metric; may be left out where there is only one.
        design: how these runs were made, where it is not as the file says for all.
        note: what a reader has to know of these data.
    """

    file: Visible | None = None
    column: str | None = None
    arm_columns: Names = ()
    level: str | None = None
    arms: Annotated[dict[str, Summary], Field(default_factory=dict)]
    study: Visible | None = None
    profile: Names = ()
    unit: str | None = None
    same_profile: str | None = None
    runs: Count | None = None
    decimals: Annotated[int, Field(ge=0, le=20)] | None = None
    metric: str | None = None
    design: Design | None = None
    note: Prose = ""

    @model_validator(mode="after")
    def _one_source(self) -> "Data":
        given = [name for name in _BELONGING if name in self.model_fields_set]
        if len(given) != 1 or (given == ["arms"] and not self.arms):
            raise GrammarError(
                f"has {' and '.join(given) or 'none of file, arms, study'}; one of them is right",
                remedy='write file = "runs.csv", or [data.NAME.arms.ARM] with mean and sd, or '
                'study = "mc_seeds"',
            )
        raise_problems(_idle(self, given[0]))
        if self.column is not None and self.arm_columns:
            raise GrammarError(
                "has no meaning beside arm_columns, which are the columns of values",
                key="column",
                given=self.column,
                remedy="keep one of them",
            )
        return self


_BELONGING: dict[str, frozenset[str]] = {
    "file": frozenset({"column", "arm_columns", "level", "unit", "runs", "decimals"}),
    "arms": frozenset({"runs"}),
    "study": frozenset({"column", "profile", "unit", "same_profile"}),
}
"""The keys that say more of each source; the others would be read by nobody."""


def _idle(data: Data, source: str) -> list[Problem]:
    """A problem for every key that says something of another source."""
    sources = {
        key: [name for name, keys in _BELONGING.items() if key in keys]
        for key in sorted(data.model_fields_set)
    }
    return [
        Problem(
            f"has no meaning for data that come from {source!r}",
            key,
            None,
            (),
            f"leave it out: it goes with {' or '.join(of)}",
        )
        for key, of in sources.items()
        if of and source not in of
    ]


def raise_problems(problems: list[Problem]) -> None:
    """Raise what is wrong with a table; do nothing where nothing is.

    Raises:
        GrammarError: with all of it.
    """
    if problems:
        raise GrammarError(problems=problems)


class Family(Part):
    """Comparisons that were made together, and are corrected together.

    Attributes:
        control: the arm that all others are compared with.
        arms: the others.
        data: where their runs are.
        primary: the one comparison that was specified before data were seen; it needs no
            correction.
    """

    control: Visible
    arms: Names
    data: str
    primary: str | None = None

    @model_validator(mode="after")
    def _others(self) -> "Family":
        if not self.arms:
            raise GrammarError("has no arms that the control is compared with", key="arms")
        if self.control in self.arms:
            raise GrammarError(
                "is the control: it is not compared with itself", key="arms", given=self.control
            )
        return self


class Head(Part):
    """A claims file without its claims."""

    schema_version: Annotated[SchemaVersion, Field(alias="schema")]
    paper: Paper
    metrics: Annotated[dict[str, Metric], Field(default_factory=dict)]
    design: Design = Design()
    data: Annotated[dict[str, Data], Field(default_factory=dict)]
    family: Annotated[dict[str, Family], Field(default_factory=dict)]
