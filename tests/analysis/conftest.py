import numpy as np
import pandas as pd
import pytest

NASTY_ARMS = ("a 0", 'a<b&"c"%_$x$', "a'; echo foo", "../x", "naïve", "蒸留 {0} \\frac", "100%,")


def _long_form(values, *, metric="accuracy"):
    rows = [(arm, seed, value) for arm, each in values.items() for seed, value in enumerate(each)]
    return pd.DataFrame(rows, columns=["arm", "seed", metric])


def _accuracies(arms, *, n=20, step=0.001, seed=0):
    rng = np.random.default_rng(seed)
    shared = rng.normal(0.93, 0.004, size=n)
    return _long_form(
        {
            arm: np.round(shared + step * place + rng.normal(0, 0.002, size=n), 4)
            for place, arm in enumerate(arms)
        }
    )


@pytest.fixture(scope="session")
def long_form():
    """Make a frame with one row a run from {arm: values}; blocks are numbered from 0."""
    return _long_form


@pytest.fixture(scope="session")
def accuracies():
    """Make accuracies on a grid of 0.0001 that share a part by seed; each arm gains `step`."""
    return _accuracies


@pytest.fixture(scope="session")
def nasty_arms():
    """Names that have meant something to a shell, a formula, a page or a path."""
    return list(NASTY_ARMS)


@pytest.fixture(params=NASTY_ARMS)
def nasty(request):
    """Each of these names in turn."""
    return request.param
