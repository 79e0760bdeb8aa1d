"""Worker processes are started, ended, and started again."""

import time
from contextlib import closing

import pytest

from harness.execution.pool import WorkerPool

# More than a worker and its queue take at a time.
MANY = 12


def test_a_pool_is_closed_while_most_of_its_work_waits():
    with closing(WorkerPool(1)) as pool:
        first = pool.submit(time.sleep, 0.0)
        first.result()
        waiting = [pool.submit(time.sleep, 60.0) for _ in range(MANY)]
        pool.close()
        for each in waiting:
            with pytest.raises(Exception, match="shutdown"):
                each.result(timeout=10)
        assert pool.submit(sum, (1, 2)).result(timeout=60) == 3
