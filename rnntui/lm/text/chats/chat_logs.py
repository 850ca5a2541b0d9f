"""Chats that were saved as plain text -> what was said: WhatsApp and its kind, IRC, Discord, transcripts.

A line that begins with a time or with somebody's name begins a message; what follows belongs to it. What programs
write themselves ("<Media omitted>", "has joined") is left out and counted. Knows decoded text in parts.
"""

import datetime
import itertools
import re
from collections.abc import Iterable, Iterator

from rnntui.lm.text.chats.exports import ATTACHMENT, DELETED, SYSTEM, LeftOutMessage, Message
from rnntui.lm.text.chats.log_heads import (
    DATE,
    TIME,
    Head,
    LogForm,
    find_log_form,
    opening_lines,
    plain_line,
    text_lines,
)
from rnntui.lm.text.findings import Findings
from rnntui.lm.text.speech import SILENCE, Speech, message_text, write_out
from rnntui.records import ReadOptions

_LONGEST_MESSAGE = 1 << 20
_DAY = 86_400
_IN_BRACKETS = re.compile(r"<[^<>]{3,80}>\Z")
_ATTACHED = re.compile(
    r"\S{3,120}\.(?:jpe?g|png|gif|webp|heic|mp4|mov|3gp|opus|ogg|m4a|aac|mp3|pdf|docx?|xlsx?|pptx?|vcf|zip)"
    r" \([^()]{4,60}\)\Z",
    re.I,
)
_OMITTED = re.compile(
    r"(?:\S{1,20} ){0,4}(?:omitted|weggelassen|ausgeschlossen|nicht verfügbar|omitid[oa]s?|omis|omise|absente?|"
    r"omess[oaie]|ocult[oa]|ocultad[oa]|weggelaten|pominięt[oaey]|опущен[оаы]?|пропущен[оаы]?|"
    r"dahil edilmedi|atlandı|utelämnad|udeladt)\.?\Z"
    r"|\S{0,20} ?(?:は含まれていません|が省略されました|省略|생략됨|생략|已忽略|略去)\Z|null\Z",
    re.I,
)
_DELETED = re.compile(
    r"(?:This message was deleted|You deleted this message|"
    r"Diese Nachricht wurde gelöscht|Du hast diese Nachricht gelöscht|"
    r"Ce message a été supprimé|Vous avez supprimé ce message|Este mensaje fue eliminado|Se eliminó este mensaje|"
    r"Eliminaste este mensaje|Questo messaggio è stato eliminato|Hai eliminato questo messaggio|"
    r"(?:Esta )?mensagem (?:foi )?apagada|Você apagou esta mensagem|Dit bericht (?:is|werd) verwijderd|"
    r"Je hebt dit bericht verwijderd|(?:Данное )?сообщение удалено|Вы удалили (?:данное|это) сообщение|"
    r"Bu mesaj silindi|Bu mesajı sildiniz|Ta wiadomość została usunięta|Usunięto tę wiadomość|"
    r"このメッセージは削除されました|このメッセージを削除しました|삭제된 메시지입니다|此消息已删除|此訊息已刪除|"
    r"تم حذف هذه الرسالة|यह संदेश हटाया गया था)[.。]?\Z",
    re.I,
)
_NOTICE = re.compile(
    r".{0,120}(?:end-to-end.?encrypt|Ende-zu-Ende-verschlüsselt|de bout en bout|de extremo a extremo|crittografat|"
    r"ponta a ponta|сквозным шифрованием|uçtan uca|エンドツーエンド|종단간|端到端)|"
    r"(?:Missed|Verpasster?|Appel|Llamada|Chiamata|Chamada|Gemiste?) (?:\S{1,16} ?){0,3}"
    r"(?:call|anruf|manqué|perdida|persa|oproep)\b",
    re.I | re.S,
)
_EDITED = re.compile(
    r"\s*<[^<>]{0,40}(?:edited|bearbeitet|modifié|editó|editad|modificat|bewerkt|измен|düzenlendi|"
    r"edytowan|編集|편집|编辑)[^<>]{0,30}>\Z",
    re.I,
)
_BLOCK_OF_DISCORD = re.compile(r"\{(?:Attachments|Embed|Reactions|Stickers|Poll)\}\Z")

_MONTHS = {name: at + 1 for at, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split())}  # noqa: SIM905


# ---- messages ---------------------------------------------------------------------------------------------------


def read_chat_log(parts: Iterable[str], reading: ReadOptions, findings: Findings) -> Iterator[str]:
    """A chat that was saved as lines, as what was said.

    Args:
        parts: The file.
        reading: Its `speakers` say whose words.
        findings: Told who speaks and what is left out.
    """
    lines = text_lines(parts)
    opening = yield from opening_lines(lines)
    form = find_log_form("\n".join(opening))
    if form is None:
        yield from _verbatim(itertools.chain(opening, lines))
        return
    findings.format = form.name
    clock = _Clock([head.stamp for line in opening if (head := form.head(line)) is not None])

    def speeches() -> Iterator[Speech]:
        for message in _messages(itertools.chain(opening, lines), form, clock):
            if isinstance(message, Speech):
                yield message
            else:
                findings.leave_out(message.kind, message.text)
                yield SILENCE

    yield from write_out(speeches(), reading, findings)


