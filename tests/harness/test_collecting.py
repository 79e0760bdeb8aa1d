import gc

import pytest

from harness.collecting import collection_held_back


def _fails_inside():
    with collection_held_back():
        raise KeyError


def test_the_collector_is_held_back_and_comes_back():
    assert gc.isenabled()
    with collection_held_back():
        with collection_held_back():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_comes_back_after_an_error():
    with pytest.raises(KeyError):
        _fails_inside()
    assert gc.isenabled()
