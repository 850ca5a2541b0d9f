"""Small texts in the marks and letters of several languages, and what is typed to a model of each: invented content."""

from dataclasses import dataclass

TEXTS = {
    "typographic": (
        "“I don’t know,” she said—and left… “Who’s there?” he asked—he couldn’t say. The boy’s book was there. "
        "‘Yes,’ he said. In London the whale, the cat and the Mueller family wept. "
        "A HALE NEW WEALTH! Quite 1234567890!\n\n"
    ),
    "straight": (
        '"I don\'t know," she said -- and left... "Who\'s there?" he asked -- he couldn\'t say. A well-known whale. '
        "But Quincy just went home, X, Y, Z!\n\n"
    ),
    "german": (
        "„Ich weiß nicht“, sagte sie – und ging … „Wer ist da?“, fragte er – und schwieg. ‚Ja‘, sagte er. "
        "Für Müller war die Straße naß, quer, zu jung.\n\n"
    ),
    "ascii german": 'Fuer Mueller ist die Strasse nass. Er sagte: "Ich weiss es nicht" - und ging ueber den Weg.\n\n',
    "french": (
        "« Je ne sais pas », dit-elle — puis elle partit… « Qui est là ? » L’homme n’en savait rien. Le café fermé.\n\n"
    ),
    "closed french": "«Je ne sais pas», dit-elle. L'homme: «Qui est là?» Elle partit - «adieu».\n\n",
    "danish": "»Jeg ved det ikke,« sagde hun – og gik. »Hvem er der?« spurgte han. Så sagde han: »Ja.«\n\n",
    "russian": "«Не знаю», — сказала она и ушла… «Кто там?» — спросил он еще раз. Елка и еж.\n— Нет, — сказал он.\n\n",
    "capitals": 'THE CAT SAW A MOUSE. "NO," SAID THE MOUSE, "I DON\'T RUN" -- AND IT LEFT.\n\n',
    "turkish capitals": "İSTANBUL'DA IŞIK VE İZMİR'DE ŞEKER, AĞAÇ VE KIŞ.\n\n",
    "small letters": "the cat saw a mouse. no, said the mouse, i don't run -- and it left.\n\n",
    "chinese": "他说：“你好，我不知道！”她走了……你是谁？（我是猫。）\n\n",
    "japanese": "「こんにちは、私は知りません。」彼は言った。「誰ですか？」\n\n",
    "code": 'print("it isn\'t -- no"); items = ["a", "b"]; x = {"k": \'v\'} - 1 ...\n\n',
}
"""Each is repeated until its words count."""


@dataclass(frozen=True)
class Typed:
    """What is typed to the model of a text, and what it reads."""

    text: str
    """A key of TEXTS."""
    written: str
    read: str
    note: str = ""
    """A part of what is said of it; "" where nothing at all is said of marks and letters."""


TYPED = (
    Typed(
        "typographic",
        '"I wasn\'t there," she said -- and left...',
        "“I wasn’t there,” she said—and left…",
        "read with “ ” ’ — …, as the text has them",
    ),
    Typed("typographic", "“I don’t know,” she said—and left…", "“I don’t know,” she said—and left…"),
    Typed("typographic", "„Yes!“ he said – and left", "“Yes!” he said—and left", "“ ” —"),
    Typed("typographic", "«Yes!» he said", "“Yes!” he said", "“ ”"),
    Typed("typographic", "« Yes! » he said", "“Yes!” he said", "“ ”"),
    Typed("typographic", "'Tis the boy's 'book'", "’Tis the boy’s ‘book’", "‘ ’"),
    Typed("typographic", "12-34 and 12–34", "12-34 and 12-34", "read"),
    Typed("typographic", "a café, naïve", "a cafe, naive", "read é as e, ï as i"),
    Typed("typographic", "Müller", "Mueller", "read ü as ue"),
    Typed("straight", "“I don’t know,” she said—and left…", '"I don\'t know," she said -- and left...', "\" ' -- ..."),
    Typed("straight", '"I don\'t know," she said -- and left...', '"I don\'t know," she said -- and left...'),
    Typed("straight", "„Who?“ «Who?»", '"Who?" "Who?"', 'read with ", as'),
    Typed("german", "\"Ja\", sagte sie -- und 'nein'...", "„Ja“, sagte sie – und ‚nein‘…", "„ “ ‚ ‘ – …"),
    Typed("german", "“Ja”, sagte sie — und ging", "„Ja“, sagte sie – und ging", "„ “ –"),
    Typed("german", "»Ja«, sagte sie", "„Ja“, sagte sie", "„ “"),
    Typed("german", "die Straße", "die Straße"),
    Typed("ascii german", "Für Müller weiß die Straße", "Fuer Mueller weiss die Strasse", "ü as ue, ß as ss"),
    Typed("ascii german", "„Ich“ – „nicht“", '"Ich" - "nicht"', 'read with " -, as'),
    Typed("french", '"Qui est là ?" dit-elle -- l\'homme', "« Qui est là ? » dit-elle — l’homme", "« » ’ —"),
    Typed("french", "«Qui est là ?» “Je pars”", "« Qui est là ? » « Je pars »", "« »"),
    Typed("closed french", '"Je pars" « adieu »', "«Je pars» «adieu»", "« »"),
    Typed("danish", '"Ja," sagde han. «Jeg» „ved“', "»Ja,« sagde han. »Jeg« »ved«", "« »"),
    Typed("russian", '"Кто там?" - спросил он ещё раз...', "«Кто там?» — спросил он еще раз…", "read ё as е"),
    Typed("russian", "Е\u0308лка", "Елка", "read Ё as Е"),
    Typed("capitals", "the cat saw", "THE CAT SAW", "read in capitals: the text has no others"),
    Typed("capitals", "Don’t “run”", 'DON\'T "RUN"', "read with \" ', as the text has them"),
    Typed("turkish capitals", "istanbul'da ışık", "İSTANBUL'DA IŞIK", "read in capitals"),
    Typed("small letters", "The CAT saw", "the cat saw", "read in small letters: the text has no others"),
    Typed("chinese", '"你好,我是猫!"', "“你好，我是猫！”", "， ！"),
    Typed("chinese", '他说:"你好."', "他说：“你好。”", "“ ”"),
    Typed("chinese", "她走了...", "她走了……", "…"),
    Typed("japanese", '"誰ですか?"', "「誰ですか？」", "「 」"),
    Typed("japanese", "こんにちは,私は", "こんにちは、私は", "、"),
    Typed("code", "print(\"a\") - 'b' -- 1", "print(\"a\") - 'b' -- 1"),
)


def text_of(name: str) -> str:
    """The text of a model: every word of it is met often enough."""
    return TEXTS[name] * 12
