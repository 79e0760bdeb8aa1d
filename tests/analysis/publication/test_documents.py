"""Tables in the programs that readers use: pdfLaTeX and a browser. Run by `make test-documents`."""

import re
import shutil
import subprocess
from html.parser import HTMLParser

import pandas as pd
import pytest

from analysis import Protocol, compare
from analysis.publication.columns import Column, number_column, text_column
from analysis.publication.comparisons import publication_table, write_table
from analysis.publication.latex import fitting, table_width_pt
from analysis.publication.latex_text import escape
from analysis.publication.printed import TEXT_WIDTH_PT, PublicationTable

pytestmark = pytest.mark.documents

PROTOCOL = Protocol("accuracy_%", "maximize", "student")
MORE_NASTY = (
    "tilde~caret^hash#", "[x]*", "-- --- '' ,, ?` !`", "😀", "عربي", "α=β₁", "{", "}", "\\", "$",
    '"', "<script>alert(1)</script>", "a|b", "Łódź ąęß", "e\u0301", "x" * 60,
)  # fmt: skip


def program(*names):
    """Return a program's path; a machine without it fails these tests."""
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, f"none of {names} is installed; see .ci/run for the packages"
    return found


@pytest.fixture
def typeset(tmp_path):
    """Run pdfLaTeX over a document, and return its messages and the text of its pages."""

    def run(document):
        (tmp_path / "document.tex").write_text(document, encoding="ascii")
        command = [program("pdflatex"), "-interaction=nonstopmode", "-halt-on-error"]
        done = subprocess.run(
            [*command, "document.tex"], cwd=tmp_path, capture_output=True, check=False
        )
        log = done.stdout.decode("latin-1")
        assert done.returncode == 0, log[-2000:]
        pages = [program("pdftotext"), "-layout", "document.pdf", "-"]
        text = subprocess.run(pages, cwd=tmp_path, capture_output=True, check=True)
        return log, text.stdout.decode()

    return run


def nasty_table(accuracies, nasty_arms, **options):
    frame = accuracies(["student", *nasty_arms, *MORE_NASTY]).rename(
        columns={"accuracy": "accuracy_%"}
    )
    return publication_table(compare(frame, PROTOCOL), frame, **options)


def test_nasty_names_compile_and_stay_inside_the_page(accuracies, nasty_arms, typeset):
    log, text = typeset(
        nasty_table(accuracies, nasty_arms, label="tab:nasty").standalone_document()
    )
    assert "Overfull" not in log
    assert "Missing character" not in log
    for said in ("U+84B8", "U+1F600", "U+0639", "100%,", 'a<b&"c"%', "../x", "accuracy %"):
        assert said in text or said.replace(" ", "_") in text


def test_numbers_arrive_on_the_page(accuracies, typeset):
    frame = accuracies(["student", "kd"], step=-0.01).rename(columns={"accuracy": "accuracy_%"})
    table = publication_table(compare(frame, PROTOCOL))
    _, text = typeset(table.standalone_document())
    row = next(
        line for line in text.splitlines() if line.startswith(("kd", " kd")) or " kd " in line
    )
    assert re.search(r"20\s+0\.9\d+ ± 0\.00\d+\s+−0\.0\d+ \[−0\.0\d+, −0\.0\d+\]\s+< 0\.0001", row)
    assert "[95 %]" in text
    assert "α = 0.05" in text


def test_every_character_of_latin_and_greek_compiles(typeset):
    signs = [chr(each) for each in (*range(0x0250), *range(0x0300, 0x0400), *range(0x2000, 0x2300))]
    lines = "\n\n".join(f"{number} {escape(sign)}x" for number, sign in enumerate(signs))
    body = f"\\begin{{document}}\\scriptsize\n{lines}\n\n{{\\bfseries {lines}}}\\end{{document}}"
    log, _ = typeset(f"\\documentclass{{article}}{body}")
    assert "Missing character" not in log


def test_all_macros_compile_in_text_and_in_formulas(accuracies, nasty_arms, typeset):
    macros = nasty_table(accuracies, nasty_arms).macros()
    found = re.findall(r"\\newcommand\{(\\[A-Za-z]+)\}\{(.*)\}", macros)
    assert len(found) == len({name for name, _ in found}) > 200
    text = "\n\n".join(f"{name}{{}}, {{\\bfseries {name}}}" for name, _ in found)
    formulas = "\n\n".join(f"$x = {name}$" for name, value in found if "ensuremath" in value)
    body = f"\\begin{{document}}\n{text}\n\n{formulas}\n\\end{{document}}"
    _, pages = typeset(f"\\documentclass{{article}}\n{macros}{body}")
    assert "< 0.0001" in pages or "<0.0001" in pages


