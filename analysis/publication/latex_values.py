"""Entries and widths in LaTeX: numbers in math mode, and how much room they take."""

from analysis.publication.entries import Entry, Part
from analysis.publication.latex_text import escape, unset_characters

_WORD_CLASSES_PT = {
    " ijlI.,;:'!|()[]/ft-": 3.4,
    "mwMWQ%@_": 8.4,
    "ABCDEFGHJKLNOPRSTUVXYZ&": 7.0,
    "0123456789": 4.7,
    "<>±": 7.4,
}
_MATH_CLASSES_PT = {"0123456789": 4.7, ".[]": 2.7, ",": 5.9, "±": 11.5, "<-": 7.4, " ": 0.0}
_WORD_PT = {sign: width for signs, width in _WORD_CLASSES_PT.items() for sign in signs}
_MATH_PT = {sign: width for signs, width in _MATH_CLASSES_PT.items() for sign in signs}
_OTHER_PT = 5.3
_NUMBERED_PT = 4.9 * len("U+1F600")
_SPACE_PT = 3.2
_BOLD = 1.16


def in_math(text: str) -> str:
    r"""Return a number, a relation or an interval for LaTeX's math mode.

    Spaces that math mode would drop become `\ `, except around ± and relations.
    """
    spaced = text.replace(" ± ", r" \pm ").replace("< ", "<").replace("= ", "=")
    return spaced.replace(" =", "=").replace(" <", "<").replace(", ", r",\,").replace(" [", r"\ [")


def entry_latex(entry: Entry, *, breakable: bool = False) -> str:
    """Return an entry, in bold type if it is to be."""
    text = "".join(_part(each, breakable) for each in entry.parts)
    return rf"{{\bfseries\boldmath {text}}}" if entry.is_bold else text


def entry_width_pt(entry: Entry) -> float:
    r"""Return about how wide an entry is at `\small` (9 pt), a little on the wide side."""
    width = sum(_part_width(each) for each in entry.parts)
    return width * _BOLD if entry.is_bold else width


def text_width_pt(text: str) -> float:
    r"""Return about how wide words are at `\small`."""
    numbered = set(unset_characters(text))
    return sum(_NUMBERED_PT if each in numbered else _WORD_PT.get(each, _OTHER_PT) for each in text)


def _part(part: Part, breakable: bool) -> str:
    return f"${in_math(part.text)}$" if part.is_math else escape(part.text, breakable=breakable)


def _part_width(part: Part) -> float:
    if not part.is_math:
        return text_width_pt(part.text)
    spaces = _SPACE_PT * part.text.count(" [")
    return spaces + sum(_MATH_PT.get(each, _OTHER_PT) for each in part.text)
