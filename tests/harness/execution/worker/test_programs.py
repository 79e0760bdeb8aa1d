"""What happens between a study and the program that it runs as a trial."""

import sys
import time

import pytest

from harness.execution.worker.programs import ProgramError, run_program

ECHO = "import json, sys; print('noise'); print(json.dumps({'given': sys.argv[1:]}))"

# Texts that have broken shells, SQL, HTML and paths before.
NASTY = ["a 0", 'a"=0"', "a'; echo foo", "../x", "<b>", "100%", "naïve", "$(id)", "{x}", "-v", ""]


def run(folder, code, *arguments, params=None):
    (folder / "program.py").write_text(code)
    return run_program([sys.executable, "program.py", *arguments], params or {}, 7, folder)


@pytest.mark.parametrize("text", NASTY)
def test_any_text_reaches_the_program_as_it_is(tmp_path, text):
    assert run(tmp_path, ECHO, "{arm}", params={"arm": text})["given"] == [text]


def test_seed_and_parameters_are_filled_in(tmp_path):
    given = run(tmp_path, ECHO, "--seed={seed}", "{rate}", "{on}", params={"rate": 0.1, "on": True})
    assert given["given"] == ["--seed=7", "0.1", "true"]


def test_all_parameters_together_are_one_json_object(tmp_path):
    given = run(tmp_path, ECHO, "{params}", params={"b": 1, "a": [1, 2]})
    assert given["given"] == ['{"b": 1, "a": [1, 2]}']


def test_doubled_braces_stand_for_themselves(tmp_path):
    assert run(tmp_path, ECHO, "{{seed}}")["given"] == ["{seed}"]


def test_it_runs_in_the_folder_of_the_study(tmp_path):
    (tmp_path / "data.txt").write_text("3")
    assert run(tmp_path, "print(open('data.txt').read().join(['{\"m\": ', '}']))") == {"m": 3}


def test_a_program_that_fails_shows_its_status_and_the_end_of_its_errors(tmp_path):
    with pytest.raises(ProgramError, match=r"(?s)status 3.*out of memory"):
        run(tmp_path, "import sys; print('out of memory', file=sys.stderr); sys.exit(3)")


@pytest.mark.parametrize("line", ["", "accuracy 0.93", "0.93", "[0.93]", '{"m": 1'])
def test_a_last_line_that_is_no_json_object_is_refused_and_shown(tmp_path, line):
    with pytest.raises(ProgramError, match="no JSON object of metrics"):
        run(tmp_path, f"print({line!r})")


def test_a_process_left_in_the_background_neither_holds_the_trial_nor_its_metrics(tmp_path):
    code = (
        "import subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print('{\"m\": 1}')\n"
    )
    started = time.monotonic()
    assert run(tmp_path, code) == {"m": 1}
    assert time.monotonic() - started < 50
