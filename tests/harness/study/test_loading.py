import pytest

from harness import load_study
from harness.errors import StudyError
from harness.study.loading import title_of
from harness.study.planning import plan

PROFILE = "[profiles.big]\nparams = { epochs = 50 }\nseeds = { values = [7, 9] }"


def test_a_study_file_becomes_a_study_that_knows_where_it_came_from(file):
    study = file.load()
    assert (study.name, list(study.arms), study.seeds.all()) == (
        "bench",
        ["base", "fast"],
        (0, 1, 2),
    )
    assert study.source == file.path.resolve()


def test_a_profile_is_laid_over_the_study(file):
    study = file.last(PROFILE).load(profile="big")
    assert study.params == {"lr": 0.1, "epochs": 50}
    assert study.seeds.all() == (7, 9)
    assert file.load().params["epochs"] == 5


def test_changes_are_laid_over_the_profile_and_seeds_over_both(file):
    file.last("[profiles.big]\nparams = { epochs = 50 }\nseeds = { count = 9 }")
    study = file.load("params.epochs=60", "params.lr=1e-3", profile="big", seeds=4)
    assert study.params == {"lr": 0.001, "epochs": 60}
    assert study.seeds.all() == (0, 1, 2, 3)


def test_more_seeds_keep_the_trials_that_are_there(file):
    few = {spec.digest for spec in plan(file.load())}
    assert few < {spec.digest for spec in plan(file.load(seeds=5))}


def test_a_profile_may_replace_the_function_by_a_command(file):
    file.last('[profiles.real.trial]\ncommand = ["python", "train.py"]')
    study = file.load(profile="real")
    assert (study.trial.function, study.trial.command) == (None, ("python", "train.py"))


def test_an_unknown_profile_is_refused_naming_those_there_are(file):
    assert "nearest: big" in file.last(PROFILE).refusal(profile="bgi")


def test_a_study_without_profiles_says_so(file):
    assert "this study has none" in file.refusal(profile="big")


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("[profiles.big.parms]\nx = 1", "parms: unknown key"),
        ("[profiles.big.params]\nlr = nan", "params.lr: must be a finite number"),
        ("[profiles]\nbig = 5", "profiles.big: must be a table of keys and values"),
    ],
)
def test_a_faulty_profile_is_refused_also_when_it_is_not_asked_for(file, lines, fault):
    text = file.last(lines).refusal()
    assert fault in text
    assert "big" in text
    assert str(file.path) in text


def test_profiles_are_tables(file):
    assert "profiles: must be a table" in file.first("profiles = 5").faults()


@pytest.mark.parametrize(
    ("setting", "place", "value"),
    [
        ("params.epochs=7", ("params", "epochs"), 7),
        ("params.lr = 0.7", ("params", "lr"), 0.7),
        ("params.lr=[1, 2]", ("params", "lr"), [1, 2]),
        ('params.lr="0.7"', ("params", "lr"), "0.7"),
        ("arms.fast.lr=0.7", ("arms", "fast"), {"lr": 0.7}),
        ("arms.fast.epochs=7", ("arms", "fast"), {"lr": 0.5, "epochs": 7}),
        ("title=is it = better?", ("title",), "is it = better?"),
        ("protocol.alpha=0.01", ("protocol", "alpha"), 0.01),
        ("trial.timeout=90s", ("trial", "timeout"), 90.0),
        ("seeds.values=[4]", ("seeds", "values"), [4]),
        ("factors.epochs=[1, 2]", ("factors", "epochs"), [1, 2]),
    ],
)
def test_set_changes_what_the_study_has(file, setting, place, value):
    found = file.load(setting).definition()
    for key in place:
        found = found[key]
    assert found == value


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("params.lrr=1", ["params.lrr: the study has nothing here", "nearest: lr"]),
        ("parms.lr=1", ["parms: unknown key", "nearest: params"]),
        ("arms.fsat.lr=1", ["arms.fsat: the study has nothing here", "nearest: fast"]),
        ("arms.fast.epoch=1", ["arms.fast.epoch: the study has nothing", "nearest: epochs"]),
        ("factors.epoch=[1]", ["factors.epoch: a factor varies a parameter", "nearest: epochs"]),
        ("protocol.alhpa=0.1", ["protocol.alhpa: unknown key", "nearest: alpha"]),
        ("params.lr.x=1", ["params.lr: is no table", "given:   0.1"]),
        ("params.lr=.5", ["params.lr: must be like what the study has, 0.1", "given:   '.5'"]),
        ("params.lr=0.5\nname='x'", ["params.lr: must be like", "write numbers as"]),
        ("params.lr=nan", ["params.lr: must be a finite number", "given:   nan"]),
        ("params=5", ["params: must be a table of keys and values"]),
        ("profiles.big.params.lr=1", ["profiles: unknown key"]),
        ("source=x", ["source: unknown key"]),
        ("search.trials=5", ["search.metric: this key is missing"]),
        ("params.lr", ["is no assignment", "write KEY=VALUE"]),
        ("=5", ["is no assignment"]),
        ("params..lr=5", ["is no assignment"]),
    ],
)
def test_set_refuses_what_the_study_does_not_have(file, setting, expected):
    faults = file.faults(setting)
    for text in expected:
        assert text in faults


