"""``harness analysis``: statistics on a study's trials, or on anybody's file of runs."""

import os
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from analysis.inference.result import Alternative
from analysis.protocol import Correction, Direction, Family, MissingPolicy, Protocol, TestChoice
from harness.cli import data, output

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

    from analysis import Comparisons
    from analysis.power import PowerTest
    from analysis.variance.by_arm import ArmSources, BlockShare

_COMPARE_FORMATS = ("table", "json", "csv", "latex", "markdown", "html")


@click.group("analysis")
def group() -> None:
    """Compare, plan and explain: statistics on a study's trials or on a file of runs.

    DATA is a study's name, or a file in long form, one row a run: CSV, Parquet or JSON lines.
    """


_Option = tuple[str, Any, str]

_METRIC: _Option = ("--metric", str, "Column of the metric.  [required for a file]")
_CONTROL: _Option = (
    "--control",
    str,
    "Arm that the others are held against.  [required for a file]",
)
_DIRECTION: _Option = (
    "--direction",
    get_args(Direction),
    "Which values are better.  [default: maximize]",
)
_FAMILY: _Option = ("--comparisons", get_args(Family), "Which pairs of arms.  [default: control]")
_ALPHA: _Option = ("--alpha", float, "Error rate.  [default: 0.05]")
_MISSING: _Option = (
    "--missing",
    get_args(MissingPolicy),
    "Runs without a value.  [default: exclude]",
)
_COMPARED: tuple[_Option, ...] = (
    _METRIC,
    _CONTROL,
    _DIRECTION,
    _FAMILY,
    ("--test", get_args(TestChoice), "Test that decides.  [default: permutation]"),
    ("--alternative", get_args(Alternative), "Declared in advance.  [default: two-sided]"),
    ("--correction", get_args(Correction), "For several comparisons.  [default: holm]"),
    _ALPHA,
    ("--smallest-effect", float, "Smallest difference that matters, in the metric's unit."),
    _MISSING,
    ("--run-correlation", float, "Correlation of runs that share data.  [default: 0]"),
)
_PLANNED: tuple[_Option, ...] = (
    _METRIC,
    _CONTROL,
    _DIRECTION,
    _FAMILY,
    (
        "--test",
        ("t", "wilcoxon", "permutation"),
        "Paired test planned for: t exactly, the others by simulation.  [default: t]",
    ),
    (
        "--alternative",
        get_args(Alternative),
        "Side on which the difference is planned for.  [default: two-sided]",
    ),
    (
        "--correction",
        get_args(Correction),
        "Unless none, each is planned at alpha over their number.  [default: holm]",
    ),
    _ALPHA,
    ("--smallest-effect", float, "Smallest difference that matters; planned for without --effect."),
    _MISSING,
)


def _options(kinds: Sequence[_Option]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Fields of a protocol as options; for a study they are the study's unless given here."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for name, kind, text in reversed(kinds):
            choice = click.Choice(kind) if isinstance(kind, tuple) else kind
            command = click.option(name, type=choice, help=text)(command)
        return command

    return add


def _seed_option(command: Callable[..., Any]) -> Callable[..., Any]:
    text = "Seed of what is drawn."
    return click.option("--seed", type=int, default=0, show_default=True, help=text)(command)


def _resampling_options(command: Callable[..., Any]) -> Callable[..., Any]:
    return _seed_option(
        click.option(
            "--resamples",
            type=click.IntRange(min=100, max=1_000_000),
            default=10_000,
            show_default=True,
            metavar="N",
            help="Bootstrap samples.",
        )(command)
    )


def _plain_format(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--format",
        "form",
        type=click.Choice(("table", "json")),
        default="table",
        show_default=True,
        help="How the answer is written to standard output.",
    )(command)


def _figure_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--figure",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Also draw it, into a .pdf, .svg or .png file.",
    )(command)