def test_the_table_and_its_macros_go_into_one_paper_whatever_its_encoding(accuracies, typeset):
    table = publication_table(compare(accuracies(["student", "naïve-ü"]), protocol_of("accuracy")))
    preamble = (
        "\\documentclass[twocolumn]{article}\\usepackage[T1]{fontenc}\\usepackage[latin1]{inputenc}"
        f"\\usepackage{{booktabs}}\n{table.macros()}"
    )
    body = f"{table.to_latex()} We gain \\harnessNaiveUAccuracyDifference{{}} points."
    typeset(f"{preamble}\\begin{{document}}\n{body}\\end{{document}}")


def protocol_of(metric):
    return Protocol(metric, "maximize", "student")


def with_long_names(accuracies):
    return publication_table(
        compare(accuracies(["student", "a_long_name_of_an_arm" * 2]), ACCURACY)
    )


ACCURACY = protocol_of("accuracy")


def with_cells(accuracies):
    frame = pd.concat([accuracies(["student", "kd"], seed=k).assign(k=k) for k in (1, 2)])
    return publication_table(compare(frame, ACCURACY, within=["k"]))


def with_all_pairs(accuracies):
    protocol = Protocol("accuracy", "maximize", "student", comparisons="all_pairs")
    return publication_table(compare(accuracies(["student", "kd", "kd_ig", "at"]), protocol))


def in_percent(accuracies):
    frame = accuracies(["student", "kd", "kd_ig"])
    return publication_table(compare(frame.assign(accuracy=frame["accuracy"] * 100), ACCURACY))


def of_one_run(accuracies):
    return publication_table(compare(accuracies(["student", "kd"], n=1), ACCURACY))


def of_other_things(_):
    columns = (
        text_column("factor", ["seed", "order"]),
        number_column("share of variance", [0.62, None], decimals=2),
        Column("x", number_column("x", [1234.5, -0.1]).entries, latex_header="$x_1$"),
    )
    return PublicationTable(columns, "Sources of variance.", notes=("A note_with % signs.",))


@pytest.mark.parametrize(
    "make", [with_cells, with_all_pairs, with_long_names, in_percent, of_one_run, of_other_things]
)
def test_default_columns_fit_into_the_narrowest_page(make, accuracies, typeset):
    table = make(accuracies)
    latex = table.to_latex()
    start, end = latex.index(r"\setlength"), latex.index(r"\caption")
    tabular = latex[latex.index(r"\begin{tabular}") : latex.index(r"\end{tabular}")]
    boxed = (
        "\\documentclass{article}\\usepackage{booktabs}\\begin{document}\\small\n"
        f"{latex[start:end]}\\sbox0{{{tabular}\\end{{tabular}}}}"
        "\\typeout{WIDTH=\\the\\wd0}x\\end{document}"
    )
    log, _ = typeset(boxed)
    width = float(re.search(r"WIDTH=([\d.]+)pt", log)[1])
    assert width <= TEXT_WIDTH_PT
    if r"\raggedright" not in tabular:
        gap = 2 * float(re.search(r"tabcolsep\}\{([\d.]+)pt", latex)[1])
        estimate = table_width_pt(fitting(table, TEXT_WIDTH_PT), gap)
        assert width <= estimate <= 1.3 * width


class Page(HTMLParser):
    """Collects the texts of headers, and which elements there are."""

    def __init__(self, text):
        super().__init__()
        self.headers, self.tags, self.inside = [], set(), False
        self.feed(text)

    def handle_starttag(self, tag, attrs):  # noqa: ARG002
        self.tags.add(tag)
        if tag == "th":
            self.inside = True
            self.headers.append("")

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "th"

    def handle_data(self, data):
        if self.inside:
            self.headers[-1] += data


def test_a_browser_shows_every_name_and_runs_none(accuracies, nasty_arms, tmp_path):
    write_table(nasty_table(accuracies, nasty_arms), tmp_path, "arms")
    command = [program("chromium", "chromium-browser", "google-chrome"), "--headless"]
    options = ["--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    page = (tmp_path / "arms.html").as_uri()
    done = subprocess.run(
        [*command, *options, "--dump-dom", page], capture_output=True, check=True, timeout=120
    )
    seen = Page(done.stdout.decode())
    assert set(nasty_arms) | set(MORE_NASTY) <= set(seen.headers)
    assert "script" not in seen.tags
    assert {"caption", "thead", "tbody", "strong"} <= seen.tags
