"""Builds the page that shows a study's answer: one file, readable without a network."""

import json
import shlex
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2

from analysis import Comparisons
from analysis.figures import differences, distributions
from analysis.presentation.alt_text import describe_differences, describe_distributions
from analysis.presentation.svg import to_svg
from analysis.presentation.tables import arm_rows, comparison_rows, heading
from harness.answer import Answer
from harness.canonical import digest
from harness.errors import InputError, Problem
from harness.files import replace_file
from harness.store.schema import FINISHED
from harness.study.lookup import shown_source
from harness.study.model import Study
from harness.study.template import as_toml
from harness.text import one_line

Rows = list[tuple[str, ...]]

# More rows make a page that browsers open slowly; the export has them all.
_MOST_TRIALS = 2000


def report_folder(study: Study, artifacts: Path | None = None) -> Path:
    """The folder of a study's report; a study that the command line changed has its own."""
    name = study.name
    if study.changes:
        name += f"-{digest('study', study.definition())[:8]}"
    return (artifacts or Path("artifacts")) / "reports" / name


def build_report(answer: Answer, folder: Path) -> Path:
    """Write ``index.html``; a reader never sees it half written.

    Args:
        answer: what it shows.
        folder: where it goes; made if need be.

    Returns:
        The page's path.

    Raises:
        InputError: if it cannot be written there.
    """
    path = folder / "index.html"
    text = render(answer)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(path, text.encode())
    except OSError as error:
        problem = Problem(f"the report cannot be written ({error.strerror})")
        raise InputError(problem, path) from None
    return path


def render(answer: Answer) -> str:
    """The page as HTML; the same stored trials give the same text."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("harness.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=False,
        keep_trailing_newline=True,
    )
    environment.globals["numeric"] = _numeric
    return environment.get_template("study.html.j2").render(_content(answer))


def _content(answer: Answer) -> dict[str, Any]:
    study = answer.study
    definition = study.definition()
    trials = _trial_rows(answer)
    return {
        "title": study.title or study.name,
        "study": study,
        "arms": study.arms,
        "seeds": len(study.seeds.all()),
        "finished": sum(answer.states.get(state, 0) for state in FINISHED),
        "total": sum(answer.states.values()),
        "cautions": answer.cautions,
        "comparisons": answer.comparisons,
        **(_results(answer, answer.comparisons) if answer.comparisons else {}),
        "protocol_rows": _pairs(definition["protocol"], ("part", "declared")),
        "history_rows": _history(answer),
        "failures": answer.failures,
        "failure_rows": _failure_rows(answer),
        "command": _command(study),
        "trial_rows": trials[: _MOST_TRIALS + 1],
        "trials_left_out": max(0, len(trials) - 1 - _MOST_TRIALS),
        "environments": [_environment(*item) for item in answer.environments],
        "fact_rows": _fact_rows(answer),
        "definition": as_toml(definition),
        "definition_digest": digest("study", definition),
        "protocol_digest": digest("protocol", definition["protocol"]),
        "version": version("harness"),
    }


def _results(answer: Answer, comparisons: Comparisons) -> dict[str, Any]:
    protocol = comparisons.protocol
    level = f"{100 * (1 - protocol.alpha):g} %"
    figure = distributions(answer.frame, comparisons, within=tuple(answer.study.factors))
    content = {
        "arm_rows": arm_rows(comparisons),
        "arms_caption": (
            f"{protocol.metric} of every arm. The interval is the {level} t interval of the mean "
            "over seeds. The best of n grows with n and is no result."
        ),
        "distributions": to_svg(figure, describe_distributions(comparisons)),
        "distributions_caption": (
            f"Every run's {protocol.metric}, with quartiles, and the mean of each arm with its "
            f"{level} interval."
        ),
    }
    if comparisons.comparisons:
        content |= {
            "comparison_rows": comparison_rows(comparisons),
            "comparisons_caption": (
                f"{heading(comparisons)}. Differences are arm minus reference over trials of equal "
                f"seed; the interval is the paired {level} t interval, not corrected; d_z is the "
                "mean difference over the standard deviation of the differences."
            ),
            "differences": to_svg(differences(comparisons), describe_differences(comparisons)),
            "differences_caption": (
                f"Mean paired difference to the reference with its {level} interval. "
                "The mark's shape says how the protocol decides."
            ),
        }
    return content


def _command(study: Study) -> str:
    name = study.name if study.source is None else shown_source(study.source)
    return shlex.join(["harness", "study", "run", name, *study.changes])


def _history(answer: Answer) -> Rows:
    rows = [
        (use.digest[:12], str(use.finished_trials), json.dumps(use.protocol, sort_keys=True))
        for use in answer.protocols
    ]
    return [("digest", "trials finished when first used", "protocol"), *rows]


def _failure_rows(answer: Answer) -> Rows:
    where = {row.trial: (str(row.arm), str(row.seed)) for row in answer.frame.itertuples()}
    rows = [
        (fault.digest[:12], *where.get(fault.digest, ("", "")), one_line(fault.error))
        for fault in answer.failures
    ]
    return [("trial", "arm", "seed", "error"), *rows]


def _trial_rows(answer: Answer) -> Rows:
    metric, factors = answer.study.protocol.metric, tuple(answer.study.factors)
    frame = answer.frame
    values = frame[metric] if metric in frame else [None] * len(frame)
    rows = [
        (trial[:12], str(arm), *(str(level) for level in levels), str(seed), _full(value))
        for trial, arm, seed, value, *levels in zip(
            frame["trial"],
            frame["arm"],
            frame["seed"],
            values,
            *(frame[name] for name in factors),
            strict=True,
        )
    ]
    return [("trial", "arm", *factors, "seed", metric), *rows]


def _full(value: float | None) -> str:
    return "" if value is None or value != value else repr(float(value))


def _environment(content: Mapping[str, Any], trials: int) -> dict[str, Any]:
    plain = {key: value for key, value in content.items() if key != "packages"}
    return {
        "caption": f"{trials} trials ran on this.",
        "rows": _pairs(plain, ("part", "captured when the run began")),
        "packages": _pairs(content.get("packages", {}), ("package", "version")),
    }


def _fact_rows(answer: Answer) -> Rows:
    rows = [(str(count), json.dumps(facts, sort_keys=True)) for facts, count in answer.facts]
    return [("trials", "noted"), *rows]


def _pairs(content: Mapping[str, Any], header: tuple[str, str]) -> Rows:
    return [header, *((key, _text(value)) for key, value in content.items())]


def _text(value: object) -> str:
    if value is None:
        return "not declared"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_text(item)}" for key, item in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(_text(item) for item in value) or "none"
    return str(value)


def _numeric(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Whether a column holds numbers, which stand to the right."""
    cells = [row[column] for row in rows[1:]]
    return bool(cells) and all(cell[:1] in "-−<0123456789n" for cell in cells if cell)