@group.command(
    epilog="Example:  harness analysis compare runs.csv --arm method --block seed "
    "--metric accuracy --control baseline --format json"
)
@data.columns
@_options(_COMPARED)
@click.option(
    "--treatment",
    "treatments",
    multiple=True,
    metavar="NAME=ARM,ARM",
    help="Arms that have a treatment, for main effects and interactions. May be repeated.",
)
@_resampling_options
@click.option(
    "--format",
    "form",
    type=click.Choice(_COMPARE_FORMATS),
    default="table",
    show_default=True,
    help="How the answer is written to standard output.",
)
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Also write the paper's tables (LaTeX, Markdown, HTML, CSV) and figures (PDF, SVG, PNG).",
)
def compare(form: str, folder: Path | None, seed: int, resamples: int, **given: Any) -> None:  # noqa: ANN401 - the options of the decorators above
    """Say which arms differ, by how much, and how sure that is."""
    from analysis import compare as compare_arms

    _require_folder(folder)
    runs = data.load(**{key: given.pop(key) for key in data.PLACES})
    protocol = _protocol(runs, given)
    results = compare_arms(
        runs.frame,
        protocol,
        arm=runs.arm,
        block=runs.block,
        within=runs.within,
        arms=runs.arms,
        seed=seed,
        resamples=resamples,
    )
    _note_changes(runs, protocol)
    if (key := data.unused_key(runs, protocol.metric)) is not None:
        output.say(
            f"Note: most arms have the same values of {key!r}, once each. If runs of one {key} "
            f"belong together, --block {key} compares them in pairs.\n"
        )
    click.echo(_written(results, runs, form))
    if folder is not None:
        from analysis.publication.paper import write_paper

        with _writing(folder):
            written = write_paper(
                results, runs.frame, folder, arm=runs.arm, block=runs.block, within=runs.within
            )
        output.say("\n".join(f"Wrote {path}" for path in written))


def _protocol(runs: data.Runs, given: Mapping[str, Any]) -> Protocol:
    """The protocol: a study's own with what the command line changes, or one made here.

    Raises:
        click.UsageError: a file's metric or control is not named.
        ProtocolError: a value that a protocol cannot have.
    """
    fields = {key: value for key, value in given.items() if value is not None}
    treatments = _treatments(fields.pop("treatments", ()))
    if treatments:
        fields["treatments"] = treatments
    if runs.protocol is not None:
        return replace(runs.protocol, **fields)
    for name in ("metric", "control"):
        if name not in fields:
            known = ", ".join(map(str, runs.frame.columns))
            what = f"Its columns are: {known}." if name == "metric" else _known_arms(runs)
            raise click.UsageError(f"Name the {name} in {runs.name} with --{name}. {what}")
    return Protocol(**{"direction": "maximize", **fields})


def _known_arms(runs: data.Runs) -> str:
    if runs.arm not in runs.frame.columns:
        return ""
    arms = list(dict.fromkeys(runs.frame[runs.arm].dropna().astype(str)))
    shown = ", ".join(arms[:20]) + (", ..." if len(arms) > 20 else "")
    return f"Its arms are: {shown}."


