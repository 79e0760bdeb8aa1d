"""What a batch form says of the trials that are to be run; asked for inside a worker process."""

import operator
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from harness.batching import BatchForm, Params, batch_form_of
from harness.canonical import canonical_json
from harness.errors import SetupError
from harness.execution.worker.attempt import trial_function
from harness.execution.worker.functions import FunctionPath
from harness.execution.worker.time_limit import time_limit


@dataclass(frozen=True, slots=True)
class Kind:
    """Which trials may share a batch: those that are alike; of several sizes the smallest holds.

    Attributes:
        alike: equal for trials that may, as canonical JSON.
        at_most: how many one worker should hold.
    """

    alike: bytes
    at_most: int


@dataclass(frozen=True, slots=True)
class Survey:
    """What a batch form says.

    Attributes:
        kinds: of each set of parameters that was asked about; None where a trial of these has to
            run by itself.
        needs_asset: of each of them, whether its trials need an asset that one worker makes while
            the others wait.
        workers: how many worker processes make sense at most; None for as many as the user asked.
        doubts: why trials have to run by themselves, one sentence a reason.
    """

    kinds: tuple[Kind | None, ...]
    needs_asset: tuple[bool, ...]
    workers: int | None
    doubts: tuple[str, ...]


def survey(
    function: FunctionPath, params: Sequence[Params], timeout_s: float | None
) -> Survey | None:
    """Ask a trial function's batch form; None where it has none.

    Args:
        function: the trial function.
        params: different sets of parameters.
        timeout_s: the time limit of a trial: importing the function counts towards it there too.

    Raises:
        SetupError: if the function cannot be imported, or what it declares cannot be used.
        TrialTimeoutError: if it takes as long as no trial may.
    """
    try:
        return _survey(function, params, timeout_s)
    except SetupError as error:
        # The process that asks need not know the class that a study's own file may have.
        raise SetupError(str(error)) from None


def prepare(function: FunctionPath, timeout_s: float | None) -> None:
    """Import a trial function, so that this worker has it when trials come."""
    # Who is asked for the batch form tells why it cannot be imported.
    with suppress(Exception), time_limit(timeout_s):
        trial_function(function)


def _survey(
    function: FunctionPath, params: Sequence[Params], timeout_s: float | None
) -> Survey | None:
    with time_limit(timeout_s):
        form = batch_form_of(trial_function(function))
        if form is None:
            return None
        doubts: dict[str, None] = {}
        kinds = [_kind(form, each, doubts) for each in params]
        needs = [
            kind is not None and _needs_asset(form, each)
            for kind, each in zip(kinds, params, strict=True)
        ]
        return Survey(tuple(kinds), tuple(needs), _workers(form), tuple(doubts))


def _kind(form: BatchForm, params: Params, doubts: dict[str, None]) -> Kind | None:
    asked = "alike"
    try:
        alike = form.alike(params)
        asked = "at_most"
        at_most = form.at_most(params)
    except SetupError:
        raise
    except Exception as error:  # noqa: BLE001 - the trial itself says best what is wrong with it
        said = f"{type(error).__name__}: {error}"
        doubts[f"its batch form cannot take them ({asked} raised {said})"] = None
        return None
    try:
        return Kind(canonical_json(alike), _count("at_most", at_most))
    except ValueError as error:
        raise SetupError(f"offers_batches(alike=…): {error}") from error


def _needs_asset(form: BatchForm, params: Params) -> bool:
    try:
        return bool(form.needs_asset(params))
    except Exception as error:
        message = f"offers_batches(needs_asset=…) raised {type(error).__name__}: {error}"
        raise SetupError(message) from error


def _workers(form: BatchForm) -> int | None:
    try:
        workers = form.workers()
    except Exception as error:
        message = f"offers_batches(workers=…) raised {type(error).__name__}: {error}"
        raise SetupError(message) from error
    return None if workers is None else _count("workers", workers)


def _count(name: str, given: object) -> int:
    try:
        count = operator.index(given)  # type: ignore[arg-type]
    except TypeError:
        count = 0
    if count < 1:
        raise SetupError(f"offers_batches({name}=…) is a whole number from 1; it gave {given!r}")
    return count
