import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.canonical import canonical_json, digest

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"))
)
texts = st.text(st.characters(codec="utf-8"), max_size=5)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)


def reversed_keys(value):
    if isinstance(value, dict):
        return {key: reversed_keys(value[key]) for key in reversed(value)}
    return [reversed_keys(item) for item in value] if isinstance(value, list) else value


def typed(value):
    """The value with numbers as numbers and truth values apart from them, to compare by."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    return ("bool", value) if isinstance(value, bool) else value


@given(values)
def test_the_order_of_keys_does_not_matter(value):
    assert canonical_json(value) == canonical_json(reversed_keys(value))


@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_a_whole_number_is_one_number_however_it_is_written(number):
    assert canonical_json({"n": number}) == canonical_json({"n": float(number)})


@given(values, values)
def test_only_equal_values_have_the_same_text(one, other):
    assert (canonical_json(one) == canonical_json(other)) == (typed(one) == typed(other))


@given(st.dictionaries(texts, values, min_size=1, max_size=4), st.data())
def test_any_change_of_a_value_changes_its_digest(value, data):
    key = data.draw(st.sampled_from(sorted(value)))
    changes = [
        {**value, key: [value[key]]},
        {name: item for name, item in value.items() if name != key},
        {**value, key + "x" * 6: None},
        {**value, key: {"": value[key]}},
    ]
    assert digest("trial", value) not in {digest("trial", change) for change in changes}


@pytest.mark.parametrize(
    ("one", "other"),
    [(5, "5"), (1, True), (0, False), (None, ""), ([], {}), ("a", "A"), (0.1, 0.1 + 2**-56)],
)
def test_what_only_looks_alike_differs(one, other):
    assert digest("trial", one) != digest("trial", other)


def test_tuples_are_lists():
    assert canonical_json((1, (2,))) == canonical_json([1, [2]])


def test_a_trial_is_never_taken_for_an_asset_of_equal_content():
    assert digest("trial", {"a": 1}) != digest("asset", {"a": 1})


def test_a_digest_never_changes_between_versions_of_harness():
    assert (
        digest("trial", {"study": "s", "params": {"lr": 0.1, "n": 5.0}, "seed": 3})
        == "8086ab21dc5be2c78535aeaba53f1d55d5481bef7bc9dce5752127b7c1c7fa59"
    )


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, 2**53, -(2**53), {1: 2}, {1, 2}, b"a", "\ud800"]
)
def test_what_json_cannot_hold_is_refused(value):
    with pytest.raises(ValueError, match=r"canonical JSON|surrogates"):
        canonical_json({"value": value})
