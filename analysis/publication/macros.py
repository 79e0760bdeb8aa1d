r"""The values of a table as LaTeX macros, so that the text of a paper cites numbers by name.

TeX's names have letters only. A name is the prefix, the row, the subject and the quantity, each
word with a capital: row "kd 2", subject "accuracy" and quantity "mean" give
`\harnessKdTwoAccuracyMean`. Digits are spelled. Rows whose names come out the same, because they
differ in signs that are no letters, get letters of their digest; the names depend on the table's
content and never on the order of its rows.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256

from analysis.publication.columns import TableError
from analysis.publication.entries import Part, Quantity
from analysis.publication.latex_text import comment, escape
from analysis.publication.latex_values import in_math
from analysis.publication.printed import PublicationTable

_DIGITS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
_MINUS = re.compile(r"(?<![^\W_])[-−](?=\.?\d)")
_POINT = re.compile(r"(?<=\d)\.(?=\d)|(?<!\w)\.(?=\d)")

Key = tuple[str, ...]


def as_macros(table: PublicationTable, prefix: str) -> str:
    r"""Return one `\newcommand` a value, each after a comment that says what it is.

    Args:
        table: the table; columns that are not shown have macros as well.
        prefix: ASCII letters.

    Raises:
        TableError: the prefix has other characters.
    """
    if not (prefix.isascii() and prefix.isalpha()):
        raise TableError(f"The prefix of macros is {prefix!r}; allowed: ASCII letters.")
    quantities = dict(_cited(table))
    names = macro_names(tuple(quantities), prefix)
    lines = ["% Values of a table. End a name with {} where a space follows it."]
    for key, quantity in quantities.items():
        lines.append(f"% {comment(', '.join(filter(None, key)))}")
        lines.append(f"\\newcommand{{\\{names[key]}}}{{{_value(quantity.shown)}}}")
    return "\n".join(lines) + "\n"


def macro_names(keys: Sequence[Key], prefix: str) -> dict[Key, str]:
    """Return a name of letters for every key; different keys get different names.

    Args:
        keys: any words; a key that occurs twice is one key.
        prefix: ASCII letters.
    """
    plain = {key: prefix + "".join(map(letters, key)) for key in keys}
    length = 0
    names = dict(plain)
    while shared := {name for name, uses in Counter(names.values()).items() if uses > 1}:
        length += 6
        ambiguous = [key for key, name in names.items() if name in shared]
        names |= {key: plain[key] + _digest(key, length) for key in ambiguous}
    return names


def letters(text: str) -> str:
    """Return text as ASCII letters, each word with a capital, digits spelled, accents dropped."""
    signed = _POINT.sub(" Point ", _MINUS.sub(" Minus ", text))
    plain = "".join(
        each for each in unicodedata.normalize("NFKD", signed) if not unicodedata.combining(each)
    )
    words = re.findall(r"[A-Za-z]+|[0-9]", plain)
    return "".join(
        _DIGITS[int(each)] if each.isdigit() else each[0].upper() + each[1:] for each in words
    )


def _cited(table: PublicationTable) -> Iterable[tuple[Key, Quantity]]:
    """Yield every value that a text may cite, under words that no other value has."""
    groups = table.groups or ("",) * table.n_rows
    names = table.row_names or tuple(f"row {place + 1}" for place in range(table.n_rows))
    rows = list(zip(groups, names, strict=True))
    for quantity in table.facts:
        yield ("", "", table.subject, quantity.name), quantity
    for place, (group, name) in enumerate(rows):
        row = name if rows.count((group, name)) == 1 else f"{name} row {place + 1}"
        for column in table.columns:
            for quantity in column.entries[place].quantities:
                if quantity.shown is not None:
                    yield (group, row, table.subject, quantity.name), quantity


def _value(shown: Part | None) -> str:
    if shown is None:
        return ""
    return f"\\ensuremath{{{in_math(shown.text)}}}" if shown.is_math else escape(shown.text)


def _digest(key: Key, length: int) -> str:
    """Return letters that stand for a key; parts joined so that no two keys look the same."""
    digest = sha256("".join(f"{len(each)}:{each}" for each in key).encode()).digest()
    letter = "".join(chr(ord("a") + each % 26) for each in digest)
    return f"X{letter[:length]}"
