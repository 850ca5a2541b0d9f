"""Chats, mail, records and tables as programs write them, with what is learned from them."""

import base64
import csv
import io
import json
from dataclasses import dataclass

LINES = (
    ("Orla", "Is the ferry late?"),
    ("Tomas", "It is, by an hour. The harbour is frozen."),
    ("Orla", "Then I'll walk — it isn’t far."),
    ("Tomas", "Take the lantern 🏮 with you."),
)
TALK = "".join(f"{who}: {said}\n" for who, said in LINES).strip()
TEXTS = tuple(said for _, said in LINES)
PARAGRAPHS = "\n\n".join(TEXTS)
START = 1_704_000_000


@dataclass(frozen=True)
class Odd:
    """One made-up file."""

    name: str
    data: bytes
    text: str
    """What should come out."""
    format: str
    left_out: tuple[tuple[str, int], ...] = ()
    """What is counted as left out, by kind."""


def dumped(value: object, indent: int | None = None, is_ascii: bool = True) -> bytes:
    return json.dumps(value, indent=indent, ensure_ascii=is_ascii).encode()


def lines(*values: object, end: str = "\n") -> bytes:
    return b"".join(dumped(value) + end.encode() for value in values)


def telegram(*, is_full: bool = False) -> bytes:
    def message(at: int, who: str, text: object, **more: object) -> dict[str, object]:
        when = {"date": f"2023-12-31T10:{at:02}:00", "date_unixtime": str(START + 60 * at)}
        return {"id": at, "type": "message", **when, "from": who, "from_id": f"user{len(who)}", "text": text, **more}

    said: list[object] = [message(at, who, text) for at, (who, text) in enumerate(LINES)]
    said[3] = message(3, "Tomas", ["Take the ", {"type": "bold", "text": "lantern"}, " 🏮 with you."])
    service = {"id": 9, "type": "service", "date": "2023-12-31T10:00:00", "actor": "Orla", "action": "pin_message"}
    photo = message(7, "Orla", "", photo="(File not included)")
    chat = {"name": "Harbour", "type": "personal_chat", "id": 1, "messages": [service, *said[:2], photo, *said[2:]]}
    return dumped({"about": "Here is the data you requested.", "chats": {"list": [chat]}} if is_full else chat, 1)


def slack() -> bytes:
    def message(at: int, number: str, name: str, text: str, **more: object) -> dict[str, object]:
        profile = {"real_name": name, "display_name": name, "name": name.lower()}
        base = {"type": "message", "user": number, "text": text, "ts": f"{START + 60 * at}.000200"}
        return {**base, "team": "T1", "user_profile": profile, "blocks": [{"type": "rich_text", "text": text}], **more}

    return dumped(
        [
            {
                "type": "message",
                "subtype": "channel_join",
                "user": "U02",
                "ts": f"{START}.1",
                "text": "<@U02> has joined",
            },
            message(0, "U0ORLA", "Orla", LINES[0][1]),
            message(1, "U0TOMAS", "Tomas", "<@U0ORLA> see <https://a.example/b|the plan> &amp; <#C1|general> &lt;3"),
            message(2, "U0ORLA", "Orla", "", files=[{"name": "a.png"}]),
        ],
        4,
    )


def discord() -> bytes:
    def message(at: int, who: str, text: str, kind: str = "Default") -> dict[str, object]:
        author = {"id": str(len(who)), "name": who.lower(), "discriminator": "0000", "nickname": who, "isBot": False}
        when = f"2023-12-31T22:{at:02}:33.123+00:00"
        return {"id": str(at), "type": kind, "timestamp": when, "content": text, "author": author, "attachments": []}

    said = [message(at, who, text) for at, (who, text) in enumerate(LINES)]
    notice = message(8, "Orla", "Joined the server.", "GuildMemberJoin")
    return dumped({"guild": {"id": "1", "name": "Ferry"}, "channel": {"name": "talk"}, "messages": [notice, *said]}, 2)


def facebook() -> bytes:
    """Newest first, with the bytes of UTF-8 written as a character each."""

    def spoilt(text: str) -> str:
        return text.encode().decode("latin-1")

    said: list[object] = [
        {"sender_name": spoilt(who), "timestamp_ms": (START + 60 * at) * 1000, "content": spoilt(text)}
        for at, (who, text) in enumerate(LINES)
    ]
    photo = {"sender_name": "Orla", "timestamp_ms": (START + 300) * 1000, "photos": [{"uri": "a.jpg"}]}
    notice = {"sender_name": "Orla", "timestamp_ms": (START + 360) * 1000, "content": "Orla sent an attachment."}
    messages = [notice, photo, *reversed(said)]
    return dumped({"participants": [{"name": "Orla"}, {"name": "Tomas"}], "messages": messages, "title": "Orla"}, 2)


