"""How the dispatcher treats a pool that breaks at an awkward moment."""

import threading
from concurrent.futures import Future

from joblib.externals.loky.process_executor import BrokenProcessPool, ShutdownExecutorError

from harness.execution import one_run


def finish(future, function, args):
    if not future.done():
        future.set_result(function(*args))


class PoolThatBreaksWhileItIsFilled:
    """The first processes' third call finds that one has died; later ones work, slowly."""

    def __init__(self, jobs):
        self.jobs = jobs
        self.doomed = True
        self.pending = []

    def submit(self, function, *args):
        future = Future()
        if not self.doomed:
            self.pending.append(future)
            threading.Timer(0.05, finish, (future, function, args)).start()
            return future
        if len(self.pending) == 2:
            for waiting in self.pending:
                waiting.set_exception(BrokenProcessPool("a worker died"))
            raise BrokenProcessPool("a worker died")
        self.pending.append(future)
        return future

    def close(self):
        self.doomed = False
        for future in self.pending:
            if not future.done():
                future.set_exception(ShutdownExecutorError("closed"))
        self.pending = []


def test_trials_are_not_blamed_for_a_pool_that_broke_while_they_were_submitted(bench, monkeypatch):
    monkeypatch.setattr(one_run, "WorkerPool", PoolThatBreaksWhileItIsFilled)
    bench.run("fine", batch="off")
    assert {row["state"] for row in bench.rows().values()} == {"complete"}
