"""The document of a database with every result: what it holds, and that its numbers are right."""

import re
from collections import Counter

import numpy as np
import pytest

from analysis import paired_t_test
from analysis.inference.normality import lilliefors
from analysis.inference.paired import pair
from analysis.inference.ratio import ratio_interval
from analysis.inference.samples import samples
from analysis.publication.macros import letters
from harness.reports.manuscript import Words
from harness.search.arms import arm_searches
from harness.search.judging import judged
from harness.study.loading import load_study
from harness.study.lookup import find_study
from studies.paper.compression_sizes import PROFILE_BATCH, PROFILE_THREADS

COMPARED = {
    "ablation": "ablation",
    "monte-carlo": "mc_seeds",
    "overlay": "overlay",
    "attention": "attention",
    "transfer": "transfer",
    "alignment": "alignment",
    "compression-tests": "compression",
    "examples": "examples",
}
KINDS = (
    "what it costs \\(below zero\\)",
    "what it costs or gains that an image's own",
    "what the teacher's help",
)
MARKS = {"–": "–:", "n/a": "n/a:"}


def test_it_lacks_nothing_and_shows_every_part_that_the_paper_prints(whole):
    manuscript, lacking = whole
    assert lacking == ()
    assert {each.stem for each in manuscript.tables} == {
        *COMPARED,
        "ablation-paper",
        "monte-carlo-paper",
        "compression",
        "compression-pareto",
        "compression-paper",
        "compression-sizes",
        "search-surface",
        "search-winners",
        "sizes",
        "sizes-tests",
        "sizes-paper",
        "transfer-metrics",
        "transfer-classes",
        "transfer-classes-right",
        "transfer-paper",
        "variance",
        "claims",
    }
    assert {each.stem for each in manuscript.figures} >= {
        "ablation-runs",
        "monte-carlo-histograms",
        "compression-accuracy",
        "compression-speed",
        "compression-time",
        "compression-pareto-1",
        "search-surface",
        "overlay",
        "attention",
        "alignment-differences",
        "transfer-differences",
        "examples-maps",
        "examples-attention-0",
    }


def test_no_table_has_an_empty_place_that_no_note_explains(whole):
    manuscript, _ = whole
    assert len(manuscript.tables) > 20
    for each in manuscript.tables:
        notes = each.table.notes_for(each.table.shown)
        for column in each.table.shown:
            for entry in column.entries:
                assert entry.text.strip(), (each.stem, column.header)
                if entry.text in MARKS:
                    found = [note for note in notes if note.startswith(MARKS[entry.text])]
                    assert found, (each.stem, column.header, entry.text)


def _says_what_it_shows(caption):
    """Whether a caption names our data, n, and the test; or, of the paper's numbers, that."""
    if not re.search(r"Data: (networks for )?digits\b", caption):
        return caption.startswith("Paper: ")
    has_n = re.search(r"\bn = [1-9]\d*( to [1-9]\d*)? (runs?|images|measurement)\b", caption)
    tested = re.search(
        r"Test: two-sided (sign-flip permutation|paired t|Welch's t)[^;]*, "
        r"(Holm's correction for \d+ comparisons?|no correction)[^;]*; α = 0\.05\.",
        caption,
    )
    papers_test = re.search(r"^The paper's way of testing [^:]+: a (paired )?t-test", caption)
    return bool(has_n) and bool(tested or papers_test or "Nothing is tested." in caption)


def test_every_caption_says_data_n_and_test(whole):
    manuscript, _ = whole
    captions = [
        *((each.stem, each.table.caption_for(each.table.shown)) for each in manuscript.tables),
        *((each.stem, each.caption) for each in manuscript.figures),
    ]
    assert [stem for stem, caption in captions if not _says_what_it_shows(caption)] == []