def chatgpt() -> bytes:
    def node(at: int, role: str, text: str, children: list[str]) -> dict[str, object]:
        content = {"content_type": "text", "parts": [text]}
        message = {"id": f"m{at}", "author": {"role": role}, "create_time": START + at, "content": content}
        return {"id": f"n{at}", "message": message, "parent": f"n{at - 1}" if at else None, "children": children}

    nodes = {
        "n3": node(3, "assistant", LINES[3][1], []),
        "n0": node(0, "user", LINES[0][1], ["n1", "other"]),
        "other": {"id": "other", "message": None, "parent": "n0", "children": []},
        "n1": node(1, "assistant", LINES[1][1], ["n2"]),
        "n2": node(2, "user", LINES[2][1], ["n3"]),
    }
    return dumped([{"title": "Ferry", "create_time": START, "mapping": nodes, "current_node": "n3"}])


def roles(names: tuple[str, str] = ("user", "assistant")) -> list[dict[str, str]]:
    return [{"role": names[at % 2], "content": text} for at, text in enumerate(TEXTS)]


def as_roles(first: str, second: str) -> str:
    return "\n".join(f"{(first, second)[at % 2]}: {text}" for at, text in enumerate(TEXTS))


def as_parts(message: dict[str, str]) -> dict[str, object]:
    content = [{"type": "text", "text": message["content"]}, {"type": "image_url", "image_url": {"url": "data:,x"}}]
    return {"role": message["role"], "content": content}


ROLES = as_roles("user", "assistant")
SYSTEM = {"role": "system", "content": "Be brief."}
SHAREGPT = [{"from": ("human", "gpt")[at % 2], "value": text} for at, text in enumerate(TEXTS)]
ENTRIES = [{"id": f"t3_{at}", "text": text, "tags": ["a", "b"], "score": at} for at, text in enumerate(TEXTS)]
SAID = [{"speaker": who, "line": text} for who, text in LINES]
REDDIT = [
    {"author": f"writer{at}", "body": text, "permalink": f"/r/ferry/comments/{at}/" + "x" * 90, "created_utc": START}
    for at, text in enumerate(TEXTS)
]
TWEETS = [
    {"tweet": {"id_str": str(at), "full_text": text.replace("&", "&amp;"), "lang": "en", "source": "<a>web</a>"}}
    for at, text in enumerate(TEXTS)
]
MATRIX = [
    {"type": "m.room.message", "sender": f"@{who.lower()}:a.example", "content": {"msgtype": "m.text", "body": said}}
    for who, said in LINES
]
SKYPE = [
    {"displayName": who, "from": "live:x", "messagetype": "RichText", "content": said.replace("late", "<b>late</b>")}
    for who, said in LINES
]
TOOTS = [{"type": "Create", "object": {"type": "Note", "attributedTo": "a", "content": f"<p>{t}</p>"}} for t in TEXTS]
GOOGLE = [
    {"creator": {"name": who, "email": "a@b.example"}, "created_date": "Sunday", "text": said} for who, said in LINES
]

