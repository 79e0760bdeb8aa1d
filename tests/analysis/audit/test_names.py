"""The names of the room."""

from pathlib import Path

import pytest

from analysis import audit


@pytest.mark.parametrize("name", audit.__all__)
def test_every_name_can_be_imported_from_the_room(name):
    assert getattr(audit, name) is not None


def test_no_module_hides_a_check_of_its_name():
    modules = {path.stem for path in Path(audit.__file__).parent.glob("*.py")}
    assert not modules & set(audit.__all__)


def test_every_check_is_in_the_catalogue_by_its_name():
    functions = {"arithmetic": "difference_of"}
    for check in audit.CHECKS:
        assert callable(getattr(audit, functions.get(check, check)))


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = audit.nothing
