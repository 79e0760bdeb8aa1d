"""Every check of the catalogue: an error planted in an honest paper is caught, and only there."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy import stats

from analysis.audit import CHECKS, Outcome, Verdict

FAIL, FLAG, MISSING = Outcome.FAIL, Outcome.FLAG, Outcome.MISSING_INPUT
INCONSISTENT = Verdict.INTERNALLY_INCONSISTENT
MISLABELLED = Verdict.STATISTIC_MISLABELLED
CAVEATS = Verdict.REPRODUCED_WITH_CAVEATS

NEEDS_A_STUDY = {"protocol_drift", "rerun_tolerance"}
"""These need results in a database: the first is planted below, the second beside re-runs."""


@dataclass(frozen=True)
class Planted:
    """An error, and what has to come of it.

    Attributes:
        name: what the error is.
        check: the check that has to catch it.
        outcome: how it comes out.
        verdict: the claim's.
        plant: puts the error into an honest paper.
        claim: the claim that it is about.
        honest: which honest paper; see `honest_paper`.
    """

    name: str
    check: str
    outcome: Outcome
    verdict: Verdict
    plant: Callable
    claim: str
    honest: dict = field(default_factory=dict)


ERRORS = []


def planted(check, outcome, verdict, claim, **honest):
    """Enter a function that plants an error."""

    def enter(plant):
        ERRORS.append(Planted(plant.__name__, check, outcome, verdict, plant, claim, honest))
        return plant

    return enter


def rows_of(paper):
    return list(csv.DictReader(io.StringIO(paper.files["runs.csv"])))


def write(paper, rows):
    """Put other runs into a paper."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    paper.files["runs.csv"] = text.getvalue()


def change(paper, arm, values):
    """Give the runs of an arm other values."""
    rows = rows_of(paper)
    theirs = [row for row in rows if row["arm"] == arm]
    for row, value in zip(theirs, values, strict=True):
        row["accuracy"] = f"{value:.2f}"
    write(paper, rows)


# ── Numbers that do not follow from each other ───────────────────────────────────────────────────


@planted("p_recompute", FAIL, INCONSISTENT, "test")
def a_p_that_does_not_follow_from_its_t(paper):
    paper.claim["p"] = repr(3 * float(paper.claim["p"]))


@planted("p_recompute", FAIL, INCONSISTENT, "test")
def a_p_of_zero(paper):
    paper.claim["p"] = "0.000"


@planted("decision_error", FAIL, INCONSISTENT, "test")
def a_p_on_the_wrong_side_of_alpha(paper):
    # Of 18 degrees of freedom, t = 2.05 has p = 0.0552.
    paper.claim.update({"statistic": "2.05", "df": "18", "p": "0.045", "used": "pooled_t"})


@planted("one_sided", FLAG, CAVEATS, "test")
def a_one_tailed_p_given_as_two_tailed(paper):
    paper.claim["p"] = repr(float(paper.claim["p"]) / 2)
    del paper.claim["sides"]


@planted("ci_vs_p", FAIL, INCONSISTENT, "difference")
def an_interval_that_holds_no_difference_beside_a_small_p(paper):
    difference = float(paper.claim["difference"])
    paper.claim["interval"] |= {"low": "-0.10", "high": f"{2 * difference + 0.10:.2f}"}


@planted("ci_vs_p", FAIL, INCONSISTENT, "difference")
def an_interval_beside_its_estimate(paper):
    paper.claim["interval"]["low"] = f"{float(paper.claim['interval']['low']) - 0.20:.2f}"


@planted("arithmetic", FAIL, INCONSISTENT, "difference")
def a_difference_that_does_not_follow(paper):
    del paper.claim["interval"]
    paper.claim["difference"] = f"{float(paper.claim['difference']) + 0.03:.2f}"


@planted("arithmetic", FLAG, INCONSISTENT, "difference")
def values_in_the_reverse_order(paper):
    # Exchanged, each value also lies beyond all runs of its arm.
    better, worse = paper.claim["better"], paper.claim["worse"]
    better["value"], worse["value"] = worse["value"], better["value"]


@planted("arithmetic", FAIL, INCONSISTENT, "ratio")
def a_ratio_that_does_not_follow(paper):
    paper.claim["value"] = "4.20"


