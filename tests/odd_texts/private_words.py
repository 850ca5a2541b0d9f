"""Chats and letters with private words in them; all people, numbers and addresses are invented."""

import random
from dataclasses import dataclass

PEOPLE = ("Wiebke", "Tomas", "Henrike", "Quill", "Bastian Ferch")
REMARKS = (
    "I am late, the ferry did not wait.",
    "Did you see the lantern by the harbour?",
    "The kettle is on, bring some bread.",
    "No idea, ask the cobbler.",
    "We met in Hamburg last May.",
)


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat, line by line, and what must not be in it afterwards."""

    text: str
    private: tuple[str, ...]


def chat(seed: int, lines: int = 120) -> Chat:
    """Messages of five people who name each other and send addresses and numbers."""
    dice = random.Random(seed)
    written = []
    private = {*PEOPLE, *(part for name in PEOPLE for part in name.split())}
    for _ in range(lines):
        speaker, other = dice.sample(PEOPLE, 2)
        mail = f"{other.split()[0].lower()}.{dice.randrange(100)}@example.org"
        phone = dice.choice((f"+49 151 {dice.randrange(10**6, 10**7)}", f"040/{dice.randrange(10**6, 10**7)}"))
        link = f"https://example.com/{dice.randrange(10**6)}?q=a"
        said = dice.choice((
            f"Hi {other.split()[0]}, {dice.choice(REMARKS)}",
            dice.choice(REMARKS),
            f"Write to {mail}, please.",
            f"Call me ({phone}).",
            f"Look: {link}",
            f"@{other.split()[0]} {dice.choice(REMARKS)}",
        ))  # fmt: skip
        private |= {mail, phone, link}
        written.append(f"{speaker}: {said}\n")
    return Chat("".join(written), tuple(sorted(private)))
