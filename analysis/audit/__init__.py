"""Audit checks: give it what a paper prints, get what does not follow.

Every check is a function of printed numbers or of runs that gives a `Finding`. Its docstring says
the rule, the source of the rule and the false alarms that it gives. Names are imported when they
are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.audit.finding import Finding, Outcome
    from analysis.audit.printed import Printed, PrintedError, printed

__all__ = ["Finding", "Outcome", "Printed", "PrintedError", "printed"]

_HOMES = {
    "finding": ("Finding", "Outcome"),
    "printed": ("Printed", "PrintedError", "printed"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
