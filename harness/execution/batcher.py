"""Asks a worker what a study's batch form says, and puts trials into batches accordingly."""

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass, field

from harness.errors import SetupError
from harness.execution.batches import BatchChoice, Cell, Job, batches
from harness.execution.pool import BrokenProcessPool, WorkerPool
from harness.execution.stopping import StopRequest
from harness.execution.worker.functions import FunctionPath, locate
from harness.execution.worker.survey import Survey, prepare, survey
from harness.execution.worker.time_limit import TrialTimeoutError
from harness.study.model import Study
from harness.text import one_line

_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class _Question:
    cells: list[Cell]
    answer: "Future[Survey | None]"


@dataclass(slots=True)
class Batcher:
    """The batches of one run.

    The trial function is asked inside a worker, once a wave: what it imports, such as a training
    framework, has no place in the process that dispatches.

    Attributes:
        study: what is run.
        pool: the workers; there are fewer once the batch form said how many make sense.
        choice: what the user wants.
        stop: ends the waiting for an answer.
        remarks: what the user should hear of it, in sentences: why trials have to run by
            themselves, or why the largest batch that was asked for changes nothing.
        workers: how many workers make sense, if the batch form said so.
    """

    study: Study
    pool: WorkerPool
    choice: BatchChoice
    stop: StopRequest
    remarks: list[str] = field(default_factory=list)
    workers: int | None = None
    _fits: dict[bytes, int] = field(default_factory=dict)
    _asked: Sequence[Job] = ()
    _question: _Question | None = None

    def ask(self, jobs: Sequence[Job]) -> None:
        """Begin to find out how these may be batched; the other workers get ready meanwhile."""
        self._asked = jobs
        function = self._function
        if function is None:
            alone = self.study.trial.alone
            self._ineffective(
                "trials of this study run alone" if alone else "programs share no batch"
            )
        if function is None or self.choice == "off":
            return
        try:
            self._put(function, jobs)
        except BrokenProcessPool:
            # A worker died between two waves, when it had nothing to do: nothing is lost by it.
            self.pool.close()
            self._put(function, jobs)

    def _put(self, function: FunctionPath, jobs: Sequence[Job]) -> None:
        """Have one worker answer, and the others import.

        Raises:
            BrokenProcessPool: if a worker has died.
        """
        cells = list({id(job.cell): job.cell for job in jobs}.values())
        params, timeout_s = [each.params for each in cells], self.study.trial.timeout_s
        answer = self.pool.submit(survey, function, params, timeout_s)
        self._question = _Question(cells, answer)
        # Workers that die while they import are told of with the answer.
        with suppress(BrokenProcessPool):
            for _ in range(self.pool.jobs - 1):
                self.pool.submit(prepare, function, timeout_s)

    def units(self, jobs: Sequence[Job]) -> list[list[Job]]:
        """The jobs of a wave, those that share a batch together.

        Raises:
            SetupError: if the trial function cannot be imported, or its batch form not be used.
        """
        if jobs is not self._asked:
            self.ask(jobs)
        self.listen()
        return self.regrouped(jobs)

    def regrouped(self, jobs: Sequence[Job]) -> list[list[Job]]:
        """Jobs of which it is known how they may be batched."""
        largest = self.choice if isinstance(self.choice, int) else None
        return batches(jobs, self.pool.jobs, largest, self._fits)

    def halve(self, jobs: Sequence[Job]) -> bool:
        """Learn that these did not fit into memory as a batch; whether that was not known yet.

        From then on batches of their kind have half as many trials.
        """
        kind, half = jobs[0].cell.kind, -(-len(jobs) // 2)
        if kind is None or self._fits.get(kind.alike, len(jobs)) <= half:
            return False
        self._fits[kind.alike] = half
        return True

    def smaller(self, units: Iterable[Sequence[Job]]) -> list[list[Job]]:
        """Batches as they were, but those that would not fit into memory cut into parts."""
        return [part for unit in units for part in batches(unit, 1, None, self._fits)]

    def listen(self) -> None:
        """Wait for the answer to what was asked, and keep it.

        Raises:
            SetupError: if the trial function cannot be imported, or its batch form not be used.
        """
        question, self._question = self._question, None
        if question is None:
            return
        while not self.stop.made and not wait([question.answer], timeout=_POLL_S).done:
            continue
        if not question.answer.done():
            return
        error = question.answer.exception()
        if isinstance(error, SetupError):
            raise error
        if error is None:
            self._learn(question.cells, question.answer.result())
        else:
            said = one_line(f"{type(error).__name__}: {error}")
            self._doubt(f"their function could not be asked for its batch form ({said})")
        if isinstance(error, BrokenProcessPool | TrialTimeoutError):
            # A function that ends or blocks its process when it is imported: its trials will tell.
            self.pool.close()

    def _learn(self, cells: Sequence[Cell], said: Survey | None) -> None:
        name = self.study.trial.function
        if said is None:
            self._ineffective(f"{name} offers no batch form (docs/batching.md)")
            return
        for cell, kind, needs_asset in zip(cells, said.kinds, said.needs_asset, strict=True):
            cell.kind, cell.needs_asset = kind, needs_asset
        for doubt in said.doubts:
            self._doubt(doubt)
        most = max((kind.at_most for kind in said.kinds if kind is not None), default=None)
        if most is not None and isinstance(self.choice, int) and most < self.choice:
            self._ineffective(f"the batch form of {name} holds at most {most} trials")
        self.workers = said.workers
        if said.workers is not None:
            self.pool.resize(min(self.pool.jobs, said.workers))

    def _doubt(self, why: str) -> None:
        self.remarks.append(f"some trials run by themselves: {why}")

    def _ineffective(self, why: str) -> None:
        """Remark, if the user gave a largest batch, that it changes nothing."""
        if isinstance(self.choice, int) and self.choice > 1:
            self.remarks.append(f"--batch {self.choice} has no effect: {why}")

    @property
    def _function(self) -> FunctionPath | None:
        """What can be asked: trials that want the machine to themselves share nothing."""
        alone = self.study.trial.alone or self.study.trial.function is None
        return None if alone else locate(self.study)
