"""Shows the candidates in Optuna's own tables of the same database, for its dashboard.

Truth is in harness's tables. What stands in Optuna's follows from them, is added candidate by
candidate, and is never read back: it can be lost or fall behind without harm.
"""

import datetime as dt
import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import sqlalchemy as sa
from filelock import FileLock
from optuna.exceptions import DuplicatedStudyError, OptunaError
from optuna.storages import RDBStorage
from sqlalchemy.exc import SQLAlchemyError

from harness.search.arms import ArmSearch
from harness.search.judging import CandidateState, JudgedCandidate
from harness.search.optuna_study import distributions, optuna_direction, quiet
from harness.search.suggesting import as_optuna_trial
from harness.store import schema
from harness.store.database import Database
from harness.store.rows import chunks

_SEARCH = "harness:search"

# Optuna's tables hold names of up to 512 characters.
_LONGEST_NAME = 512

_LOCK_NUMBER = 7045920185
_BUSY_TIMEOUT_S = 60

_log = logging.getLogger(__name__)


@dataclass
class Mirror:
    """Optuna's view of the searches of some arms.

    Attributes:
        database: where it is written.
        searches: the searches that are shown.
    """

    database: Database
    searches: Sequence[ArmSearch]
    _opened: RDBStorage | None = None
    _broken: bool = False

    def show(self, judged: Sequence[Sequence[JudgedCandidate]]) -> None:
        """Add the finished candidates that are not there yet, in order.

        Two processes may do so at once; a lock keeps them apart.

        Args:
            judged: the candidates of every search.
        """
        if self._broken or not any(map(_finished, judged)):
            return
        try:
            with quiet(), self._alone():
                for search, candidates in zip(self.searches, judged, strict=True):
                    self._add(search, _finished(candidates))
        # RuntimeError: another version of Optuna made the tables. OSError: the file of the lock
        # cannot be written, or is a folder.
        except (OptunaError, SQLAlchemyError, RuntimeError, OSError) as error:
            self._broken = True
            _log.warning("The search is not shown in Optuna's tables: %s", error)

    def close(self) -> None:
        """Close Optuna's connections."""
        if self._opened is not None:
            self._opened.engine.dispose()
            self._opened = None

    def _add(self, search: ArmSearch, candidates: Sequence[JudgedCandidate]) -> None:
        if not candidates:
            return
        study = self._study(search)
        new = candidates[self._storage.get_n_trials(study) :]
        times = _times(self.database, [spec.digest for each in new for spec in each.specs])
        space = distributions(search.space)
        for candidate in new:
            # One transaction: a candidate is there with all that is known of it, or not at all.
            shown = _shown(candidate, [times[spec.digest] for spec in candidate.specs])
            trial = as_optuna_trial(candidate, space, **shown)
            self._storage.create_new_trial(study, template_trial=trial)

    def _study(self, search: ArmSearch) -> int:
        """The study of this search, made when there is none; another search has its own."""
        plain = f"{search.study.name}/{search.arm}"
        for name in (plain[:_LONGEST_NAME], f"{plain[:400]} {search.digest[:12]}"):
            study = self._found(name, search)
            if self._storage.get_study_user_attrs(study).get(_SEARCH) == search.digest:
                return study
        raise OptunaError(f"a study of another program is called {name!r}")

    def _found(self, name: str, search: ArmSearch) -> int:
        storage = self._storage
        try:
            study = storage.create_new_study([optuna_direction(search.direction)], name)
        except DuplicatedStudyError:
            study = storage.get_study_id_from_name(name)
        # A process that was killed may have left a study without this mark, and without trials.
        if _SEARCH not in storage.get_study_user_attrs(study) and not storage.get_n_trials(study):
            storage.set_study_user_attr(study, _SEARCH, search.digest)
        return study

    @property
    def _storage(self) -> RDBStorage:
        if self._opened is None:
            options = {"connect_args": {"timeout": _BUSY_TIMEOUT_S}} if self.database.files else {}
            address = self.database.url.render_as_string(hide_password=False)
            self._opened = RDBStorage(address, options)
        return self._opened

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from showing candidates at the same time."""
        if self.database.files:
            file = self.database.files[0]
            with FileLock(file.with_name(f"{file.name}.optuna.lock")):
                yield
            return
        number = {"number": _LOCK_NUMBER}
        with self.database.engine.connect() as connection:
            connection.execute(sa.text("SELECT pg_advisory_lock(:number)"), number)
            try:
                yield
            finally:
                connection.execute(sa.text("SELECT pg_advisory_unlock(:number)"), number)


def _finished(candidates: Sequence[JudgedCandidate]) -> list[JudgedCandidate]:
    """The candidates before the first that is still open, so that Optuna numbers them alike."""
    return list(takewhile(lambda each: each.state is not CandidateState.OPEN, candidates))


def _shown(candidate: JudgedCandidate, times: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """What Optuna keeps of a candidate besides what it learns from."""
    return {
        "attributes": {
            "trials": [spec.digest for spec in candidate.specs],
            "sd": candidate.sd,
            "suggested_by": candidate.suggested_by,
        },
        "began": dt.datetime.fromtimestamp(min(began for began, _ in times), dt.UTC),
        "ended": dt.datetime.fromtimestamp(max(ended for _, ended in times), dt.UTC),
    }


def _times(database: Database, digests: Collection[str]) -> dict[str, tuple[float, float]]:
    """When each trial began and ended, in seconds since 1970."""
    columns = schema.trials.c
    found: dict[str, tuple[float, float]] = {}
    with database.read() as connection:
        for chunk in chunks(digests):
            query = sa.select(columns.digest, columns.started_at, columns.duration_s)
            for trial, began, duration in connection.execute(
                query.where(columns.digest.in_(chunk))
            ):
                found[trial] = (began or 0.0, (began or 0.0) + (duration or 0.0))
    return found
