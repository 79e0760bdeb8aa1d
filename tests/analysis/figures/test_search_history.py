import pytest

from analysis.errors import AnalysisError
from analysis.figures import MOST_PANELS, search_history
from analysis.presentation.search_history import SearchHistory, describe_search_history
from analysis.presentation.svg import to_svg

HISTORY = SearchHistory("kd", ((0, 0.5), (1, 0.7), (3, 0.6), (4, 0.9)), (2,), (5,), 0.5)


def lines_of(axes):
    return {str(line.get_label()): line for line in axes.get_lines()}


def test_the_best_so_far_only_gets_better():
    assert HISTORY.best_so_far(maximizes=True) == [(0, 0.5), (1, 0.7), (3, 0.7), (4, 0.9)]
    assert HISTORY.best_so_far(maximizes=False) == [(0, 0.5), (1, 0.5), (3, 0.5), (4, 0.5)]


def test_every_score_is_drawn_where_its_candidate_stands():
    (axes,) = search_history([HISTORY], "accuracy", maximizes=True).axes
    drawn = [line.get_xydata().tolist() for line in axes.get_lines()]
    assert [[0.0, 0.5], [1.0, 0.7], [3.0, 0.6], [4.0, 0.9]] in drawn
    assert [[0.0, 0.5], [1.0, 0.7], [3.0, 0.7], [4.0, 0.9]] in drawn
    assert [[2.0, 0.0]] in drawn
    assert [[5.0, 0.0]] in drawn


def test_the_legend_names_what_is_drawn_and_nothing_else():
    def legend(history):
        figure = search_history([history], "accuracy", maximizes=True)
        return [text.get_text() for each in figure.legends for text in each.get_texts()]

    assert legend(HISTORY) == ["candidate", "best so far", "starting point", "pruned", "failed"]
    assert legend(SearchHistory("kd", ((0, 0.5),))) == ["candidate", "best so far"]


@pytest.mark.parametrize("arms", [1, 2, 3, 4, 8])
@pytest.mark.parametrize("candidates", [1, 2, 40])
def test_panels_fit_whatever_they_hold(arms, candidates):
    histories = [
        SearchHistory(
            f"arm {arm}", tuple((n, 0.5 + 0.01 * n) for n in range(candidates)), (1,) * arm
        )
        for arm in range(arms)
    ]
    assert to_svg(search_history(histories, "accuracy", maximizes=True), "text").startswith("<svg")


def test_an_arm_without_a_score_has_a_panel():
    figure = search_history([HISTORY, SearchHistory("x", (), (0, 1))], "m", maximizes=False)
    assert [axes.get_title() or axes.get_title(loc="left") for axes in figure.axes] == ["kd", "x"]
    assert "<svg" in to_svg(figure, "text")


def test_more_arms_than_fit_are_counted():
    histories = [SearchHistory(str(n), ((0, 0.5),)) for n in range(MOST_PANELS + 1)]
    figure = search_history(histories, "m", maximizes=True)
    assert len(figure.axes) == MOST_PANELS
    assert figure.get_suptitle() == "24 of 25 arms shown"


def test_a_figure_without_arms_is_refused():
    with pytest.raises(AnalysisError, match="needs an arm"):
        search_history([], "m", maximizes=True)


def test_the_words_tell_what_the_figure_shows():
    text = describe_search_history(
        [HISTORY, SearchHistory("x", (), (0, 1))], "accuracy", maximizes=True
    )
    assert text == (
        "accuracy of every candidate by its number, and the best so far. "
        "kd: 4 complete candidates, 1 pruned, 1 failed, the best 0.9 at candidate 4; "
        "x: no complete candidate, 2 pruned."
    )