JSON_FILES: tuple[Odd, ...] = (
    Odd("strings.json", dumped(TEXTS), PARAGRAPHS, "JSON"),
    Odd("strings-utf8.json", dumped(TEXTS, 2, is_ascii=False), PARAGRAPHS, "JSON"),
    Odd("strings-bom.json", b"\xef\xbb\xbf" + dumped(TEXTS), PARAGRAPHS, "JSON"),
    Odd("strings-crlf.json", dumped(TEXTS, 1).replace(b"\n", b"\r\n"), PARAGRAPHS, "JSON"),
    Odd("array-on-a-line.jsonl", dumped(ENTRIES), PARAGRAPHS, "JSON"),
    Odd("objects.json", dumped(ENTRIES, 2), PARAGRAPHS, "JSON"),
    Odd("lines.jsonl", lines(*ENTRIES), PARAGRAPHS, "JSON"),
    Odd("lines-without-last-end.ndjson", lines(*ENTRIES).rstrip(), PARAGRAPHS, "JSON"),
    Odd("lines-crlf.jsonl", lines(*ENTRIES, end="\r\n"), PARAGRAPHS, "JSON"),
    Odd("lines-called-json.json", lines(*ENTRIES), PARAGRAPHS, "JSON"),
    Odd("lines-called-text.txt", lines(*ENTRIES), PARAGRAPHS, "JSON"),
    Odd("no-suffix", dumped(ENTRIES), PARAGRAPHS, "JSON"),
    Odd("concatenated.json", b"".join(map(dumped, ENTRIES)), PARAGRAPHS, "JSON"),
    Odd("pretty.json", b"\n".join(dumped(entry, 4) for entry in ENTRIES), PARAGRAPHS, "JSON"),
    Odd("list-inside.json", dumped({"version": 3, "data": {"items": ENTRIES}}), PARAGRAPHS, "JSON"),
    Odd("texts-inside.json", dumped({"version": "3", "sentences": TEXTS}), "\n".join(TEXTS), "JSON"),
    Odd("object-of-strings.json", dumped({f"key.{at}": text for at, text in enumerate(TEXTS)}), PARAGRAPHS, "JSON"),
    Odd("nested-strings.json", dumped({"a": {"b": TEXTS[0]}, "c": {"d": TEXTS[1]}}), "\n\n".join(TEXTS[:2]), "JSON"),
    Odd("object-of-objects.json", dumped({entry["id"]: entry for entry in ENTRIES}), PARAGRAPHS, "JSON"),
    Odd("object-of-lists.json", dumped({"a": ENTRIES[:1], "b": ENTRIES[1:]}), PARAGRAPHS, "JSON"),
    Odd(
        "nested-lists.json",
        dumped([TEXTS[:2], TEXTS[2:]]),
        "\n".join(TEXTS[:2]) + "\n\n" + "\n".join(TEXTS[2:]),
        "JSON",
    ),
    Odd(
        "poem.json",
        dumped([{"title": "A", "lines": TEXTS}, {"title": "B", "lines": TEXTS[:1]}]),
        "\n".join(TEXTS) + "\n\n" + TEXTS[0],
        "JSON",
    ),
    Odd("one-object.json", dumped({"title": "The ferry", "text": PARAGRAPHS}), PARAGRAPHS, "JSON"),
    Odd("speakers.json", dumped(SAID), TALK, "JSON"),
    Odd("speakers.jsonl", lines(*SAID), TALK, "JSON"),
    Odd("reddit.jsonl", lines(*REDDIT), PARAGRAPHS, "JSON"),
    Odd("tweets.txt", b"window.YTD.tweets.part0 = " + dumped(TWEETS, 2), PARAGRAPHS, "posts"),
    Odd("tweets.json", dumped(TWEETS, 2), PARAGRAPHS, "posts"),
    Odd("outbox.json", dumped({"orderedItems": TOOTS}), PARAGRAPHS, "posts"),
    Odd(
        "roles.jsonl",
        lines({"messages": [SYSTEM, *roles()]}, {"messages": roles()}),
        f"{ROLES}\n\n{ROLES}",
        "messages with roles",
        (("system prompt", 1),),
    ),
    Odd("roles.json", dumped({"model": "x", "messages": roles()}, 2), ROLES, "messages with roles"),
    Odd("roles-parts.json", dumped({"messages": list(map(as_parts, roles()))}), ROLES, "messages with roles"),
    Odd("roles-one-a-line.jsonl", lines(*roles()), ROLES, "messages with roles"),
    Odd(
        "sharegpt.json",
        dumped([{"id": "a", "conversations": SHAREGPT}] * 2),
        f"{as_roles('human', 'gpt')}\n\n{as_roles('human', 'gpt')}",
        "messages with roles",
    ),
    Odd(
        "pairs.jsonl",
        lines({"instruction": TEXTS[0], "input": "", "output": TEXTS[1]}),
        f"instruction: {TEXTS[0]}\noutput: {TEXTS[1]}",
        "questions and answers",
    ),
    Odd("conversations.json", chatgpt(), ROLES, "ChatGPT conversations"),
    Odd("result.json", telegram(), TALK, "a Telegram chat", (("system message", 1), ("attachment", 1))),
    Odd("result-full.json", telegram(is_full=True), TALK, "a Telegram chat"),
    Odd(
        "2023-12-31.json",
        slack(),
        f"Orla: {TEXTS[0]}\nTomas: @Orla see the plan & #general <3",
        "a Slack chat",
        (("system message", 1), ("attachment", 1)),
    ),
    Odd("discord.json", discord(), TALK, "a Discord chat", (("system message", 1),)),
    Odd(
        "messages.json",
        dumped(
            [
                {"ID": at, "Timestamp": "2023-12-31 10:00:00", "Contents": text, "Attachments": ""}
                for at, text in enumerate(TEXTS)
            ]
        ),
        "\n".join(TEXTS),
        "Discord messages of one person",
    ),
    Odd(
        "message_1.json",
        facebook(),
        TALK,
        "a Facebook or Instagram chat",
        (("system message", 1), ("attachment", 1)),
    ),
    Odd(
        "matrix.json",
        dumped({"messages": MATRIX}),
        TALK.replace("Orla", "orla").replace("Tomas", "tomas"),
        "a Matrix chat",
    ),
    Odd("skype.json", dumped({"conversations": [{"id": "8:x", "MessageList": SKYPE}]}), TALK, "a Skype chat"),
    Odd("google.json", dumped({"messages": GOOGLE}), TALK, "a Google chat"),
    Odd(
        "sender.json",
        dumped([{"sender": who, "text": said, "date": f"2023-12-31 10:{at}0"} for at, (who, said) in enumerate(LINES)]),
        TALK,
        "a chat",
    ),
)


