"""How the dispatcher treats a pool that breaks at an awkward moment."""

import threading
from concurrent.futures import Future

from joblib.externals.loky.process_executor import BrokenProcessPool, ShutdownExecutorError

from harness.execution import dispatch
from harness.execution.attempt import attempt


def finish(future, task):
    if not future.done():
        future.set_result(attempt(task))


class PoolThatBreaksWhileItIsFilled:
    """The first one's third submission finds that a worker has died; later ones work, slowly."""

    made = 0

    def __init__(self, _jobs):
        PoolThatBreaksWhileItIsFilled.made += 1
        self.doomed = PoolThatBreaksWhileItIsFilled.made == 1
        self.pending = []

    def submit(self, task):
        future = Future()
        if not self.doomed:
            self.pending.append(future)
            threading.Timer(0.05, finish, (future, task)).start()
            return future
        if len(self.pending) == 2:
            for waiting in self.pending:
                waiting.set_exception(BrokenProcessPool("a worker died"))
            raise BrokenProcessPool("a worker died")
        self.pending.append(future)
        return future

    def close(self):
        for future in self.pending:
            if not future.done():
                future.set_exception(ShutdownExecutorError("closed"))


def test_trials_are_not_blamed_for_a_pool_that_broke_while_they_were_submitted(bench, monkeypatch):
    monkeypatch.setattr(PoolThatBreaksWhileItIsFilled, "made", 0)
    monkeypatch.setattr(dispatch, "WorkerPool", PoolThatBreaksWhileItIsFilled)
    bench.run("fine")
    assert {row["state"] for row in bench.rows().values()} == {"complete"}
