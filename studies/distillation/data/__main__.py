"""``python -m studies.distillation.data``: fetch, list and show data sets."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from harness.cli import options, output
from harness.errors import INTERRUPTED, WRONG_INPUT, HarnessError, exit_status
from studies.distillation.data.names import CIFAR10

PROGRAM = "python -m studies.distillation.data"

EXAMPLES = f"""\b
Examples:
  {PROGRAM} fetch cifar10
  {PROGRAM} show imagefolder:photos
"""


@click.group(epilog=EXAMPLES)
def commands() -> None:
    """Data sets of images that the distillation studies train on."""


@commands.command(epilog=f"Example:  {PROGRAM} fetch cifar10 --folder /data")
@click.argument("name", type=click.Choice([CIFAR10]))
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to keep it.  [default: $HARNESS_DATA, else artifacts/data]",
)
def fetch(name: str, folder: Path | None) -> None:
    """Download a data set (170 MB) and check that it is the one that is meant."""
    from studies.distillation.data.cifar10 import data_folder
    from studies.distillation.data.fetching import fetch_cifar10

    found = fetch_cifar10(folder or data_folder())
    output.say(f"{name} is in {found}.")
    if folder is not None and folder != data_folder():
        output.say(f"Studies find it when HARNESS_DATA={shlex.quote(str(folder))} is set.")


@commands.command("list", epilog=f"Example:  {PROGRAM} list --format json")
@options.output_format
def list_(form: str) -> None:
    """List the names that a study may give as its data set."""
    from studies.distillation.data.description import known_datasets

    columns = ("name", "ready", "use", "what")
    output.listing(known_datasets(), form, columns=columns, empty="")


@commands.command(epilog=f"Example:  {PROGRAM} show digits")
@click.argument("name")
@click.option(
    "--format",
    "form",
    type=click.Choice(("table", "json")),
    default="table",
    show_default=True,
    help="How it is written to standard output.",
)
def show(name: str, form: str) -> None:
    """Show what a data set holds: classes, images, their mean and deviation, its digest."""
    from studies.distillation.data.description import describe

    description = describe(name)
    if form == "json":
        output.document(description)
        return
    classes = description.pop("classes")
    facts = [{"fact": key, "value": _shown(value)} for key, value in description.items()]
    output.listing(facts, form, columns=("fact", "value"), empty="")
    output.listing(classes, form, columns=("class", "pool", "test"), empty="")


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return " ".join(f"{each:.4f}" for each in value) if isinstance(value, tuple) else str(value)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    sys.exit(_status(arguments))


def _status(arguments: Sequence[str] | None) -> int:
    try:
        commands.main(args=arguments, prog_name=PROGRAM, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return WRONG_INPUT
    except (click.Abort, KeyboardInterrupt):
        output.say("Interrupted.")
        return INTERRUPTED
    except HarnessError as error:
        output.say(f"Error: {error}")
        return exit_status(error)
    return 0


if __name__ == "__main__":
    main()
