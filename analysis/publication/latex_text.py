r"""Any text as LaTeX in ASCII, set by pdfLaTeX without packages.

Characters that mean something to TeX become commands. Accented letters become accents over
letters, in forms that the default font encoding has, so that neither `inputenc` nor `fontenc` is
needed. What is left, such as Chinese, Arabic or emoji, is named by its number: `\texttt{U+84B8}`.
"""

import re
import unicodedata

_COMMANDS = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    # The roman font has no straight double quote; the typewriter font does in every encoding.
    '"': r"\texttt{\char34}",
    "`": r"\`{}",
    # Without braces they would be read as an argument of the \\ before them.
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    "\u00a0": "~",
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "ı": r"\i{}",
    "–": "--",
    "—": "---",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
    "…": r"\ldots{}",
    "§": r"\S{}",
    "¶": r"\P{}",
    "†": r"\dag{}",
    "‡": r"\ddag{}",
    "©": r"\copyright{}",
    "£": r"\pounds{}",
}

_MATH = {
    "−": "-",
    "±": r"\pm",
    "×": r"\times",
    "÷": r"\div",
    "·": r"\cdot",
    "≤": r"\leq",
    "≥": r"\geq",
    "≠": r"\neq",
    "≈": r"\approx",
    "∞": r"\infty",
    "→": r"\rightarrow",
    "←": r"\leftarrow",
    "∈": r"\in",
    "∇": r"\nabla",
    "√": r"\surd",
    "°": r"^{\circ}",
    "µ": r"\mu",
}

_GREEK = "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ"

_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0323": "d",
    "\u0327": "c",
    "\u0331": "b",
}

_PERCENT = re.compile(r"(?<=\d) %")
_BREAKS_AFTER = frozenset("_-/.,:;=+")
_LONGEST = 8


_LIGATURES = frozenset("-,'`")


def _greek(sign: str) -> str:
    """Return TeX's command for a Greek letter, which is its name in Unicode but for lambda."""
    name = unicodedata.name(sign).rsplit(maxsplit=1)[-1].replace("LAMDA", "LAMBDA")
    return f"\\{name.lower() if sign.islower() else name.capitalize()}"


_MATH |= {sign: _greek(sign) for sign in _GREEK}
_MATH |= {sign: f"^{{{digit}}}" for digit, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
_MATH |= {sign: f"_{{{digit}}}" for digit, sign in enumerate("₀₁₂₃₄₅₆₇₈₉")}
_COMMANDS |= {sign: f"${command}$" for sign, command in _MATH.items()}


def escape(text: str, *, breakable: bool = False) -> str:
    """Return text as LaTeX that shows the same characters, in ASCII.

    Args:
        text: any; white space of every kind becomes a space.
        breakable: whether a line may end inside a word: after a sign such as _ or /, and after
            eight letters without one.
    """
    pieces: list[str] = []
    unbroken = 0
    for cluster in _clusters(_PERCENT.sub("\u00a0%", text)):
        piece = _cluster(cluster)
        if pieces and piece[0] in _LIGATURES and pieces[-1].endswith(piece[0]):
            # TeX reads -- as a dash, and '' as a double quote.
            pieces.append("{}")
        pieces.append(piece)
        unbroken = 0 if cluster == " " else unbroken + 1
        if breakable and (_may_break(cluster) or unbroken == _LONGEST):
            pieces.append(r"\allowbreak{}")
            unbroken = 0
    return "".join(pieces)


def unset_characters(text: str) -> tuple[str, ...]:
    """Return the characters that `escape` can only name by their number, each once."""
    clusters = (each for each in _clusters(text) if _known(each) is None)
    return tuple(dict.fromkeys(sign for each in clusters for sign in each if _known(sign) is None))


def comment(text: str) -> str:
    """Return text for a LaTeX comment: one line of printable ASCII."""
    return "".join(
        each if each.isascii() and each.isprintable() else f"<U+{ord(each):04X}>" for each in text
    )


def _clusters(text: str) -> list[str]:
    """Split text into letters, each with the accents that stand on it."""
    clusters: list[str] = []
    for sign in unicodedata.normalize("NFC", text):
        if clusters and unicodedata.combining(sign):
            clusters[-1] += sign
        else:
            clusters.append(" " if sign.isspace() and sign != "\u00a0" else sign)
    return clusters


def _may_break(cluster: str) -> bool:
    return cluster in _BREAKS_AFTER or _known(cluster) is None


def _cluster(cluster: str) -> str:
    known = _known(cluster)
    return "".join(map(_sign, cluster)) if known is None else known


def _sign(sign: str) -> str:
    known = _known(sign)
    return rf"\texttt{{U+{ord(sign):04X}}}" if known is None else known


def _known(cluster: str) -> str | None:
    """Return LaTeX for a letter with its accents; None when there is none."""
    if cluster in _COMMANDS:
        return _COMMANDS[cluster]
    if cluster.isascii():
        return cluster if cluster.isprintable() else None
    decomposed = unicodedata.normalize("NFD", cluster)
    base, marks = decomposed[:1], decomposed[1:]
    accent = _ACCENTS.get(marks)
    if accent is None or not base.isalpha() or not base.isascii():
        return None
    # An accent above takes the place of the dot.
    letter = f"\\{base}" if base in "ij" and accent not in "dcb" else base
    return f"\\{accent}{{{letter}}}"
