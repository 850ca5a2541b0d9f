"""The rooms and their doors: who may import whom, what may be loaded when, what must never be used."""

import ast
import functools
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "rnntui"
SHARED = {
    "setting_fields",
    "settings",
    "events",
    "chat_events",
    "text_facts",
    "figures",
    "records",
    "errors",
    "text",
    "files",
    "json_records",
    "manual",
}
MAY_IMPORT = {
    "setting_fields": SHARED,
    "settings": SHARED,
    "events": SHARED,
    "chat_events": SHARED,
    "text_facts": SHARED,
    "figures": SHARED,
    "records": SHARED,
    "errors": SHARED,
    "text": SHARED,
    "files": SHARED,
    "json_records": SHARED,
    "manual": SHARED,
    "paths": SHARED,
    "config": SHARED | {"paths"},
    "lm": SHARED | {"lm"},
    "store": SHARED | {"store"},
    "service": SHARED | {"paths", "config", "store", "service"},
    "tui": SHARED | {"paths", "config", "service", "tui"},
    "cli": SHARED | {"paths", "config", "service", "cli", "tui", ""},
    "__main__": {"cli"},
    "__init__": {""},
}
OWNED = {
    "torch": {"lm", "service", "cli"},  # service and cli inside functions only
    "tokenizers": {"lm"},
    "safetensors": {"lm"},
    "ftfy": {"lm"},
    "sqlite3": {"store", "cli"},
    "filelock": {"store"},
    "threading": {"service", "store"},
    "subprocess": {"service", "tui"},
    "textual": {"tui"},
    "argparse": {"cli"},
    "platformdirs": {"paths"},
}


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the program, read once."""

    name: str
    """Its path in the package, with slashes."""
    tree: ast.Module

    @property
    def room(self) -> str:
        return self.name.partition("/")[0].removesuffix(".py")


@functools.cache
def _sources() -> tuple[Source, ...]:
    files = sorted(PACKAGE.rglob("*.py"))
    return tuple(
        Source(path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))) for path in files
    )


@functools.cache
def _calls(tree: ast.AST) -> tuple[tuple[ast.Call, str], ...]:
    """Every call, and what is called as it is written."""
    return tuple((node, ast.unparse(node.func)) for node in ast.walk(tree) if isinstance(node, ast.Call))


# ---- who may import whom ----------------------------------------------------------------------------------------


@functools.cache
def _imports(tree: ast.AST) -> list[tuple[str, ast.stmt]]:
    found: list[tuple[str, ast.stmt]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append(("." * node.level + (node.module or ""), node))
    return found


def _inside_functions_or_type_checking(tree: ast.AST) -> set[ast.stmt]:
    inside: set[ast.stmt] = set()
    for node in ast.walk(tree):
        is_guard = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or is_guard:
            inside |= {child for child in ast.walk(node) if isinstance(child, ast.stmt)}
    return inside


def _forbidden_imports(source: Source) -> Iterator[str]:
    room, late = source.room, _inside_functions_or_type_checking(source.tree)
    for module, node in _imports(source.tree):
        place = f"{source.name}:{node.lineno}"
        top, _, rest = module.partition(".")
        if module.startswith("."):
            yield f"{place}: imports are absolute"
        elif top == "rnntui":
            other = rest.partition(".")[0]
            if other not in MAY_IMPORT[room] | ({"lm"} if room == "service" and node in late else set()):
                yield f"{place}: {room} must not import rnntui.{other}"
            elif room == "cli" and other == "tui" and node not in late:
                yield f"{place}: cli imports tui inside its command"
        elif top in OWNED and room not in OWNED[top]:
            yield f"{place}: {top} belongs to {sorted(OWNED[top])}"
        elif top == "torch" and room != "lm" and node not in late:
            yield f"{place}: torch is imported inside functions"


def test_every_room_imports_only_what_its_row_allows() -> None:
    assert len(_sources()) > 150
    assert [offence for source in _sources() for offence in _forbidden_imports(source)] == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("lm/model.py", "from rnntui.store.runs.runs import Runs"),
        ("store/runs/runs.py", "import rnntui.lm.model"),
        ("service/lab.py", "from rnntui.lm.model import WordRNN"),
        ("service/lab.py", "import torch"),
        ("tui/app.py", "def show():\n    from rnntui.store.runs.runs import Runs"),
        ("cli/main.py", "from rnntui.tui.app import RnntuiApp"),
        ("tui/app.py", "import sqlite3"),
        ("store/runs/runs.py", "import torch.nn"),
        ("service/lab.py", "from . import services"),
    ],
)
def test_every_way_into_another_room_is_seen(name: str, code: str) -> None:
    assert list(_forbidden_imports(Source(name, ast.parse(code))))


# ---- what is never used -----------------------------------------------------------------------------------------

_DANGEROUS_MODULES = {"pickle", "shelve", "marshal", "socket", "urllib.request", "http.client", "requests"}
_DANGEROUS_CALLS = {"torch.load", "eval", "exec", "escape", "markup.escape", "os.system"}


def _dangerous(tree: ast.AST) -> set[str]:
    found = {module for module, _ in _imports(tree)} & _DANGEROUS_MODULES
    for node, called in _calls(tree):
        found |= {called} & _DANGEROUS_CALLS
        found |= {f"{called}(shell=...)" for keyword in node.keywords if keyword.arg == "shell"}
    return found


def test_nothing_dangerous_is_used() -> None:
    assert {source.name: found for source in _sources() if (found := _dangerous(source.tree))} == {}


@pytest.mark.parametrize("code", ["import pickle", "from pickle import loads", "torch.load(x)", "run('x', shell=True)"])
def test_every_danger_is_seen(code: str) -> None:
    assert _dangerous(ast.parse(code))


# ---- who touches files ------------------------------------------------------------------------------------------

_WRITING_METHODS = {"write_text", "write_bytes", "unlink", "rmtree", "touch", "mkdir", "rmdir", "chmod"}
_WRITING_METHODS |= {"symlink_to", "hardlink_to"}
_WRITING_IN_OS = {"open", "replace", "rename", "renames", "remove", "unlink", "mkdir", "makedirs", "rmdir", "link"}
_WRITING_IN_OS |= {"symlink", "truncate", "chmod", "utime", "mkfifo"}
_WRITING_CLASSES = {"FileHandler", "RotatingFileHandler", "FileIO", "ZipFile", "memmap"}
_WRITING_MODES = set("wax+")
_WRITERS = {
    "files.py": {"os.open"},  # to read
    "cli/process/streams.py": {"os.open", "open"},  # the null device in place of a stream that is closed
    "tui/terminal/editor.py": {"tempfile.TemporaryDirectory", "Path.write_text"},  # what the person's editor works on
    "lm/text/compression.py": {"zipfile.ZipFile"},  # to read
    "lm/text/formats/archives.py": {"zipfile.ZipFile"},  # to read
}
_ONLY_LOOKING = {"shutil.which", "shutil.disk_usage", "shutil.get_terminal_size"}
_READING_METHODS = {"iterdir", "exists", "is_file", "is_dir", "stat", "lstat", "read_text", "read_bytes", "glob"}
_READING_METHODS |= {"rglob", "scandir", "listdir"}
_READERS = {
    "tui/application/styles.py": {"glob"},  # the program's own, when it is loaded
    "tui/file_choice.py": {"iterdir", "is_dir", "is_file", "glob"},  # the person's files, asked for in a thread
    "tui/widgets/text_tree.py": {"is_dir"},
}


def _writing(tree: ast.AST) -> set[str]:
    """The calls by which a file could be changed, as they are called."""
    found = set()
    for node, called in _calls(tree):
        owner, _, name = called.rpartition(".")
        given = (*node.args, *(word.value for word in node.keywords if word.arg in {None, "mode"}))
        texts = [part.value for part in given if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        opens = name in {"open", "fdopen"} and any(set(text) & _WRITING_MODES and len(text) <= 3 for text in texts)
        opens |= called == "open" and len(node.args) > 1 and not isinstance(node.args[1], ast.Constant)
        moves = name in {"replace", "rename"} and owner not in {"", "dataclasses"} and len(node.args) == 1
        if owner in {"shutil", "tempfile"} or (owner == "os" and name in _WRITING_IN_OS) or name in _WRITING_CLASSES:
            found.add(called)
        elif opens or (moves and not node.keywords) or (owner and name in _WRITING_METHODS):
            found.add(f"Path.{name}" if owner else name)
    return found


def _reading(tree: ast.AST) -> set[str]:
    """The calls by which the disk is asked."""
    asked = {called for _, called in _calls(tree)}
    return {called.rpartition(".")[2] for called in asked if "." in called} & _READING_METHODS | asked & {"open"}


def test_only_the_store_opens_files_for_writing() -> None:
    others = [source for source in _sources() if source.room != "store"]
    found = {source.name: _writing(source.tree) - _WRITERS.get(source.name, set()) - _ONLY_LOOKING for source in others}
    assert {name: calls for name, calls in found.items() if calls} == {}


@pytest.mark.parametrize(
    "code",
    [
        "open(path, 'w')",
        "open(path, mode='ab')",
        "open(path, mode)",
        "path.open('r+')",
        "gzip.open(path, 'xb')",
        "os.replace(one, other)",
        "path.replace(other)",
        "path.rename(other)",
        "os.open(path, flags)",
        "os.makedirs(path)",
        "shutil.move(one, other)",
        "tempfile.mkstemp()",
        "path.write_text('x')",
        "(folder / 'x').mkdir()",
        "os.fdopen(descriptor, 'wb')",
        "logging.FileHandler(path)",
    ],
)
def test_every_way_of_writing_is_seen(code: str) -> None:
    assert _writing(ast.parse(code))


@pytest.mark.parametrize(
    "code", ["open(path, 'rb')", "replace(turn, text='x')", "text.replace('a', 'b')", "path.open()", "open(path)"]
)
def test_reading_is_no_writing(code: str) -> None:
    assert not _writing(ast.parse(code))


def test_the_folders_are_asked_by_no_screen_but_where_files_are_chosen() -> None:
    """Everything else that a screen wants to know of the disk, a service tells it, in a thread."""
    screens = [source for source in _sources() if source.room == "tui"]
    found = {source.name: _reading(source.tree) - _READERS.get(source.name, set()) for source in screens}
    assert {name: calls for name, calls in found.items() if calls} == {}
    assert _reading(ast.parse("path.exists(); folder.iterdir(); open(path)")) == {"exists", "iterdir", "open"}


# ---- what a screen asks the services for ------------------------------------------------------------------------


def _stores_of_the_services() -> set[str]:
    """What the services hand out of the store's own: `library`, `conversations` and the like."""
    (tree,) = (source.tree for source in _sources() if source.name == "service/services.py")
    kinds = {
        name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rnntui.store")
        for name in node.names
    }
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.decorator_list]
    return {node.name for node in functions if node.returns and ast.unparse(node.returns).strip("'") in kinds}


