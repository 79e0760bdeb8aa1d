import numpy as np
import pytest

from analysis import drawing
from analysis.drawing import Resampler, stream


def first(*key, seed=0):
    return int(stream(seed, *key).integers(2**62))


def test_a_stream_depends_on_its_seed_and_key_alone():
    stream(5, "other").random(1000)
    assert first("bootstrap", 20, "pairs") == first("bootstrap", 20, "pairs")


@pytest.mark.parametrize(
    "key",
    [
        ("bootstrap", 20),
        ("bootstrap", 20, "pair"),
        ("bootstrap", "20", "pairs"),
        ("bootstrap20", "pairs"),
        ("bootstrap", 2, "0pairs"),
        ("pairs", 20, "bootstrap"),
        ("bootstrap", 20, "pairs", ""),
        ("bootstrap", [20, "pairs"]),
    ],
)
def test_another_key_is_another_stream(key):
    assert first(*key) != first("bootstrap", 20, "pairs")


def test_another_seed_is_another_stream():
    assert len({first("x", seed=seed) for seed in range(50)}) == 50


def test_a_cell_of_factor_levels_is_a_key():
    cells = [(), (("k", 5),), (("k", 5.5),), (("k", "5"),), (("k", True),), (("k", 5), ("d", "ü"))]
    assert len({first("power", "kd", cell) for cell in cells}) == len(cells)


def test_streams_of_different_keys_are_not_correlated():
    draws = np.array([stream(0, "x", place).normal(size=2000) for place in range(20)])
    correlations = np.corrcoef(draws)[np.triu_indices(20, 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(2000)


def test_a_key_that_json_cannot_write_is_refused():
    with pytest.raises(TypeError):
        stream(0, object())


def test_weights_are_shares_of_resamples():
    weights = Resampler(0, 500).weights(7, "pairs")
    assert weights.shape == (500, 7)
    assert weights.sum(axis=1) == pytest.approx(1)
    assert weights * 7 == pytest.approx(np.round(weights * 7))
    assert weights.min() == 0


def test_comparisons_of_the_same_size_share_their_weights():
    resampler = Resampler(0, 100)
    assert resampler.weights(9, "pairs") is resampler.weights(9, "pairs")


def test_weights_do_not_depend_on_what_was_drawn_before():
    alone, after = Resampler(3, 100), Resampler(3, 100)
    after.weights(5, "pairs")
    after.weights(9, "reference")
    assert np.array_equal(alone.weights(9, "pairs"), after.weights(9, "pairs"))


def test_other_sizes_roles_and_seeds_have_other_weights():
    resampler = Resampler(0, 100)
    own = resampler.weights(9, "pairs")
    assert not np.array_equal(own, resampler.weights(9, "reference"))
    assert not np.array_equal(own, Resampler(1, 100).weights(9, "pairs"))
    assert resampler.weights(8, "pairs").shape == (100, 8)


def test_samples_too_large_to_resample_have_no_weights(monkeypatch):
    monkeypatch.setattr(drawing, "_MOST_WEIGHTS", 1000)
    resampler = Resampler(0, 100)
    assert resampler.weights(10, "pairs").shape == (100, 10)
    assert resampler.weights(11, "pairs") is None
