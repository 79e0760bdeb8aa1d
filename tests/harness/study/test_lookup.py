import logging
import sys

import pytest

from harness.errors import StudyNotFoundError
from harness.study.lookup import find_study, study_files


@pytest.fixture
def here(tmp_path):
    """A folder with a study of its own in ./studies/."""
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies" / "mine.toml").write_text('name = "mine"')
    return tmp_path


@pytest.fixture
def register(tmp_path, monkeypatch):
    """Install a distribution that registers a package for studies."""
    site = tmp_path / "site"

    def install(package, *files, value=None):
        (site / package).mkdir(parents=True)
        (site / package / "__init__.py").write_text("raise RuntimeError('it was imported')")
        for file in files:
            (site / package / file).write_text("")
        info = site / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        points = f"[harness.studies]\n{package} = {value or package}\n"
        (info / "entry_points.txt").write_text(points)
        monkeypatch.syspath_prepend(str(site))

    return install


def found(folder):
    return {file.name: file.origin for file in study_files(folder)}


def test_a_study_is_found_in_the_folder_of_studies(here):
    assert find_study("mine", here) == here / "studies" / "mine.toml"
    assert found(here)["mine"] == "./studies"


def test_a_path_is_taken_as_it_is(here, monkeypatch):
    monkeypatch.chdir(here)
    path = here / "studies" / "mine.toml"
    assert find_study(str(path)) == path
    assert find_study("studies/mine.toml").is_file()


@pytest.mark.parametrize("name", ["none.toml", "studies/none.toml", "./studies"])
def test_a_missing_path_is_refused(name, here, monkeypatch):
    monkeypatch.chdir(here)
    with pytest.raises(StudyNotFoundError, match="no such study file"):
        find_study(name)


def test_an_unknown_name_is_refused_with_those_there_are(here):
    with pytest.raises(StudyNotFoundError) as refusal:
        find_study("mime", here)
    text = str(refusal.value)
    for part in ("given:   mime", "nearest: mine", "harness study list", "harness study new"):
        assert part in text


def test_a_registered_study_is_found_without_importing_its_package(here, register):
    register("beside_studies", "theirs.toml")
    assert found(here)["theirs"] == "beside_studies"
    assert find_study("theirs", here).name == "theirs.toml"
    assert "beside_studies" not in sys.modules


def test_a_nearer_study_hides_a_farther_one(here, register):
    register("beside_studies", "mine.toml")
    assert found(here)["mine"] == "./studies"


def test_a_broken_registration_is_told_and_hides_no_other(here, register, caplog):
    register("broken_studies", value="not_installed_anywhere")
    register("a_module", value="json.decoder")
    register("sound_studies", "theirs.toml")
    with caplog.at_level(logging.WARNING):
        assert {"mine", "theirs"} <= found(here).keys()
    assert "'broken_studies' are left out" in caplog.text
    assert "it is not installed" in caplog.text
    assert "it is no package" in caplog.text


def test_a_folder_without_studies_has_none_of_its_own(tmp_path):
    assert "./studies" not in found(tmp_path).values()