def _asked_directly(tree: ast.AST, stores: set[str]) -> list[str]:
    """Where the store is asked past the intentions of the services."""
    reached = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in reached
        if node.attr in stores and ast.unparse(node.value).endswith("services")
    ]


def test_the_stores_that_the_services_hand_out_are_known() -> None:
    assert {"library", "conversations", "memories", "_database"} <= _stores_of_the_services()


def test_no_screen_asks_the_store_past_the_intentions_of_the_services() -> None:
    """Whatever does so runs where the screen is drawn sooner or later, and a slow disk holds up the keys."""
    stores = _stores_of_the_services()
    screens = [source for source in _sources() if source.room == "tui"]
    assert {source.name: found for source in screens if (found := _asked_directly(source.tree, stores))} == {}


@pytest.mark.parametrize(
    "code", ["self._services.library.cards()", "services.conversations", "app._services.memories.find(name)"]
)
def test_every_way_past_the_intentions_is_seen(code: str) -> None:
    assert _asked_directly(ast.parse(code), _stores_of_the_services())


# ---- objects that can be held -----------------------------------------------------------------------------------

MOST_METHODS, MOST_LINES, MOST_MODULES = 30, 400, 15


@dataclass(frozen=True, slots=True)
class Object:
    """A class with all that it inherits from classes of ours."""

    methods: int
    lines: int
    bases: tuple[str, ...]
    """The classes of ours above it, nearest first."""


