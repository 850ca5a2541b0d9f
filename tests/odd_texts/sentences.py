"""Invented sentences in several languages, the same for the same dice, and lines of a width made of them."""

import random
import textwrap
from collections.abc import Sequence

WORDS = {
    "en": "the a of and to in was that it had with for his her not but on as at from they she he which when this were "
    "lantern harbour cobbler kettle violin meadow widow sparrow ladder cellar ferry orchard window carried mended "
    "followed counted wandered remembered borrowed opened quietly suddenly without beneath extraordinary afternoon "
    "neighbour yellow narrow crooked patient hollow early salty wooden everything nobody evening street",
    "de": "der die das und in den von zu mit sich auf nicht ein eine als auch es "
    "an werden aus er hat dass sie nach wird "
    "bei noch wie über alte kleine langsam plötzlich vergessen erzählte öffnete unter zwischen freundlich niemals "
    "Haus Garten Laterne Nachbarin Dampfschiff Küche Brücke Geige Winterabend Schuster Hafen Leiter Fenster Straße",
    "ru": "и в не на что он с как это она но они к у из за то по его так был было когда уже только старый тихо вдруг "
    "фонарь гавань сапожник чайник скрипка поляна соседка лестница подвал паром окно несла починил считала забыла "
    "медленно желтый узкая терпеливый необыкновенный послеобеденный улица вечер никто",
    "ko": "그는 그녀는 그리고 하지만 오래된 작은 조용히 갑자기 등불을 항구에서 구두장이가 주전자를 바이올린을 들판에 "
    "이웃이 참새가 사다리를 지하실에 나룻배가 창문을 가져왔다 고쳤다 따라갔다 세었다 기억했다 저녁에 거리에서 아무도",
    "ar": "في من على إلى أن كان التي الذي هذا ثم قال مع عن بعد القديم الصغير "
    "ببطء فجأة الفانوس الميناء الإسكافي الإبريق "
    "الكمان المرج الجارة العصفور السلم القبو العبارة النافذة حملت أصلح تبعت نسيت المساء الشارع",
}
CHARACTERS = {
    "zh": "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自"
    "之年过发后作里用道行所然"
    "家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机"
    "十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月",
    "ja": "のにはをたがでとしれさるいなかもらりこすあまのにはをたがでと山川田中大小上下人日月火水木金土年時分"
    "今何私君彼女"
    "男子"
    "学校先生電車道家町村海空花鳥風雨雪春夏秋冬朝昼夜古新高長白黒赤青",
    "th": "กา มา นา ตา ดี มี ที่ ของ และ ใน ไป ให้ ได้ ว่า เป็น ไม่ คน บ้าน น้ำ "
    "เรือ แมว ฟ้า ฝน เดิน กิน นอน เห็น เก่า ใหม่ หน้าต่าง โคม ตลาด กระรอก",
}
_STOPS = {"zh": "。", "ja": "。", "th": "", "ar": "."}
_COMMAS = {"zh": "，", "ja": "、", "th": "", "ar": "،"}
NAMES = ("Orla", "Bastian", "Quill", "Henrike", "Tomas", "Imogen", "Wendel", "Pia")


def sentence(dice: random.Random, language: str = "en", least: int = 4, most: int = 18) -> str:
    """One invented sentence with commas and a full stop."""
    if language in CHARACTERS:
        return _unspaced_sentence(dice, language)
    words = dice.choices(WORDS[language].split(), k=dice.randint(least, most))
    if language in {"en", "de", "ru"} and dice.random() < 0.3:
        words[dice.randrange(len(words))] = dice.choice(NAMES)
    comma = _COMMAS.get(language, ",")
    words = [word + comma if at + 1 < len(words) and dice.random() < 0.09 else word for at, word in enumerate(words)]
    text = " ".join(words)
    return text[0].upper() + text[1:] + (_STOPS.get(language) or dice.choice("....?!"))


def _unspaced_sentence(dice: random.Random, language: str) -> str:
    letters = CHARACTERS[language]
    pool: Sequence[str] = letters.split() if " " in letters else letters
    clauses = ["".join(dice.choices(pool, k=dice.randint(4, 14))) for _ in range(dice.randint(1, 4))]
    return _COMMAS[language].join(clauses) + _STOPS[language]


def paragraph(dice: random.Random, language: str = "en", least: int = 1, most: int = 8) -> str:
    """Some sentences in one line."""
    glue = "" if language in CHARACTERS else " "
    return glue.join(sentence(dice, language) for _ in range(dice.randint(least, most))).strip()


def cells(text: str) -> int:
    """Cells of a terminal, plainly counted."""
    return sum(2 if sign >= "\u1100" and (sign >= "\u2e80" or sign < "\u1200") else 1 for sign in text)


def wrap(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """Lines of at most so many cells; a script without spaces is broken after any character but before no mark."""
    if " " in text and not any("\u2e80" <= sign <= "\u9fff" or "\u0e00" <= sign <= "\u0e7f" for sign in text):
        return textwrap.wrap(
            text, width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
        )
    lines, line = [], first
    for sign in text:
        if (
            cells(line + sign) > width
            and sign not in "。，、 \u0e31\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e47\u0e48\u0e49\u0e4c"
        ):
            lines.append(line)
            line = rest
        line += sign
    return [*lines, line]
