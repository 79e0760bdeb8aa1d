"""What the heading of a column says that its numbers are measured in."""

import re
from collections.abc import Sequence

_UNITS = frozenset({"ns", "us", "ms", "s", "sec", "seconds", "minutes", "hours", "kb", "mb", "gb"})
"""Last words of a metric's name that are its unit, as in `latency_ms`."""

_OTHER_UNITS = frozenset(
    {"p", "n", "t", "z", "f", "d", "g", "r", "rank", "ranks", "variance", "var", "correlation"}
    | {"hedges", "cohen", "cohens", "cliff", "cliffs", "effect", "superiority", "ratio"}
    | {"statistic", "runs", "seeds", "count", "relative", "change", "improvement", "degrees"}
)
"""Beside these words a column named after a metric need not hold numbers in the metric's units."""

_SHORTEST = 3
"""A word may be cut to so many letters: "acc" is "accuracy"."""


def metrics_named(heading: str, metrics: Sequence[str]) -> frozenset[str]:
    """The metrics that the numbers below a heading are in the units of; none where it names none.

    A heading names a metric when it has all words of its name, or else the last of them, which
    says what is measured: "accuracy" names `test_accuracy` and `validation_accuracy`, and "test
    accuracy" the first alone.

    Args:
        heading: what stands above the column.
        metrics: names of the metrics that are stored.
    """
    words = _words(heading)
    if _OTHER_UNITS & set(words):
        return frozenset()
    parts = {metric: _without_unit(_words(metric)) for metric in metrics}
    shared = {metric: _shared(words, of) for metric, of in parts.items()}
    whole = frozenset(each for each in metrics if shared[each] == len(parts[each]) > 0)
    if whole:
        longest = max(shared[each] for each in whole)
        return frozenset(each for each in whole if shared[each] == longest)
    named = [each for each in metrics if _shared(words, parts[each][-1:])]
    most = max((shared[each] for each in named), default=0)
    return frozenset(each for each in named if shared[each] == most)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _without_unit(words: list[str]) -> list[str]:
    return words[:-1] if len(words) > 1 and words[-1] in _UNITS else words


def _shared(words: Sequence[str], of: Sequence[str]) -> int:
    return sum(any(_is(word, each) for word in words) for each in of)


def _is(word: str, full: str) -> bool:
    return word == full or (len(word) >= _SHORTEST and full.startswith(word))
