"""What killed processes left goes at the next start; what somebody is writing just now stays; all of it is private."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from rnntui.store.corpora import Corpora
from rnntui.store.files import durable, unfinished
from rnntui.store.files.locks import lock
from rnntui.store.library import Library
from tests.fail_points import FAIL_POINT_VARIABLE, fail_point
from tests.small_models import save_small_model

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes and locks of files are those of POSIX")


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.name.endswith(".lock")}


def test_what_nobody_writes_any_more_goes_and_what_is_being_written_stays(tmp_path: Path) -> None:
    for place in ("models", "models/small", "runs/20260101-abc", "corpora/key"):
        (tmp_path / place).mkdir(parents=True, exist_ok=True)
        (tmp_path / place / ".rnntui-0123456789ab.new").write_bytes(b"half")
    (tmp_path / "runs" / ".rnntui-0123456789ff.new").mkdir()
    (tmp_path / "runs" / ".rnntui-0123456789ff.new" / "request.json").write_bytes(b"{}")
    with durable.NewFile(tmp_path / "models" / "small" / "card.json") as fresh:
        unfinished.clean_up(tmp_path)
        left = {name for name in names(tmp_path) if ".rnntui" in name}
        assert left == {str(fresh.temporary.relative_to(tmp_path))}
        fresh.write(b"whole")
        fresh.complete()
    unfinished.clean_up(tmp_path)
    assert not [name for name in names(tmp_path) if ".rnntui" in name]
    assert (tmp_path / "models" / "small" / "card.json").read_bytes() == b"whole"


def test_what_a_killed_process_left_in_a_folder_elsewhere_goes_too(tmp_path: Path) -> None:
    ours, away = tmp_path / "data", tmp_path / "away"
    ours.mkdir()
    away.mkdir()
    half, other = away / ".rnntui-0123456789ab.new", away / "notes.new"
    other.write_bytes(b"mine")
    with unfinished.note_place(ours, away):
        half.write_bytes(b"half")
        unfinished.clean_up(ours)
        assert half.exists(), "somebody is writing there just now"
    assert names(ours) == set()
    killed = "import os, sys; from pathlib import Path; from rnntui.store.files.unfinished import note_place\n"
    killed += "with note_place(Path(sys.argv[1]), Path(sys.argv[2])): os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", killed, str(ours), str(away)], check=False)
    assert len(names(ours)) == 1
    unfinished.clean_up(ours)
    assert names(ours) == set()
    assert names(away) == {"notes.new"}


def test_a_folder_that_cannot_be_noted_is_written_in_all_the_same(tmp_path: Path) -> None:
    with unfinished.note_place(tmp_path / "missing", tmp_path):
        (tmp_path / "asked-for.md").write_bytes(b"text")
    (tmp_path / ".rnntui-0123456789ab.place").write_bytes(b"no/folder/\x00")
    unfinished.clean_up(tmp_path)
    assert names(tmp_path) == {"asked-for.md"}


def test_beside_the_conversations_nothing_is_cleared_while_somebody_opens_them(tmp_path: Path) -> None:
    left = tmp_path / ".rnntui-0123456789ab.new"
    left.write_bytes(b"half")
    with lock(tmp_path / "sessions.sqlite3.lock"):
        unfinished.clean_up(tmp_path)
        assert left.exists()
    unfinished.clean_up(tmp_path)
    assert not left.exists()


def test_other_things_in_a_folder_that_a_person_named_are_not_touched(tmp_path: Path) -> None:
    other, ours = tmp_path / "letters.txt", tmp_path / "sessions.sqlite3"
    for path in (other, ours):
        path.write_bytes(b"")
        path.chmod(0o644)
    (tmp_path / "models").mkdir(mode=0o755)
    (tmp_path / "models" / "link").symlink_to(other)
    tmp_path.chmod(0o755)
    unfinished.clean_up(tmp_path)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (other, ours, tmp_path)] == [0o644, 0o600, 0o755]
    assert stat.S_IMODE((tmp_path / "models").stat().st_mode) == 0o700


def test_whatever_the_umask_all_that_is_kept_is_private(tmp_path: Path) -> None:
    program = (
        "import os, sys; os.umask(int(sys.argv[1], 8))\n"
        "from pathlib import Path\n"
        "from rnntui.config import Config\n"
        "from rnntui.paths import find_paths\n"
        "from rnntui.records import TrainRequest\n"
        "from rnntui.service.services import Services\n"
        "from rnntui.service.log import keep_log\n"
        "from rnntui.settings import SamplerSettings\n"
        "from tests.small_models import save_small_model\n"
        "import logging\n"
        "folder = Path(sys.argv[2])\n"
        "paths = find_paths(folder / 'above' / 'data')\n"
        "services = Services.open(paths, Config())\n"
        "keep_log(paths.log_file); logging.getLogger('rnntui').error('x')\n"
        "card = save_small_model(services.library)\n"
        "services.library.rename(card.model_id, 'other')\n"
        "services.conversations.create('t', card.model_id, SamplerSettings(), 'inline', '')\n"
        "runs = services.training._runs\n"
        "run = runs.create(TrainRequest(('x.txt',), 'x', 1.0), '2026-01-01T00:00:00+00:00')\n"
        "run.append_events().append('{}'); run.states.save(b'x'); run.orders.set_command('pause')\n"
        "run.presence.mark_queued(); run.presence.mark_starting(1); run.append_times(); run.presence.lock()\n"
        "from rnntui.store.corpora import Corpora\n"
        "Corpora(paths.corpora).keep_counted('a' * 64, b'x')\n"
        "services.write(folder / 'export.md', b'x')\n"
    )
    for umask, expected in (("0", 0o666), ("077", 0o600)):
        folder = tmp_path / umask
        folder.mkdir()
        subprocess.run([sys.executable, "-c", program, umask, str(folder)], check=True, timeout=60)
        kept = [*(folder / "above").rglob("*"), folder / "above"]
        assert len(kept) > 20
        open_to_others = [path for path in kept if path.stat().st_mode & 0o077]
        assert open_to_others == []
        assert stat.S_IMODE((folder / "export.md").stat().st_mode) == expected


def test_a_rename_of_a_model_that_is_killed_anywhere_leaves_nothing_after_the_next_start(tmp_path: Path) -> None:
    library = Library(tmp_path / "models", tmp_path / "none")
    card = save_small_model(library)
    program = (
        "import sys; from pathlib import Path; from rnntui.store.library import Library\n"
        "Library(Path(sys.argv[1]) / 'models', Path('none')).rename(sys.argv[2], sys.argv[3])\n"
    )
    for number in range(1, 40):
        name = f"name {number}"
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path), card.model_id, name],
            env={**os.environ, FAIL_POINT_VARIABLE: fail_point(number, "KILL")},
            timeout=60,
        )
        unfinished.clean_up(tmp_path)
        assert not [left for left in names(tmp_path) if ".rnntui" in left]
        assert library.find(card.model_id).name in {name, f"name {number - 1}", card.name}
        if done.returncode == 0:
            break
    assert library.find(card.model_id).name == name


def test_a_file_of_numbers_that_was_cut_off_goes(tmp_path: Path) -> None:
    corpora = Corpora(tmp_path / "corpora")
    cut_off = corpora.new_ids("a" * 64, "b" * 64)
    cut_off.write(b"half")
    unfinished.let_go(cut_off._holder)
    unfinished.clean_up(tmp_path)
    assert list((tmp_path / "corpora" / ("a" * 64)).iterdir()) == []
