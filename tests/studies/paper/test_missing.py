"""What a document says of results that are not there, or not all of them."""

import math

import pytest

from analysis.publication.entries import NOTHING
from harness.reports.documents import DocumentContext
from harness.reports.manuscript import Words
from harness.study.loading import Overrides, load_study
from harness.study.lookup import find_study
from studies.paper import PARTS, compose


@pytest.fixture
def composed(store, tmp_path):
    """The document of a database, by profiles."""
    return lambda *profiles: compose(
        DocumentContext(store, tmp_path / "paper", Overrides(profiles))
    )


def part(manuscript, key):
    return next(each for each in manuscript.parts if each.key == key)


def words(part):
    return " ".join(each.text for each in part.items if isinstance(each, Words))


def explained(table):
    notes = table.notes_for(table.shown)
    texts = {entry.text for column in table.shown for entry in column.entries}
    return all(
        any(note.startswith(f"{mark}:") for note in notes) for mark in texts & {NOTHING, "n/a", ""}
    )


def test_an_empty_database_names_every_study_with_its_command(composed, studies):
    manuscript, lacking = composed()
    assert len(lacking) == len(PARTS)
    for name in studies:
        assert any(f"`harness study run {name}`" in each for each in lacking)
    assert [each.stem for each in manuscript.tables] == ["claims"]
    assert manuscript.figures == ()
    for each in PARTS:
        assert f"`harness study run {each.study}`" in words(part(manuscript, each.key))


def test_the_commands_have_the_profiles(composed):
    _, lacking = composed("cifar10")
    assert "`harness study run ablation --profile cifar10` gives them." in lacking[0]
    _, lacking = composed("cifar10", "smoke")
    assert "`harness study run ablation --profile cifar10 --profile smoke`" in lacking[0]


def test_a_study_that_is_not_finished_says_how_many_of_how_many(composed, store, store_results):
    store_results(store, "ablation", only=lambda spec: spec.seed < 5)
    manuscript, lacking = composed()
    told = "Of the study ablation 40 of 160 trials are complete. `harness study run ablation` "
    assert lacking[0] == f"{told}runs the 120 that are left."
    assert lacking[0] in words(part(manuscript, "ablation"))
    assert "Interim" not in words(part(manuscript, "ablation"))
    stems = {each.stem for each in manuscript.tables}
    assert stems == {"ablation", "ablation-paper", "claims"}
    assert "5 seeds" in manuscript.tables[0].table.caption


def test_failed_trials_are_counted_with_the_command_that_tries_them_again(
    composed, store, store_results
):
    store_results(store, "overlay", failed=("p_0_2",))
    manuscript, lacking = composed()
    (told,) = (each for each in lacking if "overlay" in each)
    assert "100 of 120 trials are complete, and 20 failed" in told
    assert "`harness study run overlay --retry-failed`" in told
    assert all(explained(each.table) for each in manuscript.tables)


@pytest.mark.parametrize("study", ["ablation", "compression", "transfer", "variance", "latency"])
def test_a_study_whose_trials_all_failed_has_words_and_no_numbers(
    study, composed, store, store_results
):
    arms = load_study(find_study(study)).arms
    store_results(store, study, failed=tuple(arms))
    manuscript, lacking = composed()
    assert any(f"Of the study {study} 0 of" in each for each in lacking)
    assert all(explained(each.table) for each in manuscript.tables)


@pytest.mark.parametrize(
    "study", ["ablation", "mc_seeds", "compression", "overlay", "transfer", "alignment", "latency"]
)
def test_a_single_seed_is_shown_without_a_spread(study, composed, store, store_results):
    store_results(store, study, only=lambda spec: spec.seed == 0)
    manuscript, _ = composed()
    assert manuscript.tables
    assert all(explained(each.table) for each in manuscript.tables)


def test_a_single_trial_is_enough_for_a_page(composed, store, store_results):
    for name in ("ablation", "compression", "transfer", "latency", "examples"):
        first = []
        store_results(store, name, only=lambda spec, seen=first: not seen and not seen.append(spec))
    manuscript, _ = composed()
    assert all(explained(each.table) for each in manuscript.tables)


def test_without_any_teachers_accuracy_the_difference_to_it_is_a_dash_with_a_reason(
    composed, store, store_results, generated
):
    def without(spec):
        return {k: v for k, v in generated(spec).items() if k != "test_teacher_accuracy"}

    store_results(store, "ablation", metrics=without)
    manuscript, _ = composed()
    table = manuscript.tables[0].table
    (column,) = (each for each in table.shown if each.header == "Δ teacher")
    assert {each.text for each in column.entries} == {NOTHING}
    assert "trials report none" in table.caption_for(table.shown)


def test_metrics_that_no_trial_returned_are_named(composed, store, store_results, generated):
    def without(spec):
        found = generated(spec)
        return {k: v for k, v in found.items() if k != "latency_ms" and "recall" not in k}

    store_results(store, "compression", metrics=without, only=lambda spec: spec.seed < 4)
    store_results(store, "transfer", metrics=without)
    manuscript, _ = composed()
    compression = part(manuscript, "compression")
    assert "No trial returned latency_ms" in words(compression)
    assert "compression-time" not in {each.stem for each in compression.figures}
    assert "No trial returned the recall" in words(part(manuscript, "transfer"))


def test_where_all_differences_are_zero_that_is_the_reason_for_what_is_not_defined(
    composed, store, store_results, generated
):
    def same(spec):
        return {**generated(spec), "test_accuracy": 0.9 + 0.01 * (spec.seed % 3)}

    store_results(store, "ablation", metrics=same)
    manuscript, _ = composed()
    table = manuscript.tables[0].table
    (reason,) = (each for each in table.notes_for(table.shown) if each.startswith("n/a:"))
    assert "differences of an arm's pairs are equal" in reason
    assert "too few" not in reason


def test_how_many_images_a_folder_has_is_not_made_up(tmp_path, store, store_results):
    folder = ("params.transfer_dataset=imagefolder:elsewhere",)
    overrides = Overrides(settings=folder)
    store_results(store, "transfer", overrides=overrides, only=lambda spec: spec.seed < 2)
    manuscript, _ = compose(DocumentContext(store, tmp_path, overrides))
    (table,) = (each.table for each in manuscript.tables if each.stem == "transfer")
    assert "How many images is not known. The teacher gets a share right (0.800)." in table.caption


def test_a_metric_that_is_not_finite_is_left_out_and_said_to_be(
    composed, store, store_results, generated
):
    def diverged(spec):
        value = {"test_accuracy": math.nan} if spec.seed == 3 and spec.arm == "kd" else {}
        return {**generated(spec), **value}

    store_results(store, "mc_seeds", metrics=diverged)
    manuscript, _ = composed()
    table = manuscript.tables[0].table
    place = table.row_names.index("kd")
    (column,) = (each for each in table.columns if each.header == "n")
    assert column.entries[place].text == "19"
    assert "19 to 20 runs" in table.caption


def test_a_search_that_is_not_finished_says_how_far_it_is(composed, store, store_results):
    store_results(store, "search_grid", only=lambda spec: spec.params["kd_weight"] < 0.01)
    manuscript, lacking = composed()
    (told,) = (each for each in lacking if "search_grid" in each)
    assert "27 of 72 candidates are tried. `harness study run search_grid` goes on." in told
    (table,) = (each.table for each in manuscript.tables if each.stem == "search-surface")
    assert explained(table)
