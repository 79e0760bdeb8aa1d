import numpy as np
import pandas as pd
import pytest

from analysis.presentation.variance import (
    share_sentence,
    source_notes,
    source_rows,
    source_sentence,
    variance_text,
)
from analysis.variance.by_arm import decompose_by_arm, shared_by_block
from analysis.variance.source_results import READINGS

# Twelve values with mean 0 and variance 1, so that a source's sd is the number it is scaled by.
UNIT = np.tile([1.0, -1.0], 6) * np.sqrt(11 / 12)


def taken_apart(sds, *, n=12, **columns):
    """One arm whose sources have exactly these standard deviations."""
    rows = [(name, 50 + sd * value) for name, sd in sds.items() for value in UNIT[:n]]
    frame = pd.DataFrame(rows, columns=["source", "loss"]).assign(arm="kd", **columns)
    (found,) = decompose_by_arm(frame, "loss", within=list(columns))
    return found


def test_the_rows_are_the_sources_and_everything_at_once_last():
    header, *rows = source_rows(taken_apart({"order": 4, "init": 3, "all": 5}))
    assert header == ("source", "n", "sd", "interval of the sd", "share")
    # Chi-square of 11 degrees of freedom: 3.816 and 21.920 in every table.
    low, high = 3 * np.sqrt(11 / 21.920), 3 * np.sqrt(11 / 3.816)
    assert rows[0] == ("init", "12", "3", f"{low:.3g} to {high:.3g}", "36 %")
    assert rows[1][:3] == ("order", "12", "4")
    assert rows[1][4] == "64 %"
    assert rows[2][:3] == ("all", "12", "5")
    assert rows[2][4] == ""


def test_without_runs_that_drew_everything_there_is_no_such_row():
    assert [row[0] for row in source_rows(taken_apart({"init": 3}))] == ["source", "init"]


def test_the_sentence_names_the_largest_estimate_and_whether_they_add_up():
    said = source_sentence(taken_apart({"order": 4, "init": 3, "all": 5}), "loss")
    assert said.startswith(
        "kd: the largest estimate is order (sd 4, 64 % of the sum); the intervals overlap, so "
        "another source may bring more. Runs that draw everything anew have 1.00 times the "
        "variance that the sources drawn alone add up to"
    )
    assert said.endswith("): the remainder may be chance.")


@pytest.mark.parametrize("other", [0, 1])
def test_a_source_whose_interval_lies_above_all_others_is_said_to(other):
    said = source_sentence(taken_apart({"order": 9, "init": other}), "loss")
    assert "the largest estimate is order (sd 9" in said
    assert said.endswith("; its interval lies above all others.")


@pytest.mark.parametrize("whole", [1, 30])
def test_a_ratio_beyond_chance_is_read_as_the_result_reads_it(whole):
    found = taken_apart({"order": 4, "init": 3, "all": whole})
    assert found.sources.reading != "as the sum"
    reading = READINGS[found.sources.reading]
    assert source_sentence(found, "loss").endswith(f"): {reading}.")
    assert reading in str(found.sources)


def test_more_than_the_sum_may_come_from_a_source_that_was_not_declared():
    said = source_sentence(taken_apart({"order": 4, "init": 3, "all": 30}), "loss")
    assert said.endswith("sources act on each other, or one was not declared.")


def test_the_cell_is_named():
    said = source_sentence(taken_apart({"init": 3}, k=5), "loss")
    assert said == "kd (k = 5): only init (sd 3, 100 % of the sum) can be estimated."


def test_sources_without_variance_are_said_to_move_nothing():
    said = source_sentence(taken_apart({"init": 0, "all": 2}), "loss")
    assert said == "kd: none of the sources measured moves loss at all."


def test_sources_of_one_run_each_are_not_said_to_move_nothing():
    found = taken_apart({"init": 3, "all": 2}, n=1)
    assert source_sentence(found, "loss") == (
        "kd: no source has runs enough to say how far it moves loss."
    )
    assert source_rows(found)[1] == ("init", "1", "n/a", "n/a", "")


def test_a_source_of_one_run_beside_others_leaves_the_sum_open():
    frame = pd.DataFrame(
        [("init", 1.0), ("order", 2.0), ("order", 4.0)], columns=["source", "loss"]
    ).assign(arm="kd")
    (found,) = decompose_by_arm(frame, "loss")
    assert source_sentence(found, "loss") == ("kd: only order (sd 1.41) can be estimated.")


