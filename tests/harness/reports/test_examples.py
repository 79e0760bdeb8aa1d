"""What the page says about test examples."""

import numpy as np
import pytest

from harness.answer import answer
from harness.reports.blocks import Paragraph, Table
from harness.reports.sections import examples
from harness.study.planning import plan
from harness.trial import Predictions


@pytest.fixture(scope="module")
def rights(full_study, correct):
    """(arm, depth, seed) to which examples that trial got right."""
    return {
        (spec.arm, spec.params["depth"], spec.seed): correct(spec)
        for spec in plan(full_study)
        if spec.source == "all"
    }


def test_the_difference_is_that_of_the_shares_over_seeds_and_examples(full_page, rights):
    header, first, *_ = full_page.root.table("Intervals over seeds and examples")
    assert header[:4] == ["comparison", "seeds", "examples", "difference"]
    assert first[:3] == ["kd against plain (depth = 1)", "8", "60"]
    expected = np.mean([rights["kd", 1, s].mean() - rights["plain", 1, s].mean() for s in range(8)])
    assert float(first[3]) == pytest.approx(expected, abs=0.0005)


def ends(text):
    low, _, high = text.partition(" to ")
    return float(low), float(high)


def test_the_interval_over_both_is_the_widest(full_page):
    for row in full_page.root.table("Intervals over seeds and examples")[1:]:
        seeds, examples, both = map(ends, row[4:])
        assert both[1] - both[0] > max(seeds[1] - seeds[0], examples[1] - examples[0])
        assert both[0] < float(row[3]) < both[1]


def test_few_seeds_are_said_to_make_it_too_narrow(full_page):
    assert "There are only 8 seeds" in full_page.section("examples").text


def test_every_seed_s_models_are_counted_on_the_same_examples(full_page, rights):
    rows = full_page.root.table("McNemar's test, kd against plain (depth = 2)")[1:]
    assert [row[0] for row in rows] == [str(seed) for seed in range(8)]
    for row in rows:
        arm, reference = (rights[name, 2, int(row[0])] for name in ("kd", "plain"))
        expected = [arm & reference, arm & ~reference, ~arm & reference, ~arm & ~reference]
        assert [int(each) for each in row[1:5]] == [each.sum() for each in expected]


def test_only_seeds_that_both_arms_have_are_used(full_page):
    rows = full_page.root.table("Intervals over seeds and examples")
    assert rows[5][:2] == ["ig against plain (depth = 2)", "7"]


def test_how_many_models_differ_is_counted_at_the_protocol_s_level(full_page):
    rows = full_page.root.table("McNemar's test, kd against plain (depth = 1)")[1:]
    p_values = [float(row[5].removeprefix("< ")) for row in rows]
    apart = sum(each < 0.1 for each in p_values)
    summary = f"McNemar's test of kd against plain (depth = 1): {apart} of 8 pairs of trained "
    text = full_page.section("examples").text
    assert summary in text
    assert "differ at 0.1, not corrected; up to 0.8 would by chance if none did" in text


@pytest.fixture
def section(declare, stored, outcome, tmp_path):
    """The section of a study whose trials saved what a function of the trial gives."""

    def build(saved, **changes):
        declared = declare(["a", "b"], **changes)

        def kept(spec):
            bits = saved(spec)
            return outcome(spec, predictions=None if bits is None else Predictions.pack(bits))

        store = stored(declared, tmp_path, outcome=kept)
        found = answer(declared, store)
        return next(examples.sections(found, found.comparisons, store), None)

    return build


def table_of(section):
    return next(each for each in section.blocks if isinstance(each, Table))


def paragraphs_of(section):
    return [each.text for each in section.blocks if isinstance(each, Paragraph)]


@pytest.mark.parametrize("arms", ["", "a", "b"])
def test_unless_both_arms_saved_predictions_there_is_no_section(section, arms):
    assert section(lambda spec: [True, False] if spec.arm in arms else None) is None


def test_one_seed_has_no_interval_over_seeds(section):
    found = section(lambda spec: [spec.arm == "a", True, False], seeds={"count": 1})
    header, row = table_of(found).rows
    assert row[header.index("over seeds")] == "n/a"
    assert "holds for that trained model and not for its method" in paragraphs_of(found)[-1]


def test_ten_seeds_are_not_said_to_be_few(section):
    found = section(lambda spec: [spec.seed % 2 == 0, True], seeds={"count": 10})
    assert not any("Note" in text for text in paragraphs_of(found))


def test_models_that_never_disagree_have_no_difference(section):
    found = section(lambda _: [True, False, True])
    assert list(table_of(found).rows[1][3:]) == ["0", *["0 to 0"] * 3]
    assert "0 of 6 pairs of trained models differ" in found.blocks[-1].summary


def test_arms_with_other_test_sets_are_left_out_with_a_reason(section):
    found = section(lambda spec: [True] * (2 if spec.arm == "a" else 3))
    assert [each.text for each in found.blocks] == [
        "Left out: b against a. The arm has 3 test examples and its reference 2."
    ]


def test_an_arm_whose_own_test_sets_differ_does_not_stop_the_page(section):
    found = section(lambda spec: [True] * (2 if spec.arm == "a" else 3 + spec.seed % 2))
    (text,) = paragraphs_of(found)
    assert text.startswith("Left out: b against a.")
    assert "different numbers of examples: 3 (trial" in text


def test_levels_with_test_sets_of_other_sizes_are_not_given_one_size(section):
    found = section(
        lambda spec: [True, *([spec.arm == "a"] * spec.params["depth"])],
        factors={"depth": [2, 3]},
    )
    table = table_of(found)
    assert [row[2] for row in table.rows[1:]] == ["3", "4"]
    assert "share of the test examples that are right" in table.caption
