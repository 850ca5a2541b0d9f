"""The command line: the app's twin. Standard output is data, standard error is narration.

With --json every event or result is one JSON object on a line. Exit codes: 0 done, 2 bad input, 3 model damaged,
4 disk, 5 training, 6 a replay differs, 7 a graphics card or memory, 70 a bug, 130 interrupted; 1 means that the reader
of standard output went away.
"""

from rnntui.cli.process.program import main

__all__ = ["main"]