@planted("arithmetic", FLAG, Verdict.INCONCLUSIVE, "order")
def an_order_that_does_not_hold_at_every_level(paper):
    paper.document["data"]["runs"]["level"] = "depth"
    rows = rows_of(paper)
    deeper = [{**row, "depth": 2} for row in rows]
    for row in deeper:
        gain = {"kd": -3, "student": 3}.get(row["arm"], 0)
        row["accuracy"] = f"{float(row['accuracy']) + gain:.2f}"
    write(paper, [{**row, "depth": depth} for depth in (1, 3, 4) for row in rows] + deeper)
    paper.document["data"]["runs"].pop("runs")


@planted("grim", FAIL, INCONSISTENT, "value", items=400)
def a_mean_that_so_many_right_answers_cannot_give(paper):
    # Ten runs of 400 questions have means in steps of 0.025 points.
    paper.claim["value"] = f"{float(paper.claim['value']) // 1:.0f}.01"


@planted("grim", FAIL, INCONSISTENT, "order", items=400)
def a_run_that_so_many_right_answers_cannot_give(paper):
    change(paper, "kd", [*paper.values["kd"][:-1], paper.values["kd"][-1] + 0.1])


@planted("grimmer", FAIL, INCONSISTENT, "summary")
def a_deviation_that_no_integers_have(paper):
    # rsprite2, tests of GRIMMER_test(): mean 3.44, standard deviation 2.47, n = 18.
    for bound in ("min", "max"):
        del paper.claim[bound]
    paper.claim.update({"mean": "3.44", "sd": "2.47", "n": 18, "granule": "1"})


@planted("granular_exact", FAIL, INCONSISTENT, "variance")
def a_variance_that_the_granule_cannot_give(paper):
    paper.claim["variance"] = repr(1.0003 * float(paper.claim["variance"]))


@planted("granular_exact", FAIL, INCONSISTENT, "test")
def a_printed_variance_of_an_arm_that_the_granule_cannot_give(paper):
    summaries(paper)
    arm = paper.document["data"]["runs"]["arms"]["kd_ig"]
    arm["variance"] = repr(1.0003 * float(arm["variance"]))


@planted("sd_range", FAIL, INCONSISTENT, "summary")
def a_deviation_beyond_what_the_range_allows(paper):
    # Half of the range, times the root of 10 / 9, is the most that ten runs allow.
    low, high = float(paper.claim["min"]), float(paper.claim["max"])
    paper.claim["sd"] = f"{0.53 * (high - low):.3f}"


@planted("p_recompute", FLAG, CAVEATS, "difference", design="paired_t")
def a_p_that_the_test_does_not_give_of_the_printed_runs(paper):
    paper.claim.update({"p": "0.04"})
    for key in ("statistic", "df", "interval"):
        paper.claim.pop(key, None)


@planted("sd_label", FLAG, MISLABELLED, "value")
def a_standard_error_called_a_standard_deviation(paper):
    runs = paper.values["kd"]
    paper.claim["spread"] = f"{runs.std(ddof=1) / len(runs) ** 0.5:.2f}"


@planted("n_mismatch", FAIL, INCONSISTENT, "test", design="pooled_t")
def degrees_of_freedom_of_another_number_of_runs(paper):
    t = float(paper.claim["statistic"])
    paper.claim.update({"df": "28", "p": repr(float(2 * stats.t.sf(t, 28)))})


@planted("n_mismatch", FAIL, INCONSISTENT, "test", design="pooled_t")
def a_histogram_of_fewer_runs_than_there_are(paper):
    summaries(paper)
    paper.document["data"]["runs"]["arms"]["student"]["histogram"] = [1, 3, 4, 1]


def summaries(paper):
    """Print means and variances of a paper's arms in place of their runs."""
    paper.document["data"]["runs"] = {
        "metric": "accuracy",
        "arms": {
            arm: {"runs": len(runs), "variance": repr(float(runs.var(ddof=1)))}
            for arm, runs in paper.values.items()
        },
    }


# ── What the values are ──────────────────────────────────────────────────────────────────────────


@planted("max_as_mean", FLAG, Verdict.STATISTIC_MISLABELLED, "value")
def a_maximum_printed_as_the_accuracy(paper):
    paper.claim.update({"value": f"{paper.values['kd'].max():.2f}", "statistic": "unstated"})


