"""Whatever stands in a claims file, its user reads what is wrong with it, and no traceback."""

import copy
import string
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.audit.checking import check_claims
from harness.audit.claims.kinds import KINDS
from harness.audit.claims.loading import claims_of, load_claims
from harness.audit.page import as_html
from harness.audit.text import as_markdown, as_text
from harness.errors import InputError

NUMBERS = st.sampled_from(
    [
        "0",
        "1",
        "-1",
        "0.05",
        "90.5",
        "91.00",
        "100",
        "1e-9",
        "9e99",
        "-9e99",
        "<0.001",
        ">3",
        "1e-99",
        "1.1176",
        "0.30543785310734467",
        "118",
        "0.000",
        "1e301",
        "−4.20",
        "nan",
        "1,5",
    ]
)
NAMES = st.sampled_from(["base", "fast", "slow", "runs", "printed", "ones", "acc", "all", "C1"])
WORDS = st.sampled_from(
    [
        "t",
        "F",
        "z",
        "chi2",
        "r",
        "paired_t",
        "pooled_t",
        "welch_t",
        "mean",
        "max",
        "median",
        "sd",
        "se",
        "ci",
        "positive",
        "negative",
        "%",
        "fraction",
        "seed",
        "none",
        "unknown",
        "test",
    ]
)
SCALARS = st.one_of(
    NUMBERS,
    NAMES,
    WORDS,
    st.integers(-3, 30),
    st.integers(),
    st.booleans(),
    st.floats(),
    st.text(max_size=5),
    st.dates(),
)
KEYS = st.one_of(NAMES, st.sampled_from(["arm", "value", "estimate", "se", "n", "low", "high"]))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=5,
)

POSITIVE = st.sampled_from(
    ["1", "0.05", "90.5", "91.00", "100", "1e-9", "9e99", "1e-99", "1.1176", "118", "0.2", "9.9"]
)
NUMBER = st.one_of(POSITIVE, st.sampled_from(["0", "0.000", "-1", "−4.20", "-9e99"]))
P_VALUE = st.sampled_from(["0.05", "< 0.001", "0.000", "0", "1", "> 0.9", "0.3", "1e-310"])
ESTIMATE = st.fixed_dictionaries({"estimate": NUMBER, "se": POSITIVE, "n": st.integers(2, 30)})
ARM = st.sampled_from(["base", "fast", "slow"])
FAST, BASE = st.sampled_from(["fast", "slow"]), st.just("base")
LIKELY = {
    "arm": ARM,
    "better": FAST,
    "worse": BASE,
    "p": P_VALUE,
    "difference": POSITIVE,
    "granule": POSITIVE,
    "margin": POSITIVE,
    "numerator": POSITIVE,
    "denominator": POSITIVE,
    "work_ratio": POSITIVE,
    "bytes_ratio": POSITIVE,
    "slack": st.sampled_from(["1", "1.25", "9e99"]),
    "sd": POSITIVE,
    "variance": POSITIVE,
    "df": POSITIVE,
    "df2": POSITIVE,
    "statistic": st.one_of(NUMBER, st.just("< 1")),
    "sides": st.sampled_from([1, 2]),
    "ddof": st.sampled_from([0, 1]),
    "n": st.integers(2, 40),
    "batch": st.integers(1, 40),
    "repeats": st.integers(1, 40),
    "only_first_right": st.integers(0, 9000),
    "only_second_right": st.integers(0, 9000),
    "exact": st.booleans(),
    "warm_up": st.booleans(),
    "interval": st.sampled_from(
        [{"low": "0.5", "high": "1.5"}, {"low": "-9e99", "high": "9e99"}, {"low": "1", "high": "1"}]
    ),
    "original": ESTIMATE,
    "replication": ESTIMATE,
    "sign": st.sampled_from(["positive", "negative"]),
    "spread_is": st.sampled_from(["sd", "se", "ci", "unstated"]),
    "used": st.sampled_from(["paired_t", "pooled_t", "welch_t", "wilcoxon", "permutation"]),
    "weights": st.sampled_from(
        [{"base": "1", "fast": "-1"}, {"base": "-0.5", "slow": "-0.5", "fast": "1"}]
    ),
}
"""Values that get past the grammar, by key; the others are numbers as papers print them."""

KEPT = {"id", "text", "kind", "note", "family", "metric", "data", "replicated_in"}


def _arms_of(kind):
    """How the kinds name arms, where they do it in a way of their own."""
    value = st.sampled_from(["0", "90.05", "91.0", "100", "92", "1e-99"])
    return {
        "difference": {
            "better": st.fixed_dictionaries({"arm": FAST}, optional={"value": value}),
            "worse": st.fixed_dictionaries({"arm": BASE}, optional={"value": value}),
            "test": LIKELY["used"],
        },
        "equivalence": {"arms": st.lists(ARM, min_size=2, max_size=2, unique=True)},
        "ratio": {"arms": st.fixed_dictionaries({"numerator": FAST, "denominator": BASE})},
        "order": {"better": FAST, "worse": st.just(["base"])},
        "test": {"test": st.sampled_from(["t", "F", "z", "chi2", "r"])},
        "value": {"statistic": st.sampled_from(["mean", "max", "median", "unstated"])},
    }.get(kind, {})


