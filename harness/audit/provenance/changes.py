"""What has changed since a report was built: trials, programs, the study's definition."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.reports.record import Record


@dataclass(frozen=True, slots=True)
class StudyChange:
    """What became of a study's trials since.

    Attributes:
        study: its name.
        added: trials that have finished since.
        lost: trials that were finished then, and are not any more.
        altered: trials whose stored results are others now.
    """

    study: str
    added: int
    lost: int
    altered: int

    @property
    def sentence(self) -> str:
        """The change in words."""
        parts = [
            f"{count} {_trials(count)} {what}"
            for count, what in (
                (self.added, "finished since"),
                (self.lost, "no longer there or finished"),
                (self.altered, "with other stored results"),
            )
            if count
        ]
        return f"{self.study}: {', '.join(parts)}"


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that has changed since a report was built.

    Attributes:
        studies: the studies whose trials are others now.
        versions: packages with another version, as "numpy 2.0 → 2.1".
        code: whether the programs' own files are others.
        definition: whether the study's definition is another.
    """

    studies: tuple[StudyChange, ...]
    versions: tuple[str, ...]
    code: bool
    definition: bool

    @property
    def any(self) -> bool:
        """Whether anything has changed."""
        return bool(self.studies or self.versions or self.code or self.definition)

    def sentences(self) -> list[str]:
        """The changes in words."""
        found = [each.sentence for each in self.studies]
        if self.definition:
            found.append("the study's definition is another than the report was built from")
        found += [f"another version of {each}" for each in self.versions]
        if self.code and not self.versions:
            found.append("the programs that build reports have changed")
        return found


def changes(then: Record, now: Record) -> Changes:
    """What has changed between two records of the same report."""
    names = sorted({*then.trials, *now.trials})
    found = (_of_study(each, then.trials.get(each, {}), now.trials.get(each, {})) for each in names)
    return Changes(
        tuple(each for each in found if each.added or each.lost or each.altered),
        tuple(
            f"{name} {then.versions.get(name, 'none')} → {version}"
            for name, version in now.versions.items()
            if then.versions.get(name) != version
        ),
        then.code != now.code,
        then.asked.definition != now.asked.definition,
    )


def _of_study(name: str, then: Mapping[str, str], now: Mapping[str, str]) -> StudyChange:
    return StudyChange(
        name,
        len(now.keys() - then.keys()),
        len(then.keys() - now.keys()),
        sum(then[trial] != now[trial] for trial in then.keys() & now.keys()),
    )


def _trials(count: int) -> str:
    return "trial" if count == 1 else "trials"