def test_every_interval_that_a_caption_speaks_of_has_its_level(whole):
    manuscript, _ = whole
    captions = [each.table.caption_for(each.table.shown) for each in manuscript.tables]
    captions += [each.caption for each in manuscript.figures]
    found = [
        (match[1], caption)
        for caption in captions
        for match in re.finditer(r"(\S+ \S+ \S+ \S+) intervals?\b", caption)
    ]
    assert len(found) > 15
    assert [
        caption
        for before, caption in found
        if "95 %" not in before and not before.endswith((" is no", " in no"))
    ] == []


def test_every_figure_has_words_for_those_who_cannot_see_it(whole):
    manuscript, _ = whole
    assert all(len(figure.description) > 30 for figure in manuscript.figures)


@pytest.mark.parametrize("stem", COMPARED)
def test_numbers_are_those_of_the_studys_own_comparison(stem, table_of, answer_of):
    results = answer_of(COMPARED[stem]).comparisons
    table = table_of(stem)
    rows = [
        {
            quantity.name: quantity.value
            for column in table.columns
            for quantity in column.entries[place].quantities
        }
        for place in range(table.n_rows)
    ]
    compared = [row for row in rows if row.get("difference") is not None]
    assert len(compared) == len(results.comparisons)
    for row in compared:
        cell = {name: row[name] for name, _ in results.comparisons[0].cell}
        expected = results.comparison(row["arm"], row["reference"], **cell)
        assert row["difference"] == expected.difference
        assert row["p"] == expected.p_value
        assert row["p_adjusted"] == expected.p_adjusted
    means = {(each.arm, each.cell): each.mean for each in results.arms}
    shown = {row["mean"] for row in rows}
    assert shown == set(means.values())


def test_the_ablation_stands_beside_its_one_teacher_and_marks_the_best_of_n(
    table_of, values, answer_of
):
    table = table_of("ablation")
    results = answer_of("ablation").comparisons
    teacher = 0.97
    for arm in results.arms:
        row = values(table)["", arm.arm]
        assert row["best"] == arm.best
        assert row["difference_to_teacher"] == pytest.approx(arm.mean - teacher)
    assert [each.header for each in table.shown].count("best of n") == 1
    assert "grows with n and is no result" in table.caption_for(table.shown)


def test_the_papers_own_test_stands_beside_and_says_what_it_is(table_of, values, answer_of):
    found = answer_of("ablation")
    frame = found.compared.set_index("seed")
    arm, control = (
        frame[frame["arm"] == name]["test_accuracy"].sort_index() for name in ("kd", "student")
    )
    expected = paired_t_test(pair(arm, control))
    row = values(table_of("ablation-paper"))["here", "kd"]
    assert row["t"] == pytest.approx(expected.statistic)
    assert row["p"] == pytest.approx(expected.p_value)
    assert "not corrected" in table_of("ablation-paper").caption


def test_the_monte_carlo_table_has_medians_and_normality(table_of, values, answer_of):
    frame = answer_of("mc_seeds").compared
    for arm, rows in frame.groupby("arm"):
        row = values(table_of("monte-carlo"))["", arm]
        accuracies = rows["test_accuracy"]
        assert row["median"] == np.median(accuracies)
        assert row["sd"] == pytest.approx(np.std(accuracies, ddof=1))
        assert row["p_normal"] == lilliefors(accuracies).p_value
        beside = values(table_of("monte-carlo-paper"))["here", arm]
        assert beside["lilliefors"] == row["lilliefors"]


def test_the_equal_variance_t_of_the_paper_is_scipys(table_of, values, answer_of):
    from scipy import stats

    frame = answer_of("mc_seeds").compared
    arm, control = (frame[frame["arm"] == name]["test_accuracy"] for name in ("kd_ig", "student"))
    expected = stats.ttest_ind(arm, control)
    row = values(table_of("monte-carlo-paper"))["here", "kd_ig"]
    assert (row["t"], row["p"]) == pytest.approx((expected.statistic, expected.pvalue))


def test_compression_has_a_row_for_every_level_and_a_column_for_every_arm(
    table_of, values, answer_of
):
    found = answer_of("compression")
    rows = values(table_of("compression"))
    assert len(rows) == len(found.study.factors["blocks_removed"])
    for arm in found.comparisons.arms:
        ((_, level),) = arm.cell
        assert rows["", f"blocks_removed {level}"][f"{arm.arm} mean"] == arm.mean


