import pytest

from studies.distillation import telling
from studies.distillation.telling import Telling


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(telling.time, "monotonic", lambda: now[0])

    def wait(seconds):
        now[0] += seconds

    return wait


def test_what_takes_a_few_seconds_is_not_worth_a_line(clock, capsys):
    done = Telling("maps", 10, "images").part(10)
    clock(4.0)
    done(9)
    assert capsys.readouterr() == ("", "")


def test_what_takes_longer_tells_how_far_it_is_and_how_long_it_will_take(clock, capsys):
    done = Telling("maps", 400, "images").part(400)
    clock(6.0)
    done(100)
    assert capsys.readouterr() == ("", "maps: 100 of 400 images, about 18 s left\n")


def test_lines_are_few(clock, capsys):
    done = Telling("maps", 1000, "images").part(1000)
    for number in range(1, 101):
        clock(1.0)
        done(10 * number)
    assert len(capsys.readouterr().err.splitlines()) == 4


def test_parts_are_counted_together(clock, capsys):
    maps = Telling("maps", 300, "images")
    maps.part(100)(100)
    second = maps.part(200)
    clock(600.0)
    second(50)
    assert capsys.readouterr().err == "maps: 150 of 300 images, about 10 min left\n"


def test_the_end_needs_no_line(clock, capsys):
    done = Telling("maps", 10, "images").part(10)
    clock(60.0)
    done(10)
    assert capsys.readouterr().err == ""
