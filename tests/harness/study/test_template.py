import importlib.util

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import Study, Trial, load_study
from harness.assets import AssetStore
from harness.errors import InputError
from harness.study.planning import plan
from harness.study.template import as_toml, begin_study

names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=6)
levels = (
    st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=8)
)
params = st.dictionaries(
    names,
    levels | st.lists(levels, max_size=2) | st.dictionaries(names, levels, max_size=2),
    max_size=3,
)


def test_a_begun_study_runs_as_it_is(tmp_path):
    study_file, function_file = begin_study("first", tmp_path)
    assert (study_file.parent, function_file.parent) == (tmp_path / "studies",) * 2
    study = load_study(study_file)
    assert study.name == "first"
    spec = importlib.util.spec_from_file_location("begun", function_file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    asked = plan(study)[0]
    trial = Trial(asked.params, asked.seed, AssetStore(tmp_path))
    assert module.main(trial.params, asked.seed, trial).keys() == {study.protocol.metric}
    assert len(trial.curve) == asked.params["steps"]


@pytest.mark.parametrize("name", ["a b", "../x", "5a", "", "a-b", "a.b", "naïve"])
def test_a_name_that_is_no_name_of_a_module_is_refused(tmp_path, name):
    with pytest.raises(InputError, match="cannot name a study and its file"):
        begin_study(name, tmp_path)
    assert not (tmp_path / "studies").exists()


@pytest.mark.parametrize("ending", ["toml", "py"])
def test_nothing_is_overwritten(tmp_path, ending):
    (tmp_path / "studies").mkdir()
    mine = tmp_path / "studies" / f"first.{ending}"
    mine.write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        begin_study("first", tmp_path)
    assert [path.read_text() for path in (tmp_path / "studies").iterdir()] == ["mine"]


@given(
    params=params, own=params, title=st.text(st.characters(codec="utf-8"), max_size=9), arm=names
)
def test_a_study_shown_as_a_file_is_the_same_study(tmp_path_factory, params, own, title, arm):
    arm = arm if arm.strip() else "arm"
    study = Study(
        name="shown",
        title=title,
        trial={"function": "a.py:main", "timeout": "90s"},
        seeds={"values": [3, 5]},
        params={"epochs": 5, **_allowed(params)},
        arms={"base": {"base": True}, arm + "_": {**_allowed(own), "base": False}},
        factors={"epochs": (1, 2)},
        protocol={
            "metric": "acc",
            "direction": "maximize",
            "control": "base",
            "comparisons": [[arm + "_", "base"]],
        },
    )
    path = tmp_path_factory.mktemp("shown") / "shown.toml"
    path.write_text(as_toml(study.definition()), encoding="utf-8")
    assert load_study(path).definition() == study.definition()


def _allowed(params):
    return {key: value for key, value in params.items() if key not in {"epochs", "base"}}