@planted("max_as_mean", FLAG, Verdict.STATISTIC_MISLABELLED, "difference")
@planted("best_of_n", FLAG, Verdict.STATISTIC_MISLABELLED, "difference")
def a_gain_between_maxima(paper):
    kd, student = (paper.values[arm].max() for arm in ("kd", "student"))
    paper.claim["better"]["value"] = f"{kd:.2f}"
    paper.claim["worse"]["value"] = f"{student:.2f}"
    paper.claim["difference"] = f"{kd - student:.2f}"
    for key in ("interval", "statistic", "df"):
        del paper.claim[key]


@planted("duplicates", FLAG, CAVEATS, "difference")
def an_arm_copied_from_another_and_shifted(paper):
    change(paper, "kd_ig", paper.values["kd"] + 3)


@planted("duplicates", FLAG, CAVEATS, "order")
def runs_that_were_copied_within_an_arm(paper):
    change(paper, "kd", np.resize(paper.values["kd"][:3], 10))


@planted("duplicates", FLAG, CAVEATS, "order", items=400)
def runs_that_were_copied_from_another_arm_of_a_small_test_set(paper):
    change(paper, "kd", np.resize(paper.values["kd_ig"][:5], 10))


@planted("seeds", FLAG, CAVEATS, "difference")
def runs_without_seeds(paper):
    paper.document["design"]["seeds"] = "not_recorded"
    write(paper, [{key: row[key] for key in ("arm", "run", "accuracy")} for row in rows_of(paper)])


@planted("seeds", FLAG, CAVEATS, "difference")
def one_seed_with_two_results(paper):
    rows = rows_of(paper)
    kd = [row for row in rows if row["arm"] == "kd"]
    kd[1]["seed"] = kd[0]["seed"]
    write(paper, rows)


@planted("seeds", FLAG, CAVEATS, "order")
def seeds_that_change_nothing(paper):
    change(paper, "kd", [paper.values["kd"][0]] * 10)


# ── How runs were compared ───────────────────────────────────────────────────────────────────────


@planted("attainable_p", FAIL, INCONSISTENT, "difference", runs=3)
def a_p_below_the_floor_of_an_exact_test(paper):
    # Of the 20 splits of 3 + 3 runs, 2 are the most extreme ones.
    for key in ("interval", "statistic", "df"):
        del paper.claim[key]
    paper.claim.update({"test": "permutation", "exact": True, "p": "0.01"})


@planted("wrong_pairing", FLAG, CAVEATS, "difference")
def a_paired_test_of_runs_that_share_nothing(paper):
    for key in ("interval", "statistic", "df"):
        del paper.claim[key]
    paper.claim.update({"test": "paired_t"})


@planted("multiplicity", FLAG, Verdict.NOT_SUPPORTED, "order")
def one_of_five_comparisons_that_is_significant_alone(paper):
    steps = np.array([-1.5, -1.0, -0.7, -0.4, -0.1, 0.2, 0.3, 0.8, 1.1, 1.3])
    arms = {"student": 50 + steps, "kd": 50.9 + np.roll(steps, 3)}
    arms |= {f"other{k}": 50 + 0.01 * k + np.roll(steps, k) for k in (1, 2, 4, 5)}
    p = stats.ttest_ind(arms["kd"], arms["student"], equal_var=False).pvalue
    assert 0.025 < p < 0.05
    seeds = iter(range(1000))
    rows = [
        {"arm": arm, "accuracy": f"{value:.2f}", "seed": next(seeds)}
        for arm, values in arms.items()
        for value in values
    ]
    write(paper, rows)
    others = [arm for arm in arms if arm != "student"]
    paper.document["family"] = {
        "vs_student": {"control": "student", "arms": others, "data": "runs"}
    }


@planted("leakage", FLAG, CAVEATS, "difference")
def settings_chosen_on_the_test_set(paper):
    paper.document["design"] |= {"selection": "test", "candidates": 40}


@planted("noise_floor", FLAG, CAVEATS, "difference", gain_in_sd=2.7)
def a_difference_inside_the_noise_of_the_test_set(paper):
    # The two answer nine in ten of the 10,000 questions differently: 1.96 times the root of 9,000
    # is 1.86 points.
    ahead = round(100 * float(paper.claim["difference"]) / 2)
    assert 0 < 2 * ahead < 180
    paper.claim["only_first_right"] = 4500 + ahead
    paper.claim["only_second_right"] = 4500 - ahead


