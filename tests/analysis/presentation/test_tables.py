import re
from html.parser import HTMLParser

from analysis import Protocol, compare

PROTOCOL = Protocol("accuracy", "maximize", "a")


def test_the_text_shows_n_spread_interval_best_of_n_p_and_decision(accuracies):
    text = str(compare(accuracies(["a", "b", "c"], step=0.01), PROTOCOL))
    header = text.split("\n\n")[1].splitlines()[0]
    assert re.split(" {2,}", header) == [
        "arm",
        "n",
        "mean ± sd",
        "95 % interval",
        "median",
        "best of n",
    ]
    assert "(of 20)" in text
    assert "p corrected" in text
    assert "better" in text
    assert "b scored higher than a" in text


def test_columns_are_aligned(accuracies):
    text = str(compare(accuracies(["a", "a longer name"]), PROTOCOL))
    arms = text.split("\n\n")[1].splitlines()
    assert len({len(line) for line in arms}) == 1
    assert len({line.rindex("  0.9") for line in arms[2:]}) == 1


def test_values_that_were_left_out_are_shown_beside_n(long_form):
    text = str(compare(long_form({"a": [1.0, 2.0], "b": [1.0, float("nan")]}), PROTOCOL))
    assert "1 (1 left out)" in text
    assert "Note: 1 run of b with a missing or infinite value left out." in text


def test_names_are_escaped_in_html(nasty, accuracies):
    class Reader(HTMLParser):
        def __init__(self):
            super().__init__()
            self.cells, self.tags = [], []

        def handle_starttag(self, tag, attrs):  # noqa: ARG002
            self.tags.append(tag)

        def handle_data(self, data):
            self.cells.append(data)

    reader = Reader()
    reader.feed(compare(accuracies(["a", nasty]), PROTOCOL)._repr_html_())
    assert nasty in reader.cells
    known = {"div", "p", "table", "caption", "thead", "tbody", "tr", "th", "td", "ul", "li"}
    assert set(reader.tags) <= known | {"br", "small"}


def test_without_correction_there_is_no_corrected_column(accuracies):
    protocol = Protocol("accuracy", "maximize", "a", correction="none")
    text = str(compare(accuracies(["a", "b", "c"]), protocol))
    assert "p corrected" not in text
    assert "no correction" in text


def test_one_comparison_is_corrected_for_nothing(accuracies):
    text = str(compare(accuracies(["a", "b"]), PROTOCOL))
    assert "p corrected" not in text
    assert "correction" not in text
