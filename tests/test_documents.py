"""What the documents say is what the code does."""

import ast
import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from presenter import compose, engines, script
from presenter.cli import _parser

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_the_lesson_of_the_readme_can_be_read_without_a_warning():
    source = re.search(r"```markdown\n(.*?)```", README, re.S)[1]
    lesson = script.parse(source)
    assert lesson.warnings == ()
    assert lesson.title == "Why is the sky blue?"
    assert [slide.steps for slide in lesson.slides][-1] == 3
    assert len(source.splitlines()) <= 21


def test_the_readme_lists_the_engines_of_the_table():
    rows = re.findall(r"^\| (\w+) \| `(\w+)` \| ([^|]+) \| (yes|no) \|", README, re.M)
    assert rows == [
        (row.kind, row.name, row.licence, "yes" if row.commercial else "no") for row in engines.TABLE
    ]


def test_the_readme_names_every_layout():
    line = next(line for line in README.splitlines() if "[layout full]" in line and line.startswith("|"))
    assert set(re.findall(r"`([\w-]+)`", line)) == set(compose.LAYOUTS)


def test_every_command_of_the_readme_exists():
    commands = next(action for action in _parser()._actions if action.choices).choices
    named = set(re.findall(r"(?:^|`)presenter (\w+)", README, re.M)) - {"render"}
    assert named <= set(commands)
    assert set(commands) - named <= {"render", "checkpoints"}


@pytest.mark.parametrize("line", re.findall(r"^presenter render .*", README, re.M))
def test_every_example_of_the_readme_is_understood(line):
    import shlex

    options = _parser().parse_args(shlex.split(line)[1:])
    assert options.out.suffix == ".mp4"


def test_the_architecture_names_every_module_in_its_layer():
    modules = {
        path.stem if path.is_file() else path.name
        for path in (ROOT / "presenter").iterdir()
        if path.name[0] != "_" and (path.suffix == ".py" or (path / "__init__.py").is_file())
    }
    table = ARCHITECTURE[ARCHITECTURE.index("## Layers") : ARCHITECTURE.index("## Invariants")]
    assert modules <= set(re.findall(r"`(\w+)`", table))


def test_the_pinned_requirements_cover_every_dependency_and_agree_with_its_range():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [row.extra for row in engines.TABLE if row.extra]
    optional = [line for extra in extras for line in project["optional-dependencies"][extra]]
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = {r.name: r for r in (Requirement(line) for line in lines if line and line[0] != "#")}
    for wanted in map(Requirement, [*project["dependencies"], *optional]):
        pin = pins[wanted.name]
        assert pin.extras == wanted.extras
        assert wanted.specifier.contains(str(pin.specifier).removeprefix("=="))
    assert pins.keys() == {Requirement(line).name for line in [*project["dependencies"], *optional]}
    assert all(version(Requirement(line).name) for line in project["dependencies"])


def test_no_file_has_outgrown_a_reader():
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in (ROOT / "presenter").rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 500
    }
    assert long == {}


def test_every_public_function_and_class_of_a_module_has_a_docstring():
    silent = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in (ROOT / "presenter").rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_no_stand_in_is_left_in_a_document():
    assert re.findall(r"\b(?:EVAL|BENCH)_\w+|\bTODO\b|\bFIXME\b", README + ARCHITECTURE) == []


def test_the_parser_and_the_composer_know_the_same_layouts():
    from presenter.script.front import LAYOUTS

    assert set(LAYOUTS) - {"auto"} == set(compose.LAYOUTS)
