import dataclasses

import numpy as np
import pytest
import torch

from studies.distillation.learning import ENGINE
from studies.distillation.recipes import RECIPES, TeacherRecipe, teacher_recipe
from studies.distillation.teacher import teacher_key


def test_the_digits_teacher_keeps_the_address_that_it_always_had(data):
    # Its random streams derive from it: with another address every result would be another one.
    key = teacher_key(data, teacher_recipe("digits"))
    assert key["recipe"] == {
        "epochs": 30,
        "batch_size": 64,
        "learning_rate": 0.01,
        "weight_decay": 0.1,
    }
    assert set(key) == {"dataset", "pool", "architecture", "recipe", "version"}
    assert key["architecture"].startswith("52d8eccdd1d98329")


def test_every_field_of_a_recipe_makes_another_teacher(data):
    recipe = RECIPES["cifar"]
    other = {"optimizer": "adamw", "momentum": 0.8, "max_steps": 3}
    for field in dataclasses.fields(TeacherRecipe):
        value = other.get(field.name, getattr(recipe, field.name) * 2)
        changed = dataclasses.replace(recipe, **{field.name: value})
        assert changed.key() != recipe.key()
        assert TeacherRecipe(**changed.key()) == changed


def test_the_recipe_for_larger_images_is_stochastic_gradient_descent_with_nesterov_s_momentum():
    optimizer = teacher_recipe("cifar").optimizer_of([torch.nn.Parameter(torch.zeros(3))])
    assert isinstance(optimizer, torch.optim.SGD)
    settings = optimizer.param_groups[0]
    assert settings["nesterov"]
    names = ("lr", "momentum", "weight_decay")
    assert [settings[name] for name in names] == [0.1, 0.9, 5e-4]
    recipe = teacher_recipe("cifar")
    assert (recipe.epochs, recipe.batch_size) == (200, 128)


@pytest.mark.parametrize("family", RECIPES)
def test_a_recipe_can_be_cut_short(family):
    shortened = teacher_recipe(family, epochs=3, max_steps=7)
    assert (shortened.epochs, shortened.max_steps) == (3, 7)
    assert dataclasses.replace(RECIPES[family], epochs=3, max_steps=7) == shortened
    assert teacher_recipe(family) == RECIPES[family]


def test_the_teacher_was_trained_on_the_pool_and_says_how_well(teacher_asset, teacher, data):
    facts = teacher_asset.facts
    assert 0.5 < facts["pool_accuracy"] <= 1
    assert facts["device"] == "cpu"
    assert facts["engine"] == ENGINE
    assert not teacher.training
    assert not any(parameter.requires_grad for parameter in teacher.parameters())
    stored = teacher.state_dict().values()
    assert stored
    assert np.all([tensor.isfinite().all() for tensor in stored])
