import pytest

from harness.errors import exit_status
from studies.distillation.data import DataError, dataset_problem, open_dataset, open_evaluation_set


@pytest.mark.parametrize("name", ["digits", "cifar10", "imagefolder:photos", "imagefolder:/a b/ü"])
def test_what_may_be_trained_on_has_no_problem(name):
    assert dataset_problem(name) is None


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("digit5", "nearest: digits"),
        ("cifar-10", "nearest: cifar10"),
        ("image_folder:photos", "write imagefolder:photos"),
        ("imagefolder:", "write imagefolder:PATH"),
        ("imagefolder", "nearest: imagefolder:PATH"),
        ("digits_corrupted", "transfer_dataset"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_one(assets, name, advice):
    with pytest.raises(DataError) as caught:
        open_dataset(name, assets)
    assert name in str(caught.value)
    assert advice in str(caught.value)


def test_an_unknown_set_to_evaluate_on_is_answered_with_the_nearest_one(assets):
    with pytest.raises(DataError, match="nearest: digits_corrupted"):
        open_evaluation_set("digits_corupted", "0123456789", assets)


def test_a_data_set_that_cannot_be_used_is_a_user_s_mistake(assets):
    with pytest.raises(DataError) as caught:
        open_dataset("nothing", assets)
    assert exit_status(caught.value) == 2
