"""One copy of what many trials of a batch hold: images on a device, and signals of the teacher.

Sixty-four students of one batch would otherwise hold sixty-four pools, of 154 MB each for 50,000
images of 32×32 pixels in colour.
"""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary, WeakValueDictionary

from studies.distillation.data import Examples

Copy = TypeVar("Copy")


class OneCopy(Generic[Copy]):
    """What was made of examples, for as long as anyone holds it; nobody changes it in place."""

    def __init__(self) -> None:
        self._held: WeakKeyDictionary[Examples, WeakValueDictionary[Hashable, Copy]]
        self._held = WeakKeyDictionary()

    def of(self, examples: Examples, key: Hashable, make: Callable[[], Copy]) -> Copy:
        """What is held of these examples by this name, made now if nobody holds it."""
        held = self._held.setdefault(examples, WeakValueDictionary())
        found = held.get(key)
        if found is None:
            found = held[key] = make()
        return found