def test_notes_are_the_warnings_and_how_many_runs_were_left_out():
    frame = pd.DataFrame({"source": ["init"] * 3, "loss": [1.0, 2.0, np.nan], "arm": "kd"})
    (found,) = decompose_by_arm(frame, "loss")
    *warnings, last = source_notes(found)
    assert tuple(warnings) == found.sources.warnings
    assert "Fewer than 10 runs of 'init'" in warnings[0]
    assert last == "1 run without a finite value left out."
    assert source_notes(taken_apart({"init": 3})) == ()


def shared(first, second, **columns):
    rows = [
        (arm, seed, v) for arm, own in (("a", first), ("b", second)) for seed, v in enumerate(own)
    ]
    frame = pd.DataFrame(rows, columns=["arm", "run", "loss"]).assign(**columns)
    (found,) = shared_by_block(frame, "loss", block="run", within=list(columns))
    return found


def test_what_blocks_share_is_told_with_what_pairing_gains():
    own = np.tile([1.0, 1.0, -1.0, -1.0], 3)
    found = shared(3 * UNIT, 3 * UNIT + own, k=5)
    share = found.correlation
    ends = (found.correlation_low, found.correlation_high)
    low, high = (f"{round(100 * end)} %" for end in ends)
    assert share_sentence(found, "loss", "run") == (
        f"Over 12 blocks and 2 arms, {round(100 * share)} % of the variance of loss (k = 5) "
        f"(interval {low} to {high}) is common to the runs of one run: pairing leaves a difference "
        f"{1 - share:.2f} times the variance that it would have without."
    )


def test_where_blocks_have_a_negative_correlation_pairing_is_said_to_cost():
    rng = np.random.default_rng(0)
    values = rng.normal(0, 1, 30)
    found = shared(values, -values + rng.normal(0, 0.1, 30))
    said = share_sentence(found, "loss", "seed")
    assert said.startswith(
        "Over 30 blocks and 2 arms, the runs of one seed have a negative correlation in loss, "
        f"{found.correlation:.2f} (interval {found.correlation_low:.2f} to "
        f"{found.correlation_high:.2f}): pairing costs; it leaves a difference"
    )
    assert "it leaves a difference 1.99 times the variance that it would have without." in said


def test_an_arm_and_its_mirror_have_twice_the_variance_in_pairs():
    said = share_sentence(shared(UNIT, -UNIT), "loss", "seed")
    assert "negative correlation in loss, -1.00: pairing costs" in said
    assert "2.00 times the variance" in said


def test_a_negative_correlation_that_may_be_chance_is_said_to_be_one():
    found = shared([1.0, 2.0, 3.0, 2.5], [3.0, 2.0, 2.2, 2.1])
    assert found.correlation < 0 < found.correlation_high
    said = share_sentence(found, "loss", "seed")
    assert "pairing costs, or seems to by chance; it leaves a difference 1." in said


def test_a_metric_that_does_not_vary_has_nothing_to_share():
    said = share_sentence(shared([1.0, 1.0], [2.0, 2.0]), "loss", "seed")
    assert said == "loss does not vary at all within its arms."


def test_the_text_has_sentences_tables_and_notes():
    arms = [taken_apart({"init": 3, "all": 0}, n=4)]
    share = shared([1.0, 2.0, 3.0], [3.0, 2.0, 1.0])
    text = variance_text(arms, [share], "loss", "seed")
    blocks = text.split("\n\n")
    assert blocks[0] == source_sentence(arms[0], "loss")
    assert blocks[1].splitlines()[0].split() == [
        "source", "n", "sd", "interval", "of", "the", "sd", "share",
    ]  # fmt: skip
    assert f"Note: {arms[0].sources.warnings[0]}" in blocks
    assert share_sentence(share, "loss", "seed") in blocks
    assert "negative" not in "".join(block for block in blocks if block.startswith("Note"))


def test_names_are_shown_as_they_are(nasty):
    frame = pd.DataFrame({"source": [nasty] * 12, "loss": UNIT, "arm": nasty})
    (found,) = decompose_by_arm(frame, "loss")
    assert source_rows(found)[1][0] == nasty
    assert f"{nasty}: only {nasty} (sd" in source_sentence(found, "loss")
