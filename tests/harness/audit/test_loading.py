"""Which claims files are refused, and what their authors then read."""

import pytest

from harness.audit.checking import CheckOptions, check_claims
from harness.audit.claims.files import LARGEST_FILE_BYTES
from harness.audit.claims.kinds import KINDS
from harness.audit.claims.loading import load_claims
from harness.errors import ClaimsError

SCHEMA, TITLE, UNIT = "schema = 1", 'title = "A paper"', 'unit = "%"'
MEAN, FAMILY, ARMS = 'mean = "90.00"', 'family = "all"', 'arms = ["fast"]'
FILE, P, KIND = 'file = "runs.csv"', '"< 0.001"', 'kind = "difference"'
PRINTED = "must be given as text, as it was printed: its trailing zeros count"
NO_NUMBER = 'is no printed number: write digits, such as "92.6", "< 0.001" or "1.2e-5"'
ALL_KINDS = ", ".join(KINDS)
C1 = "claim[0] (C1)"
QUOTED = '  remedy:  write it in quotation marks, as the paper prints it, such as "92.60"'
ARM_THERE = "  remedy:  name an arm that is there, or the data that have this one"
ONE_SOURCE = (
    '  remedy:  write file = "runs.csv", or [data.NAME.arms.ARM] with mean and sd, or '
    'study = "mc_seeds"'
)

