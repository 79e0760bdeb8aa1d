import csv
import io
import re
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from analysis.publication.columns import (
    Column,
    TableError,
    number_column,
    p_column,
    text_column,
)
from analysis.publication.entries import (
    count_entry,
    estimate_entry,
    interval_entry,
    number_entry,
    p_entry,
    spread_entry,
    text_entry,
)
from analysis.publication.printed import PublicationTable


class Reader(HTMLParser):
    """Collects the text of every cell, and all tags."""

    def __init__(self, text):
        super().__init__()
        self.cells, self.tags, self.scopes, self.inside = [], [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag in {"td", "th", "caption"}:
            self.inside = True
            self.cells.append("")
            self.scopes.append(dict(attrs).get("scope"))

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in {"td", "th", "caption"}

    def handle_data(self, data):
        if self.inside:
            self.cells[-1] += data


def from_markdown(table):
    return Reader(MarkdownIt("commonmark").enable("table").render(table.to_markdown()))


def small(**options):
    columns = (text_column("arm", ["a", "b"]), number_column("effect", [-0.5, None], decimals=2))
    return PublicationTable(columns, caption="A caption.", **options)


def tabular(latex):
    return latex[latex.index(r"\toprule") : latex.index(r"\bottomrule")].splitlines()[1:]


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (spread_entry(0.93, 0.0041, 4), "0.9300 ± 0.0041"),
        (spread_entry(0.93, None, 4), "0.9300"),
        (spread_entry(None, None, 4), "n/a"),
        (spread_entry(float("nan"), 1.0, 4), "n/a ± 1.0000"),
        (estimate_entry(-0.1, -0.2, 0.05, 2), "−0.10 [−0.20, 0.05]"),
        (estimate_entry(0.1, None, None, 2), "0.10 [n/a]"),
        (estimate_entry(None, None, None, 2), "n/a"),
        (interval_entry(0.0, 1.0, 1), "[0.0, 1.0]"),
        (interval_entry(None, 1.0, 1), "n/a"),
        (number_entry("x", float("inf")), "n/a"),
        (number_entry("x", 0.125), "0.125"),
        (count_entry("n", 20), "20"),
        (p_entry("p", 1e-9), "< 0.0001"),
        (p_entry("p", None), "n/a"),
    ],
)
def test_entries_are_written_with_a_minus_sign_and_say_what_is_missing(entry, text):
    assert entry.text == text
    assert entry.lacks_value == ("n/a" in text)


def test_latex_has_rules_of_booktabs_and_numbers_in_math_mode():
    latex = small(label="tab:x").to_latex()
    assert tabular(latex) == [
        r"arm & effect \\",
        r"\midrule",
        r"a & $-0.50$ \\",
        r"b & n/a \\",
    ]
    assert r"\label{tab:x}" in latex
    assert r"\caption{A caption.}" in latex


def test_what_is_missing_is_explained_below_the_table_and_only_there_where_it_occurs():
    for text in (small().to_latex(), small().to_markdown(), small().to_html()):
        assert "n/a: too few finite values to tell." in text
    whole = PublicationTable((number_column("x", [1.0]),), "")
    assert "n/a" not in whole.to_latex() + whole.to_markdown() + whole.to_html()


def test_an_arm_called_like_a_missing_value_is_a_name():
    table = PublicationTable((text_column("arm", ["n/a"]),), "")
    assert table.notes_for(table.columns) == ()


def test_bold_is_bold_in_every_format():
    entries = (number_entry("x", 0.5, 1).in_bold(),)
    table = PublicationTable((Column("x", entries),), "")
    assert r"{\bfseries\boldmath $0.5$} \\" in table.to_latex()
    assert "| **0.5** |" in table.to_markdown()
    assert "<strong>0.5</strong>" in table.to_html()


def test_groups_are_divided_in_latex_and_html_and_a_column_in_markdown():
    table = small(groups=("k = 1", "k = 2"))
    assert [line for line in tabular(table.to_latex()) if "multicolumn" in line] == [
        r"\multicolumn{2}{@{}l@{}}{\itshape k = 1} \\",
        r"\multicolumn{2}{@{}l@{}}{\itshape k = 2} \\",
    ]
    assert table.to_latex().count(r"\midrule") == 2
    assert "| k = 2 | b | n/a |" in table.to_markdown()
    reader = Reader(table.to_html())
    assert reader.tags.count("tbody") == 2
    assert reader.scopes.count("rowgroup") == 2


def test_html_tells_screen_readers_what_a_header_is_for():
    reader = Reader(small().to_html())
    assert reader.scopes == [None, "col", "col", "row", None, "row", None, None]
    assert reader.tags[:2] == ["table", "caption"]


NASTY = "|*_~`<b>&amp;\"'\\[x](y)$z$#!{}"