# ---- chats saved as plain text ----------------------------------------------------------------------------------


def saved(
    form: str, notices: tuple[str, ...] = (), end: str = "\n", said: tuple[tuple[str, str], ...] = LINES, hours: int = 0
) -> bytes:
    """A chat, one message after another, in a form with {name}, {text}, {minute} and {hour}."""
    written = [
        form.format(name=name, text=text, minute=f"{10 + at:02}", hour=10 + hours * at)
        for at, (name, text) in enumerate(said)
    ]
    return end.join([*notices, *written, ""]).encode()


LONG = (LINES[0], ("Tomas", "It is.\n\nThe harbour: frozen.\n12 boats"), *LINES[2:])
LONG_TALK = TALK.replace(LINES[1][1], "It is.\nThe harbour: frozen.\n12 boats")
WHATSAPP = "a WhatsApp chat"
STAMPS = {
    "us": "12/31/23, 10:{minute} PM - {name}: {text}",
    "us-narrow-space": "12/31/23, 10:{minute}\u202fPM - {name}: {text}",
    "us-iphone": "[12/31/23, 10:{minute}:33 PM] {name}: {text}",
    "german": "31.12.23, 22:{minute} - {name}: {text}",
    "german-iphone": "[31.12.23, 22:{minute}:33] {name}: {text}",
    "british": "31/12/2023, 22:{minute} - {name}: {text}",
    "spanish": "31/12/23 22:{minute} - {name}: {text}",
    "mexican": "31/12/23, 10:{minute} p.\u00a0m. - {name}: {text}",
    "dutch": "31-12-2023 22:{minute} - {name}: {text}",
    "swedish": "2023-12-31 22:{minute} - {name}: {text}",
    "hungarian": "2023. 12. 31. 22:{minute} - {name}: {text}",
    "finnish": "31.12.2023 klo 22.{minute} - {name}: {text}",
    "japanese": "2023/12/31 22:{minute} - {name}: {text}",
    "korean": "2023. 12. 31. 오후 10:{minute}, {name} : {text}",
    "chinese": "2023/12/31 下午10:{minute} - {name}: {text}",
    "web": "[22:{minute}, 31.12.2023] {name}: {text}",
    "marks": "\u200e[31.12.23, 22:{minute}:33] \u200e{name}: {text}",
    "telegram-desktop": "[31.12.2023 22:{minute}] {name}: {text}",
    "signal": "[2023-12-31 22:{minute}:33] {name}: {text}",
}
ENCRYPTED = "Messages and calls are end-to-end encrypted. No one outside of this chat can read them."
OMITTED = {
    "english": "<Media omitted>",
    "german": "<Medien ausgeschlossen>",
    "spanish": "<Multimedia omitido>",
    "french": "<Médias omis>",
    "russian": "<Без медиафайлов>",
    "japanese": "<メディアは含まれていません>",
    "iphone": "\u200eimage omitted",
    "iphone-without-mark": "sticker omitted",
    "iphone-german": "\u200eBild weggelassen",
    "file": "IMG-20231231-WA0001.jpg (file attached)",
    "iphone-file": "\u200e<attached: 00000012-PHOTO-2023-12-31.jpg>",
    "deleted": "This message was deleted",
    "deleted-german": "Du hast diese Nachricht gelöscht.",
    "deleted-spanish": "Se eliminó este mensaje.",
    "call": "Missed voice call",
    "null": "null",
}


