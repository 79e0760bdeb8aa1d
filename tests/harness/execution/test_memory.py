"""What worker processes are told of managing memory, and that it reaches them."""

import os
import platform

import pytest

from harness.execution import memory
from harness.execution.memory import VARIABLES, memory_variables

OURS = {
    "MALLOC_MMAP_THRESHOLD_": "1073741824",
    "MALLOC_TRIM_THRESHOLD_": "1073741824",
    "MALLOC_TOP_PAD_": "67108864",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}


@pytest.fixture
def library(monkeypatch):
    def use(name, version):
        monkeypatch.setattr(memory.platform, "libc_ver", lambda: (name, version))

    return use


def test_all_of_it_is_set_where_the_user_set_nothing(library):
    library("glibc", "2.36")
    assert memory_variables({"HOME": "/"}) == OURS


def test_huge_pages_are_asked_for_where_the_library_knows_them(library):
    library("glibc", "2.34")
    assert "GLIBC_TUNABLES" not in memory_variables({})


def test_another_library_is_told_nothing_and_what_the_user_set_is_in_force(library):
    library("", "")
    assert memory_variables({}) == {}
    assert memory_variables({"MALLOC_TOP_PAD_": "1"}) == {"MALLOC_TOP_PAD_": "1"}


@pytest.mark.parametrize("name", VARIABLES)
def test_what_the_user_set_stays(library, name):
    library("glibc", "2.36")
    own = "glibc.malloc.hugetlb=0" if name == "GLIBC_TUNABLES" else "4096"
    assert memory_variables({name: own}) == {**OURS, name: own}


def test_tunables_of_the_user_stay_beside_ours_and_count_as_set(library):
    library("glibc", "2.36")
    user = {"GLIBC_TUNABLES": "glibc.malloc.top_pad=4096"}
    found = memory_variables(user)
    assert found["GLIBC_TUNABLES"] == "glibc.malloc.top_pad=4096:glibc.malloc.hugetlb=1"
    assert "MALLOC_TOP_PAD_" not in found


needs_glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc on Linux")


@pytest.fixture
def without(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@needs_glibc
def test_a_worker_is_started_with_it_and_the_environment_says_so(bench, without):
    bench.run("told_of_memory", seeds=1, jobs=1)
    row = bench.full_rows()["low", 0]
    expected = memory_variables()
    assert set(expected) >= set(VARIABLES[:3])
    assert row["facts"]["told"] == expected
    assert row["environment"]["allocator"] == expected
    assert "MALLOC_TOP_PAD_" not in os.environ


@needs_glibc
def test_memory_that_is_freed_and_taken_again_causes_few_page_faults(
    bench, without, monkeypatch, tmp_path_factory
):
    bench.run("takes_and_frees", seeds=1, jobs=1)
    plain = type(bench)(tmp_path_factory.mktemp("plain"))
    # As glibc behaves when nobody says anything; the numbers are its own defaults.
    monkeypatch.setenv("MALLOC_MMAP_THRESHOLD_", str(128 * 2**10))
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", str(128 * 2**10))
    monkeypatch.setenv("MALLOC_TOP_PAD_", str(128 * 2**10))
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.hugetlb=0")
    plain.run("takes_and_frees", seeds=1, jobs=1)
    ours, theirs = (each.rows()["high", 0]["metrics"]["faults"] for each in (bench, plain))
    assert ours < theirs / 10