def test_a_sweeps_first_numbers_are_the_arms_own_parameter(table_of, values, answer_of):
    for stem, parameter in (("overlay", "overlay_probability"), ("attention", "attention_weight")):
        found = answer_of(stem)
        for (_, arm), row in values(table_of(stem)).items():
            assert row[parameter] == found.study.arms[arm][parameter]


def _latencies(answer_of, network):
    frame = answer_of("latency").compared
    return frame[(frame["arm"] == network) & (frame["batch_size"] == 64)]["latency_ms"]


def test_a_speed_up_is_the_ratio_of_means_of_processes_that_share_nothing(
    table_of, values, answer_of
):
    teacher, student = (_latencies(answer_of, name).to_numpy() for name in ("teacher", "k5"))
    expected = ratio_interval(samples(teacher, student), 0.95)
    row = values(table_of("sizes"))["batch of 64", "k5"]
    assert row["speedup"] == pytest.approx(teacher.mean() / student.mean())
    assert (row["speedup_low"], row["speedup_high"]) == (expected.low, expected.high)
    assert row["latency_ms"] == pytest.approx(student.mean())
    assert row["peak_memory_mb"] == 20
    beside = values(table_of("sizes-paper"))["", "k 5"]
    assert beside["paper_multiply_adds_ratio"] == pytest.approx(1.50, abs=0.005)
    assert beside["speedup"] == row["speedup"]
    assert "10.8 times" in table_of("sizes-paper").caption


def test_latencies_are_tested_as_independent_runs(table_of, values, answer_of):
    from scipy import stats

    student, teacher = (_latencies(answer_of, name) for name in ("k5", "teacher"))
    table = table_of("sizes-tests")
    row = values(table)["batch_size = 64", "k5"]
    expected = stats.ttest_ind(student, teacher, equal_var=False)
    assert row["p"] == pytest.approx(expected.pvalue)
    assert "Test: two-sided Welch's t" in table.caption
    assert "share nothing" in table.caption
    for stem in ("sizes", "sizes-tests", "sizes-paper"):
        assert "Device: cpu, 1 thread." in table_of(stem).caption


def test_every_student_of_the_sweep_has_its_size_and_its_own_latency(
    whole, table_of, values, answer_of
):
    found = answer_of("compression")
    frame = found.compared
    rows = values(table_of("compression-sizes"))
    assert len(rows) == len(found.study.factors["blocks_removed"])
    for (_, name), row in rows.items():
        (removed,) = re.findall(r"\d+", name)
        own = frame[frame["blocks_removed"] == int(removed)]
        for metric in ("parameters", "multiply_adds", "weights_mb", "latency_ms"):
            assert row[metric] == pytest.approx(own[metric].mean())
    manuscript, _ = whole
    figures = {each.stem: each for each in manuscript.figures}
    for level in found.study.factors["blocks_removed"]:
        assert f"k={level}" in figures["compression-time"].description
    assert "64 images with 1 thread" in figures["compression-speed"].caption


def test_the_words_on_latency_are_those_of_the_profile_that_trials_quote():
    profile = pytest.importorskip("studies.distillation.latency.profile")
    assert tuple(profile.SETTINGS[name] for name in ("batch_size", "threads")) == (
        PROFILE_BATCH,
        PROFILE_THREADS,
    )


def test_every_kind_of_row_of_the_alignment_is_told_apart(whole, table_of):
    manuscript, _ = whole
    (figure,) = (each for each in manuscript.figures if each.stem == "alignment-differences")
    for caption in (figure.caption, table_of("alignment").caption):
        told = {kind: re.search(rf"([^.:]+): {kind}", caption)[1] for kind in KINDS}
        assert "kd_as_released − kd," in told["what it costs \\(below zero\\)"]
        assert told["what it costs or gains that an image's own"].strip() == "ig_still_map − ig"
        assert told["what the teacher's help"].strip() == (
            "kd_ig − student, kd_ig_as_released − student"
        )


