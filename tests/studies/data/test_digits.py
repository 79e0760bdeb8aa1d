import numpy as np

from studies.distillation.data import open_dataset


def test_digits_are_the_real_images_in_a_pool_and_a_test_set_of_the_stated_sizes(assets):
    data = open_dataset("digits", assets)
    assert data.pool.images.shape == (1437, 1, 8, 8)
    assert data.test.images.shape == (360, 1, 8, 8)
    assert data.pool.images.max() == data.full_scale == 16
    assert (data.family, data.classes) == ("digits", 10)
    assert data.class_names == tuple("0123456789")


def test_the_split_is_the_one_that_all_results_so_far_were_made_with(assets):
    data = open_dataset("digits", assets)
    pool = "400a3bb902960b19aeb7884f3d25e127a8f3282aa537aa554ce617364bbd8741"
    test = "ce57cc72924b5b244ef2244dd8fcbe5f6cc0a3202547bbaba4dd0d31bed2e69f"
    assert (data.pool.digest(), data.test.digest()) == (pool, test)


def test_pool_and_test_set_together_are_every_digit_once(assets):
    from sklearn.datasets import load_digits

    data, bunch = open_dataset("digits", assets), load_digits()
    everything = np.concatenate([data.pool.images, data.test.images]).reshape(-1, 64)
    ordered = np.lexsort(everything.T)
    expected = bunch.data.astype(np.uint8)
    assert np.array_equal(everything[ordered], expected[np.lexsort(expected.T)])


def test_the_test_set_has_the_classes_in_the_pool_s_proportions(assets):
    data = open_dataset("digits", assets)
    pool, test = (np.bincount(part.labels) / len(part.labels) for part in (data.pool, data.test))
    assert np.abs(pool - test).max() < 1 / len(data.test.labels)


def test_mean_and_deviation_are_numpy_s(assets):
    data = open_dataset("digits", assets)
    intensities = data.pool.images / 16
    np.testing.assert_allclose(data.mean, [intensities.mean()], rtol=1e-14)
    np.testing.assert_allclose(data.deviation, [intensities.std()], rtol=1e-14)
