import pytest

from analysis.publication.columns import number_column, text_column
from analysis.publication.pages import pages
from analysis.publication.printed import PublicationTable


def table(groups):
    """A table with groups of these sizes; no groups for a single number."""
    sizes = [groups] if isinstance(groups, int) else groups
    n = sum(sizes)
    titles = [f"group {place}" for place, size in enumerate(sizes) for _ in range(size)]
    return PublicationTable(
        (text_column("arm", [f"a{each}" for each in range(n)]), number_column("n", range(n))),
        caption="All of them.",
        label="tab:x",
        notes=("A note.",),
        groups=() if isinstance(groups, int) else tuple(titles),
        row_names=tuple(f"a{each}" for each in range(n)),
    )


def sizes(found):
    return [each.n_rows for each in found]


def names(found):
    return [name for each in found for name in each.row_names]


def test_a_table_that_fits_stays_as_it_is():
    whole = table(36)
    assert pages(whole) == (whole,)


@pytest.mark.parametrize(
    ("groups", "most", "expected"),
    [
        (37, 36, [36, 1]),
        (10, 5, [5, 5]),
        ([3, 3, 3], 8, [6, 3]),  # a title takes a row
        ([3, 3, 3], 7, [3, 3, 3]),
        ([10, 2], 5, [4, 4, 4]),  # the last rows of a long group share a page with the next
        ([1, 1, 1, 1], 4, [2, 2]),
    ],
)
def test_a_long_table_is_cut_between_groups_where_it_can_be(groups, most, expected):
    found = pages(table(groups), most)
    assert names(found) == [f"a{each}" for each in range(sum(expected))]
    for each in found:
        titles = len(each.grouped_rows()) if each.groups else 0
        assert each.n_rows + titles <= most
    if groups != [10, 2]:
        assert sizes(found) == expected


def test_only_the_first_page_has_the_label_and_the_others_say_that_they_go_on():
    first, second = pages(table(40))
    assert (first.label, second.label) == ("tab:x", None)
    assert first.caption == "All of them."
    assert second.caption == "Continued. All of them."
    assert first.notes == second.notes == ("A note.",)


def test_rows_keep_their_values_and_groups():
    found = pages(table([3, 4]), 5)
    assert [entry.text for each in found for entry in each.columns[1].entries] == list("0123456")
    assert [title for each in found for title in each.groups] == ["group 0"] * 3 + ["group 1"] * 4
