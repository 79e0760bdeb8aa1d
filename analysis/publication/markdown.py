"""A table in GitHub's Markdown, with every character that Markdown would read escaped."""

import re

from analysis.publication.columns import Column
from analysis.publication.entries import Entry, printed
from analysis.publication.printed import PublicationTable

_SPECIAL = re.compile(r"([\\`*_\[\]|~$#!])")
_LIST = re.compile(r"^(\d*)([-+=.)])")
_RULES = {"left": ":---", "right": "---:", "center": ":---:"}
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def as_markdown(table: PublicationTable) -> str:
    """Return the caption, the table and the notes as paragraphs; see `to_markdown`."""
    columns = table.shown
    blocks = [_pipe_table(table, columns)]
    if caption := table.caption_for(columns):
        blocks.insert(0, _paragraph(caption))
    blocks += [_paragraph(each) for each in table.notes_for(columns)]
    return "\n\n".join(blocks) + "\n"


def escape(text: str) -> str:
    """Return text that Markdown shows as it is, in one line."""
    line = " ".join(text.split())
    line = "".join(_ENTITIES.get(each, each) for each in line)
    return _SPECIAL.sub(r"\\\1", line)


def _paragraph(text: str) -> str:
    """Return text as a paragraph, though it may begin like a list or a rule."""
    return _LIST.sub(r"\1\\\2", escape(text))


def _pipe_table(table: PublicationTable, columns: tuple[Column, ...]) -> str:
    """Return the table; groups get a column of their own, since Markdown has no rows for them."""
    header = [escape(each.header) for each in columns]
    rules = [_RULES[each.align] for each in columns]
    rows = [[_entry(each.entries[place]) for each in columns] for place in range(table.n_rows)]
    if table.groups:
        header.insert(0, "group")
        rules.insert(0, _RULES["left"])
        rows = [[escape(title), *row] for title, row in zip(table.groups, rows, strict=True)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, rules, *rows))


def _entry(entry: Entry) -> str:
    text = escape("".join(map(printed, entry.parts)))
    return f"**{text}**" if entry.is_bold and text else text
