"""Which data of claims files are refused, and what is read of the others."""

import pytest

FILE = 'file = "runs.csv"'
RUNS = "data.runs.file"
ONE_ROW = "  remedy:  one row a run, below a header"
GIVEN = "  given:   runs.csv"
NO_NUMBER = 'is no printed number: write digits, such as "92.6", "< 0.001" or "1.2e-5"'
A_NUMBER = "  remedy:  every run has a number; leave the whole row out of a run that gave none"

# The file of runs, and all that the user then reads.
FILES = [
    ("", f"{RUNS}: is empty", GIVEN, ONE_ROW),
    (" \n\n", f"{RUNS}: is empty", GIVEN, ONE_ROW),
    ("arm,acc\n", f"{RUNS}: has a header and no rows below it", GIVEN, ONE_ROW),
    ("arm,acc\nbase,90\nfast\n", f"{RUNS}: line 3 has 1 entries, and the header 2", GIVEN,
     "  remedy:  separate entries by commas; write decimals with a point"),
    ("arm,acc\nbase,90,1\n", f"{RUNS}: line 2 has 3 entries, and the header 2", GIVEN,
     "  remedy:  separate entries by commas; write decimals with a point"),
    ("arm,acc\n\n\nfast,n/a\n", f"{RUNS}: line 4, column acc: 'n/a' {NO_NUMBER}", GIVEN, A_NUMBER),
    ("arm,acc\nfast,\n", f"{RUNS}: line 2, column acc: '' {NO_NUMBER}", GIVEN, A_NUMBER),
    ("arm,acc\nfast,inf\n", f"{RUNS}: line 2, column acc: 'inf' {NO_NUMBER}", GIVEN, A_NUMBER),
    ('arm,acc\n"a\nb",90\nfast,x\n', f"{RUNS}: line 3: 'a\\nb' is no name of an arm", GIVEN,
     "  remedy:  a name is text on one line, of at most 200 characters"),
    ("arm,acc\nfast,1e-200\n",
     f"{RUNS}: line 2, column acc: 1e-200 is no size of anything measured",
     GIVEN),
    ("arm,acc\n ,90\n", f"{RUNS}: line 2 names no arm", GIVEN,
     "  remedy:  write its name into arm"),
    ("arm,acc,acc\nbase,90,91\n", f"{RUNS}: has two columns called 'acc'", GIVEN,
     "  remedy:  give each its own name"),
    ("arm;acc\nbase;90\n", f"{RUNS}: the file has no such column", "  given:   arm",
     "  allowed: arm;acc", "  nearest: arm;acc",
     "  remedy:  the first line names the columns, separated by commas"),
    ("arm,ac\nbase,90\n", f"{RUNS}: the file has no such column", "  given:   acc",
     "  allowed: arm, ac", "  nearest: ac"),
    ('arm,acc\n"base,90\n', f"{RUNS}: line 2: is no CSV (unexpected end of data)", GIVEN),
    ("arm,acc\n" + "x" * 201 + ",90\n",
     f"{RUNS}: line 2: '{'x' * 76}... is no name of an arm", GIVEN,
     "  remedy:  a name is text on one line, of at most 200 characters"),
    ("arm,acc\nbase,9260\n",
     (f"{RUNS}: line 2, column acc: 9260 lies outside 0 to 100, where every share of test examples "
     "lies"), GIVEN,
     ("  remedy:  the unit is taken to be '%': say unit of data.runs, or of its metric; a metric "
     "that is no share has a unit of its own")),
    ("arm,acc\n" + "base,90\n" * 200_001, f"{RUNS}: has more than 200,000 rows", GIVEN),
    ("#" * (16 * 2**20 + 1), f"{RUNS}: this file is larger than 16 MiB", GIVEN),
]  # fmt: skip

# What is said of the file of runs, and what the user then reads.
SAID = [
    ('file = "../runs.csv"', f"{RUNS}: lies outside the claims file's folder",
     "  given:   ../runs.csv",
     "  remedy:  copy the file beside the claims file: what is audited travels as one folder"),
    ('file = "/etc/hostname"', f"{RUNS}: lies outside the claims file's folder",
     "  given:   /etc/hostname",
     "  remedy:  copy the file beside the claims file: what is audited travels as one folder"),
    ('file = "rns.csv"', f"{RUNS}: there is no such file", "  given:   rns.csv",
     "  allowed: runs.csv", "  nearest: runs.csv"),
    ('file = ""', f"{RUNS}: must be text that can be read, on one line", "  given:   ''"),
    ('file = "a\\u0000"', f"{RUNS}: must be text that can be read, on one line",
     r"  given:   'a\x00'"),
    (f'{FILE}\nunit = "points"', "data.runs.unit: is not the metric's, '%'", "  given:   points",
     "  allowed: %, fraction",
     "  remedy:  values are converted between fraction and %, and between s and ms"),
    (f"{FILE}\nruns = 5",
     "data.runs.runs: the file has another number of runs of the arm 'base': 4", "  given:   5",
     "  remedy:  declare the runs there are, or complete the file"),
    (f"{FILE}\ndecimals = 1", (f"{RUNS}: line 2, column acc: 90.01 has 2 decimals, and 1 are "
     "declared"), GIVEN, "  remedy:  declare the decimals there are, or none"),
    (f'{FILE}\nlevel = "blocks"', f"{RUNS}: the file has no such column", "  given:   blocks",
     "  allowed: arm, acc"),
    (f'{FILE}\narm_columns = ["base"]', f"{RUNS}: the file has no such column", "  given:   base",
     "  allowed: arm, acc"),
    ('study = "mc_sed"', "data.runs.study: there is no study of this name, or file of this path",
     "  given:   mc_sed"),
    ('study = "none.toml"', "data.runs.study: there is no study of this name, or file of this path",
     "  given:   none.toml"),
    ('study = "mc_seeds"\nprofile = ["cifar"]',
     "data.runs.profile: the study mc_seeds has no such profile", "  given:   cifar",
     "  allowed: cifar10, tuned, smoke", "  nearest: cifar10", "  remedy:  leave it out"),
    ('study = "mc_seeds"\nunit = "ms"', "data.runs.unit: is not the metric's, '%'",
     "  given:   ms", "  allowed: %, fraction",
     "  remedy:  values are converted between fraction and %, and between s and ms"),
]  # fmt: skip


