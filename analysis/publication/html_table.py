"""A table in HTML that a screen reader can follow: a caption, and headers with their scope."""

from html import escape

from analysis.publication.columns import Column
from analysis.publication.entries import Entry
from analysis.publication.printed import PublicationTable

_STYLE = (
    "body{font-family:sans-serif;margin:2em}table{border-collapse:collapse}"
    "caption{text-align:left;max-width:60em;padding-bottom:.5em}"
    "th,td{padding:.2em .6em;text-align:left;font-weight:normal;vertical-align:top}"
    "thead th{border-bottom:1px solid}thead{border-top:2px solid}"
    "td{white-space:nowrap}th{overflow-wrap:anywhere}th[scope=row]{min-width:8em}"
    "tbody{border-bottom:1px solid}tfoot td{font-size:smaller;white-space:normal}"
    ".right{text-align:right}.center{text-align:center}"
    "th[scope=rowgroup]{font-style:italic}"
)


def as_html(table: PublicationTable) -> str:
    """Return a `table` element; classes "right" and "center" say how columns are aligned."""
    columns = table.shown
    header = "".join(_header(each) for each in columns)
    lines = [
        "<table>",
        f"<caption>{escape(table.caption_for(columns))}</caption>",
        f"<thead><tr>{header}</tr></thead>",
        *_bodies(table, columns),
        *_footer(table, columns),
        "</table>",
    ]
    return "\n".join(lines) + "\n"


def as_page(table: PublicationTable) -> str:
    """Return a complete HTML page with the table."""
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(table.label or 'Table')}</title>\n<style>{_STYLE}</style>\n"
        f"{as_html(table)}</html>\n"
    )


def _header(column: Column) -> str:
    return f'<th scope="col"{_class(column)}>{escape(column.header)}</th>'


def _bodies(table: PublicationTable, columns: tuple[Column, ...]) -> list[str]:
    lines = []
    for title, places in table.grouped_rows():
        lines.append("<tbody>")
        if title:
            span = f'colspan="{len(columns)}"'
            lines.append(f'<tr><th scope="rowgroup" {span}>{escape(title)}</th></tr>')
        for place in places:
            first = f'<th scope="row">{_entry(columns[0].entries[place])}</th>'
            rest = (f"<td{_class(each)}>{_entry(each.entries[place])}</td>" for each in columns[1:])
            lines.append(f"<tr>{first}{''.join(rest)}</tr>")
        lines.append("</tbody>")
    return lines


def _footer(table: PublicationTable, columns: tuple[Column, ...]) -> list[str]:
    notes = table.notes_for(columns)
    if not notes:
        return []
    text = "<br>".join(map(escape, notes))
    return [f'<tfoot><tr><td colspan="{len(columns)}">{text}</td></tr></tfoot>']


def _class(column: Column) -> str:
    return "" if column.align == "left" else f' class="{column.align}"'


def _entry(entry: Entry) -> str:
    text = escape(entry.text)
    return f"<strong>{text}</strong>" if entry.is_bold else text
