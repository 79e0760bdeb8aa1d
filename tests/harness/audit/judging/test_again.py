"""Saved models that are evaluated again."""

import pytest

from analysis.audit.verdicts import Verdict

MODEL = 'model = "model.bin"\nevaluate = "own_{}.py:measured"\nvalue = "91.00"'


@pytest.fixture
def checkpoint(file):
    """A claim of a saved model, whose evaluation is what is written here."""
    made = []

    def write(body, name):
        folder = file.path.parent
        (folder / "model.bin").write_bytes(b"")
        (folder / f"own_{name}.py").write_text(f"def measured(path):\n    {body}\n")
        file.claim("checkpoint", f'{MODEL.format(name)}\ndata = "runs"')
        made.append(name)
        return file

    return write


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("return 91.0", "plain"),
        ("import numpy; return numpy.float64(91.0)", "float64"),
        ("import numpy; return numpy.float32(91.0)", "float32"),
        ("import numpy; return numpy.int64(91)", "int64"),
    ],
)
def test_a_model_that_gives_its_value_again_is_reproduced(checkpoint, body, name):
    judged = checkpoint(body, name).check(only=("C2",), run=True).results[0].judged
    assert judged.verdict in {Verdict.REPRODUCED, Verdict.REPRODUCED_WITH_CAVEATS}


@pytest.mark.parametrize(
    ("body", "name", "told"),
    [
        ("raise KeyError('layer.1')", "raising", "cannot be evaluated: KeyError: 'layer.1'"),
        ("raise SystemExit(3)", "leaving", "cannot be evaluated: SystemExit: 3"),
        ("import numpy; return numpy.bool_(True)", "truth", "which is no finite number"),
        ("return float('nan')", "nan", "returned nan, which is no finite number"),
        ("return 'good'", "text", "returned 'good', which is no finite number"),
    ],
)
def test_an_evaluation_that_cannot_be_used_is_told_in_one_message(checkpoint, body, name, told):
    faults = checkpoint(body, name).faults(only=("C2",), run=True)
    assert faults.startswith("claim[1] (C2).evaluate: ")
    assert told in faults
    assert "Traceback" not in faults


def test_a_file_that_cannot_be_imported_is_told_in_one_message(checkpoint):
    file = checkpoint("return 1", "broken")
    (file.path.parent / "own_broken.py").write_text("1 / 0\n")
    faults = file.faults(only=("C2",), run=True)
    assert faults.startswith("claim[1] (C2).evaluate: ")
    assert "ZeroDivisionError" in faults
