"""``harness audit``: check, rerun, provenance."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli import options
from harness.cli.audit_provenance import provenance
from harness.cli.audit_rerun import rerun
from harness.cli.output import document
from harness.errors import DONE, FAILED, InputError, Problem

if TYPE_CHECKING:
    from harness.audit.checking import Audit
    from harness.store.reading import ResultsReader

FORMS = ("table", "json", "html", "markdown")


@click.group(help="Hold a paper's claims, a study's trials or a report's numbers to the evidence.")
def group() -> None:
    """Group the verbs."""


@group.command(
    epilog="Example:  harness audit check studies/claims/hernandez2025.toml\n\n"
    "Exit status: 0 when every claim stands as it is made, 1 when any does not, 2 for a claims "
    "file that cannot be used."
)
@click.argument("claims", type=click.Path(path_type=Path), metavar="CLAIMS.toml")
@click.option(
    "--claim", "only", multiple=True, metavar="ID", help="Check this claim only. May be repeated."
)
@options.profiles
@options.database
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    default="table",
    show_default=True,
    help="How the audit is written to standard output.",
)
@click.option("--run", is_flag=True, help="Run trials again, and saved models, for claims of them.")
@click.pass_context
def check(
    context: click.Context,
    claims: Path,
    only: tuple[str, ...],
    profiles: tuple[str, ...],
    db: str | None,
    form: str,
    run: bool,
) -> None:
    """Give every claim of a paper its verdict, and say why."""
    from harness.audit.checking import CheckOptions, check_claims
    from harness.audit.claims.loading import load_claims

    declared = load_claims(claims)
    with _store(db) as store:
        audit = check_claims(declared, store, CheckOptions(only, profiles, run))
    if form == "json":
        document(audit.document())
    else:
        click.echo(_written(audit, form))
    context.exit(DONE if audit.all_hold else FAILED)


def _store(db: str | None) -> "AbstractContextManager[ResultsReader | None]":
    """The results database; none where it was not named and is not there yet.

    Raises:
        InputError: it was named, and is not there.
    """
    from harness.store.database import database_exists
    from harness.store.reading import ResultsReader

    if database_exists(db):
        return ResultsReader(db)
    if db is not None:
        remedy = "`harness study run NAME` makes one; leave --db out where no study is needed"
        raise InputError(Problem("there is no such database", "--db", db, (), remedy), "--db")
    return nullcontext()


def _written(audit: "Audit", form: str) -> str:
    if form == "html":
        from harness.audit.page import as_html

        return as_html(audit)
    from harness.audit.text import as_markdown, as_text

    return as_markdown(audit) if form == "markdown" else as_text(audit)


group.add_command(rerun)
group.add_command(provenance)
