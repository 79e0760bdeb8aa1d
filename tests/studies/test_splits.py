import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.seeding import stream
from studies.distillation.splits import stratified_split


@given(
    sizes=st.lists(st.integers(5, 60), min_size=1, max_size=8),
    fraction=st.floats(0.3, 0.7),
    seed=st.integers(0, 1000),
)
def test_both_parts_together_are_everything_and_each_class_has_its_share(sizes, fraction, seed):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    split = stratified_split(labels, fraction, stream(seed, "split"))
    assert np.array_equal(np.sort(np.r_[split.chosen, split.rest]), np.arange(len(labels)))
    shares = np.bincount(labels[split.chosen], minlength=len(sizes))
    assert (np.abs(shares - fraction * np.array(sizes)) < 1 + 1e-6).all()
    assert len(split.chosen) == int(fraction * len(labels) + 1e-9)


def test_another_stream_gives_another_split():
    labels = np.repeat(np.arange(10), 20)
    first, second, again = (stratified_split(labels, 0.8, stream(s, "split")) for s in (1, 2, 1))
    assert np.array_equal(first.chosen, again.chosen)
    assert not np.array_equal(first.chosen, second.chosen)


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.5, float("nan")])
def test_a_fraction_out_of_range_is_refused(fraction):
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        stratified_split(np.repeat([0, 1], 10), fraction, stream(1, "split"))


def test_a_part_without_some_class_is_refused():
    with pytest.raises(ValueError, match="without some class"):
        stratified_split(np.repeat([0, 1], [50, 2]), 0.1, stream(1, "split"))