# What is changed in a good claims file, and all that its author then reads below the file's name.
CHANGED = [
    (SCHEMA, f"{SCHEMA}\nclaims = 5", "claims: unknown key", "  given:   claims",
     "  allowed: schema, paper, metrics, design, data, family, claim", "  nearest: claim"),
    (SCHEMA, "schema = 2", "schema: must be one of these numbers", "  given:   2",
     "  allowed: 1", "  remedy:  write 1"),
    (SCHEMA, "schema = true", "schema: must be one of these numbers", "  given:   true",
     "  allowed: 1", "  remedy:  write 1"),
    (SCHEMA, 'schema = "1"', "schema: must be one of these numbers", "  given:   '1'",
     "  allowed: 1", "  nearest: 1", "  remedy:  write 1, without quotation marks"),
    (f"{SCHEMA}\n", "", "schema: this key is missing",
     "  remedy:  write schema = 1 above the first table"),
    ('id = "P1"\n', "", "paper.id: this key is missing",
     '  remedy:  write how it is cited, such as id = "arXiv:2506.14440"'),
    (TITLE, 'titel = "A"', "paper.title: this key is missing", '  remedy:  write title = "…"',
     "paper.titel: unknown key", "  given:   titel", "  allowed: id, title, alpha, gamma, source",
     "  nearest: title"),
    (TITLE, f'{TITLE}\nalpha = "5"', "paper.alpha: must lie between 0 and 1", "  given:   '5'",
     '  remedy:  write "0.05", not "5"'),
    (TITLE, f'{TITLE}\nalpha = "0"', "paper.alpha: must lie between 0 and 1", "  given:   '0'",
     '  remedy:  write "0.05", not "5"'),
    (TITLE, f"{TITLE}\nalpha = 0.05", f"paper.alpha: {PRINTED}", "  given:   0.05",
     '  remedy:  write it in quotation marks, with the zeros that the paper prints: "0.05"'),
    ('[metrics.acc]\nunit = "%"\ntest_size = 10000\n', "", "metrics: this key is missing",
     "  remedy:  write [metrics.test_accuracy] with unit, direction and test_size"),
    ('[metrics.acc]\nunit = "%"\ntest_size = 10000\n', "[metrics]\n", "metrics: there is no metric",
     "  remedy:  write [metrics.NAME]"),
    ("[metrics.acc]", '[metrics."a\\u001bc"]',
     "metrics: a name must be text that can be read, on one line", r"  given:   'a\x1bc'"),
    (UNIT, 'unti = "%"', "metrics.acc.unti: unknown key", "  given:   unti",
     "  allowed: unit, direction, test_size", "  nearest: unit"),
    (UNIT, "unit = 5", "metrics.acc.unit: must be text", "  given:   5"),
    (UNIT, 'direction = "maximise"', "metrics.acc.direction: must be one of the allowed words",
     "  given:   'maximise'", "  allowed: maximize, minimize", "  nearest: maximize"),
    ("10000", '"10000"', "metrics.acc.test_size: must be a whole number", "  given:   '10000'"),
    ("10000", "0", "metrics.acc.test_size: must be 1 or more", "  given:   0"),
    (FILE, f'{FILE}\nstudy = "mc_seeds"', "data.runs: has file and study; one of them is right",
     "  given:   {'file': 'runs.csv', 'study': 'mc_seeds'}", ONE_SOURCE),
    (FILE, "", "data.runs: has none of file, arms, study; one of them is right", "  given:   {}",
     ONE_SOURCE),
    (FILE, 'fiel = "runs.csv"', "data.runs.fiel: unknown key", "  given:   fiel",
     ("  allowed: file, column, arm_columns, level, arms, study, profile, unit, same_profile, "
      "runs, decimals, metric, design, note"), "  nearest: file"),
    (FILE, f'{FILE}\nprofile = ["x"]',
     "data.runs.profile: has no meaning for data that come from 'file'",
     "  remedy:  leave it out: it goes with study"),
    (FILE, f'{FILE}\ncolumn = "acc"\narm_columns = ["a"]',
     "data.runs.column: has no meaning beside arm_columns, which are the columns of values",
     "  given:   acc", "  remedy:  keep one of them"),
    (FILE, f'{FILE}\nmetric = "ac"', "data.runs.metric: there is no such metric in this file",
     "  given:   ac", "  allowed: acc", "  nearest: acc"),
    (FILE, f'{FILE}\ndesign = {{ pairing = "sed" }}',
     "data.runs.design.pairing: must be one of the allowed words", "  given:   'sed'",
     "  allowed: none, seed, split, unknown", "  nearest: seed"),
    (FILE, f"{FILE}\ndecimals = -1", "data.runs.decimals: must be 0 or more", "  given:   -1"),
    (MEAN, f'{MEAN}\nvariance = "0.04"',
     "data.printed.arms.base.variance: has both sd and variance",
     "  remedy:  keep the one that is printed"),
    (MEAN, "mean = 90.00", f"data.printed.arms.base.mean: {PRINTED}", "  given:   90.0",
     '  remedy:  write it in quotation marks, with the zeros that the paper prints: "90.0"'),
    (MEAN, "mean = nan", f"data.printed.arms.base.mean: {PRINTED}", "  given:   nan", QUOTED),
    (MEAN, 'mean = "nan"', f"data.printed.arms.base.mean: {NO_NUMBER}", "  given:   'nan'", QUOTED),
    (MEAN, 'mean = "92,6"', f"data.printed.arms.base.mean: {NO_NUMBER}", "  given:   '92,6'",
     '  remedy:  write a point, "92.6"'),
    (MEAN, 'mean = "92.6 %"', f"data.printed.arms.base.mean: {NO_NUMBER}", "  given:   '92.6 %'",
     '  remedy:  leave the sign out, and say unit = "%" of the metric: "92.6"'),
    (MEAN, 'mean = "< 90"', "data.printed.arms.base.mean: must be a number without '<' before it",
     "  given:   '< 90'", "  remedy:  write the number alone"),
    (MEAN, 'mean = "1e300"',
     "data.printed.arms.base.mean: is no size of anything measured: beyond 1e100, or 1/1e100",
     "  given:   '1e300'"),
    (MEAN, f'{MEAN}\nmax = "-1"\nvar = "1"', "data.printed.arms.base.var: unknown key",
     "  given:   var", "  allowed: runs, mean, sd, variance, median, min, max, histogram"),
    ('data = "runs"\n[[', 'data = "rnus"\n[[',
     "family.all.data: there is no such data in this file",
     "  given:   rnus", "  allowed: runs, printed", "  nearest: runs"),
    ('control = "base"', 'control = "bsae"',
     "family.all.control: there is no such arm in data.runs",
     "  given:   bsae", "  allowed: base, fast", "  nearest: base", ARM_THERE),
    (ARMS, 'arms = ["fast", "fsat"]', "family.all.arms: there is no such arm in data.runs",
     "  given:   fsat", "  allowed: base, fast", "  nearest: fast", ARM_THERE),
    (ARMS, 'arms = ["fast", "fast"]', "family.all.arms: is named twice", "  given:   fast"),
    (ARMS, 'arms = ["fast", "base"]',
     "family.all.arms: is the control: it is not compared with itself", "  given:   base"),
    (ARMS, "arms = []", "family.all.arms: has no arms that the control is compared with"),
    (ARMS, 'arms = "fast"', "family.all.arms: must be a list", "  given:   'fast'"),
    (ARMS, f'{ARMS}\nprimary = "fats"', "family.all.primary: there is no such arm in this file",
     "  given:   fats", "  allowed: fast", "  nearest: fast"),
    ('id = "C1"\n', "", "claim[0].id: this key is missing",
     '  remedy:  write a short name, such as id = "C1"'),
    ('id = "C1"', 'id = "\\u001b[31m"',
     r"claim[0] (\x1b[31m).id: must be text that can be read, on one line",
     r"  given:   '\x1b[31m'", '  remedy:  write a short name, such as id = "C1"'),
    ('text = "Fast beats base."\n', "", f"{C1}.text: this key is missing",
     '  remedy:  write the sentence as the paper has it, text = "…"'),
    ('"Fast beats base."', '" "', f"{C1}.text: says nothing", "  given:   ' '",
     "  remedy:  write the sentence as the paper has it"),
    (KIND, 'kind = "diference"', f"{C1}.kind: unknown kind of claim", "  given:   'diference'",
     f"  allowed: {ALL_KINDS}", "  nearest: difference"),
    (KIND, "kind = 5", f"{C1}.kind: unknown kind of claim", "  given:   5",
     f"  allowed: {ALL_KINDS}"),
    (f"{KIND}\n", "", f"{C1}.kind: this key is missing", f"  allowed: {ALL_KINDS}",
     '  remedy:  such as kind = "value"'),
    ('difference = "1.00"', 'difference = "-1.00"', f"{C1}.difference: must be 0 or more",
     "  given:   '-1.00'"),
    ('value = "91.00"', 'valeu = "91.00"', f"{C1}.better.valeu: unknown key", "  given:   valeu",
     "  allowed: arm, value", "  nearest: value"),
    ('arm = "fast", value', 'arm = "fsat", value',
     f"{C1}.better.arm: there is no such arm in data.runs", "  given:   fsat",
     "  allowed: base, fast", "  nearest: fast", ARM_THERE),
    ('arm = "fast", value', 'arm = "base", value',
     f"{C1}.worse.arm: is the same arm as better.arm", "  given:   base",
     "  remedy:  name two different arms"),
    (P, '"5"', f"{C1}.p: is no p-value: it must lie between 0 and 1", "  given:   '5'",
     '  remedy:  write "0.03", or "< 0.001"'),
    (P, "0.001", f"{C1}.p: {PRINTED}", "  given:   0.001",
     '  remedy:  write it in quotation marks, with the zeros that the paper prints: "0.001"'),
    ('data = "runs"\nfamily', 'data = "rnus"\nfamily',
     f"{C1}.data: there is no such data in this file", "  given:   rnus",
     "  allowed: runs, printed", "  nearest: runs"),
    ('data = "runs"\nfamily', 'data = ["runs", "runs"]\nfamily', f"{C1}.data: is named twice",
     "  given:   runs"),
    (FAMILY, 'family = "al"', f"{C1}.family: there is no such family in this file",
     "  given:   al", "  allowed: all", "  nearest: all"),
    (FAMILY, 'metric = "ac"', f"{C1}.metric: there is no such metric in this file",
     "  given:   ac", "  allowed: acc", "  nearest: acc"),
    (FAMILY, 'replicated_in = "runs"', f"{C1}.replicated_in: is among the claim's own data already",
     "  given:   runs", "  remedy:  name it in one of them"),
    (FAMILY, "sides = 3", f"{C1}.sides: must be one of these numbers", "  given:   3",
     "  allowed: 1, 2", "  remedy:  write 1 or 2"),
    (FAMILY, 'statistic = "5"\ndf = "0"', f"{C1}.df: must be above 0", "  given:   '0'"),
    (FAMILY, 'test = "paired"', f"{C1}.test: must be one of the allowed words",
     "  given:   'paired'",
     ("  allowed: paired_t, pooled_t, welch_t, one_sample_t, wilcoxon, sign_flip, mann_whitney, "
     "permutation, other"), "  nearest: paired_t"),
    (FAMILY, 'interval = { low = "2", high = "1" }', f"{C1}.interval.low: lies above 1",
     "  given:   2", "  remedy:  exchange them"),
    (FAMILY, "only_first_right = 20000\nonly_second_right = 0",
     f"{C1}.only_first_right: 20000 + 0 examples differ, and the test set has 10000",
     "  given:   20000"),
    ("[[claim]]", "[claim]", "claim: must be a list of tables",
     "  given:   {'id': 'C1', 'text': 'Fast beats base.', 'kind': 'difference', 'better': {'ar...",
     "  remedy:  write [[claim]], with two brackets on either side, above every claim"),
    ('id = "P1"', 'id = "P1"\nalpha = "0.95"', "paper.alpha: must be at most 0.3",
     "  given:   '0.95'",
     '  remedy:  write "0.05": the error rate, not the level of confidence'),
    ('id = "P1"', 'id = "P1"\ngamma = "0.5"',
     "paper.gamma: must lie above 0.5, which no difference gives", "  given:   '0.5'",
     '  remedy:  write "0.75"'),
    (UNIT, 'unit = "percent"',
     "metrics.acc.unit: is no unit of a share of test examples, which test_size makes it",
     "  given:   percent", "  allowed: %, fraction",
     '  remedy:  write unit = "%", or leave test_size out'),
    (P, '"n.s."', f"{C1}.p: is no printed p-value", "  given:   'n.s.'",
     '  remedy:  write p = "> 0.05", with the level that the paper calls significant'),
    (P, '"NS"', f"{C1}.p: is no printed p-value", "  given:   'NS'",
     '  remedy:  write p = "> 0.05", with the level that the paper calls significant'),
    (P, '"p<.05"', f"{C1}.p: is no printed p-value", "  given:   'p<.05'",
     '  remedy:  leave the letter out: "< 0.05"'),
    (P, '"p = 0.030"', f"{C1}.p: is no printed p-value", "  given:   'p = 0.030'",
     '  remedy:  leave the letter out: "0.030"'),
    (P, '"p small"', f"{C1}.p: is no printed p-value", "  given:   'p small'",
     '  remedy:  write the number alone, such as "0.03" or "< 0.05"'),
]  # fmt: skip

