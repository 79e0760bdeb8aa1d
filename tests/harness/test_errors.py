"""A message that began in a worker process arrives as it was."""

import pickle

import pytest

from harness.errors import InputError, Problem, SetupError, StudyError, exit_status

PROBLEMS = [
    Problem("not allowed", "epochs", "0", ("at least 1",), remedy="set epochs = 1"),
    Problem("unknown parameter", "epoch"),
]


class MistakeError(InputError, SetupError):
    """As a distribution of studies may have them."""


@pytest.mark.parametrize("kind", [InputError, StudyError, MistakeError])
@pytest.mark.parametrize("problems", [PROBLEMS, PROBLEMS[1]])
def test_a_refusal_is_the_same_in_another_process(kind, problems):
    sent = kind(problems, "mine.toml")
    arrived = pickle.loads(pickle.dumps(sent))
    assert type(arrived) is kind
    assert str(arrived) == str(sent)
    assert (arrived.problems, arrived.source) == (sent.problems, "mine.toml")
    assert exit_status(arrived) == 2


def test_what_keeps_every_trial_from_running_is_the_same_in_another_process():
    assert str(pickle.loads(pickle.dumps(SetupError("no disk")))) == "no disk"
