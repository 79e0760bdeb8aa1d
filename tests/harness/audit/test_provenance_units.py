"""What is read of each type of file, and how two versions of it differ."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.audit.provenance.comparing import differences
from harness.audit.provenance.reading import read_units
from harness.audit.provenance.units import numbers_in

LATEX = r"""\begin{tabular}{@{}lr@{\,}r@{}}
\toprule
arm & $n$ & mean \\
\cmidrule(lr){2-3}
\midrule
{\bfseries kd\_ig} & $20$ & $0.9533 \pm 0.0128$ \\[2pt]
at & $20$ & $-0.0021\ [-0.0074,\,0.0032]$ \\ % 0.5 is no result
\bottomrule
\end{tabular}
In 2025, 95~\% of 1{,}000.
"""


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("0.9554 ± 0.0100", ["0.9554", "0.0100"]),
        ("-0.0076 to 0.0059", ["-0.0076", "0.0059"]),
        ("−0.5", ["-0.5"]),
        ("[-1, -2]", ["-1", "-2"]),
        ("2010-2020", ["2010", "2020"]),
        ("< 0.0001", ["< 0.0001"]),
        ("p≤.05", ["≤ .05"]),
        ("1.2e-05 and 3E4", ["1.2e-05", "3E4"]),
        ("12,345 examples", ["12345"]),
        ("[0.12, 3]", ["0.12", "3"]),
        ("d98b50164307, kd_2, v1.2.3, 3x", []),
        ("", []),
    ],
)
def test_numbers_are_read_with_sign_and_relation_and_digits_in_names_are_none(text, numbers):
    assert list(numbers_in(text)) == numbers


def test_a_latex_table_has_rows_with_columns_and_no_layout():
    units = read_units("t.tex", LATEX.encode())
    rows = [each for each in units if each.kind == "row"]
    assert [each.name for each in rows] == ["** kd_ig", "at"]
    assert [cell.column for cell in rows[0].cells] == ["arm", "n", "mean"]
    assert [cell.numbers for cell in rows[0].cells] == [(), ("20",), ("0.9533", "0.0128")]
    assert rows[1].cells[2].numbers == ("-0.0021", "-0.0074", "0.0032")
    assert [each.line for each in rows] == [6, 7]


def _kinds(latex):
    return [(each.kind, each.name) for each in read_units("t.tex", latex.encode())]


def test_a_latex_table_without_rules_has_a_heading_of_one_row():
    one_line = (
        r"\begin{tabular}{lr} Arm & accuracy \\ student & 95.5 \\ kd\_ig & 95.6 \\ \end{tabular}"
    )
    for latex in (one_line, one_line.replace(r"\\", "\\\\\n")):
        assert _kinds(latex) == [("header", "Arm"), ("row", "student"), ("row", "kd_ig")]
        rows = read_units("t.tex", latex.encode())
        assert [each.cells[1].column for each in rows] == ["", "accuracy", "accuracy"]


def test_a_latex_table_whose_first_row_holds_a_number_has_no_heading():
    assert _kinds("\\begin{tabular}{lr}\nkd & 1 \\\\\nat & 2 \\\\\n\\end{tabular}") == [
        ("row", "kd"),
        ("row", "at"),
    ]


@pytest.mark.parametrize("last", ["\\bottomrule", "\\hline", ""])
@pytest.mark.parametrize("first", ["\\toprule", "\\hline", "\\vspace{2pt}\\hline"])
def test_rules_above_and_below_all_rows_make_no_heading_of_them(first, last):
    rows = "arm & acc \\\\\nkd & 0.95 \\\\\nat & 0.96 \\\\\n"
    latex = f"\\begin{{tabular}}{{lr}}\n{first}\n{rows}{last}\n\\end{{tabular}}"
    assert _kinds(latex) == [("header", "arm"), ("row", "kd"), ("row", "at")]


def test_a_row_of_results_above_a_late_rule_is_no_heading():
    rows = "arm & acc \\\\\nkd & 0.95 \\\\\n\\midrule\nat & 0.96 \\\\\n"
    latex = f"\\begin{{tabular}}{{lr}}\n{rows}\\end{{tabular}}"
    assert _kinds(latex) == [("header", "arm"), ("row", "kd"), ("row", "at")]


def test_a_latex_row_may_be_written_over_several_lines_and_a_cell_broken():
    rows = "arm & \\makecell{acc\\\\in \\%} \\\\\n\\hline\nkd\n  & 0.95\n\\\\ at & 0.96\n"
    units = read_units("t.tex", f"\\begin{{tabular}}{{lr}}\n{rows}\\end{{tabular}}".encode())
    assert [(each.name, each.line) for each in units] == [("arm", 2), ("kd", 4), ("at", 6)]
    assert [each.cells[1].column for each in units] == ["", "acc in %", "acc in %"]


def test_reading_leaves_the_limit_of_csv_as_it_is():
    before = csv.field_size_limit()
    long = "x" * (before + 1)
    (_, row) = read_units("a.csv", f"arm,note\nkd,{long}\n".encode())
    assert row.cells[1].text == long
    assert csv.field_size_limit() == before


def test_a_latex_macro_is_a_row_of_its_own():
    units = read_units("m.tex", b"\\newcommand{\\harnessKdMean}{0.9546}\n")
    assert [(each.name, each.cells[1].numbers) for each in units] == [
        ("\\harnessKdMean", ("0.9546",))
    ]


def test_a_json_number_keeps_its_digits_and_has_the_name_of_its_arm():
    units = read_units("x.json", b'{"arms": [{"arm": "kd", "mean": 0.950}], "n": 3, "x": null}')
    assert ("arms[kd].mean", "0.950") in [
        (each.cells[0].text, each.cells[1].text) for each in units
    ]


def test_a_file_that_is_no_json_is_read_line_by_line():
    units = read_units("x.json", b'{"mean": 0.95,')
    assert [each.cells[0].numbers for each in units] == [("0.95",)]


@pytest.mark.parametrize("form", ["md", "csv", "html"])
def test_a_cell_is_named_with_row_and_column(form):
    files = {
        "md": "| arm | mean |\n|---|---:|\n| kd | 0.95 |\n",
        "csv": "arm,mean\nkd,0.95\n",
        "html": "<table><thead><tr><th>arm</th><th>mean</th></tr></thead>"
        "<tr><th>kd</th><td>0.95</td></tr></table>",
    }
    given = read_units(f"a.{form}", files[form].encode())
    found = read_units(f"a.{form}", files[form].replace("0.95", "0.96").encode())
    (difference,) = differences(found, given)
    assert (difference.found, difference.given, difference.what) == ("0.96", "0.95", "number")
    assert "row 'kd', column 'mean'" in difference.place


def test_a_trailing_zero_is_another_number():
    given = read_units("a.csv", b"arm,mean\nkd,0.95\n")
    (difference,) = differences(read_units("a.csv", b"arm,mean\nkd,0.950\n"), given)
    assert (difference.found, difference.given) == ("0.950", "0.95")


def test_a_number_more_in_a_cell_is_another_content():
    given = read_units("a.csv", b"arm,mean\nkd,0.95\n")
    (difference,) = differences(read_units("a.csv", b"arm,mean\nkd,0.95 (0.96)\n"), given)
    assert (difference.what, difference.found) == ("content", "0.95 (0.96)")


def test_bold_that_was_moved_is_a_changed_label_and_concerns_numbers():
    html = "<table><tr><td>kd</td><td><b>0.95</b></td></tr></table>"
    plain = html.replace("<b>", "").replace("</b>", "")
    found = read_units("a.html", plain.encode())
    (difference,) = differences(found, read_units("a.html", html.encode()))
    assert (difference.what, difference.concerns_numbers) == ("label", True)


def test_words_without_numbers_concern_none():
    (difference,) = differences(read_units("a.md", b"it is better"), read_units("a.md", b"worse"))
    assert (difference.what, difference.concerns_numbers) == ("words", False)


def test_text_that_a_page_does_not_show_is_not_read():
    page = b"<style>p { margin: 3em }</style><p>5 runs</p><script>var x = 7</script>"
    assert [each.cells[0].text for each in read_units("a.html", page)] == ["5 runs"]


ROWS = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 99)), min_size=1, max_size=12)


@given(rows=ROWS, other=ROWS)
def test_two_versions_differ_exactly_when_their_rows_do(rows, other):
    def file(found):
        lines = "".join(f"{name},{value}\n" for name, value in found)
        return read_units("a.csv", f"arm,mean\n{lines}".encode())

    assert bool(differences(file(rows), file(other))) == (rows != other)


@given(st.binary(max_size=300), st.sampled_from(["html", "tex", "md", "csv", "json", "svg", "txt"]))
def test_no_content_stops_the_reading(content, form):
    units = read_units(f"a.{form}", content)
    assert differences(units, units) == []
