import pytest

from benchmarks.measuring import Contestant, ContestantError, contest
from benchmarks.model import LeftOut, Quantity

HERE = "tests.benchmarks.contestants"
SECONDS = Quantity("s")


def scripted(name, times_s, role="ours", **settings):
    return Contestant(name, role, f"{HERE}:scripted", {"times_s": times_s, **settings})


def walls(table, name):
    return [turn.wall_s for turn in table.figure(name).turns]


def test_contestants_take_turns(tmp_path):
    log = str(tmp_path / "log")
    contest(
        "",
        SECONDS,
        [
            scripted("a", [1, 1, 1], log=log, mark="a"),
            scripted("b", [1, 1, 1], role="peer", log=log, mark="b"),
        ],
        rounds=2,
    )
    assert (tmp_path / "log").read_text() == "ababab"


def test_a_short_first_run_does_not_count():
    table = contest("", SECONDS, [scripted("a", [1.5, 3, 5, 4])], rounds=3)
    assert walls(table, "a") == [3, 5, 4]
    assert table.figure("a").median(SECONDS) == 4


def test_a_long_first_run_counts():
    table = contest("", SECONDS, [scripted("a", [2.5, 2, 3])], rounds=3)
    assert walls(table, "a") == [2.5, 2, 3]


@pytest.mark.parametrize(
    ("times_s", "counting"),
    [
        ([0] + [1] * 7, 7),
        ([0] + [1.9] * 6, 7),
        ([2.5] * 5, 5),
        ([4.9] * 5, 5),
        ([5.1] * 3, 3),
        ([29] * 3, 3),
        ([31], 1),
    ],
)
def test_who_takes_longer_runs_less_often(times_s, counting):
    table = contest("", SECONDS, [scripted("a", [*times_s, times_s[-1]])], rounds=7)
    assert len(walls(table, "a")) == counting


def test_no_one_runs_more_often_than_asked_for():
    table = contest("", SECONDS, [scripted("a", [0, 1, 1])], rounds=2)
    assert walls(table, "a") == [1, 1]


def test_contestants_get_ready_before_anyone_runs(tmp_path):
    log = str(tmp_path / "log")
    ready = [scripted(name, [1, 1], log=log, mark=name, ready=name.upper()) for name in "abc"]
    contest("", SECONDS, ready, rounds=1)
    done = (tmp_path / "log").read_text()
    assert set(done[:3]) == set("ABC")
    assert done[3:] == "abcabc"


def test_details_are_those_of_the_last_run():
    table = contest("", SECONDS, [scripted("a", [1, 1])], rounds=1)
    assert table.figure("a").details == {"rounds": 1.0}


def test_memory_is_that_of_the_contestants_own_process():
    contestants = [
        Contestant("much", "ours", f"{HERE}:holding", {"megabytes": 200}),
        Contestant("little", "peer", f"{HERE}:holding", {"megabytes": 1}),
    ]
    table = contest("", SECONDS, contestants, rounds=1, memory=True)
    much, little = (table.figure(name).peak_rss_mb for name in ("much", "little"))
    assert much > 200
    assert little < 100


def test_memory_that_was_not_asked_for_is_not_told():
    table = contest("", SECONDS, [scripted("a", [1, 1])], rounds=1)
    assert table.figure("a").peak_rss_mb is None


def test_what_contestants_print_does_not_come_between_their_answers():
    words = '{"wall_s": 7}\n'
    chatty = Contestant("a", "ours", f"{HERE}:chatty", {"words": words})
    (turn,) = contest("", SECONDS, [chatty], rounds=1).figure("a").turns
    assert turn.wall_s < 5


@pytest.mark.parametrize("when", ["ready", "running"])
def test_a_peer_that_breaks_down_is_left_out_with_its_reason(when):
    peer = Contestant("b", "peer", f"{HERE}:breaking", {"when": when})
    table = contest("", SECONDS, [scripted("a", [1, 1]), peer], rounds=1)
    assert table.left_out == (LeftOut("b", "ValueError: the disk is full"),)
    assert table.figure("b") is None
    assert walls(table, "a") == [1]


def test_a_peer_whose_process_ends_is_left_out():
    peer = Contestant("b", "peer", f"{HERE}:leaving")
    table = contest("", SECONDS, [scripted("a", [1, 1]), peer], rounds=1)
    assert table.left_out == (LeftOut("b", "its process ended"),)


def test_a_peer_that_is_not_installed_is_named():
    peer = Contestant("b", "peer", "no_such_package.at_all:run")
    table = contest("", SECONDS, [scripted("a", [1, 1]), peer], rounds=1)
    assert table.left_out == (
        LeftOut("b", "ModuleNotFoundError: No module named 'no_such_package'"),
    )


def test_peers_without_their_environment_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr("benchmarks.measuring.PEERS_PYTHON", tmp_path / "python")
    peer = Contestant("b", "peer", f"{HERE}:leaving", environment="peers")
    table = contest("", SECONDS, [scripted("a", [1, 1]), peer], rounds=1)
    assert table.left_out == (LeftOut("b", "not installed: `make bench-peers` installs it"),)


def test_ours_may_not_break_down():
    ours = Contestant("a", "ours", f"{HERE}:breaking", {"when": "running"})
    with pytest.raises(ContestantError, match="the disk is full"):
        contest("", SECONDS, [ours], rounds=1)


def test_versions_are_those_in_the_contestants_environment():
    from importlib.metadata import version

    ours = Contestant("a", "ours", f"{HERE}:chatty", {"words": ""}, packages=("numpy",))
    table = contest("", SECONDS, [ours], rounds=1)
    assert table.figure("a").versions == {"numpy": version("numpy")}