def whatsapp_with(text: str) -> bytes:
    """A chat in which somebody sends what is no words, in the middle."""
    said = (*LINES[:2], ("Orla", text), *LINES[2:])
    return saved(
        STAMPS["german"], (f"31.12.23, 22:00 - {ENCRYPTED}", "31.12.23, 22:00 - Orla hat Tomas hinzugefügt"), said=said
    )


IRC = "an IRC log"
LOGS: tuple[Odd, ...] = (
    *(Odd(f"whatsapp-{name}.txt", saved(form, said=LONG), LONG_TALK, WHATSAPP) for name, form in STAMPS.items()),
    Odd("whatsapp-crlf.txt", saved(STAMPS["us"], said=LONG, end="\r\n"), LONG_TALK, WHATSAPP),
    Odd("whatsapp-bom.txt", b"\xef\xbb\xbf" + saved(STAMPS["us"]), TALK, WHATSAPP),
    Odd("whatsapp-without-last-end.txt", saved(STAMPS["us"]).rstrip(), TALK, WHATSAPP),
    Odd(
        "_chat.txt",
        saved(STAMPS["us"], (f"12/31/23, 9:59 PM - {ENCRYPTED}",)),
        TALK,
        WHATSAPP,
        (("system message", 1),),
    ),
    *(
        Odd(f"omitted-{name}.txt", whatsapp_with(text), TALK, WHATSAPP, (("system message", 2 + (name == "call")),))
        for name, text in OMITTED.items()
    ),
    Odd(
        "edited.txt",
        saved(STAMPS["us"]).replace(b"late?", "late? \u200e<This message was edited>".encode()),
        TALK,
        WHATSAPP,
    ),
    Odd("pause.txt", saved(STAMPS["dutch"].replace("22:", "{hour}:"), hours=3), TALK.replace("\n", "\n\n"), WHATSAPP),
    Odd(
        "names.txt",
        saved(STAMPS["us"], said=(("+49 151 123", "Hello you."), ("~ Ann B.", "Yes: no."), ("Zoë 🌸", "So."))),
        "+49 151 123: Hello you.\nAnn B.: Yes: no.\nZoë 🌸: So.",
        WHATSAPP,
    ),
    Odd(
        "irc.txt",
        saved("[10:{minute}] <{name}> {text}", ("[10:00] *** Joins: Orla (o@a.example)",)),
        TALK,
        IRC,
        (("system message", 1),),
    ),
    Odd(
        "mirc.log",
        saved("[10:{minute}:33] <@{name}> {text}", ("Session Start: Sun Dec 31", "[10:00:01] * Tomas has joined #x")),
        TALK,
        IRC,
        (("system message", 2),),
    ),
    Odd(
        "irssi.log",
        saved("10:{minute} < {name}> {text}", ("--- Log opened Sun Dec 31", "10:00 -!- Orla [o@a] has joined #x")),
        TALK,
        IRC,
        (("system message", 2),),
    ),
    Odd("bare.log", saved("<{name}> {text}"), TALK, IRC),
    Odd("znc.log", saved("[2023-12-31T10:{minute}:33+0000] <{name}> {text}"), TALK, IRC),
    Odd(
        "weechat.weechatlog",
        saved("2023-12-31 10:{minute}:33\t@{name}\t{text}", ("2023-12-31 10:00:00\t-->\tOrla (o@a) has joined",)),
        TALK,
        IRC,
        (("system message", 1),),
    ),
    Odd(
        "action.txt", saved("[10:{minute}] <{name}> {text}") + b"[10:20] * Orla waves\n", f"{TALK}\nOrla: *waves*", IRC
    ),
    Odd(
        "discord.txt",
        b"=====\nGuild: Ferry\nChannel: talk\n=====\n\n"
        + saved("[31-Dec-23 10:{minute} PM] {name}\n{text}\n")
        + b"\n{Attachments}\nhttps://a.example/a.png\n\n=====\nExported 4 message(s)\n=====\n",
        TALK,
        "a Discord chat",
    ),
    Odd("named.txt", saved("{name} (2023-12-31 22:{minute}): {text}", said=LONG), LONG_TALK, "a chat"),
    Odd("spaces.txt", saved("[ 31-12-2023 22:{minute}:33 ] {name}: {text}"), TALK, WHATSAPP),
    Odd(
        "kakao.txt",
        saved("[{name}] [오후 10:{minute}] {text}", ("--------------- 2023년 12월 31일 일요일 ---------------",)),
        TALK,
        "a chat",
        (("system message", 1),),
    ),
    Odd("kakao-phone.txt", saved("2023년 12월 31일 오후 10:{minute}, {name} : {text}"), TALK, WHATSAPP),
    Odd(
        "line.txt", saved("22:{minute}\t{name}\t{text}", ("2023/12/31(日)",)), TALK, "a chat", (("system message", 1),)
    ),
    Odd("zoom.txt", saved("10:{minute}:33 From {name} to Everyone: {text}"), TALK, "a chat"),
    Odd("zoom-old.txt", saved("10:{minute}:33\t From  {name} : {text}"), TALK, "a chat"),
    Odd("pasted.txt", saved("{name} — Today at 10:{minute} PM\n{text}"), TALK, "a Discord chat"),
)
TURNS = (
    ("ANNA", "Where were you on the night in question?"),
    ("MR. BOND", "At home, as I told you before."),
    ("ANNA", "Alone, or was there anybody with you?"),
    ("MR. BOND", "Alone. I read a book about ferries."),
) * 3
TRANSCRIPT = "\n\n".join(f"{name}: {text}" for name, text in TURNS)
NO_CHATS = {
    "server.log": "".join(f"[2023-12-31 10:{at:02}:33] INFO: request {at} was served in 12 ms\n" for at in range(40)),
    "kernel.log": "".join(f"2023-12-31 10:{at:02} - app.main: request {at} served\n" for at in range(40)),
    "recipe.txt": "Serves: 4 people at a table\nTime: 20 minutes and a bit\nNote: it is best eaten warm\n" * 1
    + "Cook it well.\n" * 20,
    "records.txt": "Title: A long day\nAuthor: Some body else\nYear: 1999 or so\n\n" * 12,
    "prose.txt": "He said: I know. Then he left at 10:15.\nShe stayed: nobody knew why.\n" * 30,
    "schedule.txt": "10:00 Opening of the harbour\n10:30 Speech: the mayor\n11:00 Music\n" * 9,
    "footnotes.txt": "[1] Miller: On ferries.\n[2] Baker: On harbours.\n" * 20,
    "page.txt": "<p> One paragraph of words here.</p>\n<p> Two of them, and no more.</p>\n" * 20,
}
"""Texts that look a little like chats, and are none."""