@pytest.mark.parametrize("case", FILES, ids=lambda case: case[1])
def test_a_file_that_is_not_as_described_is_refused_with_its_line(file, case):
    text, *expected = case
    faults = file.rows(text).faults()
    assert [line for line in faults.splitlines() if line] == expected


@pytest.mark.parametrize("case", SAID, ids=lambda case: case[0])
def test_data_that_are_not_there_are_refused(file, case):
    said, *expected = case
    lines = file.replace(FILE, said).faults().splitlines()
    assert lines[: len(expected)] == expected


def test_an_entry_of_any_size_is_refused_or_cut_short(file):
    faults = file.rows("arm,acc\n" + "x" * 200_000 + ",90\n").faults()
    assert faults.startswith("data.runs.file: line 2: ")
    assert len(faults) < 500


def test_a_folder_is_no_file_of_runs(file):
    assert "data.runs.file: is a folder" in file.replace(FILE, 'file = "."').faults()


def test_a_path_that_no_file_can_have_is_refused(file):
    faults = file.replace(FILE, f'file = "{"x" * 5000}"').faults()
    assert "data.runs.file: is no path (File name too long)" in faults
    assert len(faults) < 500


def test_a_link_that_leads_out_of_the_folder_is_refused(file, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "runs.csv"
    file.runs.rename(elsewhere)
    file.runs.symlink_to(elsewhere)
    assert "lies outside the claims file's folder" in file.faults()
    file.runs.unlink()
    file.runs.symlink_to(file.runs)
    assert "data.runs.file: " in file.faults()


def test_a_file_in_a_folder_below_is_found(file):
    (file.path.parent / "published").mkdir()
    file.runs.rename(file.path.parent / "published" / "runs.csv")
    assert file.replace(FILE, 'file = "published/runs.csv"').check().results
    faults = file.replace("published/runs.csv", "published/rns.csv").faults()
    assert "nearest: published/runs.csv" in faults


def test_a_file_that_is_no_text_is_refused(file):
    file.runs.write_bytes(b"arm,acc\nbase,90\n\xff\xfe,91\n")
    assert "data.runs.file: this file is no UTF-8 text (line 3: " in file.faults()


def test_all_data_that_cannot_be_read_are_named_at_once(file):
    file.last('[data.more]\nfile = "more.csv"').rows("arm,acc\n")
    file.text = file.text.replace("[data.more]\n", "").replace('file = "more.csv"\n', "")
    file.replace("[family.all]", '[data.more]\nfile = "more.csv"\n[family.all]')
    faults = file.faults()
    assert "data.runs.file: has a header" in faults
    assert "data.more.file: there is no such file" in faults


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n\n"], ids=repr)
def test_line_ends_blank_lines_blanks_and_a_byte_order_mark_are_no_faults(file, end):
    plain = file.check().document()
    rows = file.runs.read_text().replace("arm,acc", " arm , acc ").replace(",9", " , 9")
    file.runs.write_bytes(("\ufeff" + rows.replace("\n", end)).encode())
    assert file.check().document() == plain


def test_declared_decimals_give_back_the_zeros_that_a_file_lost(file):
    file.replace(FILE, f"{FILE}\ndecimals = 3")
    runs = file.check().evidence["runs"].cells[0].arms["base"].runs
    assert [run.printed.text for run in runs] == ["90.010", "89.990", "90.020", "89.980"]


def test_a_seed_that_comes_twice_would_lose_a_matched_run_and_is_refused(file):
    file.rows("arm,acc,seed\nbase,90,1\nbase,91,1\nfast,92,1\nfast,93,2\n")
    assert file.check().results
    faults = file.replace(FILE, f'{FILE}\ndesign = {{ pairing = "seed" }}').faults()
    assert "data.runs.file: line 3: the arm 'base' has the seed 1 twice" in faults


def test_arms_that_no_level_has_together_are_refused(file):
    file.replace(FILE, f'{FILE}\nlevel = "depth"')
    file.rows("arm,acc,depth\nbase,90,1\nfast,91,2\n")
    assert "no level of data.runs has both fast and base" in file.faults()


def test_a_column_of_every_arm_may_leave_entries_empty(file):
    file.replace(FILE, f'{FILE}\narm_columns = ["base", "fast"]\nlevel = "depth"')
    file.rows("depth,base,fast\n1,90.0,91.0\n2,,\n")
    evidence = file.check().evidence["runs"]
    assert [(cell.level, list(cell.arms)) for cell in evidence.cells] == [
        ("depth = 1", ["base", "fast"])
    ]
    assert "has no runs: all entries are empty" in file.rows("depth,base,fast\n2,,\n").faults()


def test_an_order_of_printed_means_needs_no_runs(file):
    lines = 'better = "fast"\nworse = "base"\ndata = "printed"'
    results = file.claim("order", lines).check().results
    assert "1 of 1 levels" in str(results[1].judged.document())