def _classes() -> dict[tuple[str, str], ast.ClassDef]:
    """All classes by module and name."""
    return {
        (f"rnntui.{source.name.removesuffix('.py').replace('/', '.')}", node.name): node
        for source in _sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
    }


@functools.cache
def _names_in(module: str) -> dict[str, tuple[str, str]]:
    """What each name that a module imports from us stands for."""
    name = module.removeprefix("rnntui.").replace(".", "/") + ".py"
    (tree,) = (source.tree for source in _sources() if source.name == name)
    found = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    return found


def _object(place: tuple[str, str], classes: dict[tuple[str, str], ast.ClassDef]) -> Object:
    module, _ = place
    node, names = classes[place], _names_in(module)
    methods = {part.name for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)}
    lines, bases, total = (node.end_lineno or 0) - node.lineno + 1, list[str](), len(methods)
    for base in node.bases:
        written = ast.unparse(base).partition("[")[0]
        above = names.get(written, (module, written))
        if above in classes and above != place:
            inherited = _object(above, classes)
            total += inherited.methods
            lines += inherited.lines
            bases += [above[1], *inherited.bases]
    return Object(total, lines, tuple(bases))


def test_every_object_can_be_held() -> None:
    """Its methods and lines are counted over everything that it inherits from us, and that is one class at most."""
    classes = _classes()
    assert len(classes) > 250
    found = {".".join(place): _object(place, classes) for place in classes}
    too_large = {name: made for name, made in found.items() if made.methods > MOST_METHODS or made.lines > MOST_LINES}
    too_deep = {
        name: made.bases
        for name, made in found.items()
        if len(made.bases) > 1 and made.bases[-1] != "RnntuiError"  # the tree of errors
    }
    assert (too_large, too_deep) == ({}, {})


