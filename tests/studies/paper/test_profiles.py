"""Which documents a database has: the studies as their files are, and each profile."""

import pytest

from harness.errors import InputError
from harness.reports.documents import DocumentContext
from harness.study.loading import Overrides
from studies.paper import compose, profiles


def test_a_database_without_results_has_no_document(store):
    assert profiles(store) == ()


def test_each_profile_with_results_of_its_own_is_a_document(store, store_results):
    store_results(store, "mc_seeds", only=lambda spec: spec.seed < 2)
    assert profiles(store) == ((),)
    store_results(store, "ablation", profiles=("cifar10",), only=lambda spec: spec.seed < 1)
    assert profiles(store) == ((), ("cifar10",))


def test_a_profile_alone_is_no_result_of_the_plain_studies(store, store_results):
    store_results(store, "latency", profiles=("smoke",))
    assert profiles(store) == (("smoke",),)


def test_a_search_counts_as_results(store, store_results):
    store_results(store, "search_grid", profiles=("smoke",))
    assert profiles(store) == (("smoke",),)


def test_a_profile_shows_its_own_trials_only(store, store_results, tmp_path):
    store_results(store, "mc_seeds", only=lambda spec: spec.seed < 4)
    store_results(store, "mc_seeds", profiles=("cifar10",), only=lambda spec: spec.seed < 3)
    captions = {
        chosen: compose(DocumentContext(store, tmp_path, Overrides(chosen)))[0]
        .tables[0]
        .table.caption
        for chosen in ((), ("cifar10",))
    }
    assert "Data: digits; 4 seeds" in captions[()]
    assert "Data: cifar10; 3 seeds" in captions[("cifar10",)]


def test_an_unknown_profile_is_refused_with_those_there_are(store, tmp_path):
    with pytest.raises(InputError, match="nearest: cifar10"):
        compose(DocumentContext(store, tmp_path, Overrides(("cifar",))))


def test_a_study_without_the_profile_says_so(store, tmp_path, monkeypatch):
    folder = tmp_path / "studies"
    folder.mkdir()
    (folder / "overlay.toml").write_text(
        'name = "overlay"\n[trial]\nfunction = "nowhere:f"\n[seeds]\ncount = 2\n[arms.none]\n'
        '[protocol]\nmetric = "score"\ndirection = "maximize"\ncontrol = "none"\n'
    )
    monkeypatch.chdir(tmp_path)
    _, lacking = compose(DocumentContext(store, tmp_path, Overrides(("cifar10",))))
    assert "The study overlay has no profile cifar10." in lacking


def test_changes_of_the_command_line_show_the_trials_that_were_run_with_them(
    store, store_results, tmp_path
):
    changed = Overrides(settings=("params.dataset=imagefolder:a b",))
    store_results(store, "mc_seeds", overrides=changed, only=lambda spec: spec.seed < 3)
    manuscript, lacking = compose(DocumentContext(store, tmp_path, changed))
    assert "Data: images of a folder; 3 seeds" in manuscript.tables[0].table.caption
    assert "`harness study run ablation --set 'params.dataset=imagefolder:a b'`" in lacking[0]
    unchanged = compose(DocumentContext(store, tmp_path))[0]
    assert [each.stem for each in unchanged.tables] == ["claims"]


def test_a_change_that_a_study_cannot_have_is_told_in_its_place(store, tmp_path):
    changed = Overrides(settings=("params.epochs=3",))
    _, lacking = compose(DocumentContext(store, tmp_path, changed))
    assert any("The study latency cannot be shown" in each for each in lacking)
    assert any("`harness study run ablation --set params.epochs=3`" in each for each in lacking)
