"""Which processes live. Knows nothing of what they do."""

import os
import sys
from pathlib import Path


def is_alive(process_id: int) -> bool:
    """True while there is a process of this number that has not ended."""
    if process_id <= 0:
        return False
    if sys.platform == "win32":  # there, looking with a signal would end the process; the age of the mark decides
        return True
    if _is_zombie(process_id):  # asked first: who is gone between the two questions must not count as alive
        return False
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _is_zombie(process_id: int) -> bool:
    """True when the process has ended and only waits for its parent to notice; False where the system does not tell."""
    try:
        facts = Path(f"/proc/{process_id}/stat").read_bytes()
    except OSError:
        return False
    return facts.rpartition(b")")[2].split()[:1] in ([b"Z"], [b"X"])
