"""Knowledge distillation guided by integrated gradients: the trial functions that studies name.

They are imported when they are first used, so that what needs no torch, such as the command that
fetches data, does not wait for it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studies.distillation.illustrating import illustrate
    from studies.distillation.latency import measure_latency
    from studies.distillation.student import train_student

__all__ = ["illustrate", "measure_latency", "train_student"]

_HOMES = {"illustrate": "illustrating", "measure_latency": "latency", "train_student": "student"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
