from dataclasses import replace

from harness.audit.rerun.environment import environment_differences
from harness.audit.rerun.execution import Execution

BEFORE = Execution(
    state="complete",
    duration_s=1.0,
    metrics={"score": 1.0},
    curve={},
    predictions=None,
    assets={"build.teacher 0123": "abc"},
    facts={"threads": 1},
    environment={
        "code": {"revision": "aaa", "dirty": False, "diff_digest": None},
        "packages": {"numpy": "2.0", "scipy": "1.14"},
        "cpu": {"model": "x", "cores": 2},
        "gpus": [],
        "threads_per_job": 1,
    },
    error=None,
)


def parts(**changes):
    found = environment_differences(BEFORE, replace(BEFORE, **changes))
    return [(each.part, each.original, each.rerun) for each in found]


def test_equal_environments_do_not_differ():
    assert parts() == []


def test_packages_come_after_code_and_machine():
    now = {
        "packages": {"numpy": "2.1", "torch": "2.6"},
        "code": {"revision": "bbb", "dirty": True, "diff_digest": "ccc"},
        "cpu": {"model": "y", "cores": 2},
        "gpus": ["one"],
        "threads_per_job": 1,
    }
    assert parts(environment=now) == [
        ("code.revision", "aaa", "bbb"),
        ("code.dirty", False, True),
        ("code.diff_digest", None, "ccc"),
        ("cpu.model", "x", "y"),
        ("gpus", [], ["one"]),
        ("packages.numpy", "2.0", "2.1"),
        ("packages.scipy", "1.14", None),
        ("packages.torch", None, "2.6"),
    ]


def test_outside_a_checkout_the_revision_is_none():
    found = parts(environment={**BEFORE.environment, "code": None})
    assert ("code.revision", "aaa", None) in found


def test_facts_and_assets_count():
    assert parts(facts={"threads": 2}, assets={"build.teacher 0123": "other"}) == [
        ("facts.threads", 1, 2),
        ("assets.build.teacher 0123", "abc", "other"),
    ]


def test_a_rerun_that_failed_noted_nothing_to_compare():
    assert parts(state="failed", facts={}, assets={}) == []