def test_transfer_says_how_many_images_and_how_many_the_teacher_gets_right(whole, table_of):
    manuscript, _ = whole
    (figure,) = (each for each in manuscript.figures if each.stem == "transfer-differences")
    stems = ("transfer", "transfer-metrics", "transfer-classes", "transfer-classes-right")
    for caption in (figure.caption, *(table_of(stem).caption for stem in stems)):
        assert "Images: 400. The teacher gets 320 of them right (0.800)." in caption


def test_a_cold_call_is_shown_for_what_it_is(whole, table_of, values):
    manuscript, _ = whole
    (part,) = (each for each in manuscript.parts if each.key == "sizes")
    told = " ".join(each.text for each in part.items if isinstance(each, Words))
    assert "looks like a first, cold call" in told
    first = values(table_of("sizes"))["batch of 64", "teacher"]["first_call_ms"]
    assert f"took {first:.1f} ms" in told


def test_transfer_has_every_class_of_every_arm_in_per_cent(table_of, values, answer_of):
    found = answer_of("transfer")
    frame = found.compared
    for stem, suffix in (("transfer-classes", ""), ("transfer-classes-right", "_teacher_right")):
        rows = values(table_of(stem))
        assert {name for _, name in rows} == {"zero", "one", "two"}
        for (_, name), row in rows.items():
            for arm in found.study.arms:
                recalls = frame[frame["arm"] == arm][f"test_transfer_recall_{name}{suffix}"]
                assert row[f"{arm} mean"] == pytest.approx(100 * recalls.mean())


def test_example_images_come_with_the_rule_that_chose_them_and_the_steps_of_their_maps(whole):
    manuscript, _ = whole
    captions = [each.caption for each in manuscript.figures if each.stem.startswith("examples-")]
    assert len(captions) == 3
    for caption in captions:
        assert "Images were chosen by rule: the first of each class." in caption
        assert re.search(r"\b50 (attribution )?steps", caption)


def test_the_winner_of_a_search_is_its_best_candidate(table_of, values, full):
    searches = arm_searches(load_study(find_study("search")))
    rows = values(table_of("search-winners"))
    for search, candidates in zip(searches, judged(searches, full), strict=True):
        best = max(candidates, key=lambda each: each.mean)
        assert rows["", search.arm]["mean"] == best.mean
        assert rows["", search.arm]["tried"] == search.budget


def test_the_surface_has_every_point_of_the_grid(table_of, values, full):
    (search,) = arm_searches(load_study(find_study("search_grid")))
    (candidates,) = judged([search], full)
    rows = values(table_of("search-surface"))
    for each in candidates:
        row = rows["", f"temperature {each.params['temperature']}"]
        assert row[f"α = {each.params['kd_weight']}"] == pytest.approx(100 * each.mean)


def test_p_values_and_means_are_macros_with_names_of_their_own(whole):
    manuscript, _ = whole
    names = Counter()
    for each in manuscript.tables:
        text = each.table.macros("paper" + letters(each.stem))
        names.update(re.findall(r"\\newcommand\{\\(\w+)\}", text))
    assert set(names.values()) == {1}
    for name in (
        "paperAblationKdTestAccuracyPAdjusted",
        "paperMonteCarloKdIgTestAccuracyMean",
        "paperMonteCarloPaperPaperKdTestAccuracyP",
        "paperSizesPaperKFiveSpeedPaperClaimedSpeedup",
    ):
        assert name in names


def test_stems_and_parts_have_names_of_their_own_that_files_can_have(whole):
    manuscript, _ = whole
    for names in (
        [each.stem for each in manuscript.tables],
        [each.stem for each in manuscript.figures],
        [each.key for each in manuscript.parts],
    ):
        assert len(set(names)) == len(names)
        assert all(re.fullmatch(r"[A-Za-z0-9_-]+", each) for each in names)
