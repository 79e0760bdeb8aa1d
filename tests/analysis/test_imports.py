import subprocess
import sys

import pytest

import analysis


def loaded_after(statement):
    code = f"import sys; {statement}; print(*{{name.split('.')[0] for name in sys.modules}})"
    return set(subprocess.check_output([sys.executable, "-c", code], text=True).split())


def test_reading_a_protocol_loads_nothing_heavy():
    loaded = loaded_after("from analysis import Protocol; Protocol('m', 'maximize', 'a')")
    assert not loaded & {"numpy", "pandas", "scipy", "matplotlib", "seaborn"}


def test_comparing_loads_no_plotting():
    assert not loaded_after("from analysis import compare") & {"matplotlib", "seaborn"}


@pytest.mark.parametrize("name", analysis.__all__)
def test_every_public_name_is_there_and_documented(name):
    assert getattr(analysis, name).__doc__


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'comparee'"):
        analysis.comparee  # noqa: B018
