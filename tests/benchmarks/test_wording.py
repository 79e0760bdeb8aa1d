import pytest

from benchmarks.wording import number


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (0.01234, "0.0123"),
        (0.9996, "1.00"),
        (4.5678, "4.57"),
        (78.94, "78.9"),
        (999.6, "1,000"),
        (1234.5, "1,230"),
        (1234567, "1,230,000"),
        (-4.5678, "-4.57"),
        (1.5e-9, "1.50e-09"),
    ],
)
def test_numbers_have_three_significant_digits(value, shown):
    assert number(value) == shown
