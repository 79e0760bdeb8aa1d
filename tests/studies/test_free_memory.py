import psutil
import pytest

from studies.distillation import free_memory
from studies.distillation.free_memory import free_memory_bytes

# Where each version of control groups keeps what, below the folder of all groups.
VERSIONS = {
    2: ("memory.max", "memory.current", "memory.stat", "inactive_file"),
    1: (
        "memory/memory.limit_in_bytes",
        "memory/memory.usage_in_bytes",
        "memory/memory.stat",
        "total_inactive_file",
    ),
}


@pytest.fixture(params=VERSIONS)
def container(request, tmp_path, monkeypatch):
    """Sets what a container may take and takes, in bytes, and how much of it are idle files."""
    limit, used, parts, given_back = VERSIONS[request.param]
    (tmp_path / "memory").mkdir()
    monkeypatch.setattr(
        free_memory,
        "_VERSIONS",
        tuple(
            group._replace(
                **{
                    name: tmp_path / getattr(group, name).relative_to("/sys/fs/cgroup")
                    for name in ("limit", "used", "parts")
                }
            )
            for group in free_memory._VERSIONS
        ),
    )

    def holds(most, taken, idle_files=None):
        (tmp_path / limit).write_text(f"{most}\n")
        (tmp_path / used).write_text(f"{taken}\n")
        if idle_files is not None:
            (tmp_path / parts).write_text(f"anon 7\n{given_back} {idle_files}\nfile 9\n")

    return holds


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


def test_files_that_the_container_has_read_and_left_are_no_memory_in_use(container, monkeypatch):
    free_on_the_machine(monkeypatch, 1000)
    container(700, 690, idle_files=500)
    assert free_memory_bytes() == 510


def test_without_a_limit_the_machine_s_free_memory_counts(container, monkeypatch):
    free_on_the_machine(monkeypatch, 1000)
    assert free_memory_bytes() == 1000
    container("max", 300)
    assert free_memory_bytes() == 1000
    container(9223372036854771712, 300, idle_files=100)
    assert free_memory_bytes() == 1000
