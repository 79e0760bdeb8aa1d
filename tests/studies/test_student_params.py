import pytest

from studies.distillation.params import ParameterError, StudentParams


def test_what_is_not_given_has_its_default():
    assert StudentParams.read({}) == StudentParams()
    assert StudentParams.read({"kd_weight": 0.5}).temperature == 2.5


def test_numbers_that_are_equal_are_the_same_parameter():
    params = StudentParams.read({"epochs": 5.0, "kd_weight": 1})
    assert (params.epochs, params.kd_weight) == (5, 1.0)
    assert isinstance(params.epochs, int)
    assert isinstance(params.kd_weight, float)


def test_an_unknown_name_is_answered_with_the_nearest_one():
    with pytest.raises(ParameterError, match=r"unknown parameter[\s\S]*nearest: temperature"):
        StudentParams.read({"temprature": 2.0})


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("epochs", 0, "a whole number, at least 1"),
        ("epochs", 2.5, "a whole number"),
        ("epochs", True, "a whole number"),
        ("batch_size", 1, "at least 2"),
        ("learning_rate", 0, "above 0"),
        ("learning_rate", float("nan"), "above 0"),
        ("learning_rate", float("inf"), "above 0"),
        ("learning_rate", 10**400, "above 0"),
        ("attention_weight", 10**400, "a number, at least 0"),
        ("kd_weight", -(10**400), "at least 0, at most 1"),
        ("epochs", 10**400, "a whole number, at least 1, at most 1,000,000,000"),
        ("max_steps", 1e300, "a whole number, at least 0, at most 1,000,000,000"),
        ("subset_fraction", 1.1, "above 0, at most 1"),
        ("kd_weight", 1.5, "at least 0, at most 1"),
        ("temperature", "2", "a number, above 0"),
        ("overlay_probability", -0.1, "at least 0, at most 1"),
        ("attention_weight", None, "at least 0"),
        ("overlay_follows_crop", 1, "true or false"),
        ("dataset", 3, "a text"),
        ("teacher", "mine", "shared or own"),
        ("max_steps", -1, "a whole number, at least 0"),
        ("attribution_steps", 0, "a whole number, at least 1"),
        ("signal_alignment", "shuffled", "aligned or as_released"),
        ("evaluate_test", 0, "true or false"),
        ("measure_latency", "yes", "true or false"),
        ("transfer_dataset", None, "a text"),
        ("teacher", True, "shared or own"),
        ("precision", "float16", "float32 or tf32 or bfloat16"),
    ],
)
def test_a_value_out_of_range_is_refused_with_what_is_allowed(name, value, allowed):
    with pytest.raises(ParameterError, match=name) as refusal:
        StudentParams.read({name: value})
    assert allowed in str(refusal.value)
    assert repr(value) in str(refusal.value)


def test_all_mistakes_are_told_at_once():
    with pytest.raises(ParameterError, match=r"epochs[\s\S]*kd_weight"):
        StudentParams.read({"epochs": 0, "kd_weight": 2})


@pytest.mark.parametrize(
    ("name", "given", "nearest"),
    [
        ("dataset", "digit", "digits"),
        ("dataset", "cifar-10", "cifar10"),
        ("transfer_dataset", "digits_corupted", "digits_corrupted"),
    ],
)
def test_an_unknown_data_set_is_answered_with_the_nearest_one(name, given, nearest):
    with pytest.raises(ParameterError, match=rf"{name}[\s\S]*nearest: {nearest}"):
        StudentParams.read({name: given})


def test_a_set_for_evaluation_only_cannot_be_trained_on():
    assert StudentParams.read({"transfer_dataset": "digits_corrupted"})
    with pytest.raises(ParameterError, match="for evaluation only"):
        StudentParams.read({"dataset": "digits_corrupted"})


def test_data_sets_of_all_kinds_are_known():
    for name in ("digits", "cifar10", "imagefolder:photos"):
        assert StudentParams.read({"dataset": name, "transfer_dataset": name}).dataset == name


@pytest.mark.parametrize(
    ("params", "uses"),
    [({}, False), ({"kd_weight": 0.1}, True), ({"overlay_probability": 0.1}, True)],
)
def test_a_student_uses_the_teacher_if_it_learns_anything_from_it(params, uses):
    assert StudentParams.read(params).uses_teacher is uses


def test_a_student_that_is_not_tested_is_tested_on_no_other_images_either():
    untested = {"evaluate_test": False}
    assert StudentParams.read({**untested, "transfer_dataset": ""}).evaluate_test is False
    with pytest.raises(ParameterError, match=r"not to be tested[\s\S]*evaluate_test = true"):
        StudentParams.read({**untested, "transfer_dataset": "digits_corrupted"})
