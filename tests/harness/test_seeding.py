from hypothesis import given
from hypothesis import strategies as st

from harness.seeding import stream

seeds = st.integers(0, 2**53 - 1)
names = st.text(st.characters(codec="utf-8"), max_size=8)


def numbers(seed, name):
    return tuple(stream(seed, name).integers(0, 2**62, size=4))


@given(seeds, names)
def test_a_stream_follows_from_its_seed_and_its_name_alone(seed, name):
    before = numbers(seed, name)
    stream(seed, name + "x").normal(size=100)
    assert numbers(seed, name) == before


@given(st.tuples(seeds, names), st.tuples(seeds, names))
def test_another_seed_or_name_is_another_stream(one, other):
    assert (numbers(*one) == numbers(*other)) == (one == other)


def test_seed_and_name_are_not_joined_as_text():
    assert numbers(1, "1a") != numbers(11, "a")


def test_streams_are_uncorrelated():
    one, other = (stream(seed, "init").normal(size=20_000) for seed in (0, 1))
    assert abs((one * other).mean()) < 0.03


def test_a_stream_gives_the_same_numbers_for_ever():
    assert numbers(3, "init") == (
        393095876942213659,
        2258519088246251164,
        1315863801164656159,
        670521982890571895,
    )