# A claim that is added to the file, and what is wrong with it.
ADDED = [
    ("value", "", "this key is missing", "claim[1] (C2).arm", "claim[1] (C2).value"),
    ("value", 'arm = "fats"\nvalue = "91"\ndata = "runs"', "claim[1] (C2).arm: there is no such"),
    ("value", 'arm = ""\nvalue = "91"', "claim[1] (C2).arm: must be text that can be read"),
    ("contrast", 'weights = { fast = "1", base = "-2" }',
     "weights: must be of two arms or more, each other than 0, and sum to 0",
     "given:   fast = 1, base = -2"),
    ("contrast", 'weights = { fast = "0", base = "0" }', "weights: must be of two arms or more"),
    ("contrast", 'weights = ["1"]', "weights: must be a table of keys and values"),
    ("contrast", 'weights = { fats = "1", base = "-1" }\ndata = "runs"',
     "claim[1] (C2).weights.fats: there is no such arm", "nearest: fast"),
    ("order", 'better = "fast"\nworse = ["fast"]', "worse: is the same arm as better"),
    ("order", 'better = "fast"\nworse = []', "worse: names no arm"),
    ("equivalence", 'arms = ["fast", "fast"]', "arms[1]: is the same arm as arms[0]"),
    ("equivalence", 'arms = ["a", "b", "c"]', "arms: must be two arms"),
    ("equivalence", 'arms = ["fast", "base"]\nmargin = "0"', "margin: must be above 0"),
    ("ratio", 'numerator = "0"\ndenominator = "1"\nvalue = "2"', "numerator: must be above 0"),
    ("ratio", 'numerator = "4"\ndenominator = "2"\nvalue = "2"\nwork_ratio = "2"\nslack = "0.5"',
     "claim[1] (C2).slack: must be 1 or more"),
    ("ratio", ('numerator = "4"\ndenominator = "2"\nvalue = "2"\ndata = "runs"\n'
     'arms = { numerator = "fsat", denominator = "base" }'),
     "claim[1] (C2).arms.numerator: there is no such arm in data.runs", "nearest: fast"),
    ("summary", 'mean = "90"\nmin = "92"\nmax = "91"', "claim[1] (C2).min: lies above 91"),
    ("summary", 'mean = "90"\nddof = 2', "ddof: must be one of these numbers", "allowed: 0, 1"),
    ("summary", 'mean = "90"\narm = "slow"\ndata = "runs"', "(C2).arm: there is no such arm"),
    ("test", 'test = "T"\nstatistic = "1"\np = "0.3"', "test: must be one of the allowed words",
     "allowed: t, F, z, chi2, r"),
    ("test", 'test = "t"\nstatistic = "1"\np = "0.3"\nbetter = "fast"',
     "claim[1] (C2).worse: this key is missing", "name both arms, or leave out better"),
    ("test", 'test = "t"\nstatistic = "1"\np = "0.3"\nfamily = "all"',
     "(C2).family: is a family of comparisons, and this claim compares no two arms"),
    ("replication", 'original = { estimate = "1", se = "0.1", n = 10 }',
     "(C2).replication: says nothing of the replication"),
    ("replication", 'original = { estimate = "1", se = "0", n = 10 }',
     "original.se: must be above"),
    ("replication", ('original = { estimate = "1", se = "0.1", n = 1 }\n'
     'replication = { estimate = "1", se = "0.1", n = 9 }'), "(C2).original.n: must be 2 or more"),
    ("checkpoint", 'model = "../x.pt"\nevaluate = "a:b"',
     "claim[1] (C2).model: lies outside the claims file's folder"),
    ("checkpoint", 'model = "x.pt"\nevaluate = "a:b"', "(C2).model: there is no such file"),
    ("rerun", "", "claim[1] (C2).study: this key is missing"),
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGED, ids=lambda change: f"{change[1]} - {change[2]}")
def test_every_fault_is_told_with_its_place_and_what_would_be_right(file, change):
    old, new, *expected = change
    assert file.replace(old, new).faults().splitlines() == expected


