"""Makes text of unknown origin fit to be shown, and finds the code in our own."""

import re

LONGEST_LINE = 200

_CODE = re.compile(r"`([^`\n]+)`")


def one_line(text: str) -> str:
    """The first line that says something, shortened, without characters that steer a terminal."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    visible = "".join(_visible(character) for character in (lines[0] if lines else ""))
    return visible if len(visible) <= LONGEST_LINE else f"{visible[: LONGEST_LINE - 1]}…"


def is_visible_line(text: str) -> bool:
    """Whether a text can be seen, and stands on one line."""
    return text.isprintable() and bool(text.strip())


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")


def code_parts(text: str) -> list[str]:
    """A text in parts: those at odd places stood between two backticks, and are code."""
    # A split at a pattern with one group gives what the group matched at the odd places.
    return _CODE.split(text)
