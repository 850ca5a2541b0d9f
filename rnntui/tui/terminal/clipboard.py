"""The desktop's clipboard through the program that it brings along, where there is one."""

import shutil
import subprocess
import sys
from collections.abc import Mapping

_SECONDS = 2.0
_WAYLAND = ("wl-copy",)
_X11 = (("xclip", "-selection", "clipboard"), ("xsel", "--clipboard", "--input"))


def find_clipboard_command(environment: Mapping[str, str], platform: str = sys.platform) -> list[str]:
    """The command that takes text for the clipboard; empty where only the terminal can take it, such as over SSH."""
    candidates: list[tuple[str, ...]] = []
    if platform == "darwin":
        candidates.append(("pbcopy",))
    elif platform == "win32":
        candidates.append(("clip",))
    elif not environment.get("SSH_CONNECTION"):
        candidates += [_WAYLAND] if environment.get("WAYLAND_DISPLAY") else []
        candidates += _X11 if environment.get("DISPLAY") else []
    return next((list(command) for command in candidates if shutil.which(command[0])), [])


def copy_natively(text: str, command: list[str]) -> bool:
    """Hand text to the command; True when it took it."""
    try:
        done = subprocess.run(  # noqa: S603  one of the commands above
            command,
            input=text.encode("utf-8", "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
