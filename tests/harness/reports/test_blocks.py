import pytest

from harness.reports.blocks import Table


def column(*cells):
    return Table("", "", (("name", "column"), *(("x", each) for each in cells))).numeric[1]


@pytest.mark.parametrize(
    "cells",
    [
        ["1", "-2.5", "−3"],
        ["0.93 ± 0.01", "n/a"],
        ["0.5 to 0.6", "none", ""],
        ["< 0.0001", "0.25"],
        ["12 %", "100 %"],
        ["8", "7 (1 left out)"],
        ["1e-05", "3.2e+08"],
        ["3, 133"],
    ],
)
def test_a_column_of_numbers_is_known(cells):
    assert column(*cells)


@pytest.mark.parametrize(
    "cells",
    [
        ["naïve", "nothing"],
        ["none", ""],
        [],
        ["0a3f", "12"],
        ["1.2.3", "2.0"],
        ["-x"],
        ["< 5 arms", "five"],
        ["1", "one"],
    ],
)
def test_a_column_of_names_is_no_column_of_numbers(cells):
    assert not column(*cells)


def test_every_column_is_judged_by_itself():
    table = Table("", "", (("arm", "n", "note"), ("a", "3", "x"), ("b", "4", "y")))
    assert table.numeric == (False, True, False)
