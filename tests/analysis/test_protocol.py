import pytest

from analysis import Protocol, ProtocolError, UnknownArmError


def protocol(**changes):
    return Protocol(**{"metric": "accuracy", "direction": "maximize", "control": "a", **changes})


def test_the_control_is_the_reference_of_every_other_arm_in_the_order_given():
    assert protocol().pairs(["b", "a", "c"]) == (("b", "a"), ("c", "a"))


def test_all_pairs_hold_each_arm_against_every_earlier_one_and_the_control_is_the_earliest():
    pairs = protocol(comparisons="all_pairs").pairs(["b", "a", "c"])
    assert pairs == (("b", "a"), ("c", "a"), ("c", "b"))


def test_pairs_that_are_spelled_out_keep_their_order():
    chosen = (("c", "b"), ("b", "a"))
    assert protocol(comparisons=chosen).pairs(["a", "b", "c"]) == chosen


@pytest.mark.parametrize("changes", [{"control": "bse"}, {"comparisons": (("bse", "a"),)}])
def test_an_arm_without_runs_is_named_with_what_is_there_and_the_nearest_match(changes):
    with pytest.raises(UnknownArmError, match="Did you mean 'base'") as caught:
        protocol(**changes).pairs(["a", "base"])
    assert caught.value.arm == "bse"
    assert caught.value.known == ("a", "base")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("alpha", 0.0),
        ("alpha", 1.0),
        ("alpha", float("nan")),
        ("alpha", "0.05"),
        ("alpha", None),
        ("run_correlation", "0.1"),
        ("smallest_effect", "0.01"),
        ("smallest_effect", 0.0),
        ("smallest_effect", -1.0),
        ("smallest_effect", float("inf")),
        ("metric", ""),
        ("control", " "),
        ("control", 0),
        ("comparisons", 5),
        ("comparisons", (1, 2)),
        ("comparisons", ((1, 2),)),
        ("direction", "up"),
        ("test", "sign"),
        ("correction", "bonferoni"),
        ("comparisons", "everything"),
        ("comparisons", ()),
        ("comparisons", (("a", "a"),)),
        ("comparisons", (("a", ""),)),
        ("comparisons", (("b", "a"), ("a", "b"))),
    ],
)
def test_an_impossible_value_is_refused_with_its_field_and_what_is_allowed(field, value):
    with pytest.raises(ValueError, match=field) as caught:
        protocol(**{field: value})
    assert isinstance(caught.value, ProtocolError)
    assert caught.value.field == field
    assert caught.value.allowed
