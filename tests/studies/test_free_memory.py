import psutil
import pytest

from studies.distillation import free_memory
from studies.distillation.free_memory import free_memory_bytes


@pytest.fixture
def container(tmp_path, monkeypatch):
    def limit(most, used):
        for name, content in (("_LIMIT", most), ("_USED", used)):
            file = tmp_path / name
            file.write_text(f"{content}\n")
            monkeypatch.setattr(free_memory, name, file)

    return limit


def free_on_the_machine(monkeypatch, size):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"available": size}))


def test_a_container_s_limit_counts_where_it_is_lower_than_what_the_machine_has(
    container, monkeypatch
):
    free_on_the_machine(monkeypatch, 1000)
    container(700, 300)
    assert free_memory_bytes() == 400
    container(5000, 300)
    assert free_memory_bytes() == 1000
    container(300, 400)
    assert free_memory_bytes() == 0


def test_without_a_limit_the_machine_s_free_memory_counts(container, monkeypatch, tmp_path):
    free_on_the_machine(monkeypatch, 1000)
    container("max", 300)
    assert free_memory_bytes() == 1000
    monkeypatch.setattr(free_memory, "_LIMIT", tmp_path / "nowhere")
    assert free_memory_bytes() == 1000