@st.composite
def likely_claims(draw):
    """A claim whose keys have values of their types, whatever those mean together."""
    kind = draw(st.sampled_from([each for each in KINDS if each not in {"checkpoint", "rerun"}]))
    ways = {**LIKELY, **_arms_of(kind)}
    fields = {key: each for key, each in KINDS[kind].model_fields.items() if key not in KEPT}
    claim = {"id": "C9", "text": "So.", "kind": kind}
    for key, info in fields.items():
        if info.is_required() or draw(st.booleans()):
            claim[key] = draw(ways.get(key, NUMBER))
    claim["data"] = draw(st.sampled_from([[], ["runs"], ["printed"], ["ones"], ["runs", "ones"]]))
    return claim


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A claims file with runs, with single runs, and with printed summaries."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "runs.csv").write_text(
        "arm,acc,seed\n"
        + "".join(
            f"{arm},{90 + place + run / 10:.2f},{run}\n"
            for place, arm in enumerate(["base", "fast", "slow"])
            for run in range(4)
        )
    )
    (folder / "ones.csv").write_text("arm,acc\nbase,0.00\nfast,100.00\nslow,100.00\n")
    return folder


DOCUMENT = tomllib.loads("""\
schema = 1
[paper]
id = "P1"
title = "A paper"
[metrics.acc]
unit = "%"
test_size = 1000
[data.runs]
file = "runs.csv"
[data.ones]
file = "ones.csv"
[data.printed]
runs = 10
arms.base = { mean = "90.00", sd = "0.20" }
arms.fast = { mean = "91.00", variance = "0.05" }
arms.slow = { mean = "92.0", sd = "0.00" }
[[claim]]
id = "C1"
text = "Fast beats base."
kind = "difference"
better = { arm = "fast", value = "91.00" }
worse = { arm = "base", value = "90.00" }
data = ["runs"]
""")


def places(value, above=()):
    """Every place in a document."""
    yield above
    if isinstance(value, dict):
        for key, each in value.items():
            yield from places(each, (*above, key))
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from places(each, (*above, place))


def changed(document, place, value):
    """The document with another value at a place."""
    if not place:
        return value if isinstance(value, dict) else {"x": value}
    document = copy.deepcopy(document)
    table = document
    for key in place[:-1]:
        table = table[key]
    table[place[-1]] = value
    return document


def used(document, folder):
    """Do with a document all that a user can; give what was refused."""
    try:
        audit = check_claims(claims_of(document, folder / "claims.toml"), None)
    except InputError as error:
        return str(error)
    assert as_text(audit)
    assert as_markdown(audit)
    assert as_html(audit)
    return ""


@settings(max_examples=150)
@given(place=st.sampled_from(list(places(DOCUMENT))), value=VALUES)
def test_any_value_at_any_place_is_used_or_refused(folder, place, value):
    used(changed(DOCUMENT, place, value), folder)


@settings(max_examples=60)
@given(claim=st.dictionaries(st.sampled_from(["id", "text", "kind", "data", "p"]), VALUES))
def test_any_table_of_a_claim_is_used_or_refused(folder, claim):
    used({**DOCUMENT, "claim": [claim]}, folder)


@settings(max_examples=300)
@given(claim=likely_claims())
def test_any_numbers_of_a_claim_are_judged_or_refused(folder, claim):
    refused = used({**DOCUMENT, "claim": [claim]}, folder)
    assert not refused or "claim[0] (C9)" in refused


@settings(max_examples=100)
@given(text=st.text(alphabet=string.printable + "é\x00\x1b\u2028", max_size=60))
def test_any_text_is_no_claims_file(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        load_claims(path)


@settings(max_examples=100)
@given(content=st.binary(max_size=60))
def test_any_bytes_are_read_as_runs_or_refused(folder, content):
    (folder / "any.csv").write_bytes(content)
    data = {"runs": {"file": "any.csv"}}
    document = {**DOCUMENT, "data": data}
    assert "data.runs.file" in used(document, folder)


@settings(max_examples=100)
@given(rows=st.lists(st.tuples(NAMES, NUMBERS), min_size=1, max_size=6))
def test_any_runs_are_judged_or_refused(folder, rows):
    (folder / "any.csv").write_text(
        "arm,acc\n" + "".join(f'{arm},"{value}"\n' for arm, value in rows)
    )
    used({**DOCUMENT, "data": {"runs": {"file": "any.csv"}}}, folder)
