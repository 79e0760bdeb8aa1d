"""How a trial function is found, and what is refused before it is called."""

import pytest

from harness import Study
from harness.errors import SetupError, StudyError
from harness.execution.dispatch import check_runnable
from harness.execution.worker import functions


def study(folder, function=None, command=None):
    trial = {"function": function} if function else {"command": command}
    return Study(
        name="s",
        trial=trial,
        seeds={"count": 1},
        params={"rate": 1},
        arms={"a": {}, "b": {"rate": 2}},
        protocol={"metric": "m", "direction": "maximize", "control": "a"},
        source=folder / "s.toml",
    )


def refusal(folder, **what):
    with pytest.raises(StudyError) as caught:
        check_runnable(study(folder, **what))
    return str(caught.value)


def test_a_file_that_is_not_there_is_named_with_its_folder(tmp_path):
    assert f"there is no file {tmp_path / 'train.py'}" in refusal(
        tmp_path, function="train.py:main"
    )


def test_a_module_that_is_not_installed_is_named(tmp_path):
    assert "no module nowhere_to_be_found" in refusal(tmp_path, function="nowhere_to_be_found:f")


def test_a_mistyped_function_gets_the_nearest_one(tmp_path):
    (tmp_path / "train.py").write_text("def main(params, seed, trial): ...\n")
    assert "nearest: main" in refusal(tmp_path, function="train.py:mian")


@pytest.mark.parametrize("arguments", ["", "params", "params, seed", "a, b, c, d", "*, params"])
def test_a_function_that_cannot_be_called_as_a_trial_is_refused(tmp_path, arguments):
    (tmp_path / "train.py").write_text(f"def main({arguments}): ...\n")
    assert "def main(params, seed, trial)" in refusal(tmp_path, function="train.py:main")


@pytest.mark.parametrize(
    "text",
    [
        "def main(params, seed, trial): ...",
        "def main(*everything): ...",
        "def main(params, seed, trial, verbose=False): ...",
        "from elsewhere import main",
        "from elsewhere import *",
        "main = lambda params, seed, trial: {}",
        "class main:\n    pass",
    ],
)
def test_whatever_may_be_callable_as_a_trial_passes_without_being_imported(tmp_path, text):
    (tmp_path / "train.py").write_text(f"{text}\nraise SystemExit('imported')\n")
    functions.check(study(tmp_path, function="train.py:main"))


def test_a_file_that_is_no_python_is_refused(tmp_path):
    (tmp_path / "train.py").write_text("def main(:")
    assert "cannot be read as Python" in refusal(tmp_path, function="train.py:main")


def test_a_function_finds_the_modules_beside_its_file(tmp_path):
    (tmp_path / "helper_beside_it.py").write_text("VALUE = 5\n")
    text = "import helper_beside_it as h\ndef main(params, seed, trial): return {'m': h.VALUE}"
    (tmp_path / "train_with_helper.py").write_text(text)
    where = functions.locate(study(tmp_path, function="train_with_helper.py:main"))
    assert functions.load(where)({}, 0, None) == {"m": 5}


def test_files_of_the_same_name_in_two_folders_are_two_files(tmp_path):
    values = []
    for folder, value in [("first", 1), ("second", 2), ("first", 1)]:
        (tmp_path / folder).mkdir(exist_ok=True)
        text = f"def main(params, seed, trial): return {{'m': {value}}}"
        (tmp_path / folder / "twice.py").write_text(text)
        where = functions.locate(study(tmp_path / folder, function="twice.py:main"))
        values.append(functions.load(where)({}, 0, None))
    assert values == [{"m": 1}, {"m": 2}, {"m": 1}]


def test_a_file_that_could_not_be_imported_is_imported_again(tmp_path):
    file = tmp_path / "broken.py"
    file.write_text("def main(params, seed, trial): return {'m': 1}\nraise OSError('no disk')")
    where = functions.locate(study(tmp_path, function="broken.py:main"))
    for _ in range(2):
        with pytest.raises(SetupError, match="OSError: no disk"):
            functions.load(where)


def test_a_placeholder_that_nothing_fills_gets_the_nearest_one(tmp_path):
    assert "nearest: seed" in refusal(tmp_path, command=["train", "--seed", "{sed}"])


def test_braces_that_do_not_match_are_refused(tmp_path):
    assert "braces do not match" in refusal(tmp_path, command=["train", "{seed"])


def test_a_placeholder_that_only_some_arms_fill_is_refused(tmp_path):
    declared = study(tmp_path, command=["train", "{rate}", "{extra}"])
    with pytest.raises(StudyError, match="no parameter of every arm fills"):
        check_runnable(declared.model_copy(update={"arms": {"a": {}, "b": {"extra": 1}}}))
