"""Which questions there are, in the order in which they are measured and shown."""

from importlib import import_module

from benchmarks.model import Question

MODULES = (
    "training",
    "studying",
    "attribution",
    "allocation",
    "startup",
    "recording",
    "dispatching",
    "resuming",
    "comparing",
    "interquartile",
    "reporting",
    "scaling",
    "gpu",
)
"""A module has one ``QUESTION``, or ``QUESTIONS`` where several belong together."""


def questions() -> tuple[Question, ...]:
    """All questions."""
    return tuple(question for name in MODULES for question in _of(name))


def _of(name: str) -> tuple[Question, ...]:
    module = import_module(f"benchmarks.{name}")
    several: tuple[Question, ...] | None = getattr(module, "QUESTIONS", None)
    return (module.QUESTION,) if several is None else several
