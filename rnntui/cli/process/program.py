"""The command line as a program of its own: what is round about it, its interrupts and its end.

Little is imported before `main` begins: until then an interrupt is answered by Python, with a traceback.
"""

import os
import sys

from rnntui.cli.process.ending import leave, take_interrupts
from rnntui.errors import EXIT_BUG, EXIT_INTERRUPTED, EXIT_OK


def main() -> None:
    """Run the command line and end the process with its exit code."""
    take_interrupts()
    code = EXIT_BUG
    try:
        code = _run()
    except SystemExit as ended:  # --help and --version
        code = ended.code if isinstance(ended.code, int) else EXIT_OK
    except KeyboardInterrupt:  # before it was known which command it is
        code = EXIT_INTERRUPTED
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        leave(code)


def _run() -> int:
    from rnntui.cli.main import run
    from rnntui.cli.process.environment import make_ordinary
    from rnntui.cli.process.streams import open_streams
    from rnntui.service.log import keep_tracebacks_off_the_screen

    open_streams()
    make_ordinary(os.environ)
    keep_tracebacks_off_the_screen()
    return run(sys.argv[1:])