@pytest.mark.parametrize("changes", [(("seeds.count=5",), None), ((), 5)])
def test_seeds_that_are_listed_cannot_be_counted(file, changes):
    settings, seeds = changes
    file.replace("count = 3", "values = [3, 5, 8]")
    assert "lists its seeds one by one" in file.refusal(*settings, seeds=seeds)


def test_set_adds_no_parameter_to_a_study_that_has_none(file):
    file.replace("[params]\nlr = 0.1\nepochs = 5\n", "")
    assert "params.lr: the study has nothing here" in file.faults("params.lr=0.1")


def test_a_refused_change_is_named_beside_the_file(file):
    text = file.refusal("protocol.alpha=5.0", seeds=0)
    assert text.startswith(f"{file.path} with --set protocol.alpha=5.0 --seeds 0:\n")


@pytest.mark.parametrize("table", ["params = 5", "seeds = 5", "arms = 5", "trial = 5"])
def test_a_table_of_the_wrong_type_is_refused_whatever_is_set(file, table):
    name = table.partition(" ")[0]
    file.text = f'{table}\nname = "bench"\n'
    assert f"{name}: must be a table of keys and values" in file.refusal("title=x")
    assert f"{name}: is no table" in file.refusal(f"{name}.x=1")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"a = = 5", "no valid TOML: Invalid value (at line 1, column 5)"),
        (b"\xff\xfe", "no UTF-8 text"),
        (b"a = " + b"1" * 5000, "no valid TOML"),
        (b"a = " + b"[" * 20_000, "no valid TOML"),
        (b"[arms.a]\n[arms.a]", "no valid TOML: Cannot declare"),
        (b"", "name: this key is missing"),
    ],
)
def test_a_file_that_is_no_study_is_refused(file, content, fault):
    file.path.write_bytes(content)
    with pytest.raises(StudyError) as refusal:
        load_study(file.path)
    assert fault in str(refusal.value)
    assert str(refusal.value).startswith(str(file.path))


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(StudyError, match="No such file"):
        load_study(tmp_path / "none.toml")
    with pytest.raises(StudyError, match="directory"):
        load_study(tmp_path)


def test_a_title_is_found_without_validation_and_missing_ones_are_empty(file, tmp_path):
    file.path.write_text('title = "why?"\nnonsense = 5')
    assert title_of(file.path) == "why?"
    assert title_of(tmp_path / "none.toml") == ""


def test_several_profiles_are_laid_over_one_another_in_the_order_given(file):
    file.last("[profiles.big.params]\nepochs = 50\nlr = 0.3\n[profiles.tiny.params]\nepochs = 1")
    assert file.load(profile=("big", "tiny")).params == {"lr": 0.3, "epochs": 1}
    assert file.load(profile=("tiny", "big")).params == {"lr": 0.3, "epochs": 50}
    assert file.load(profile=("big", "tiny")).changes == ("--profile", "big", "--profile", "tiny")


def test_an_arm_that_a_profile_gives_the_winner_of_a_search_keeps_what_it_sets(file):
    file.last('[profiles.tuned.arms]\nfast = { parameters_from = "search" }')
    arm = file.load(profile="tuned").arms["fast"]
    assert arm == {"lr": 0.5, "parameters_from": "search"}
