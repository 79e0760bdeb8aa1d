"""The command line: ``harness NOUN VERB``.

Only click is imported here and at the top of the modules below, so that ``--help`` is immediate;
each verb imports what it needs when it runs.
"""

import importlib
import io
import os
import sys
from collections.abc import Sequence

import click

from harness.errors import (
    FAILED,
    INTERRUPTED,
    WRONG_INPUT,
    HarnessError,
    exit_status,
    nearest_match,
)

NOUNS = {
    "study": "Declare, plan and run studies.",
    "results": "List, show, export and import trials.",
    "analysis": "Compare, plan and explain runs: a study's, or a file of your own.",
    "report": "Build the page that shows a study's answer.",
    "audit": "Hold claims, trials and reports to the evidence.",
    "db": "Look after the results database.",
}

EXAMPLE = """\b
Examples:
  harness study run mc_seeds          run what is missing, and show the answer
  harness study list                  the studies there are
  harness study new my_study          begin one of your own
"""


class _Nouns(click.Group):
    """A group whose members are imported when they are used."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(NOUNS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in NOUNS:
            hint = nearest_match(cmd_name, NOUNS)
            ctx.fail(
                f"No such command {cmd_name!r}. "
                + (f"Did you mean {hint!r}?" if hint else f"There are: {', '.join(NOUNS)}.")
            )
        module = importlib.import_module(f"harness.cli.{cmd_name}")
        command: click.Command = module.group
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(NOUNS.items()))


@click.command(cls=_Nouns, epilog=EXAMPLE)
@click.version_option(package_name="harness")
@click.option("--traceback", is_flag=True, help="On an error, show where in harness it arose.")
def cli(traceback: bool) -> None:
    """Answer whether a training method is really better, by how much, and reproducibly.

    Exit status: 0 done; 1 the work failed or a claim did not hold; 2 wrong usage or input;
    130 interrupted.
    """
    if traceback:
        os.environ["HARNESS_TRACEBACK"] = "1"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # An arm's name may hold what a terminal's or a pipe's encoding lacks.
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(_status(arguments))


def _status(arguments: Sequence[str] | None) -> int:
    try:
        result = cli.main(args=arguments, prog_name="harness", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return WRONG_INPUT
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has had enough of it; that is no failure of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        status = _explain(error)
        if status is None or os.environ.get("HARNESS_TRACEBACK"):
            raise
        return status
    return result if isinstance(result, int) else 0


def _explain(error: Exception) -> int | None:
    """Show a foreseen error; its exit status, or None when it was not foreseen."""
    if isinstance(error, HarnessError):
        click.echo(f"Error: {error}", err=True)
        return exit_status(error)
    database_errors = sys.modules.get("sqlalchemy.exc")
    if database_errors is not None and isinstance(error, database_errors.DBAPIError):
        click.echo(f"Error: the database could not do what was asked: {error.orig}", err=True)
        return FAILED
    # Importing analysis takes longer than most commands; if it raised, it is imported.
    errors = sys.modules.get("analysis.errors")
    if errors is not None and isinstance(error, errors.AnalysisError):
        click.echo(f"Error: {error}", err=True)
        return WRONG_INPUT
    return None