def _verbatim(lines: Iterable[str | None]) -> Iterator[str]:
    for line in lines:
        yield "" if line is None else f"{line}\n"


def _messages(lines: Iterable[str | None], form: LogForm, clock: "_Clock") -> Iterator[Message]:
    begun: Head | None = None
    waiting: list[str] = []
    length = 0
    for line in lines:
        if line is None:
            yield SILENCE
            continue
        head = form.head(line)
        if head is None and form.goes_on and begun is not None and length < _LONGEST_MESSAGE:
            waiting.append(line)
            length += len(line)
            continue
        if begun is not None:
            yield from _finished(begun, waiting, clock)
        if head is None:
            begun, waiting, length = None, [], 0
            if line.strip():
                yield LeftOutMessage("loose line", line)
            continue
        begun, waiting, length = head, [head.text], len(head.text)
    if begun is not None:
        yield from _finished(begun, waiting, clock)


def _finished(head: Head, lines: list[str], clock: "_Clock") -> Iterator[Message]:
    """What came of one message."""
    when = clock.seconds(head.stamp)
    cut = next((at for at, line in enumerate(lines) if _BLOCK_OF_DISCORD.match(line)), None)
    if cut is not None:
        yield LeftOutMessage(ATTACHMENT, " ".join(lines[cut : cut + 3]))
        lines = lines[:cut]
    first = plain_line(lines[0]) if lines else ""
    if head.is_notice:
        yield LeftOutMessage(SYSTEM, "\n".join(lines))
        return
    if lines and _ATTACHED.match(first):
        yield LeftOutMessage(ATTACHMENT, first)
        lines = lines[1:]
    text = message_text("\n".join(lines))
    text = plain_line(text).strip()
    if _DELETED.match(text):
        yield LeftOutMessage(DELETED, text)
    elif _IN_BRACKETS.match(text) or _OMITTED.match(text):
        yield LeftOutMessage(ATTACHMENT, text)
    elif _NOTICE.match(text) or head.is_marked:
        yield LeftOutMessage(SYSTEM, text)
    elif text := _EDITED.sub("", text):
        yield Speech(head.speaker, text, when)


class _Clock:
    """Moments of stamps as seconds; the order of day and month is the one that the first stamps allow."""

    def __init__(self, stamps: Iterable[str]) -> None:
        numbers = [
            tuple(map(int, re.findall(r"\d+", found[0])[:3])) for stamp in stamps if (found := re.search(DATE, stamp))
        ]
        full = [entry for entry in numbers if len(entry) == 3]
        has_halves = any(re.search(r"[AaPp]\.? ?[Mm]", stamp) and "/" in stamp for stamp in stamps)
        self._is_month_first = any(entry[1] > 12 for entry in full) or (
            has_halves and not any(entry[0] > 12 for entry in full)
        )
        self._date, self._day = "", 0.0

    def seconds(self, stamp: str) -> float | None:
        """Of a stamp; None for one without a time."""
        date, time = re.search(DATE, stamp), re.search(TIME, re.sub(DATE, " ", stamp))
        if not time:
            return None
        if date and date[0] != self._date:
            self._date, self._day = date[0], self._ordinal(date[0])
        hours, minutes, *seconds = map(int, re.findall(r"\d+", time[0])[:3])
        if re.search(r"[Pp]\.? ?[Mm]|오후|下午|午後|μ\.?μ|م|tarde|noche", time[0]) and hours < 12:
            hours += 12
        elif re.search(r"[Aa]\.? ?[Mm]|오전|上午|午前|π\.?μ|ص|mañana", time[0]) and hours == 12:
            hours = 0
        return _DAY * self._day + 3_600 * hours + 60 * minutes + sum(seconds)

    def _ordinal(self, date: str) -> float:
        """Days; one more than before for a date that cannot be understood."""
        numbers = [int(number) for number in re.findall(r"\d+", date)]
        month = next(
            (_MONTHS[word[:3].lower()] for word in re.findall(r"[A-Za-z]{3,}", date) if word[:3].lower() in _MONTHS), 0
        )
        if month and len(numbers) == 2:
            numbers = [numbers[0], month, numbers[1]]
        elif len(numbers) == 3 and numbers[0] > 31:
            numbers = numbers[::-1]
        elif len(numbers) == 3 and self._is_month_first:
            numbers = [numbers[1], numbers[0], numbers[2]]
        try:
            day, month, year = numbers
            return float(datetime.date(year + 2_000 if year < 100 else year, month, day).toordinal())
        except (ValueError, OverflowError):
            return self._day + 1
