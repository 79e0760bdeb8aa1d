import os

import pytest
import torch

from studies.distillation.device import choose_device, device_facts
from studies.distillation.learning import reproducible

WORKSPACE = "CUBLAS_WORKSPACE_CONFIG"


@pytest.fixture
def cuda(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "A card")
    # Set and taken back, so that whatever the test leaves behind is undone.
    monkeypatch.setenv(WORKSPACE, "")
    monkeypatch.delenv(WORKSPACE)


def test_without_a_cuda_device_the_processor_is_used(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setenv(WORKSPACE, "")
    monkeypatch.delenv(WORKSPACE)
    assert choose_device() == torch.device("cpu")
    assert WORKSPACE not in os.environ
    with reproducible() as facts:
        assert facts["device"] == "cpu"


def test_a_cuda_device_is_used_where_there_is_one_and_told_to_be_deterministic(cuda):
    assert choose_device() == torch.device("cuda")
    assert os.environ[WORKSPACE] == ":4096:8"


def test_a_setting_that_the_user_made_is_kept(cuda, monkeypatch):
    monkeypatch.setenv(WORKSPACE, ":16:8")
    choose_device()
    assert os.environ[WORKSPACE] == ":16:8"


def test_the_device_and_its_name_are_recorded(cuda):
    assert device_facts(torch.device("cuda")) == {"device": "cuda", "device_name": "A card"}
    with reproducible() as facts:
        assert (facts["device"], facts["device_name"]) == ("cuda", "A card")