# ---- mail -------------------------------------------------------------------------------------------------------


def head(sender: str, **more: str) -> str:
    fields = {"Date": "Sun, 31 Dec 2023 22:15:33 +0100", "To": "b@b.example", "Subject": "Ferry", "Message-ID": "<1@a>"}
    more = {name.replace("_", "-"): value for name, value in more.items()}
    return "".join(f"{name}: {value}\n" for name, value in {"From": sender, **fields, **more}.items())


def letter(sender: str, body: bytes | str, **more: str) -> bytes:
    return head(sender, **more).encode() + b"\n" + (body if isinstance(body, bytes) else body.encode())


def folder(*letters: bytes) -> bytes:
    return b"".join(b"From a@a.example Sun Dec 31 22:15:33 2023\n" + one + b"\n\n" for one in letters)


def multipart(kind: str, *parts: tuple[str, bytes], boundary: str = "=_b1") -> tuple[bytes, str]:
    """The body, and its Content-Type."""
    written = [f"--{boundary}\nContent-Type: {of}\n\n".encode() + data + b"\n" for of, data in parts]
    body = b"This is a message in MIME format.\n" + b"".join(written) + f"--{boundary}--\n".encode()
    return body, f'multipart/{kind}; boundary="{boundary}"'


ORLA, TOMAS = "Orla Miller <orla@a.example>", "=?utf-8?q?Tom=C3=A1s?= <tomas@a.example>"
HELLO = "Hello Tomás,\n\nis the ferry late? It’s cold here."
BOTH, BOTH_TYPE = multipart(
    "alternative", ("text/plain; charset=utf-8", HELLO.encode()), ("text/html", b"<p>Hello in <b>HTML</b></p>")
)
PAGE, PAGE_TYPE = multipart(
    "related", ("text/html; charset=utf-8", "<p>Hello Tomás,</p><p>is the ferry late? It’s cold here.</p>".encode())
)
INNER = multipart(
    "alternative", ("text/plain; charset=utf-8", HELLO.encode()), ("text/html", b"<p>x</p>"), boundary="in"
)
NESTED, NESTED_TYPE = multipart(
    "mixed",
    (INNER[1], INNER[0]),
    ('application/pdf; name="a.pdf"\nContent-Transfer-Encoding: base64', b"QUJD\n" * 50),
    ("message/rfc822", letter(TOMAS, "An older letter.")),
)
QUOTED = "".join(f"> {line}\n" for line in HELLO.split("\n"))
ANSWER = (
    f"I'll be late.\n\nOn Sun, 31 Dec 2023 at 10:15, Orla Miller\n<orla@a.example> wrote:\n{QUOTED}>> older\n\n"
    "See you!\n-- \nTomás\nFerry company\n"
)
FORMS_OF_MAIL: dict[str, bytes] = {
    "plain": letter(ORLA, HELLO, Content_Type="text/plain; charset=utf-8"),
    "crlf": letter(ORLA, HELLO).replace(b"\n", b"\r\n"),
    "without-charset": letter(ORLA, HELLO),
    "latin-1": letter(ORLA, HELLO.encode("cp1252"), Content_Type="text/plain; charset=windows-1252"),
    "unknown-charset": letter(ORLA, HELLO, Content_Type="text/plain; charset=x-nonsense"),
    "quoted-printable": letter(
        ORLA,
        HELLO.replace("á", "=C3=A1").replace("’", "=E2=80=99").replace("is the", "is=\n the"),
        Content_Type="text/plain; charset=utf-8",
        Content_Transfer_Encoding="quoted-printable",
    ),
    "base64": letter(
        ORLA,
        base64.encodebytes(HELLO.encode()),
        Content_Type="text/plain; charset=utf-8",
        Content_Transfer_Encoding="BASE64",
    ),
    "both": letter(ORLA, BOTH, Content_Type=BOTH_TYPE),
    "page": letter(ORLA, PAGE, Content_Type=PAGE_TYPE),
    "nested": letter(ORLA, NESTED, Content_Type=NESTED_TYPE.replace("; ", ";\n\t")),
    "signed": letter(ORLA, f"{HELLO}\n\n-- \nOrla Miller\nHarbour 1\n"),
    "from-a-telephone": letter(ORLA, f"{HELLO}\n\nSent from my iPhone\n"),
    "original-message": letter(ORLA, f"{HELLO}\n\n-----Original Message-----\nFrom: Tom\nSent: Sunday\n\nOld words.\n"),
    "outlook": letter(
        ORLA, f"{HELLO}\n\n________________________________\nVon: Tom\nGesendet: Sonntag\nAn: O\n\nAlte Worte.\n"
    ),
    "forwarded": letter(ORLA, f"{HELLO}\n\n---------- Forwarded message ---------\nFrom: Tom\n\nOld words.\n"),
    "list": letter(
        ORLA, f"{HELLO}\n\n_______________________________________________\nFerry mailing list\nhttps://a.example\n"
    ),
    "top-posted": letter(ORLA, f"{HELLO}\n\nAm 31.12.23 um 10:15 schrieb Tomás:\n> Alte Worte.\n> Mehr.\n"),
    "flowed": letter(
        ORLA, HELLO.replace("is the", "is \nthe"), Content_Type="text/plain; charset=utf-8; format=flowed"
    ),
}
"""One letter in many forms, each of which says HELLO and no more."""


