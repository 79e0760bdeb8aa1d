import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.publication.latex_text import comment, escape, unset_characters


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("a_b", r"a\_b"),
        ("50 % & #1", r"50~\% \& \#1"),
        ("${x}$", r"\$\{x\}\$"),
        ("~^\\", r"\textasciitilde{}\textasciicircum{}\textbackslash{}"),
        ("<b>", r"\textless{}b\textgreater{}"),
        ('"q"', r"\texttt{\char34}q\texttt{\char34}"),
        ("a|b", r"a\textbar{}b"),
        ("[x]*", "{[}x{]}{*}"),
        ("naïve", r"na\"{\i}ve"),
        ("Łódź", r"\L{}\'{o}d\'{z}"),
        ("ȩ", r"\c{e}"),
        ("α₂ × λ²", r"$\alpha$$_{2}$ $\times$ $\lambda$$^{2}$"),
        ("line\none\ttwo", "line one two"),
    ],
)
def test_signs_of_tex_and_accents_become_commands(text, latex):
    assert escape(text) == latex


def test_neighbours_are_kept_from_becoming_dashes_and_double_quotes():
    assert escape("a---b") == "a-{}-{}-b"
    assert escape("''") == "'{}'"
    assert escape(",,") == ",{},"
    assert escape("–-") == "--{}-"


@pytest.mark.parametrize(
    ("sign", "number"), [("蒸", "84B8"), ("😀", "1F600"), ("ع", "0639"), ("ą", "0105")]
)
def test_what_the_font_lacks_is_named_by_its_number(sign, number):
    assert escape(sign) == rf"\texttt{{U+{number}}}"
    assert unset_characters(f"{sign} a {sign}") == (sign,)


def test_an_accent_typed_as_a_second_character_is_the_same_letter():
    assert escape(unicodedata.normalize("NFD", "naïve é")) == escape("naïve é")
    assert unset_characters(unicodedata.normalize("NFD", "é")) == ()


def test_letters_with_two_accents_are_named_by_their_number():
    assert escape("ế") == r"\texttt{U+1EBF}"


def test_lines_may_break_after_signs_only_where_they_are_allowed_to():
    assert escape("a_b", breakable=True) == r"a\_\allowbreak{}b"
    assert escape("x" * 9, breakable=True) == r"xxxxxxxx\allowbreak{}x"
    assert r"\allowbreak" not in escape("a_b" + "x" * 9)


def test_a_comment_is_one_line_of_ascii():
    assert comment("a%\n蒸b") == "a%<U+000A><U+84B8>b"


@given(st.text())
def test_any_text_becomes_balanced_printable_ascii(text):
    latex = escape(text, breakable=True)
    assert latex.isascii()
    assert latex.isprintable() or latex == ""
    bare = re.sub(r"\\[{}]", "", latex)
    assert bare.count("{") == bare.count("}")


@given(st.text())
def test_no_active_sign_of_tex_is_left_bare(text):
    without_commands = re.sub(r"\\(?:[A-Za-z]+|.)", "", escape(text))
    assert not set(without_commands) & set("&#%")