@pytest.mark.parametrize("case", ADDED, ids=lambda case: f"{case[0]} - {case[2]}")
def test_every_fault_of_a_kind_is_told_with_the_claim(file, case):
    kind, lines, *expected = case
    faults = file.claim(kind, lines).faults()
    assert faults.startswith("claim[1] (C2)")
    for text in expected:
        assert text in faults


def test_all_faults_of_a_file_are_told_at_once(file):
    file.replace(UNIT, 'unti = "%"').replace(TITLE, 'titel = "A"').replace('id = "C1"\n', "")
    file.claim("value", "").claim("valeu", "", name="C3").claim("valeu", "", name="C3")
    places = [line.partition(": ")[0] for line in file.faults().splitlines() if line[0] != " "]
    assert places == [
        "paper.title",
        "paper.titel",
        "metrics.acc.unti",
        "claim[0].id",
        "claim[1] (C2).arm",
        "claim[1] (C2).value",
        "claim[2] (C3).kind",
        "claim[3] (C3).kind",
    ]


def test_a_claim_is_found_at_its_place_also_below_a_faulty_one(file):
    file.replace(KIND, 'kind = "x"')
    faults = file.claim("value", 'arm = "fast"\nvalue = "91"\ndata = "rnus"').faults()
    assert "claim[1] (C2).data: there is no such data" in faults