def test_no_folder_has_more_modules_than_one_can_keep_in_mind() -> None:
    modules = Counter(
        source.name.rpartition("/")[0] for source in _sources() if not source.name.endswith("__init__.py")
    )
    assert {folder: count for folder, count in modules.items() if count > MOST_MODULES} == {}


# ---- what is loaded when ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "import rnntui, rnntui.cli, rnntui.service.services, rnntui.service.chat.chat, rnntui.service.run.training",
        "import rnntui.tui.app, rnntui.tui.screens.chat",
        "import rnntui.service.lab, rnntui.tui.screens.lab",
        "from rnntui.cli.main import run; run(['gen', 'x', '--temperature', 'abc'])",
        "from rnntui.cli.main import run; run(['where'])",
        "from rnntui.cli.main import run; run(['models'])",
        "from rnntui.cli.main import run; run(['lab']); run(['lab', 'kitchen'])",
        "import contextlib\nfrom rnntui.cli.main import run\nwith contextlib.suppress(SystemExit): run(['--help'])",
    ],
)
def test_torch_is_not_loaded_before_it_is_needed(code: str) -> None:
    check = "\nimport sys\nassert not {'torch', 'tokenizers', 'numpy'} & set(sys.modules), 'loaded too early'"
    done = subprocess.run([sys.executable, "-c", code + check], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_every_public_name_can_be_loaded() -> None:
    import rnntui

    for name in rnntui.__all__:
        assert getattr(rnntui, name) is not None
