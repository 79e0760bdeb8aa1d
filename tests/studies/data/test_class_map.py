import pytest

from harness.errors import Problem
from studies.distillation.data import DataError
from studies.distillation.data.class_map import CLASS_MAP, read_class_map

SYNSETS = """
ignore = ["n00007846"]

[classes]
n02691156 = "airplane"
n02958343 = "automobile"
n03594945 = "automobile"
"""


@pytest.fixture
def read(tmp_path):
    def write_and_read(text):
        (tmp_path / CLASS_MAP).write_text(text, encoding="utf-8")
        return read_class_map(tmp_path)

    return write_and_read


def test_folders_have_the_classes_that_the_map_gives_them(read):
    found = read(SYNSETS)
    assert found.class_of("n02691156") == "airplane"
    assert found.class_of("n02958343") == found.class_of("n03594945") == "automobile"
    assert found.class_of("n00007846") is None


def test_a_folder_that_is_not_in_the_map_is_answered_with_the_nearest_one(read):
    problem = read(SYNSETS).class_of("n02691157")
    assert isinstance(problem, Problem)
    assert "nearest: n02691156" in "\n".join(problem.lines())


def test_without_a_map_every_folder_is_its_own_class(tmp_path):
    assert read_class_map(tmp_path).class_of("cat") == "cat"


def test_a_map_without_classes_only_leaves_folders_out(read):
    found = read('ignore = ["junk"]')
    assert (found.class_of("cat"), found.class_of("junk")) == ("cat", None)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("classes = 3", "classes: not a table"),
        ("ignore = 'junk'", "ignore: not a list of folder names"),
        ("[clases]\ncat = 'chat'", "clases: unknown key\n  given:   clases\n"),
        ("[classes]\ncat = 3", "classes.cat: not the name of a class\n  given:   3"),
        ("[classes]\ncat = ' '", "classes.cat: not the name of a class"),
        ('[classes]\ncat = "a\\tb"', "classes.cat: not the name of a class"),
        ("ignore = ['cat']\n[classes]\ncat = 'chat'", "classes.cat: this folder has a class and"),
        ("[classes\n", "this file cannot be read: "),
    ],
)
def test_every_fault_of_a_map_is_told_with_its_file_and_key(read, tmp_path, text, fault):
    with pytest.raises(DataError) as caught:
        read(text)
    assert str(caught.value).startswith(f"{tmp_path / CLASS_MAP}:\n{fault}")