@planted("too_small_variance", FLAG, CAVEATS, "order")
def runs_implausibly_alike(paper):
    middle = paper.values["kd"].mean()
    change(paper, "kd", middle + 0.01 * np.arange(10))


@planted("heteroscedastic", FLAG, CAVEATS, "difference", design="pooled_t")
def an_equal_variance_test_of_unequal_variances(paper):
    student = paper.values["student"]
    wider = (paper.values["kd"].mean() + 4 * (student - student.mean())).round(2)
    change(paper, "kd", wider)
    found = stats.ttest_ind(wider, student)
    interval = found.confidence_interval(0.95)
    paper.claim.update(
        difference=f"{wider.mean() - student.mean():.2f}",
        statistic=f"{found.statistic:.2f}",
        interval={"low": f"{interval.low:.2f}", "high": f"{interval.high:.2f}"},
    )


@planted("heteroscedastic", FLAG, Verdict.ARITHMETIC_OK, "test", design="pooled_t")
def printed_variances_that_are_unequal(paper):
    summaries(paper)
    arms = paper.document["data"]["runs"]["arms"]
    # A deviation six times as large is as possible a one.
    arms["student"]["variance"] = repr(36 * float(arms["student"]["variance"]))


@planted("mde", FLAG, Verdict.NOT_SUPPORTED, "order")
def an_effect_smaller_than_so_many_runs_detect(paper):
    kd = paper.values["kd"]
    change(paper, "kd", kd - kd.mean() + paper.values["student"].mean() + 0.3)


@planted("p_outperform", FLAG, CAVEATS, "order", runs=60)
def a_gain_that_is_real_and_too_small_to_matter(paper):
    # Half a standard deviation: a run of the better arm wins in two of three cases.
    kd, student = paper.values["kd"], paper.values["student"]
    change(paper, "kd", kd - kd.mean() + student.mean() + 0.5 * student.std(ddof=1))


@planted("equivalence", FLAG, Verdict.NOT_SUPPORTED, "equivalence")
def no_difference_claimed_of_arms_that_differ(paper):
    paper.claim["margin"] = "1.00"


@planted("equivalence", MISSING, Verdict.NOT_CHECKABLE, "equivalence")
def no_difference_claimed_without_a_margin(paper):
    del paper.claim["margin"]


@planted("speedup_bound", FLAG, Verdict.NOT_SUPPORTED, "ratio")
def a_speed_up_that_the_arithmetic_cannot_give(paper):
    paper.claim["work_ratio"] = "1.5"


@planted("replication", FLAG, Verdict.NOT_SUPPORTED, "replication")
def a_re_run_that_does_not_find_the_effect(paper):
    paper.claim["replication"]["estimate"] = "0.21"


@planted("checkpoint", FAIL, INCONSISTENT, "checkpoint")
def a_saved_model_that_is_none_of_the_runs(paper):
    paper.files["model.txt"] = "87.65"


# ── The statements ───────────────────────────────────────────────────────────────────────────────


def objections(audit, check):
    """How a check came out, where somebody has to answer it."""
    (result,) = audit.results
    return [
        each.outcome
        for each in result.judged.findings
        if each.check == check and (each.outcome.is_objection or each.outcome is MISSING)
    ]


@pytest.fixture
def honest(paper):
    """The honest paper of a planted error, with its one claim."""

    def make(error):
        whole = paper(1, **error.honest)
        if error.claim == "checkpoint":
            return _with_checkpoint(whole)
        return whole.only(error.claim)

    return make


def _with_checkpoint(paper):
    """A paper that comes with a saved model, which is its third run of KD."""
    claim = {
        "id": "checkpoint", "kind": "checkpoint", "text": "The model of a run.", "data": "runs",
        "model": "model.txt", "evaluate": "evaluate.py:accuracy",
    }  # fmt: skip
    paper.document["claim"].append(claim)
    only = paper.only("checkpoint")
    only.files["model.txt"] = f"{paper.values['kd'][2]:.2f}"
    only.files["evaluate.py"] = "def accuracy(path):\n    return float(path.read_text())\n"
    return only


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{error.check}-{error.name}")
def test_a_planted_error_is_caught(error, honest, check_paper):
    wrong = honest(error)
    error.plant(wrong)
    audit = check_paper(wrong, run=True)
    assert error.outcome in objections(audit, error.check)
    assert audit.results[0].judged.verdict is error.verdict


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{error.check}-{error.name}")
def test_the_honest_paper_behind_it_is_not_objected_to(error, honest, check_paper):
    audit = check_paper(honest(error), run=True)
    assert objections(audit, error.check) == []


