"""Documents that distributions register, and ``harness report build`` on them."""

import logging
import subprocess
import sys
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from harness import cli
from harness.errors import InputError
from harness.reports import documents
from harness.reports.documents import BuiltDocument, document_folder
from harness.study.loading import Overrides


@dataclass
class Entry:
    """An entry point that gives a module, or fails to."""

    name: str
    module: object = None
    value: str = "somewhere"

    def load(self):
        if isinstance(self.module, Exception):
            raise self.module
        return self.module

    def __lt__(self, other):
        return self.name < other.name


@dataclass
class Recording:
    """A document that only notes what it was asked for."""

    known: tuple = ((),)
    lacking: tuple = ()
    built: list = field(default_factory=list)
    TITLE: str = "A document"

    def profiles(self, _store):
        return self.known

    def build(self, context):
        self.built.append(context)
        context.folder.mkdir(parents=True, exist_ok=True)
        return BuiltDocument(context.folder / "index.html", self.lacking)


@pytest.fixture
def register(monkeypatch):
    """Register modules as documents."""

    def with_entries(*entries):
        monkeypatch.setattr(documents, "entry_points", lambda **_: list(entries))

    return with_entries


@pytest.fixture
def harness(tmp_path, monkeypatch, capsys, stored, declare):
    """Run the command line in this process, in a folder with a database."""
    monkeypatch.chdir(tmp_path)
    with stored(declare(["a", "b"]), tmp_path):
        pass

    def run(*words):
        status = cli._status([*words, "--db", "results.db"])
        said = capsys.readouterr()
        return SimpleNamespace(status=status, output=said.out, errors=said.err)

    return run


def test_documents_are_found_by_their_entry_points(register):
    first, second = Recording(), Recording()
    register(Entry("second", second), Entry("first", first))
    assert documents.documents() == {"first": first, "second": second}


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (ImportError("no module named torch"), "ImportError: no module named torch"),
        (RuntimeError("on import"), "RuntimeError: on import"),
        (SimpleNamespace(TITLE="x"), "it has no profiles, build"),
    ],
)
def test_a_broken_document_is_reported_and_left_out(broken, reason, register, caplog):
    register(Entry("broken", broken), Entry("good", Recording()))
    with caplog.at_level(logging.WARNING):
        assert list(documents.documents()) == ["good"]
    assert "'broken' is left out" in caplog.text
    assert reason in caplog.text


def test_every_choice_of_profiles_has_a_folder_of_its_own_and_none_leads_elsewhere(tmp_path, nasty):
    folders = {
        document_folder("paper", overrides, tmp_path)
        for overrides in (
            Overrides(),
            Overrides((nasty,)),
            Overrides((nasty, "x")),
            Overrides(("cifar10",)),
            Overrides(("cifar10",), ("params.x=1",)),
            Overrides(("cifar10",), ("params.x=2",)),
            Overrides(settings=(f"params.x={nasty}",)),
            Overrides(seeds=3),
        )
    }
    assert len(folders) == 8
    assert {each.resolve().parent for each in folders} == {tmp_path.resolve()}


def test_a_document_is_built_for_every_profile_that_has_results(register, harness):
    paper = Recording(known=((), ("cifar10",)))
    register(Entry("paper", paper))
    done = harness("report", "build", "paper")
    assert done.status == 0
    assert [each.overrides.profiles for each in paper.built] == [(), ("cifar10",)]
    assert done.output.splitlines() == [
        "Report: artifacts/reports/paper/index.html",
        "Report: artifacts/reports/paper-cifar10/index.html",
    ]


def test_two_profiles_are_told_from_one_whose_name_joins_theirs(tmp_path):
    folders = {
        document_folder("paper", Overrides(profiles), tmp_path)
        for profiles in ((), ("a",), ("a", "b"), ("a-b",), ("a", "b-c"), ("a-b", "c"))
    }
    assert len(folders) == 6


def test_a_profile_chooses_and_a_folder_may_be_named(register, harness, tmp_path):
    paper = Recording(known=((), ("cifar10",)))
    register(Entry("paper", paper))
    words = ("--profile", "cifar10", "--profile", "smoke", "--to", "elsewhere")
    done = harness("report", "build", "paper", *words)
    assert [each.overrides for each in paper.built] == [Overrides(("cifar10", "smoke"))]
    assert done.output == "Report: elsewhere/paper-cifar10-smoke/index.html\n"


def test_without_any_result_the_document_is_built_once(register, harness):
    paper = Recording(known=(), lacking=("No results. `harness study run x` gives them.",))
    register(Entry("paper", paper))
    done = harness("report", "build", "paper")
    assert [each.overrides for each in paper.built] == [Overrides(())]
    assert done.errors == "No results. harness study run x gives them.\n"


def test_an_unknown_name_lists_studies_and_documents_with_the_nearest(register, harness):
    register(Entry("paper", Recording()))
    done = harness("report", "build", "papper")
    assert done.status == 2
    assert "nearest: paper" in done.errors
    assert "studies: " in done.errors
    assert "mc_seeds" in done.errors
    assert "documents: paper" in done.errors


def test_a_path_is_never_taken_for_a_document(register, harness):
    register(Entry("paper", Recording()))
    done = harness("report", "build", "./paper")
    assert done.status == 2
    assert "there is no such study file" in done.errors


def test_changes_of_the_command_line_choose_the_results_and_a_folder(register, harness):
    paper = Recording(known=((), ("cifar10",)))
    register(Entry("paper", paper))
    words = ("--profile", "cifar10", "--set", "params.x=1", "--seeds", "3")
    done = harness("report", "build", "paper", *words)
    assert [each.overrides for each in paper.built] == [Overrides(("cifar10",), ("params.x=1",), 3)]
    assert "artifacts/reports/paper-cifar10-" in done.output


def test_a_study_goes_before_a_document_of_its_name(register, harness, tmp_path):
    paper = Recording()
    register(Entry("mine", paper))
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies" / "mine.toml").write_text(
        'name = "page"\n[trial]\nfunction = "nowhere:function"\n[seeds]\ncount = 6\n'
        "[params]\ndepth = 1\n[arms.a]\nnumber = 0\n[arms.b]\nnumber = 1\n"
        '[protocol]\nmetric = "score"\ndirection = "maximize"\ncontrol = "a"\n'
    )
    done = harness("report", "build", "mine", "--to", "reports")
    assert (done.status, paper.built) == (0, [])
    assert done.output == "Report: reports/page/index.html\n"


def test_the_error_of_an_unknown_name_is_the_users():
    assert isinstance(documents.unknown_report("x", {}), InputError)


def test_the_paper_is_registered_and_imports_no_torch():
    program = (
        "import sys; from harness.reports.documents import documents; "
        "known = documents(); assert 'paper' in known, known; "
        "assert not {'torch', 'torchvision', 'captum'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
