"""The list of people that stands beside the chats of an archive: names by the numbers that its messages use."""

import itertools
import json
from collections.abc import Iterable

from rnntui.lm.text.chats.exports import name_of

PEOPLE_FILE = "users.json"
"""As an archive of Slack calls it."""
LISTS = frozenset(
    (
        *(PEOPLE_FILE, "channels.json", "groups.json", "dms.json", "mpims.json", "integration_logs.json"),
        *("canvases.json", "lists.json", "huddle_transcripts.json", "file_conversations.json", "org_users.json"),
    )
)
"""Files of such an archive in which nobody speaks."""
_LARGEST = 16 << 20
_MOST = 100_000


def read_people(blocks: Iterable[bytes]) -> dict[str, str]:
    """Names by numbers; none for a list that cannot be read.

    Args:
        blocks: The bytes of the list.
    """
    data = bytearray()
    for block in blocks:
        data += block
        if len(data) > _LARGEST:
            return {}
    try:
        listed = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    people: dict[str, str] = {}
    for entry in itertools.islice(listed, _MOST) if isinstance(listed, list) else ():
        if isinstance(entry, dict) and isinstance(number := entry.get("id"), str):
            name = name_of(entry.get("profile")) or name_of(entry.get("real_name")) or name_of(entry.get("name"))
            if name:
                people[number] = name
    return people
