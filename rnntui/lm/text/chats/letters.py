"""The text of a letter -> what its sender wrote: without quoted letters, signatures and the feet of mailing lists.

Knows one letter as text.
"""

import re

from rnntui.lm.text.findings import Findings

QUOTED, FORWARDED, SIGNATURE = "quoted mail", "forwarded mail", "signature"
_LONGEST_SIGNATURE = 40
_LONGEST_FOOT = 12
_QUOTE = re.compile(r"\s{0,3}>")
_WROTE = re.compile(
    r"\b(?:wrote|writes|schrieb|a écrit|escribi[óo]|ha scritto|scrive|schreef|escreveu|napisał\(?a?\)?|"
    r"skrev|kirjoitti|yazdı|написал\(?а?\)?|пишет|写道|のメール)\b.{0,80}:?\s*\Z|@\S{1,100}:\s*\Z",
    re.I,
)
_OPENS_QUOTE = re.compile(r"(?:On|Am|Le|El|Il|Op|Em|Em|Den|W dniu|Dnia|At|In article|\d{1,4}[./-]\d)\b")
_ORIGINAL = re.compile(
    r"-{3,}\s*(?:Original(?: |-)?(?:Message|Nachricht)|Ursprüngliche Nachricht|Message d.origine|Mensaje original|"
    r"Messaggio originale|Mensagem original|Oorspronkelijk bericht|"
    r"Исходное сообщение|Wiadomość oryginalna)\s*-{3,}\s*\Z",
    re.I,
)
_FORWARD = re.compile(
    r"-{5,}\s*(?:Forwarded (?:message|by)|Weitergeleitete Nachricht|Message (?:transféré|transmis)|Mensaje reenviado|"
    r"Messaggio inoltrato|Пересылаемое сообщение).{0,80}\Z|"
    r"Begin forwarded message:\s*\Z|Anfang der weitergeleiteten Nachricht",
    re.I,
)
_HEAD_FROM = re.compile(r"\*?(?:From|Von|De|Da|Van|От|Od|Från):\*?\s+\S")
_HEAD_DATE = re.compile(
    r"\*?(?:Sent|Date|Gesendet|Datum|Envoyé|Enviado|Fecha|Inviato|Data|Verzonden|Дата|Wysłano|Skickat):\*?\s"
)
_SENT_FROM = re.compile(
    r"(?:Sent from my |Sent from (?:Mail|Outlook|Yahoo)|Von meinem \S{1,30} gesendet|Gesendet von meinem |"
    r"Envoyé de mon |Enviado desde mi |Enviado do meu |Inviato da(?:l mio)? |Verstuurd vanaf |Отправлено с |"
    r"Get Outlook for ).{0,80}\Z",
    re.I,
)
_FOOT = re.compile(r"[_=-]{30,}\s*\Z")
_LIST = re.compile(r"mailing list|unsubscribe|https?://\S{0,200}listinfo", re.I)
_PGP = re.compile(r"-----BEGIN PGP (SIGNATURE|PUBLIC KEY BLOCK|MESSAGE)-----\s*\Z")


def own_words(text: str, is_flowed: bool, findings: Findings) -> str:
    """What the sender wrote.

    Args:
        text: The letter without its head.
        is_flowed: True when a space at a line's end says that the paragraph goes on.
        findings: Told what is left out.
    """
    lines = [line.rstrip("\r") for line in text.split("\n")]
    kept: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        end, kind = _ends_here(lines, at)
        if kind:
            findings.leave_out(kind, " ".join(lines[at : at + 6]))
            at = end
        elif _QUOTE.match(line):
            stop = at
            while stop < len(lines) and (
                _QUOTE.match(lines[stop]) or (not lines[stop].strip() and _goes_on(lines, stop))
            ):
                stop += 1
            _drop_attribution(kept)
            findings.leave_out(QUOTED, " ".join(lines[at : min(stop, at + 4)]))
            at = stop
        else:
            kept.append(line)
            at += 1
    return _paragraphs(kept, is_flowed)


def _ends_here(lines: list[str], at: int) -> tuple[int, str]:
    """Where what begins at a line ends, and what it is; no kind for a line of the letter."""
    line = lines[at].strip()
    if line == "--" and len(lines) - at <= _LONGEST_SIGNATURE:
        return len(lines), SIGNATURE
    if _ORIGINAL.match(line) or _is_head(lines, at):
        return len(lines), QUOTED
    if _FORWARD.match(line):
        return len(lines), FORWARDED
    if _SENT_FROM.match(line):
        return at + 1, SIGNATURE
    if (
        _FOOT.match(line)
        and any(_LIST.search(after) for after in lines[at + 1 : at + 6])
        and len(lines) - at <= _LONGEST_FOOT
    ):
        return len(lines), "mailing list footer"
    if _FOOT.match(line) and any(_is_head(lines, after) for after in range(at + 1, min(at + 3, len(lines)))):
        return len(lines), QUOTED
    if line.startswith("-----BEGIN PGP SIGNED MESSAGE"):
        blank = next((after for after in range(at, min(at + 6, len(lines))) if not lines[after].strip()), at)
        return blank + 1, SIGNATURE
    if found := _PGP.match(line):
        closing = f"-----END PGP {found[1]}-----"
        return next(
            (after + 1 for after in range(at, len(lines)) if lines[after].strip() == closing), len(lines)
        ), SIGNATURE
    return at, ""


def _is_head(lines: list[str], at: int) -> bool:
    """True where the head of another letter begins, as it is written over a quoted one."""
    if not _HEAD_FROM.match(lines[at].strip()):
        return False
    return any(_HEAD_DATE.match(line.strip()) for line in lines[at + 1 : at + 4])


def _goes_on(lines: list[str], at: int) -> bool:
    return at + 1 < len(lines) and _QUOTE.match(lines[at + 1]) is not None


def _drop_attribution(kept: list[str]) -> None:
    """Without "On Sunday Anna wrote:" before a quoted letter, which may be broken into several lines."""
    end = len(kept)
    while end and not kept[end - 1].strip():
        end -= 1
    if not end or not _WROTE.search(kept[end - 1]):
        return
    start = end - 1
    while start > max(0, end - 3) and not _OPENS_QUOTE.match(kept[start]) and kept[start - 1].strip():
        start -= 1
    del kept[start if _OPENS_QUOTE.match(kept[start]) else end - 1 :]


def _paragraphs(lines: list[str], is_flowed: bool) -> str:
    """Lines as text, with one empty line at most between two."""
    joined: list[str] = []
    for line in lines:
        if is_flowed and joined and joined[-1].endswith(" ") and line.strip():
            joined[-1] += line
        elif line.strip() or (joined and joined[-1].strip()):
            joined.append(line)
    return "\n".join(line.rstrip() for line in joined).strip()