def test_claims_have_ids_of_their_own(file):
    faults = file.claim("value", 'arm = "fast"\nvalue = "91"', name="C1").faults()
    assert "claim[1] (C1).id: is the id of claim[0] already" in faults
    long = "x" * 61
    faults = file.replace('id = "C1"\ntext = "It', f'id = "{long}"\ntext = "It').faults()
    assert "must have at most 60 characters" in faults


def test_a_file_without_claims_is_refused(file):
    file.text = file.text.split("[[claim]]")[0]
    assert file.faults().startswith("claim: there is no claim in this file")
    file.text = "claim = [1]\n" + file.text
    assert file.faults().startswith("claim[0]: must be a table of keys and values")


def test_a_claim_and_its_data_are_of_one_metric(file):
    file.replace("[data.runs]", '[metrics.loss]\nunit = "nats"\n[data.runs]')
    faults = file.faults()
    assert "data.runs.metric: must be said: there are several metrics" in faults
    file.replace(FILE, f'{FILE}\nmetric = "acc"').replace(FAMILY, 'metric = "loss"')
    file.replace(
        "[data.printed.arms.base]", '[data.printed]\nmetric = "acc"\n[data.printed.arms.base]'
    )
    faults = file.faults()
    assert f"{C1}: is of another metric than the claim: data.runs has 'acc', not 'loss'" in faults
    file.claim("summary", 'mean = "2"\nn = 3')
    assert "claim[1] (C2).metric: must be said" in file.faults()