# ---- tables -----------------------------------------------------------------------------------------------------

SENTENCES = tuple(
    f"{('When Orla came, ', 'It rained; ', '')[at % 3]}the harbour was frozen for {at} days, they said"
    for at in range(30)
)


def table(rows: list[list[str]], sign: str = ",", end: str = "\n", is_quoted: bool = False) -> bytes:
    stream = io.StringIO()
    quoting = csv.QUOTE_ALL if is_quoted else csv.QUOTE_MINIMAL
    csv.writer(stream, delimiter=sign, lineterminator=end, quoting=quoting).writerows(rows)
    return stream.getvalue().encode()


NUMBERED = [[str(at), sentence, f"http://a.example/{at}"] for at, sentence in enumerate(SENTENCES)]
TABLE_TEXT = "\n\n".join(SENTENCES)
HEADED = [["id", "text", "link"], *NUMBERED]
WHO = [
    ["date", "name", "message"],
    *([f"2023-12-31 10:{at:02}", who, said] for at, (who, said) in enumerate(LINES * 3)),
]
WHO_TEXT = "\n".join([TALK] * 3)
SHORT = [["id", "text"], ["1", "One of them."], ["2"], [], ["3", ""], ["4", "Two of them."]]
TABLES: tuple[Odd, ...] = (
    *(
        Odd(f"{name}.csv", table(HEADED, sign), TABLE_TEXT, "a table")
        for name, sign in {"commas": ",", "semicolons": ";", "tabs": "\t", "bars": "|"}.items()
    ),
    Odd("tabs.tsv", table(HEADED, "\t"), TABLE_TEXT, "a table"),
    Odd("all-quoted.csv", table(HEADED, is_quoted=True), TABLE_TEXT, "a table"),
    Odd("crlf.csv", table(HEADED, end="\r\n"), TABLE_TEXT, "a table"),
    Odd("bom.csv", b"\xef\xbb\xbf" + table(HEADED), TABLE_TEXT, "a table"),
    Odd("utf-16.csv", table(HEADED, "\t").decode().encode("utf-16"), TABLE_TEXT, "a table"),
    Odd("sep.csv", b"sep=;\r\n" + table(HEADED, ";", "\r\n"), TABLE_TEXT, "a table"),
    Odd("sep-bar.csv", b"SEP=|\n" + table(HEADED, "|"), TABLE_TEXT, "a table"),
    Odd("without-heading.csv", table(NUMBERED), TABLE_TEXT, "a table"),
    Odd("without-last-end.csv", table(HEADED).rstrip(), TABLE_TEXT, "a table"),
    Odd("one-column.csv", "\n".join(SENTENCES).encode(), "\n".join(SENTENCES), "a table of one column"),
    Odd(
        "one-column-headed.csv", "\n".join(("text", *SENTENCES)).encode(), "\n".join(SENTENCES), "a table of one column"
    ),
    Odd(
        "one-column-quoted.csv", table([["text"], *([one] for one in SENTENCES)], is_quoted=True), TABLE_TEXT, "a table"
    ),
    Odd("one-column.tsv", "\n".join(SENTENCES).encode(), "\n".join(SENTENCES), "a table of one column"),
    Odd(
        "alike.csv",
        "\n".join(f"{one[0]}, {one}, and so on." for one in SENTENCES if one.count(",") == 1).encode(),
        "\n".join(f"{one[0]}, {one}, and so on." for one in SENTENCES if one.count(",") == 1),
        "a table of one column",
    ),
    Odd(
        "spaces.csv",
        b"id, text\n" + b"".join(b"1, It is late.\n" for _ in range(9)),
        "\n\n".join(["It is late."] * 9),
        "a table",
    ),
    Odd(
        "last-unquoted.csv",
        "\n".join(("id,text", *(f"{at},{one}" for at, one in enumerate(SENTENCES)))).encode(),
        TABLE_TEXT,
        "a table",
    ),
    Odd(
        "open-quotes.tsv",
        "\n".join(f'{at}\t"{one}' for at, one in enumerate(SENTENCES)).encode(),
        "\n\n".join(f'"{one}' for one in SENTENCES),
        "a table",
    ),
    Odd(
        "several-lines.csv",
        table([["id", "text"], *([str(at), f"A day, or {at}.\nIt was cold."] for at in range(9))]),
        "\n\n".join(f"A day, or {at}.\nIt was cold." for at in range(9)),
        "a table",
    ),
    Odd(
        "pages.csv",
        table([["id", "body"], ["1", "<p>One &amp; <b>two</b></p>"], ["2", "3 &lt; 4 it is"]]),
        "One & two\n\n3 < 4 it is",
        "a table",
    ),
    Odd("names.csv", table(WHO), WHO_TEXT, "a table"),
    Odd("names.tsv", table(WHO, "\t"), WHO_TEXT, "a table"),
    Odd("short.csv", table(SHORT), "One of them.\n\nTwo of them.", "a table", (("short or empty row", 2),)),
    Odd(
        "discord.csv",
        table(
            [
                ["AuthorID", "Author", "Date", "Content", "Attachments", "Reactions"],
                *(
                    ["1", who, f"2023-12-31T10:{at:02}:00.0000000+01:00", said, "", ""]
                    for at, (who, said) in enumerate(LINES * 2)
                ),
            ]
        ),
        "\n".join([TALK] * 2),
        "a table",
    ),
    Odd(
        "package.csv",
        table(
            [
                ["ID", "Timestamp", "Contents", "Attachments"],
                *(
                    [str(10**17 + at), "2023-12-31 10:00:00+00:00", said, "http://a.example/" + "x" * 90]
                    for at, said in enumerate(TEXTS)
                ),
            ]
        ),
        PARAGRAPHS,
        "a table",
    ),
)
