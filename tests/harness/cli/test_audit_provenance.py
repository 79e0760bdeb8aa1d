"""`harness audit provenance`, as a user runs it."""

import json
import re
import shutil

import pytest
from click.testing import CliRunner

from harness import cli
from harness.cli.audit_provenance import provenance


@pytest.fixture
def audit(finished, tmp_path, monkeypatch, capsys):
    """Run the command in a copy of a folder in which a study has been run."""
    folder = tmp_path / "copy"
    shutil.copytree(finished, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setitem(cli.NOUNS, "audit_provenance", "")
    monkeypatch.setattr("harness.cli.audit_provenance.group", provenance, raising=False)

    def run(*words):
        status = cli._status(["audit_provenance", *map(str, words)])
        said = capsys.readouterr()
        return status, said.out, said.err

    run.report = folder / "artifacts" / "reports" / "step_size"
    return run


def test_the_report_of_a_run_follows(audit):
    status, output, _ = audit(audit.report)
    assert status == 0
    assert "Every number follows from the database." in output


def test_a_typed_number_ends_with_1_and_is_named(audit):
    page = audit.report / "index.html"
    text = page.read_text()
    cell = re.search(r'<td class="number">(\d+\.\d+) ±', text)
    page.write_text(text[: cell.start(1)] + "77.7" + text[cell.end(1) :])
    status, output, _ = audit(audit.report)
    assert status == 1
    assert f"found 77.7, the database gives {cell[1]}" in output
    assert re.search(r"index\.html:\d+: In row '\w+', column 'mean ± sd' of Arms", output)
    status, output, _ = audit(audit.report, "--format", "json")
    document = json.loads(output)
    assert (status, document["all_follow"]) == (1, False)
    assert [each["cause"] for each in document["strays"]] == ["edited"]


def test_a_foreign_table_follows_until_one_number_is_wrong(audit, tmp_path, step_size, capsys):
    cli._status(["analysis", "compare", str(step_size), "--format", "json"])
    arms = json.loads(capsys.readouterr().out)["arms"]
    rows = [f"| {each['arm']} | {each['mean']:.6f} |\n" for each in arms]
    table = tmp_path / "table.md"
    table.write_text("".join(["Of 2025.\n\n| arm | mean |\n|---|---|\n", *rows]))
    status, output, _ = audit(table, "--study", step_size, "--all")
    assert status == 0
    assert output.count("is mean of ") == len(arms)
    assert "2025, in the text “Of 2025.”, is not explained (prose)." in output
    wrong = f"{arms[0]['mean'] + 0.012345:.6f}"
    table.write_text(table.read_text().replace(f"{arms[0]['mean']:.6f}", wrong))
    status, output, _ = audit(table, "--study", step_size)
    assert status == 1
    assert f"found {wrong}, which follows from nothing stored" in output


def test_an_edited_sentence_of_a_report_ends_with_1_and_is_named(audit):
    page = audit.report / "index.html"
    text = page.read_text()
    sentence = re.search(r"<p>([^<\d]{20,})</p>", text)
    page.write_text(text.replace(sentence[1], "It was shown beyond doubt.", 1))
    status, output, _ = audit(audit.report)
    assert status == 1
    assert re.search(r"index\.html:\d+: .*found the words “It was shown beyond doubt\.”", output)
    assert "It was changed after the report was built." in output
    assert "Every number follows" not in output


def test_prose_of_which_no_number_was_checked_ends_with_1(audit, tmp_path, step_size):
    prose = tmp_path / "prose.md"
    prose.write_text("We reached 12.345 in 2025.\n")
    status, output, _ = audit(prose, "--study", step_size)
    assert status == 1
    assert "No number of it was checked: 2 numbers of its prose" in output
    assert "Every number follows" not in output


def test_a_latex_table_without_rules_is_checked(audit, tmp_path, step_size):
    table = tmp_path / "table.tex"
    rows = r"Arm & value \\ a & 77.123 \\ b & 78.456 \\"
    table.write_text(rf"\begin{{tabular}}{{lr}} {rows} \end{{tabular}}")
    status, output, _ = audit(table, "--study", step_size)
    assert status == 1
    assert "1 file, 2 numbers: 0 follow." in output
    assert "row labels 'a', 'b' name no arm of" in output


def test_wrong_input_ends_with_2(audit, tmp_path, step_size):
    assert audit("nowhere")[0] == 2
    status, _, errors = audit(audit.report, "--db", "nowhere.db")
    assert status == 2
    assert "there is no results database" in errors
    assert audit(audit.report, "--study", "no_such_study")[0] == 2
    status, _, errors = audit(audit.report, "--profile", "x")
    assert status == 2
    assert "name one" in errors
    (tmp_path / "t.md").write_text("| a |\n|---|\n| 1 |\n")
    status, _, errors = audit(tmp_path / "t.md")
    assert status == 2
    assert "--study NAME" in errors


def test_a_report_of_a_study_that_is_gone_ends_with_2(audit):
    record = audit.report / "built_from.json"
    record.write_text(re.sub(r'"name": "[^"]*"', '"name": "no_such_study"', record.read_text()))
    status, _, errors = audit(audit.report)
    assert status == 2
    assert "not here any more" in errors


def test_help_says_what_the_statuses_mean():
    text = " ".join(CliRunner().invoke(provenance, ["--help"]).output.split())
    assert "Exit status 0: every number follows" in text
