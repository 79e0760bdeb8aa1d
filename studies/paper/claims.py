"""The paper's claims with their verdicts: from its own numbers, and from our runs beside them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from analysis.audit import Support
from analysis.presentation.numbers import decimals_for
from analysis.publication import PublicationTable
from analysis.publication.columns import text_column
from analysis.publication.entries import NOTHING, Entry, estimate_entry, nothing_entry
from harness.audit.checking import Audit, CheckOptions, ClaimResult, Judged, check_claims
from harness.audit.claims.loading import Claims, load_claims
from harness.audit.wording import VERDICT_WORDS, summary
from harness.errors import ClaimsError
from harness.reports.documents import DocumentContext
from harness.reports.manuscript import Item, PaperPart, PaperTable, Words
from studies.paper.tables import column, explained

CLAIMS = Path(__file__).parents[1] / "claims" / "hernandez2025.toml"


def claims_part(context: DocumentContext) -> PaperPart:
    """Every claim of the paper with its verdicts."""
    claims = load_claims(CLAIMS)
    asked = CheckOptions(profiles=tuple(context.overrides.profiles))
    cautions: list[Item] = []
    try:
        audit = check_claims(claims, context.store, asked)
    except ClaimsError as error:
        # A study of the reader's own may have the name of one that the claims file names.
        told = f"{error.problems[0].key}: {error.problems[0].what}"
        words = (
            f"The studies here are not those that the claims are of, so they are left out. {told}"
        )
        cautions.append(Words(f"{words}.", is_caution=True))
        audit = check_claims(_of_the_paper_alone(claims), None)
    return PaperPart("claims", "The paper's claims", (*cautions, *_items(audit)))


def _of_the_paper_alone(claims: Claims) -> Claims:
    """The claims without what they are held against here."""
    alone = tuple(each.model_copy(update={"replicated_in": ()}) for each in claims.claims)
    return replace(claims, claims=alone)


def _items(audit: Audit) -> Iterator[Item]:
    yield Words(
        f"{summary(audit)} The first verdict that applies is given, the worst first; "
        "`harness audit check studies/claims/hernandez2025.toml` shows what each rests on."
    )
    yield PaperTable("claims", _table(audit.results))
    for result in audit.results:
        claim, judged = result.claim, result.judged
        verdict = VERDICT_WORDS[judged.verdict]
        yield Words(f"{claim.id}, “{claim.text}”: {verdict}. {judged.reason}")


def _table(results: Sequence[ClaimResult]) -> PublicationTable:
    table = PublicationTable(
        columns=(
            text_column("claim", [each.claim.id for each in results]),
            column("effect", [_effect(each.judged, "effect") for each in results]),
            text_column("verdict", [_verdict(each.judged) for each in results]),
            column("our effect", [_effect(each.replicated, "our_effect") for each in results]),
            text_column("by our runs", [_verdict(each.replicated) for each in results]),
        ),
        caption=(
            "Paper: its claims, each with its verdict. Effect: in the claim's unit, above 0 as "
            "claimed, with its 95 % interval, of the data with most runs. Verdict: from the "
            "numbers that the paper and its repository print. Ours: the same question asked of the "
            "runs in this database, by their signs alone unless they repeat the paper's experiment."
        ),
        label="tab:claims",
        row_names=tuple(each.claim.id for each in results),
        subject="claims",
    )
    return explained(table, "nothing was declared, or run, that has an effect with an interval.")


def _verdict(judged: Judged | None) -> str:
    return NOTHING if judged is None else VERDICT_WORDS[judged.verdict]


def _effect(judged: Judged | None, name: str) -> Entry:
    supports: Sequence[Support] = () if judged is None else judged.supports
    strongest = max(supports, key=lambda each: each.runs, default=None)
    if strongest is None or strongest.ci_low is None or strongest.ci_high is None:
        return nothing_entry(name)
    decimals = decimals_for((strongest.ci_high - strongest.ci_low) / 4)
    names = (name, f"{name}_ci_low", f"{name}_ci_high")
    return estimate_entry(strongest.estimate, strongest.ci_low, strongest.ci_high, decimals, names)