def test_every_check_has_a_planted_error():
    assert {each.check for each in ERRORS} | NEEDS_A_STUDY == set(CHECKS)


STUDY = """
name = "bench"
[trial]
function = "trials.py:main"
[seeds]
count = 8
[arms.base]
[arms.fast]
lr = 0.5
[params]
lr = 0.1
[protocol]
metric = "accuracy"
direction = "maximize"
control = "base"
alpha = {alpha}
"""


@pytest.fixture
def of_study(tmp_path, store, finish, outcome):
    """Run a study under alpha = 0.05, and give a claims file that looks at it as it is now."""
    from harness.study.loading import load_study
    from harness.study.planning import plan

    def make(alpha):
        path = tmp_path / "bench.toml"
        path.write_text(STUDY.format(alpha="0.05"))
        study = load_study(path)

        def accuracy(spec):
            noise = np.random.default_rng([spec.seed, len(spec.arm), spec.arm == "fast"]).normal()
            return 0.8 + 0.1 * (spec.arm == "fast") + 0.01 * noise

        finish(
            store,
            study,
            [outcome(spec, metrics={"accuracy": accuracy(spec)}) for spec in plan(study)],
        )
        path.write_text(STUDY.format(alpha=alpha))
        return {
            "metrics": {"accuracy": {"unit": "fraction"}},
            "data": {"ours": {"study": str(path), "metric": "accuracy"}},
            "claim": [
                {
                    "id": "C1", "kind": "order", "text": "fast beats base", "better": "fast",
                    "worse": "base", "replicated_in": "ours",
                }
            ],
        }  # fmt: skip

    return make


def test_a_protocol_changed_after_the_first_trial_is_caught(of_study, store, check):
    document = of_study("0.01")
    (result,) = check(document, store=store).results
    drift = [each for each in result.replicated.findings if each.check == "protocol_drift"]
    assert [each.outcome for each in drift] == [FLAG]
    assert drift[0].values["changed"] == {"alpha": {"first": 0.05, "now": 0.01}}
    assert result.replicated.verdict is CAVEATS


def test_a_protocol_that_was_kept_is_not_objected_to(of_study, store, check):
    document = of_study("0.05")
    (result,) = check(document, store=store).results
    outcomes = [each.outcome for each in result.replicated.findings]
    assert not any(each.is_objection for each in outcomes)
    assert result.replicated.verdict is Verdict.REPRODUCED


RERUN = """\
name = "repeated"
[trial]
function = "train.py:main"
deterministic = true
[seeds]
count = 3
[params]
lr = 0.1
[arms.base]
[arms.fast]
lr = 0.5
[protocol]
metric = "accuracy"
direction = "maximize"
control = "base"
"""


@pytest.mark.parametrize(
    ("score", "outcome", "verdict"),
    [
        ("0.8 + 0.01 * seed", Outcome.PASS, Verdict.REPRODUCED),
        ("time.time_ns() % 10**9 / 10**9", FAIL, INCONSISTENT),
    ],
)
def test_a_trial_that_gives_something_else_again_is_caught(
    score, outcome, verdict, tmp_path, check
):
    from harness import run_study
    from harness.store.reading import ResultsReader
    from harness.study.loading import load_study

    train = "import time\n\ndef main(params, seed, trial):\n    return {{'accuracy': {}}}\n"
    (tmp_path / "repeated.toml").write_text(RERUN)
    (tmp_path / "train.py").write_text(train.format(score))
    db = tmp_path / "results.db"
    run_study(load_study(tmp_path / "repeated.toml"), db=db, artifacts=tmp_path, jobs=1)
    claim = {"id": "R", "text": "the same again", "kind": "rerun", "sample": 2}
    document = {
        "metrics": {"accuracy": {"unit": "fraction"}},
        "claim": [{**claim, "study": str(tmp_path / "repeated.toml")}],
    }
    with ResultsReader(db) as store:
        (result,) = check(document, store=store, run=True).results
        (unasked,) = check(document, store=store).results
    assert {each.outcome for each in result.judged.findings} == {outcome}
    assert result.judged.verdict is verdict
    assert unasked.judged.verdict is Verdict.NOT_CHECKABLE
