from pathlib import Path

import pytest

from analysis.publication.columns import TableError, number_column, text_column
from analysis.publication.printed import PublicationTable
from analysis.publication.writing import write_table

TABLE = PublicationTable(
    (text_column("arm", ["naïve 蒸"]), number_column("mean", [0.5])), "A caption.", row_names=("b",)
)


def test_a_table_is_written_in_every_format(tmp_path):
    folder = tmp_path / "new" / "tables"
    written = write_table(TABLE, folder, "arms")
    assert sorted(each.name for each in written) == [
        "arms-macros.tex",
        "arms.csv",
        "arms.html",
        "arms.md",
        "arms.tex",
    ]
    assert sorted(folder.iterdir()) == sorted(written)
    assert (folder / "arms.tex").read_text() == TABLE.to_latex()
    assert (folder / "arms-macros.tex").read_text() == TABLE.macros()
    assert (folder / "arms.csv").read_text(encoding="utf-8") == TABLE.to_csv()
    assert (folder / "arms.md").read_text(encoding="utf-8") == TABLE.to_markdown()
    assert TABLE.to_html() in (folder / "arms.html").read_text(encoding="utf-8")


def test_the_page_says_how_its_text_is_encoded(tmp_path):
    write_table(TABLE, tmp_path, "arms")
    page = (tmp_path / "arms.html").read_bytes()
    assert page.startswith(b'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">')


def test_written_again_the_same_table_gives_the_same_bytes(tmp_path):
    first = [path.read_bytes() for path in write_table(TABLE, tmp_path, "arms")]
    assert [path.read_bytes() for path in write_table(TABLE, tmp_path, "arms")] == first


def test_a_write_that_fails_leaves_the_old_file_and_no_scraps(tmp_path, monkeypatch):
    write_table(TABLE, tmp_path, "arms")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    def fail(self, target):
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    other = PublicationTable((text_column("arm", ["other"]),), "")
    with pytest.raises(OSError, match="disk full"):
        write_table(other, tmp_path, "arms")
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("stem", ["", " ", "..", "a/b", "../x", "a\\b", "a\0"])
def test_a_stem_that_names_another_folder_is_refused(stem, tmp_path):
    with pytest.raises(TableError, match="without a folder"):
        write_table(TABLE, tmp_path, stem)
    assert list(tmp_path.iterdir()) == []


def test_a_bad_prefix_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(TableError, match="prefix"):
        write_table(TABLE, tmp_path, "arms", prefix="1")
    assert list(tmp_path.iterdir()) == []
