"""Contestants take turns, each in a process of its own.

On a machine whose speed drifts all of them are treated alike, none inherits memory or threads of
another, and a contestant that breaks ends nothing but itself.
"""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any, Literal, Self

from benchmarks.model import Figure, LeftOut, Quantity, Role, Table, Target, Turn

ROOT = Path(__file__).parent.parent
PEERS_PYTHON = ROOT / ".venv-peers" / "bin" / "python"

# Not ``-m benchmarks.serving``: that module would exist twice, with a `Timed` each.
_SERVE = "from benchmarks.serving import main; main()"

WARMED_UP_TO_S = 2.0
"""The first run does not count where it is shorter: it fills caches. Longer ones are too dear."""

ENOUGH_S = 12.0
"""Who has run for this long in all takes no more than the least number of runs."""

LEAST_ROUNDS = ((30.0, 1), (5.0, 3), (0.0, 5))
"""The least number of runs, where one takes longer than so many seconds."""

GETTING_READY = 2
"""How many contestants get ready at a time."""

CLOSING_S = 5.0

TURN_LIMIT_S = 240.0
"""A contestant that needs longer for getting ready or for one run is left out."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """Something that does the work of one table.

    Attributes:
        name: as the tables show it.
        role: what it stands for.
        prepare: ``MODULE:FUNCTION``; called with the settings, it gets ready and returns the
            function that runs once.
        settings: keyword arguments of ``prepare``; what JSON can hold.
        amount: how much work one run does, in what the table's quantity counts.
        environment: where it runs: this project's, or ``.venv-peers``.
        variables: environment variables of its process.
        packages: those whose versions are recorded.
        note: what a reader has to know to compare it fairly.
        needs: path of a program without which it is left out.
    """

    name: str
    role: Role
    prepare: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    amount: float = 1.0
    environment: Literal["project", "peers"] = "project"
    variables: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    note: str = ""
    needs: str | None = None

    @property
    def python(self) -> Path:
        """The interpreter of its environment."""
        return Path(sys.executable) if self.environment == "project" else PEERS_PYTHON


class ContestantError(Exception):
    """A contestant could not get ready, or broke down; its text says why."""


def contest(
    title: str,
    quantity: Quantity,
    contestants: Sequence[Contestant],
    *,
    rounds: int,
    targets: Sequence[Target] = (),
    memory: bool = False,
) -> Table:
    """Have all contestants run in turns.

    A peer that is not installed or breaks is left out with its reason.

    Args:
        title: of the table.
        quantity: what is read off a run.
        contestants: one of them with the role ``ours``.
        rounds: how many runs of each count; fewer, but at least `LEAST_ROUNDS`, of those that
            have taken `ENOUGH_S`.
        targets: what is aimed at.
        memory: whether the memory of their processes belongs to the table.

    Raises:
        ContestantError: if one of our own breaks down.
    """
    race = _Race(contestants)
    with ExitStack() as stack:
        race.start(stack)
        for _ in range(1 + rounds):
            race.take_turns(rounds)
    return Table(
        title,
        quantity,
        tuple(_figure(each, race, memory=memory) for each in race.left),
        tuple(targets),
        tuple(LeftOut(*each) for each in race.left_out.items()),
    )


@dataclass(slots=True)
class _Race:
    """Contestants, those that were left out with their reasons, and every run so far."""

    contestants: Sequence[Contestant]
    serving: "dict[str, Serving]" = field(default_factory=dict)
    turns: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def left(self) -> list[Contestant]:
        return [each for each in self.contestants if each.name not in self.left_out]

    def start(self, stack: ExitStack) -> None:
        """Start all of them, some at a time: most of getting ready is importing, on one core."""
        for first in range(0, len(self.contestants), GETTING_READY):
            together = self.contestants[first : first + GETTING_READY]
            for each in together:
                with self._leaving_out(each):
                    self.serving[each.name] = stack.enter_context(Serving(each))
                    self.turns[each.name] = []
            for each in self.left:
                if each in together:
                    with self._leaving_out(each):
                        self.serving[each.name].wait_until_ready()

    def take_turns(self, rounds: int) -> None:
        for each in self.left:
            done = self.turns[each.name]
            if _runs_again(done, rounds):
                with self._leaving_out(each):
                    done.append(self.serving[each.name].turn())

    @contextmanager
    def _leaving_out(self, contestant: Contestant) -> Iterator[None]:
        """Go on without a contestant that breaks down, unless it is one of ours."""
        try:
            yield
        except ContestantError as error:
            if contestant.role in ("ours", "variant"):
                raise
            self.left_out[contestant.name] = str(error)


def _counting(turns: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """The runs that count: all but the first, where that was short enough to be a warm-up."""
    warmed_up = len(turns) > 1 and turns[0]["wall_s"] < WARMED_UP_TO_S
    return turns[1:] if warmed_up else turns


def _runs_again(turns: Sequence[dict[str, Any]], rounds: int) -> bool:
    if not turns or (len(turns) == 1 and turns[0]["wall_s"] < WARMED_UP_TO_S):
        return True
    counting = _counting(turns)
    times_s = [each["wall_s"] for each in counting]
    usual_s = median(times_s)
    least = next(number for longer_s, number in LEAST_ROUNDS if usual_s >= longer_s)
    return len(times_s) < (min(rounds, least) if sum(times_s) >= ENOUGH_S else rounds)


def _figure(contestant: Contestant, race: _Race, *, memory: bool) -> Figure:
    turns = race.turns[contestant.name]
    return Figure(
        contestant.name,
        contestant.role,
        contestant.amount,
        tuple(Turn(each["wall_s"], each["cpu_s"]) for each in _counting(turns)),
        peak_rss_mb=max(each["peak_rss_mb"] for each in turns) if memory else None,
        versions=race.serving[contestant.name].versions,
        details=turns[-1]["details"],
        note=contestant.note,
    )


class Serving:
    """A contestant's process, which gets ready and then takes turns.

    Attributes:
        versions: of its packages, once it is ready.
    """

    def __init__(self, contestant: Contestant) -> None:
        """Start it.

        Raises:
            ContestantError: if it is not installed.
        """
        needed = [contestant.python, Path(contestant.needs or contestant.python)]
        if not all(each.exists() for each in needed):
            raise ContestantError("not installed: `make bench-peers` installs it")
        arguments = (json.dumps(contestant.settings), json.dumps(contestant.packages))
        self._process = subprocess.Popen(
            [contestant.python, "-c", _SERVE, contestant.prepare, *arguments],
            cwd=ROOT,
            env=os.environ | {"PYTHONWARNINGS": "ignore"} | dict(contestant.variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if contestant.environment == "peers" else None,
            text=True,
            start_new_session=True,
        )
        self.versions: dict[str, str] = {}

    def wait_until_ready(self) -> None:
        """Until it can take turns.

        Raises:
            ContestantError: if it does not get ready.
        """
        self.versions = self._answer()["versions"]

    def turn(self) -> dict[str, Any]:
        """One run.

        Raises:
            ContestantError: if it breaks down.
        """
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        stream = self._process.stdout
        assert stream is not None
        if not select.select([stream], [], [], TURN_LIMIT_S)[0]:
            self._process.kill()
            self.close()
            raise ContestantError(f"took longer than {TURN_LIMIT_S:.0f} s")
        line = stream.readline()
        content: dict[str, Any] = json.loads(line) if line else {"error": "its process ended"}
        if "error" in content:
            self.close()
            raise ContestantError(content["error"])
        return content

    def close(self) -> None:
        """End the process, by asking it first, and all that it has started."""
        with suppress(subprocess.TimeoutExpired):
            self._process.communicate(timeout=CLOSING_S)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