def test_names_look_the_same_in_markdown_and_html(nasty):
    names = [nasty, NASTY]
    table = PublicationTable(
        (text_column("arm", names),), "", groups=(nasty, NASTY), notes=(nasty, NASTY)
    )
    rendered = from_markdown(table)
    assert rendered.cells == ["group", "arm", nasty, nasty, NASTY, NASTY]
    assert set(rendered.tags) == {"table", "thead", "tbody", "tr", "th", "td", "p"}
    page = Reader(table.to_html())
    assert page.cells == ["", "arm", nasty, nasty, NASTY, NASTY, nasty + NASTY]
    assert "b" not in page.tags


@pytest.mark.parametrize("caption", ["- a", "1. a", "2) a", "+ a", "= a", "# a", "> a", "--- a"])
def test_a_caption_is_a_paragraph_in_markdown_whatever_it_begins_with(caption):
    table = PublicationTable((text_column("arm", ["a"]),), caption)
    assert from_markdown(table).tags[:2] == ["p", "table"]


def test_a_bold_name_stays_one_cell_in_markdown(nasty):
    entries = (text_entry("arm", nasty).in_bold(),)
    table = PublicationTable((Column("arm", entries),), "")
    reader = from_markdown(table)
    assert reader.cells == ["arm", nasty]
    assert "strong" in reader.tags


def test_csv_has_every_value_unrounded_also_of_columns_that_are_not_shown(nasty):
    columns = (
        text_column("arm", [nasty]),
        Column("mean", (spread_entry(1 / 3, None, 2),)),
        Column("hidden", (number_entry("hidden", 2 / 3, 1),), is_data_only=True),
        p_column("p", [1e-9]),
    )
    table = PublicationTable(columns, "")
    assert list(csv.reader(io.StringIO(table.to_csv()))) == [
        ["arm", "mean", "sd", "hidden", "p"],
        [nasty, repr(1 / 3), "", repr(2 / 3), "1e-09"],
    ]
    assert "hidden" not in table.to_latex() + table.to_markdown() + table.to_html()


def test_columns_that_may_go_are_left_out_of_latex_by_rank_where_the_page_is_narrow():
    wide = [123456789.0]
    columns = (
        number_column("always", wide),
        Column("second", number_column("second", wide).entries, explanation="Second.", rank=2),
        Column("first", number_column("first", wide).entries, explanation="First.", rank=1),
    )
    table = PublicationTable(columns, "")
    assert "always & second & first" in table.to_latex(width_pt=300)
    assert "always & first" in table.to_latex(width_pt=120)
    assert "First." in table.to_latex(width_pt=120)
    assert "Second." not in table.to_latex(width_pt=120)
    assert r"always \\" in table.to_latex(width_pt=60)
    assert "| always | second | first |" in table.to_markdown()


def test_long_names_are_broken_into_lines_where_the_page_is_too_narrow():
    columns = (text_column("arm", ["a_long_name_of_an_arm" * 5]), number_column("x", [1.0]))
    latex = PublicationTable(columns, "").to_latex()
    assert re.search(r"\{@\{\}p\{\d+pt\}r@\{\}\}", latex)
    assert r"\raggedright" in latex


def test_characters_without_type_are_declared_in_latex():
    latex = PublicationTable((text_column("arm", ["蒸"]),), "").to_latex()
    assert latex.isascii()
    assert latex.startswith("% U+84B8 stands for CJK UNIFIED IDEOGRAPH-84B8\n")
    assert "U+ and a number stand for the character" in latex


def test_decimals_of_a_column_follow_the_standard_errors():
    column = number_column("x", [0.123456, 0.123456], standard_errors=[0.01, 0.00012])
    assert [each.text for each in column.entries] == ["0.123", "0.12346"]


def test_p_is_never_rounded_onto_alpha():
    assert [each.text for each in p_column("p", [0.0496], alpha=0.05).entries] == ["0.0496"]


def test_a_standalone_document_needs_booktabs_and_nothing_else():
    assert re.findall(r"\\usepackage\{(\w+)\}", small().standalone_document()) == ["booktabs"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PublicationTable((), ""), "at least one column"),
        (lambda: small(label="tab x"), "allowed: ASCII letters, digits"),
        (lambda: small(label="a}b"), "The label is"),
        (lambda: small(groups=("k",)), "groups has 1 entries for 2 rows"),
        (lambda: small(row_names=("k",)), "row_names has 1 entries for 2 rows"),
        (
            lambda: PublicationTable((number_column("x", [1]), number_column("y", [1, 2])), ""),
            "different numbers of entries",
        ),
        (
            lambda: PublicationTable((number_column("x", [1]), number_column("x", [1])), ""),
            "quantity named x",
        ),
        (lambda: number_column("x", [1.0], standard_errors=[]), "0 standard errors"),
    ],
)
def test_tables_that_do_not_fit_together_are_refused(make, message):
    with pytest.raises(TableError, match=message):
        make()


def test_a_table_without_rows_is_a_header():
    table = PublicationTable((text_column("arm", []), number_column("x", [])), "Nothing yet.")
    assert tabular(table.to_latex()) == [r"arm & x \\", r"\midrule"]
    assert table.to_csv() == "arm,x\n"
    assert "| arm | x |" in table.to_markdown()
    assert "<tbody>" in table.to_html()
