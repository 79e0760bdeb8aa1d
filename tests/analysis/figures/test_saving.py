import re
import warnings

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from PIL import Image

from analysis.errors import AnalysisError
from analysis.figures import save_figure
from analysis.figures.style import style


def drawn(text="accuracy of kd"):
    with style():
        figure = Figure(figsize=(3, 2), layout="constrained")
        axes = figure.subplots()
        axes.plot([1, 2], [3, 4])
        axes.set_xlabel(text)
    return figure


@pytest.mark.parametrize(
    ("suffix", "start"),
    [(".pdf", b"%PDF"), (".svg", b"<?xml"), (".png", b"\x89PNG"), (".PNG", b"\x89PNG")],
)
def test_the_suffix_says_the_kind_and_the_bytes_are_the_same_every_time(tmp_path, suffix, start):
    first = save_figure(drawn(), tmp_path / f"a{suffix}").read_bytes()
    second = save_figure(drawn(), str(tmp_path / f"b{suffix}")).read_bytes()
    assert first.startswith(start)
    assert first == second
    assert b"Date" not in first
    assert b"date>" not in first


def test_a_png_has_300_dots_an_inch(tmp_path):
    with Image.open(save_figure(drawn(), tmp_path / "a.png")) as image:
        assert image.size == (900, 600)


def test_text_stays_text(tmp_path):
    svg = save_figure(drawn(), tmp_path / "a.svg").read_text()
    assert ">accuracy of kd</text>" in svg
    pdf = save_figure(drawn(), tmp_path / "a.pdf").read_bytes()
    assert b"/Type0" in pdf
    assert b"/CIDFontType2" in pdf
    assert b"/Type3" not in pdf


@pytest.mark.parametrize("suffix", [".pdf", ".svg", ".png"])
def test_characters_that_the_font_lacks_do_no_harm(tmp_path, suffix, nasty_arms):
    figure = drawn(" ".join([*nasty_arms, "\U0001f600", "\u2067", "蒸留"]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert save_figure(figure, tmp_path / f"a{suffix}").stat().st_size > 0


def test_characters_come_from_another_installed_font_that_has_them(tmp_path):
    # U+29DC is in the STIX fonts that come with matplotlib, and not in DejaVu Sans.
    with_sign = drawn("\u29dc")
    pdf = save_figure(with_sign, tmp_path / "a.pdf").read_bytes()
    fonts = {each.split(b"+")[-1] for each in re.findall(rb"/FontName /(\S+)", pdf)}
    assert fonts - {b"DejaVuSans", b"LastResortHE-Regular"}
    assert with_sign.axes[0].xaxis.label.get_fontfamily() == ["sans-serif"]


def test_saving_changes_no_setting(tmp_path):
    before = dict(mpl.rcParams)
    save_figure(drawn("蒸留"), tmp_path / "a.pdf")
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", ["a.jpg", "a", "a.pdf.gz"])
def test_another_suffix_is_refused_with_those_allowed(tmp_path, name):
    with pytest.raises(AnalysisError, match=r"\.pdf, \.svg, \.png"):
        save_figure(drawn(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(AnalysisError, match="create it first"):
        save_figure(drawn(), tmp_path / "none" / "a.pdf")
