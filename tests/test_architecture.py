"""The rooms and their doors: who may import whom, what may be loaded when, what must never be used."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "rnntui"
SHARED = {
    "settings",
    "events",
    "chat_events",
    "figures",
    "records",
    "errors",
    "text",
    "files",
    "json_records",
    "manual",
}
MAY_IMPORT = {
    "settings": SHARED,
    "events": SHARED,
    "chat_events": SHARED,
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
    "charset_normalizer": {"lm"},
    "sqlite3": {"store", "cli"},
    "filelock": {"store"},
    "threading": {"service", "store"},
    "subprocess": {"service", "tui"},
    "textual": {"tui"},
    "argparse": {"cli"},
    "platformdirs": {"paths"},
}
FILES = sorted(PACKAGE.rglob("*.py"))


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(tree: ast.AST) -> list[tuple[str, ast.stmt]]:
    found: list[tuple[str, ast.stmt]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found.append((node.module or "", node))
    return found


def _inside_functions_or_type_checking(tree: ast.AST) -> set[ast.stmt]:
    inside: set[ast.stmt] = set()
    for node in ast.walk(tree):
        is_guard = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or is_guard:
            inside |= {child for child in ast.walk(node) if isinstance(child, ast.stmt)}
    return inside


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_room_imports_only_what_its_row_allows(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    room, late = _room(path), _inside_functions_or_type_checking(tree)
    for module, node in _imports(tree):
        top, _, rest = module.partition(".")
        if top == "rnntui":
            other = rest.partition(".")[0]
            allowed = MAY_IMPORT[room] | ({"lm"} if room == "service" and node in late else set())
            assert other in allowed, f"line {node.lineno}: {room} must not import rnntui.{other}"
            assert not (room == "cli" and other == "tui" and node not in late), "cli imports tui inside its command"
        elif top in OWNED:
            assert room in OWNED[top], f"line {node.lineno}: {top} belongs to {sorted(OWNED[top])}"
            assert not (top == "torch" and room != "lm" and node not in late), "torch is imported inside functions"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_dangerous_is_used(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = {module for module, _ in _imports(tree)}
    assert not modules & {"pickle", "shelve", "marshal", "socket", "urllib.request", "http.client", "requests"}
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not called & {"torch.load", "eval", "exec", "escape", "markup.escape", "os.system"}
    assert not any(
        keyword.arg == "shell" for node in ast.walk(tree) if isinstance(node, ast.Call) for keyword in node.keywords
    )


_WRITING_METHODS = {"write_text", "write_bytes", "unlink", "rmtree", "touch", "mkdir", "rmdir", "chmod"}
_WRITING_METHODS |= {"symlink_to", "hardlink_to"}
_WRITING_IN_OS = {"open", "replace", "rename", "renames", "remove", "unlink", "mkdir", "makedirs", "rmdir", "link"}
_WRITING_IN_OS |= {"symlink", "truncate", "chmod", "utime", "mkfifo"}
_WRITING_MODES = set("wax+")
_OTHER_WAYS = {
    "files.py": {"os.open"},  # to read
    "cli/process/streams.py": {"os.open", "open"},  # the null device in place of a stream that is closed
    "tui/terminal/editor.py": {"tempfile.TemporaryDirectory", "Path.write_text"},  # what the person's editor works on
}
_ONLY_LOOKING = {"shutil.which", "shutil.disk_usage", "shutil.get_terminal_size"}


def _writing(tree: ast.AST) -> set[str]:
    """The calls by which a file could be changed, as they are called."""
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        owner, _, name = called.rpartition(".")
        texts = [part.value for part in (*node.args, *(word.value for word in node.keywords)) if _is_text(part)]
        opens = name in {"open", "fdopen"} and any(set(text) & _WRITING_MODES and len(text) <= 3 for text in texts)
        moves = name == "replace" and owner not in {"", "dataclasses"} and len(node.args) == 1 and not node.keywords
        if owner in {"shutil", "tempfile"} or (owner == "os" and name in _WRITING_IN_OS):
            found.add(called)
        elif opens or moves or (owner and name in _WRITING_METHODS):
            found.add(f"Path.{name}" if owner else name)
    return found


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_store_opens_files_for_writing(path: Path) -> None:
    if _room(path) == "store":
        return
    allowed = _OTHER_WAYS.get(path.relative_to(PACKAGE).as_posix(), set())
    assert _writing(ast.parse(path.read_text(encoding="utf-8"))) - allowed - _ONLY_LOOKING == set()


@pytest.mark.parametrize(
    "code",
    [
        "open(path, 'w')",
        "open(path, mode='ab')",
        "path.open('r+')",
        "os.replace(one, other)",
        "path.replace(other)",
        "os.open(path, flags)",
        "shutil.move(one, other)",
        "tempfile.mkstemp()",
        "path.write_text('x')",
        "(folder / 'x').mkdir()",
        "os.fdopen(descriptor, 'wb')",
    ],
)
def test_every_way_of_writing_is_seen(code: str) -> None:
    assert _writing(ast.parse(code))


@pytest.mark.parametrize(
    "code", ["open(path, 'rb')", "replace(turn, text='x')", "text.replace('a', 'b')", "path.open()"]
)
def test_reading_is_no_writing(code: str) -> None:
    assert not _writing(ast.parse(code))


def _stores_of_the_services() -> set[str]:
    """What the services hand out of the store's own: `library`, `conversations` and the like."""
    tree = ast.parse((PACKAGE / "service" / "services.py").read_text(encoding="utf-8"))
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


@pytest.mark.parametrize("path", [path for path in FILES if _room(path) == "tui"], ids=lambda path: path.name)
def test_no_screen_asks_the_store_past_the_intentions_of_the_services(path: Path) -> None:
    """Whatever does so runs where the screen is drawn sooner or later, and a slow disk holds up the keys."""
    assert _asked_directly(ast.parse(path.read_text(encoding="utf-8")), _stores_of_the_services()) == []


@pytest.mark.parametrize(
    "code", ["self._services.library.cards()", "services.conversations", "app._services.memories.find(name)"]
)
def test_every_way_past_the_intentions_is_seen(code: str) -> None:
    assert _asked_directly(ast.parse(code), _stores_of_the_services())


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