def _treatments(given: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, arms in map(_treatment, given):
        _require_new(name, found, "--treatment")
        found[name] = arms
    return found


def _require_new(name: str, known: Container[str], option: str) -> None:
    if name in known:
        raise click.BadParameter(f"{name!r} is given twice; give it once", param_hint=option)


def _treatment(text: str) -> tuple[str, tuple[str, ...]]:
    name, equals, arms = text.partition("=")
    listed = tuple(arm.strip() for arm in arms.split(",") if arm.strip())
    if not equals or not name.strip() or not listed:
        raise click.BadParameter(
            f"{text!r} is no treatment; write NAME=ARM,ARM, such as KD=kd,kd_ig",
            param_hint="--treatment",
        )
    return name.strip(), listed


def _note_changes(runs: data.Runs, protocol: Protocol) -> None:
    """Say that a study's declared protocol is not the one that was used."""
    if runs.protocol is None or runs.protocol == protocol:
        return
    changed = [
        f"{name} from {getattr(runs.protocol, name)} to {getattr(protocol, name)}"
        for name in Protocol.__dataclass_fields__
        if getattr(runs.protocol, name) != getattr(protocol, name)
    ]
    output.say(f"Note: this is not the protocol that the study declares: {'; '.join(changed)}.\n")


def _written(results: "Comparisons", runs: data.Runs, form: str) -> str:
    if form == "json":
        return results.to_json()
    if form == "csv":
        return results.to_frame().to_csv(index=False).rstrip("\n")
    if form == "table":
        return str(results)
    from analysis.publication import publication_table
    from analysis.publication.html_table import as_page

    table = publication_table(results, runs.frame, arm=runs.arm, block=runs.block)
    if form == "html":
        # A whole page: a fragment alone would set every arm's name in bold, which has a meaning.
        return as_page(table).rstrip("\n")
    return table.to_latex() if form == "latex" else table.to_markdown()


@group.command(
    epilog="Example:  harness analysis power runs.csv --arm method --block seed "
    "--metric accuracy --control baseline --effect 0.005"
)
@data.columns
@_options(_PLANNED)
@click.option(
    "--effect",
    type=float,
    help="Difference to plan for, in the metric's unit.  [default: the smallest effect declared]",
)
@click.option(
    "--power",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.8,
    show_default=True,
    help="Probability wanted of finding it.",
)
@_seed_option
@_plain_format
@_figure_option
def power(
    effect: float | None,
    power: float,
    form: str,
    figure: Path | None,
    seed: int,
    **given: Any,  # noqa: ANN401 - the options of the decorators above
) -> None:
    """Say how many seeds show a difference, planned from these runs as a pilot.

    The plan is for the paired t-test, whatever test compares; --test plans for another one.
    """
    from analysis.planning import plan_comparisons

    _require_figure(figure)
    runs = data.load(**{key: given.pop(key) for key in data.PLACES})
    block = _required_block(runs)
    test = _planned_test(given["test"])
    protocol = _protocol(runs, given)
    plan = plan_comparisons(
        runs.frame,
        protocol,
        arm=runs.arm,
        block=block,
        within=runs.within,
        arms=runs.arms,
        effect=effect,
        power=power,
        test=test,
        seed=seed,
    )
    _note_changes(runs, protocol)
    if form == "json":
        output.document({"metric": protocol.metric, **plan.to_dict()})
    else:
        from analysis.presentation.plans import plan_text

        click.echo(plan_text(plan, protocol))
    if figure is not None:
        from analysis.presentation.plans import plan_figure

        _save(plan_figure(plan, protocol), figure)


@group.command(
    epilog="Example:  harness analysis pareto runs.csv --arm model --block seed "
    "--objective accuracy=maximize --objective latency_ms=minimize"
)
@data.columns
@click.option(
    "--objective",
    "objectives",
    multiple=True,
    metavar="COLUMN=DIRECTION",
    help="Column and the direction in which it gets better: maximize or minimize. At least two.",
)
@click.option(
    "--reference",
    "references",
    multiple=True,
    metavar="COLUMN=NUMBER",
    help="The hypervolume's reference point.  [default: beyond the worst means]",
)
@_resampling_options
@_plain_format
@_figure_option
@click.option("--log-x", is_flag=True, help="Draw the first objective on a logarithmic axis.")
def pareto(
    objectives: tuple[str, ...],
    references: tuple[str, ...],
    form: str,
    figure: Path | None,
    seed: int,
    resamples: int,
    log_x: bool,
    **given: Any,  # noqa: ANN401 - the options of the decorators above
) -> None:
    """Say which arms no other beats in all objectives at once, and how sure that is."""
    from analysis.pareto import pareto as find_front

    _require_figure(figure)
    runs = data.load(**{key: given.pop(key) for key in data.PLACES})
    front = find_front(
        runs.frame,
        _objectives(objectives, runs),
        configuration=(runs.arm, *runs.within),
        block=runs.block,
        reference=_reference(references),
        resamples=resamples,
        seed=seed,
    )
    click.echo(front.to_json() if form == "json" else str(front))
    if figure is not None:
        from analysis.figures import pareto_front

        _save(pareto_front(front, log_x=log_x), figure)


def _objectives(given: tuple[str, ...], runs: data.Runs) -> dict[str, Direction]:
    if not given:
        declared = runs.answer.study.pareto if runs.answer else None
        if declared is None:
            raise click.UsageError(
                "Name the objectives: --objective accuracy=maximize --objective size=minimize"
                + ("" if runs.answer is None else ", or declare [pareto] in the study file")
                + "."
            )
        return dict(declared.objectives)
    found: dict[str, Direction] = {}
    for text in given:
        name, _, direction = text.rpartition("=")
        if direction not in get_args(Direction) or not name:
            allowed = "maximize or minimize"
            raise click.BadParameter(
                f"{text!r} is no objective; write COLUMN={allowed}", param_hint="--objective"
            )
        _require_new(name, found, "--objective")
        found[name] = "maximize" if direction == "maximize" else "minimize"
    return found


def _reference(given: tuple[str, ...]) -> dict[str, float] | None:
    found: dict[str, float] = {}
    for text in given:
        name, _, number = text.rpartition("=")
        _require_new(name, found, "--reference")
        try:
            found[name] = float(number)
        except ValueError:
            raise click.BadParameter(
                f"{text!r} is no coordinate; write COLUMN=NUMBER", param_hint="--reference"
            ) from None
    return found or None


def _planned_test(given: str | None) -> "PowerTest":
    from analysis.power import PowerTest

    for known in get_args(PowerTest):
        if known == (given or "t"):
            test: PowerTest = known
            return test
    raise click.BadParameter(f"{given!r} cannot be planned for", param_hint="--test")


def _required_block(runs: data.Runs) -> str:
    if runs.block is None:
        raise click.UsageError(
            f"Name the column of {runs.name} that matches runs with --block: plans are for paired "
            "runs."
        )
    return runs.block


def _save(figure: "Figure", path: Path) -> None:
    from analysis.figures import save_figure

    with _writing(path):
        output.say(f"Wrote {save_figure(figure, path)}")


def _require_figure(path: Path | None) -> None:
    """Refuse a figure's file before anything is computed for it."""
    if path is not None:
        from analysis.figures.saving import require_figure_file

        require_figure_file(path)


def _require_folder(folder: Path | None) -> None:
    """Refuse a folder that cannot be made before anything is computed for it."""
    if folder is None:
        return
    above = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        why = "may not be written to" if above.is_dir() else "is a file"
        raise click.BadParameter(f"{folder}: {above} {why}", param_hint="--to")


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Say in one message that a file could not be written."""
    try:
        yield
    except OSError as error:
        raise click.ClickException(f"{path} could not be written: {error.strerror}") from error


@group.command(
    epilog="Example:  harness analysis variance runs.csv --arm method --block seed "
    "--metric accuracy --source varied"
)
@data.columns
@click.option("--metric", help="Column of the metric.  [required for a file]")
@click.option(
    "--source",
    metavar="COLUMN",
    help="Column that names what was drawn anew in a run while all else was held; 'all' where "
    "everything was.",
)
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="Confidence level of the intervals.",
)
@_plain_format
def variance(
    metric: str | None,
    source: str | None,
    level: float,
    form: str,
    **given: Any,  # noqa: ANN401 - the options of the decorators above
) -> None:
    """Say where the variance comes from, and how much of it the runs of one block share.

    A study declares its sources in [seeds]; in a file, --source names the column.
    """
    from analysis.presentation.variance import variance_text

    runs = data.load(**{key: given.pop(key) for key in data.PLACES}, needs_arms=False)
    chosen = metric or (runs.protocol.metric if runs.protocol else None)
    if chosen is None:
        known = ", ".join(map(str, runs.frame.columns))
        raise click.UsageError(f"Name the metric in {runs.name} with --metric. It has: {known}.")
    arms = _by_source(runs, chosen, source, level)
    shares = _by_block(runs, chosen, source, level)
    if not arms and not shares:
        raise click.UsageError(
            f"There is nothing to split in {runs.name}: name the column of what was varied with "
            "--source, or the column that matches runs of two arms or more with --block."
        )
    if form == "json":
        content = {
            "metric": chosen,
            "sources": [each.to_dict() for each in arms],
            "blocks": [each.to_dict() for each in shares],
        }
        output.document(content)
    else:
        click.echo(variance_text(arms, shares, chosen, runs.block or "block"))


def _by_source(
    runs: data.Runs, metric: str, source: str | None, level: float
) -> "tuple[ArmSources, ...]":
    from analysis.variance.by_arm import decompose_by_arm, require_repeats

    if runs.answer is not None:
        if source is not None:
            raise click.UsageError("--source is for files; a study declares sources in [seeds].")
        return runs.by_source(metric, level)
    if source is None:
        return ()
    frame = _with_arms(runs)
    require_repeats(frame, source, runs.arm, runs.within)
    return decompose_by_arm(
        frame, metric, source=source, arm=runs.arm, within=runs.within, level=level
    )


def _with_arms(runs: data.Runs) -> "DataFrame":
    """Return the runs; without a column of arms, and with none named, all are of one arm."""
    if runs.arm_was_named or runs.arm in runs.frame.columns:
        return runs.frame
    return runs.frame.assign(**{runs.arm: "all runs"})


def _by_block(
    runs: data.Runs, metric: str, source: str | None, level: float
) -> "tuple[BlockShare, ...]":
    from analysis.variance.by_arm import shared_by_block
    from analysis.variance.sources import ALL

    if runs.block is None:
        return ()
    frame = runs.frame
    if source is not None:
        frame = _with_arms(runs)
        frame = frame[frame[source].astype(str) == ALL]
        if frame.empty and runs.block in frame.columns:
            return ()
    return shared_by_block(
        frame, metric, arm=runs.arm, block=runs.block, within=runs.within, level=level
    )
