"""Words that a person does not want in a model: mail addresses, links, numbers of telephones, names of people.

Works on parts of any sizes; where they are cut makes no difference, but that names are learned from the first two
million characters. Knows nothing of files.
"""

import itertools
from collections.abc import Container, Iterable, Iterator

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.privacy.addresses import without_addresses
from rnntui.lm.text.privacy.names import Names
from rnntui.lm.text.streams import LONGEST_LINE, taken

_OPENING = 2_000_000
_LONGEST_WORD = 4_000


def leave_out(parts: Iterable[str], kinds: Container[str], findings: Findings) -> Iterator[str]:
    """The text without private words.

    Args:
        parts: The text; an empty part is a sign of life, and is given on.
        kinds: What is left out, of `records.LEAVE_OUT`.
        findings: Where it is counted; who speaks is taken from there.
    """
    source: Iterator[str] = iter(parts)
    names: Names | None = None
    if "names" in kinds:
        opening = yield from taken(source, _OPENING)
        names = Names(opening[:_OPENING], findings)
        source = itertools.chain((opening,), source)
    rest = ""
    for part in itertools.chain(source, (None,)):
        if part == "":
            yield ""
            continue
        text = rest + (part or "")
        cut = len(text) if part is None else text.rfind("\n") + 1
        if not cut and len(text) > LONGEST_LINE:
            cut = text.rfind(" ", 0, len(text) - _LONGEST_WORD) + 1 or len(text) - _LONGEST_WORD
        rest = text[cut:]
        if cut:
            kept = without_addresses(text[:cut], kinds, findings)
            yield names.leave_out(kept) if names else kept
