"""Several cores for one computation that is cut into parts, without a change of any bit.

Threads inside of operations divide a sum by how many of them there are, and they wait for each
other after every operation: where other programs take some of the cores, two such threads were
slower than one. Here each part is computed by one thread alone, and only how many parts are under
way at a time depends on the cores.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import psutil
import torch

from harness.execution.pool import usable_cores

Part = TypeVar("Part")
Found = TypeVar("Found")


def on_single_threads(
    function: Callable[[Part], Found], parts: Iterable[Part], threads: int
) -> Iterator[Found]:
    """What a function gives for each part, in the order of the parts.

    Args:
        function: may be called by several threads at a time; torch uses no further threads in it.
        parts: all of them are taken before the first result is given.
        threads: how many parts are computed at a time, at least 1.
    """
    before = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            yield from pool.map(function, parts)
    finally:
        # The number is each thread's own, but threads that start later take the one set last.
        torch.set_num_threads(before)


class IdleCores:
    """Cores that stood idle since this was made.

    Where all workers wait for one asset its builder may use their cores; where each builds one of
    its own, no core is left, and many threads in each would only need more memory.
    """

    def __init__(self) -> None:
        self._before = psutil.cpu_times()

    def and_own(self) -> int:
        """How many threads this process can use: one more than there were idle cores."""
        return max(1, min(usable_cores(), 1 + round(self._idle())))

    def _idle(self) -> float:
        before, now = self._before, psutil.cpu_times()
        passed = sum(now) - sum(before)
        idle = now.idle - before.idle
        return (psutil.cpu_count() or 1) * idle / passed if passed > 0 else 0.0
