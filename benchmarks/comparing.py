"""How long a full analysis takes, beside SciPy and three packages for comparing methods."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.measuring import Contestant, contest
from benchmarks.model import Quantity, Question, Setting, Table, Target
from benchmarks.serving import Run

ARMS = 8
SEEDS = 60
BOOTSTRAPS = 10_000
FLIPS = 100_000
ONE_COMPARISON = 1 / (ARMS - 1)
FEWER = 40
"""One in so many samples is drawn by peers that would need minutes."""

ROUNDS = 5
TARGET_S = 1.0

Design = Literal["paired", "unpaired"]
Values = Mapping[str, Sequence[float]]
Scores = NDArray[np.float64]


def accuracies(arms: int, seeds: int) -> Values:
    """Accuracies on a grid of 0.0001 that share a part by seed; each arm gains 0.001."""
    rng = np.random.default_rng(1)
    shared = rng.normal(0.95, 0.004, seeds)
    return {
        f"arm {place}": np.round(shared + 0.001 * place + rng.normal(0, 0.005, seeds), 4).tolist()
        for place in range(arms)
    }


def harness(values: Values, design: Design) -> Run:
    """Everything that `compare` computes, and its tables as text, LaTeX, Markdown, HTML and CSV."""
    import pandas as pd

    from analysis import Protocol, compare
    from analysis.publication import publication_table

    frame = pd.DataFrame(
        [(arm, seed, each) for arm, row in values.items() for seed, each in enumerate(row)],
        columns=["arm", "seed", "accuracy"],
    )
    protocol = Protocol("accuracy", "maximize", control="arm 0", smallest_effect=0.002)
    block = "seed" if design == "paired" else None

    def run() -> object:
        found = compare(frame, protocol, block=block, resamples=BOOTSTRAPS)
        table = publication_table(found, frame, block=block)
        texts = (table.to_latex(), table.to_markdown(), table.to_html(), table.to_csv())
        return str(found), found.to_frame(), texts

    return run


def scipy(values: Values, design: Design) -> Run:
    """The same three tests and the same interval of every comparison, vectorised."""
    control, *others = (np.array(each) for each in values.values())
    compared = _scipy_paired if design == "paired" else _scipy_unpaired
    return lambda: [compared(each, control) for each in others]


def _scipy_paired(arm: Scores, control: Scores) -> object:
    from scipy import stats

    differences = arm - control
    return (
        stats.ttest_rel(arm, control).confidence_interval(),
        stats.wilcoxon(arm, control),
        # One sample of differences is flipped in half the time that two samples take.
        stats.permutation_test(
            (differences,), np.mean, permutation_type="samples", n_resamples=FLIPS
        ),
        stats.bootstrap((differences,), np.mean, method="BCa", n_resamples=BOOTSTRAPS),
    )


def _scipy_unpaired(arm: Scores, control: Scores) -> object:
    from scipy import stats

    def difference(one: Scores, other: Scores, axis: int = -1) -> Scores:
        return np.asarray(np.mean(one, axis=axis) - np.mean(other, axis=axis))

    return (
        stats.ttest_ind(arm, control, equal_var=False).confidence_interval(),
        stats.mannwhitneyu(arm, control),
        stats.permutation_test((arm, control), difference, n_resamples=FLIPS),
        stats.bootstrap((arm, control), difference, method="BCa", n_resamples=BOOTSTRAPS),
    )


def measure(setting: Setting) -> Iterator[Table]:
    """One table a design."""
    seeds = 12 if setting.quick else SEEDS
    values = accuracies(ARMS, seeds)
    for design, peers in _PEERS.items():
        work = {"values": values, "design": design}
        yield contest(
            f"{design.capitalize()}, {seeds} {'seeds' if design == 'paired' else 'runs'}",
            Quantity("s"),
            [
                Contestant("harness", "ours", "benchmarks.comparing:harness", work),
                Contestant(
                    "SciPy",
                    "peer",
                    "benchmarks.comparing:scipy",
                    {**work, "values": _first_two(values)},
                    ONE_COMPARISON,
                    packages=("scipy",),
                    note=f"Three tests and BCa. {_ONE}",
                ),
                *([] if setting.quick else peers(values)),
            ],
            rounds=ROUNDS,
            targets=[Target("harness", "value", TARGET_S)] if design == "paired" else [],
            memory=True,
        )


_ONE = f"Measured with one comparison, and scaled to {ARMS - 1}."
_FEWER = f"Measured with one in {FEWER} of the samples, and scaled."


def _first_two(values: Values) -> Values:
    return dict(islice(values.items(), 2))


def _peer(
    name: str, package: str, function: str, note: str, share: float = 1.0, **settings: object
) -> Contestant:
    """A package of the peers' environment, which does this share of the work."""
    return Contestant(
        name,
        "peer",
        f"benchmarks.peers.with_{package}:{function}",
        settings,
        share,
        environment="peers",
        packages=(package,),
        note=note,
    )


def _paired_peers(values: Values) -> list[Contestant]:
    return [
        _peer(
            "deepsig, resampling",
            "deepsig",
            "resampling",
            "One-sided permutation and bootstrap tests; no intervals, no effect sizes. " + _FEWER,
            1 / FEWER,
            values=values,
            flips=FLIPS // FEWER,
            bootstraps=BOOTSTRAPS // FEWER,
        ),
        _peer(
            "autorank",
            "autorank",
            "ranks",
            "One test over all arms and one of all pairs, and intervals of each arm; nothing is "
            "resampled, and no arm is the control.",
            values=values,
        ),
    ]


def _unpaired_peers(values: Values) -> list[Contestant]:
    return [
        _peer(
            "deepsig, almost stochastic order",
            "deepsig",
            "order",
            "With its own 1,000 samples and 1,000 bootstrap iterations. " + _ONE,
            ONE_COMPARISON,
            values=_first_two(values),
        ),
        _peer(
            "rliable, mean and IQM",
            "rliable",
            "aggregates",
            "Percentile intervals of every arm; meant for several tasks at once, here one. Runs "
            "are not matched; no tests. " + _FEWER,
            1 / FEWER,
            values=values,
            resamples=BOOTSTRAPS // FEWER,
        ),
        _peer(
            "rliable, probability of improvement",
            "rliable",
            "improvement",
            "Percentile intervals of every arm against the first; no tests. " + _FEWER,
            1 / FEWER,
            values=values,
            resamples=BOOTSTRAPS // FEWER,
        ),
    ]


_PEERS = {"paired": _paired_peers, "unpaired": _unpaired_peers}

QUESTION = Question(
    "comparing",
    "Comparing arms",
    """\
Eight arms, seven comparisons with the first; accuracies counted in ten-thousandths; 10,000
bootstrap samples and 100,000 sign flips or splits; everything imported.

- **harness**: `compare` and its table as text, LaTeX, Markdown, HTML and CSV. Of every comparison
  three tests (t, ranks, and sign flips or splits; Dunnett's too when unpaired), t and BCa
  intervals, the interval for equivalence, effect sizes with intervals, the smallest detectable
  effect, a Bayesian t-test (paired), the correction and a decision; over all arms Friedman's test
  with a permutation p and Nemenyi's, or analyses of variance.
- **SciPy**: the same three tests of every comparison, the t interval and BCa. No correction, no
  test over all arms, no effect sizes, no power, no decision, no tables.
- **deepsig**, **rliable** and **autorank** compute less, and other things: what each does stands
  below its figures.""",
    measure,
    limit_s=150,
)
