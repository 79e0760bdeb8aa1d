import pytest

from harness import Study
from harness.outcome import Outcome
from harness.store.store import ResultsStore
from harness.study.planning import plan

NASTY = ("a 0", 'a"=0"', "a'; echo foo", "../x", "<b>", "100%", "naïve", "蒸留,;")

ENVIRONMENT = {"python": "CPython 3.11", "packages": {"numpy": "2.0"}, "code": None}


def _study(**changes):
    return Study(
        **{
            "name": "bench",
            "trial": {"function": "trials.py:main"},
            "seeds": {"count": 2},
            "params": {"lr": 0.1, "epochs": 5},
            "arms": {"base": {}, "fast": {"lr": 0.5}},
            "protocol": {"metric": "acc", "direction": "maximize", "control": "base"},
            **changes,
        }
    )


def _outcome(spec, **changes):
    return Outcome(
        **{
            "digest": spec.digest,
            "state": "complete",
            "started_at": 1000.0,
            "duration_s": 2.0,
            "metrics": {"acc": 0.9 + 0.01 * spec.seed},
            "curve": (),
            "predictions": None,
            "assets": (),
            "facts": {},
            **changes,
        }
    )


def _failure(spec, error="ValueError: no", **changes):
    return _outcome(
        spec,
        **{"state": "failed", "metrics": {}, "error": error, "traceback": "Traceback", **changes},
    )


def _finish(store, study, outcomes=None):
    """Enter a study's trials and store an outcome for each, as one run of it would."""
    specs = plan(study)
    store.add_planned(study, specs)
    run = store.begin_run(study, ENVIRONMENT)
    outcomes = [_outcome(spec) for spec in specs] if outcomes is None else outcomes
    store.claim(run, [each.digest for each in outcomes])
    store.record(run, outcomes)
    return run


@pytest.fixture(scope="session")
def study():
    """Make a small study: two arms, two seeds, two parameters; anything can be changed."""
    return _study


@pytest.fixture(scope="session")
def outcome():
    """Make what comes of a trial that went well."""
    return _outcome


@pytest.fixture(scope="session")
def failure():
    """Make what comes of a trial that raised."""
    return _failure


@pytest.fixture(scope="session")
def finish():
    return _finish


@pytest.fixture(scope="session")
def environment():
    return ENVIRONMENT


@pytest.fixture
def store(tmp_path):
    return ResultsStore(tmp_path / "results.db")


@pytest.fixture(params=NASTY)
def nasty(request):
    """Each name in turn that has meant something to a shell, a formula, a page or a path."""
    return request.param
