"""The engine: studies, planning, execution, results store, reports, command line.

The names below are what a program needs; they are imported when they are first used, so that the
command line starts without them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.answer import Answer as Answer
    from harness.batching import batch_of_one as batch_of_one
    from harness.batching import offers_batches as offers_batches
    from harness.errors import HarnessError as HarnessError
    from harness.running import run_search as run_search
    from harness.running import run_study as run_study
    from harness.search.answer import SearchAnswer as SearchAnswer
    from harness.study.loading import load_study as load_study
    from harness.study.model import Study as Study
    from harness.trial import Trial as Trial

_HOME = {
    "Answer": "harness.answer",
    "HarnessError": "harness.errors",
    "SearchAnswer": "harness.search.answer",
    "Study": "harness.study.model",
    "Trial": "harness.trial",
    "batch_of_one": "harness.batching",
    "load_study": "harness.study.loading",
    "offers_batches": "harness.batching",
    "run_search": "harness.running",
    "run_study": "harness.running",
}

__all__ = [
    "Answer",
    "HarnessError",
    "SearchAnswer",
    "Study",
    "Trial",
    "batch_of_one",
    "load_study",
    "offers_batches",
    "run_search",
    "run_study",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__
