"""Honest papers: no check fails, and flags are as rare as the checks' levels say."""

from collections import Counter
from itertools import product

import pytest
from scipy import stats

from analysis.audit import Outcome, Verdict

DESIGNS = ("welch_t", "paired_t", "pooled_t")
SIZES = (400, 500, 1000, 2500, 10_000)

STATISTICAL = {
    "heteroscedastic": 0.05,
    "replication": 0.05,
    "duplicates": 1e-3,
    "too_small_variance": 3e-3,
}
"""The largest share of honest claims that a check may flag; 0 for every other check.

The heteroscedastic check is made at alpha of equal-variance tests alone, the prediction interval
of a replication misses at alpha, copies are looked for at 0.001, and runs implausibly alike at
0.001 an arm, of which a claim has two or three.
"""

ARITHMETIC = ("summary", "variance", "ratio")
EFFECTS = ("difference", "test", "value", "order", "contrast", "equivalence", "replication")


def outcomes(audit, which):
    """Claims and checks that came out so."""
    return [
        (result.claim.id, each.check, each.detail)
        for result in audit.results
        for each in result.judged.findings
        if each.outcome is which
    ]


def verdicts(audit):
    return {each.claim.id: each.judged.verdict for each in audit.results}


@pytest.mark.parametrize(("design", "items"), list(product(DESIGNS, SIZES)))
def test_an_honest_paper_is_reproduced_without_a_flag(design, items, paper, check_paper):
    audit = check_paper(paper(1, design=design, items=items))
    assert outcomes(audit, Outcome.FAIL) == []
    assert outcomes(audit, Outcome.FLAG) == []
    assert verdicts(audit) == {
        **dict.fromkeys(EFFECTS, Verdict.REPRODUCED),
        **dict.fromkeys(ARITHMETIC, Verdict.ARITHMETIC_OK),
    }
    assert audit.all_hold


@pytest.mark.parametrize("design", DESIGNS)
def test_a_paper_without_an_effect_that_claims_none_is_not_flagged(design, paper, check_paper):
    whole = paper(2, design=design, gain_in_sd=0)
    audit = check_paper(whole.only("value", "summary", "variance", "ratio", "equivalence"))
    assert outcomes(audit, Outcome.FAIL) == []
    assert outcomes(audit, Outcome.FLAG) == []
    assert audit.all_hold


@pytest.mark.parametrize("levels", [2, 3, 8])
def test_an_order_that_holds_at_every_level_is_reproduced(levels, paper, check_paper):
    several = [paper(seed) for seed in range(levels)]
    one = several[0].only("order")
    one.document["data"]["runs"]["level"] = "depth"
    header, *_ = one.files["runs.csv"].splitlines()
    one.files["runs.csv"] = "\n".join(
        [f"{header},depth"]
        + [
            f"{line},{depth}"
            for depth, each in enumerate(several)
            for line in each.files["runs.csv"].splitlines()[1:]
        ]
    )
    assert verdicts(check_paper(one)) == {"order": Verdict.REPRODUCED}


def test_a_mean_that_lies_on_the_edge_of_its_rounding_is_reproduced(paper, check_paper):
    # Ten runs of two decimals: of every ten papers one has a mean that ends in a 5.
    on_edge = [
        each
        for each in (paper(seed) for seed in range(60))
        if round(10 * 100 * each.values["kd"].mean()) % 10 == 5
    ]
    assert len(on_edge) >= 3
    for each in on_edge:
        for decimals in (f"{each.values['kd'].mean():.2f}", f"{each.values['kd'].mean():.1f}"):
            only = each.only("value")
            only.claim["value"] = decimals
            assert verdicts(check_paper(only)) == {"value": Verdict.REPRODUCED}


@pytest.mark.parametrize(("seed", "runs", "items"), [(1128, 8, 500), (1434, 12, 2500)])
def test_welchs_degrees_of_freedom_with_all_digits_do_not_fail(
    seed, runs, items, paper, check_paper
):
    # Equal spreads: 14.000000000000002 and 22.000000000000004, as SciPy gives them.
    only = paper(seed, runs=runs, items=items).only("test")
    assert float(only.claim["df"]) > 2 * runs - 2
    assert verdicts(check_paper(only)) == {"test": Verdict.REPRODUCED}


def counted(papers, check_paper):
    """How often each check failed and flagged, and how many claims it was made of."""
    found, asked = Counter(), Counter()
    for each in papers:
        for result in check_paper(each).results:
            made = {finding.check for finding in result.judged.findings}
            asked.update((check, result.claim.id) for check in made)
            found.update(
                {
                    (finding.check, finding.outcome)
                    for finding in result.judged.findings
                    if finding.outcome.is_objection
                }
            )
    return found, Counter(check for check, _ in asked.elements())


def assert_rare(found, asked):
    """No failure; flags of the statistical checks alone, no more than their levels allow."""
    assert {key: n for key, n in found.items() if key[1] is Outcome.FAIL} == {}
    assert {check for check, _ in found} <= set(STATISTICAL)
    for check, level in STATISTICAL.items():
        # Beyond this, one simulation in ten thousand would be flagged so often.
        assert found[check, Outcome.FLAG] <= stats.binom.ppf(0.9999, asked[check], level)


def simulated(paper, seeds, **changes):
    """Honest papers of every design, test-set size and number of runs in turn."""
    cases = list(product(DESIGNS, SIZES, (8, 10, 12)))
    for seed in seeds:
        design, items, runs = cases[seed % len(cases)]
        yield paper(seed, design=design, items=items, runs=runs, **changes)


def test_of_many_honest_papers_none_fails_and_few_are_flagged(paper, check_paper):
    papers = list(simulated(paper, range(100, 148)))
    assert_rare(*counted(papers, check_paper))


@pytest.mark.slow
def test_of_two_thousand_honest_papers_none_fails_and_few_are_flagged(paper, check_paper):
    assert_rare(*counted(simulated(paper, range(2000)), check_paper))


@pytest.mark.slow
def test_of_papers_without_an_effect_few_claims_of_one_hold(paper, check_paper):
    # Each test is two-sided at 0.05, and several have to agree: in the claimed direction they do
    # so in 2.5 % at most.
    held = Counter()
    for each in simulated(paper, range(1000), gain_in_sd=0):
        for name, verdict in verdicts(check_paper(each.only("order", "contrast"))).items():
            held[name] += verdict.holds
    assert all(held[name] <= stats.binom.ppf(0.9999, 1000, 0.025) for name in held)
