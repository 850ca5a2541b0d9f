"""A conversation as people read it: running text, or Markdown that shows who said what."""

import math
import re
from collections.abc import Mapping, Sequence

from rnntui.records import Session, Turn
from rnntui.text import visible, visible_line

_MARKUP = re.compile(r"([\\`*_\[\]<>|~&#])")
_LINE_MARKUP = re.compile(r"^(\s*)(?:([-+=])|(\d+)([.)]))", re.M)
_FORGOTTEN = "the memory was emptied here"
_SWITCHED = "another model goes on from here"


def to_text(turns: Sequence[Turn]) -> str:
    """The text as it ran, with a line where the memory was emptied or the model changed; ends with a newline."""
    parts = []
    for turn in turns:
        mark = _mark_of(turn)
        parts.append(f"\n\n({mark})\n\n" if mark else turn.text)
    text = "".join(parts).strip("\n")
    return f"{text}\n"


def to_markdown(session: Session, turns: Sequence[Turn], names: Mapping[str, str]) -> str:
    """Who said what: the person in quotation blocks, the network as it is, settings and bits per token beneath.

    Args:
        session: Whose title stands above.
        turns: First to last.
        names: What models are called, by id.
    """
    blocks = [f"# {literal(visible_line(session.title))}"]
    for turn in turns:
        mark = _mark_of(turn)
        if mark:
            blocks.append(f"*{mark}*")
            continue
        body = literal(visible(turn.text).strip())
        name = literal(visible_line(names.get(turn.model_id, turn.model_id)))
        if turn.role == "person":
            blocks.append("**You**\n\n" + "\n".join(f"> {line}".rstrip() for line in body.split("\n")))
            blocks += [f"*{turn.status}*"] if turn.status == "damaged" else []
            continue
        blocks.append(f"**{name}**\n\n{body}\n\n*{' · '.join(_facts(turn))}*")
    return "\n\n".join(blocks) + "\n"


def _mark_of(turn: Turn) -> str:
    return {"forget": _FORGOTTEN, "switch": _SWITCHED}.get(turn.role, "")


def _facts(turn: Turn) -> list[str]:
    facts = [] if turn.status == "complete" else [turn.status]
    if turn.sampler:
        facts.append(f"temperature {turn.sampler.temperature:g}")
        facts += [] if turn.sampler.seed is None else [f"seed {turn.sampler.seed}"]
    facts.append(f"{len(turn.token_ids):,} tokens")
    if turn.logprobs:
        facts.append(f"{-sum(turn.logprobs) / math.log(2) / len(turn.logprobs):.1f} bits per token")
    return facts


def literal(text: str) -> str:
    """Text that Markdown shows as it is: nothing in it is a heading, a list, a link or HTML."""
    escaped = _MARKUP.sub(r"\\\1", text)
    escaped = _LINE_MARKUP.sub(lambda m: f"{m[1]}\\{m[2]}" if m[2] else f"{m[1]}{m[3]}\\{m[4]}", escaped)
    return re.sub(r"^[ \t]+", "", escaped, flags=re.M)  # four spaces would make a line code
