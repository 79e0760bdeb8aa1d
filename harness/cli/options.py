"""Options that several verbs share, each written once."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from harness.cli import output

if TYPE_CHECKING:
    from harness.execution.batches import BatchChoice
    from harness.study.model import Study

Command = TypeVar("Command", bound=Callable[..., object])

FORMATS = ("table", "json", "csv")


def _chain(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def database(command: Command) -> Command:
    """--db."""
    return click.option(
        "--db",
        metavar="FILE|URL",
        help="Results database.  [default: $HARNESS_DB, else artifacts/results.db]",
    )(command)


def output_format(command: Command) -> Command:
    """--format."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        default="table",
        show_default=True,
        help="How the listing is written to standard output.",
    )(command)


def profiles(command: Command) -> Command:
    """--profile."""
    return click.option(
        "--profile",
        "profiles",
        multiple=True,
        metavar="NAME",
        help="Lay the file's [profiles.NAME] over it. May be repeated: later over earlier.",
    )(command)


@dataclass(frozen=True, slots=True)
class StudyChoice:
    """A study by name or path, and what the command line changes in it.

    Attributes:
        name: what was typed.
        profiles: names of profiles, the later ones laid over the earlier.
        settings: assignments such as ``params.epochs=5``.
        seeds: number of seeds instead of the file's, or None.
    """

    name: str
    profiles: tuple[str, ...]
    settings: tuple[str, ...]
    seeds: int | None

    def load(self) -> "Study":
        """Read the study, with profile and changes applied."""
        from harness.study.loading import Overrides, load_study
        from harness.study.lookup import find_study

        overrides = Overrides(self.profiles, self.settings, self.seeds)
        return load_study(find_study(self.name), overrides)


def one_study(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a verb its study as the argument ``choice``."""

    @functools.wraps(command)
    def with_choice(
        study: str,
        profiles: tuple[str, ...],
        settings: tuple[str, ...],
        seeds: int | None,
        **others: Any,  # noqa: ANN401 - the verb's own options
    ) -> Any:  # noqa: ANN401 - the verb's own result
        return command(StudyChoice(study, profiles, settings, seeds), **others)

    return _chain(
        click.argument("study", metavar="STUDY"),
        profiles,
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar="KEY=VALUE",
            help="Change a value of the file, such as params.epochs=5. May be repeated.",
        ),
        click.option(
            "--seeds",
            type=click.IntRange(min=1),
            metavar="N",
            help="Number of seeds; more than before adds to what is there.",
        ),
    )(with_choice)


def some_arms(command: Command) -> Command:
    """--arms."""
    return click.option("--arms", metavar="A,B", help="Only these arms, separated by commas.")(
        command
    )


def retry_failed(command: Command) -> Command:
    """--retry-failed."""
    return click.option(
        "--retry-failed", is_flag=True, help="Try trials again that failed in earlier runs."
    )(command)


def batch(command: Command) -> Command:
    """--batch."""
    return click.option(
        "--batch",
        callback=_batch_choice,
        default="auto",
        show_default=True,
        metavar="auto|off|N",
        help="Train trials together, where their function can: as many as it says, or at most N.",
    )(command)


def no_report(command: Command) -> Command:
    """--no-report."""
    return click.option("--no-report", is_flag=True, help="Do not build the page.")(command)


def how_to_run(command: Command) -> Command:
    """Options of a run that leave its plan as it is: a line that was typed for one serves both."""
    ignored = functools.partial(
        click.option, hidden=True, expose_value=False, callback=_say_ignored
    )
    return _chain(ignored("--batch"), ignored("--no-report", is_flag=True))(command)


def _batch_choice(context: click.Context, option: click.Parameter, given: str) -> "BatchChoice":
    """What was typed, as programs say it."""
    if given == "auto":
        return "auto"
    if given == "off":
        return "off"
    if given.isdecimal() and int(given) >= 1:
        return int(given)
    allowed = "auto, off, or the largest batch, a whole number from 1"
    raise click.BadParameter(f"{allowed}; not {given}", context, option)


def _say_ignored(context: click.Context, option: click.Parameter, given: str | bool | None) -> None:
    if isinstance(given, str):
        _batch_choice(context, option, given)
    if given:
        output.say(f"{option.opts[0]} changes nothing about a plan: the same trials are run.")


def workers(command: Command) -> Command:
    """--jobs."""
    return click.option(
        "--jobs",
        type=click.IntRange(min=1),
        metavar="N",
        help="Worker processes.  [default: all cores]",
    )(command)