def test_a_claim_outside_its_family_would_be_corrected_with_no_other_and_is_refused(file):
    file.rows("arm,acc\nbase,90.01\nbase,90.02\nfast,91.01\nfast,91.02\nslow,89.01\nslow,89.03\n")
    file.claim(
        "difference", 'better.arm = "base"\nworse.arm = "slow"\ndata = "runs"\nfamily = "all"'
    )
    faults = file.faults()
    assert "claim[1] (C2).family: family.all has no such comparison" in faults
    assert "given:   base with slow" in faults
    assert "allowed: fast with base" in faults


def test_a_sentence_may_run_over_several_lines(file):
    file.replace('"Fast beats base."', '"""\nFast beats\n   base."""')
    assert file.load().claims[0].text == "Fast beats base."


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "this claims file is empty"),
        (b"\xef\xbb\xbf \n\t\r\n", "this claims file is empty"),
        (b"schema = = 1", "this is no valid TOML: Invalid value (at line 1, column 10)"),
        (b"schema = 1\n\xff", "this claims file is no UTF-8 text (line 2: "),
        (b"a = " + b"[" * 20_000, "this is no valid TOML"),
        (b"a = " + b"1" * 5000, "this is no valid TOML"),
        (b"#" * (LARGEST_FILE_BYTES + 1), "this claims file is larger than 16 MiB"),
    ],
    ids=lambda value: str(value[:12]),
)
def test_a_file_that_holds_no_claims_is_refused(tmp_path, content, fault):
    path = tmp_path / "claims.toml"
    path.write_bytes(content)
    with pytest.raises(ClaimsError) as refusal:
        load_claims(path)
    assert str(refusal.value).startswith(f"{path}:\n{fault}")


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(ClaimsError, match=r"cannot be read \(No such file"):
        load_claims(tmp_path / "none.toml")
    with pytest.raises(ClaimsError, match=r"cannot be read \(Is a directory"):
        load_claims(tmp_path)
    with pytest.raises(ClaimsError, match="cannot be read"):
        load_claims("claims\0.toml")


def test_a_byte_order_mark_is_no_fault(file):
    file.text = "\ufeff" + file.text
    assert file.load().claims[0].id == "C1"


def test_claims_that_were_not_asked_for_are_not_judged_and_unknown_ones_are_refused(file):
    file.claim("value", 'arm = "fast"\nvalue = "91.00"\ndata = "runs"')
    claims = file.load()
    assert [
        each.claim.id for each in check_claims(claims, None, CheckOptions(("C2",))).results
    ] == ["C2"]
    faults = file.faults(only=("C22", "x"))
    assert faults.splitlines()[:4] == [
        "--claim: there is no claim of this id",
        "  given:   C22",
        "  allowed: C1, C2",
        "  nearest: C2",
    ]
    assert "  given:   x" in faults


def test_names_that_mean_something_elsewhere_are_only_names(file, nasty):
    name = nasty.replace("\\", "\\\\").replace('"', '\\"')
    file.text = file.text.replace('"fast"', f'"{name}"').replace('"C1"', f'"{name}"')
    quoted = '"' + nasty.replace('"', '""') + '"'
    file.rows(f"arm,acc\nbase,90.01\nbase,89.99\n{quoted},91.01\n{quoted},90.99\n")
    (result,) = file.check().results
    assert result.claim.id == nasty
    assert nasty in result.judged.reason
