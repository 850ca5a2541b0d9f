"""The app with fakes, as a process of its own for the terminal tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

HOSTILE_REPLY = " words \x1b]52;c;aGFjaw==\x07 \x1b[31m and [@click=app.quit]more[/] \x9b5m\u202e end"


def main() -> int:
    from rnntui.cli.process.parent import watch_over_app

    parent = watch_over_app()
    from rnntui.errors import RnntuiError
    from rnntui.tui.app import run_app
    from tests.tui.fakes import FakeServices

    services = FakeServices(reply=HOSTILE_REPLY, pace=0.0)
    if "slow" in sys.argv:
        services = FakeServices(reply=" on and on" * 1_000, pace=30.0)
    try:
        return run_app(services, parent=parent)  # type: ignore[arg-type]
    except RnntuiError as problem:
        sys.stderr.write(f"{problem}\n")
        return problem.exit_code


if __name__ == "__main__":
    sys.exit(main())
