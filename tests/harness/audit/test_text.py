"""What an audit looks like as text, as Markdown and as JSON."""

import json
import re

import pytest

from harness.audit.text import as_markdown, as_text

ESCAPE = "\x1b[31mred"
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")

KEYS = [
    "id", "text", "kind", "verdict", "reason", "data", "effects", "findings", "replicated",
]  # fmt: skip


@pytest.fixture(autouse=True)
def terminal(monkeypatch):
    """A terminal of a hundred columns, wherever the tests run."""
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture
def named(file):
    """Check a file in which an arm, the claim's id and its words are called so."""

    def check(name):
        quoted = json.dumps(name)
        file.text = file.text.replace('"fast"', quoted).replace('"C1"', quoted)
        file.text = file.text.replace("Fast beats base.", quoted[1:-1] + " beats base.")
        file.replace('family = "all"', f"note = {quoted}")
        file.replace('title = "A paper"', f"title = {quoted}\nsource = {quoted}")
        file.replace('file = "runs.csv"', f'file = "runs.csv"\nnote = {quoted}')
        entry = '"' + name.replace('"', '""') + '"'
        file.rows(file.runs.read_text().replace("fast", entry))
        return file.check()

    return check


def test_the_verdict_comes_first_and_what_decided_it_with_the_numbers(file):
    file.replace('value = "91.00"', 'value = "91.02"')
    file.replace('difference = "1.00"', 'difference = "1.02"')
    lines = as_text(file.check()).splitlines()
    assert lines[:5] == [
        "P1: A paper",
        "1 claim checked at α = 0.05: 0 as claimed.",
        "",
        "C1  ANOTHER STATISTIC THAN IT SAYS",
        "  “Fast beats base.”",
    ]
    text = "\n".join(lines)
    assert "found by: max_as_mean" in text
    assert (
        "effect in runs: 1.000 (95 % interval 0.968 to 1.032), 8 runs; corrected: Welch's" in text
    )


def test_nothing_is_said_twice_of_a_claim_or_of_its_data(file):
    file.replace('file = "runs.csv"', 'file = "runs.csv"\ndesign = { selection = "test" }')
    file.claim("value", 'arm = "fast"\nvalue = "91.00"\ndata = "runs"')
    audit = file.check()
    leaks = [
        found
        for result in audit.results
        for found in result.document()["findings"]
        if found["check"] == "leakage"
    ]
    assert len(leaks) == 2
    for text in (as_text(audit), as_markdown(audit).replace("\\", "")):
        words = " ".join(text.split())
        assert words.count(leaks[0]["detail"]) == 1
        assert words.count("flags of the data, told under") == 2


def test_data_that_no_claim_uses_are_not_told(file):
    assert "printed (acc" not in as_text(file.check())
    assert "runs (acc; runs share: unknown" in as_text(file.check())


def test_any_name_is_shown_and_none_moves_the_cursor(named, nasty):
    audit = named(nasty)
    text = as_text(audit)
    assert nasty in text
    assert not CONTROL.search(text)
    assert not CONTROL.search(as_markdown(audit))


def test_escape_sequences_in_sentences_are_shown_as_escapes(file):
    file.replace("Fast beats base.", "Fast \\u001b[31m beats\\u202ebase.").replace(
        'family = "all"', 'note = "\\u001b]0;title\\u0007"'
    )
    audit = file.check()
    assert "\\x1b[31m" in as_text(audit)
    assert not CONTROL.search(as_text(audit))
    assert not CONTROL.search(as_markdown(audit))


@pytest.mark.parametrize(
    "name", ["a|b", "<b>x</b>", "![i](x)", "*x*", "`x`", "&lt;", "# x", "1. x"]
)
def test_markdown_shows_names_as_they_are_and_keeps_its_table(named, name):
    markdown = as_markdown(named(name))
    table = [line for line in markdown.splitlines() if line.startswith("|")]
    assert len(table) == 3
    bars = [len(re.findall(r"(?<!\\)\|", line)) for line in table]
    assert bars == [5, 5, 5]
    # Without what is escaped, and what is set as code on purpose, nothing of Markdown is left.
    plain = re.sub(r"`[a-z_0-9]+`", "", re.sub(r"\\.", "", markdown))
    assert not re.search(r"[<\[`]|&lt;|(?<!\*)\*(?!\*)", plain)


def test_a_sentence_that_begins_like_a_list_is_none(file):
    markdown = as_markdown(file.replace("Fast beats base.", "- 1. fast").check())
    assert r"> \- 1. fast" in markdown
    markdown = as_markdown(file.replace("- 1. fast", "1. fast").check())
    assert r"> 1\. fast" in markdown


def test_the_keys_of_the_json_document_stay(file):
    document = json.loads(json.dumps(file.with_study().check().document(), allow_nan=False))
    assert document["paper"] == {"id": "P1", "title": "A paper", "alpha": 0.05}
    assert list(document) == ["paper", "claims"]
    (claim,) = document["claims"]
    assert list(claim) == KEYS
    assert list(claim["replicated"]) == ["verdict", "reason", "data", "effects", "findings"]
    assert {tuple(each) for each in claim["findings"]} == {("check", "outcome", "detail", "values")}
    assert [list(each) for each in claim["effects"]] == [
        ["data", "estimate", "ci_low", "ci_high", "runs", "decided_by_one_run", "tests"]
    ]
    assert list(claim["effects"][0]["tests"][0]) == ["name", "p", "p_adjusted"]


@pytest.mark.parametrize(
    "rows",
    [
        "base,90\nbase,90\nfast,91\nfast,91\n",
        "base,0\nbase,0\nfast,0\nfast,0\n",
        "base,0\nbase,100\nfast,100\nfast,0\n",
        "base,90\nfast,91\n",
    ],
    ids=["alike", "nothing", "all or nothing", "one run"],
)
def test_json_has_no_infinite_numbers(file, rows):
    file.rows("arm,acc\n" + rows)
    file.claim("equivalence", 'arms = ["fast", "base"]\nmargin = "0.5"\ndata = "runs"')
    assert json.dumps(file.check().document(), allow_nan=False)
