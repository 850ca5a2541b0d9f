"""Makes the table of letter pairs by which old code pages are told apart: python -m tests.benchmarks.make_letters.

Counts pairs of letters in the books of a library (en, de, fr, es, it, ru), in the profiles of the package `langdetect`
(Shuyo 2010, Apache 2.0; counted by its makers in Wikipedia), and in the lists of frequent words below, and writes what
follows what, in nats, to rnntui/lm/text/encodings/letters.txt. Words and sentences of nobody are in it.
"""

import argparse
import importlib.util
import itertools
import json
import math
import unicodedata
from collections import Counter
from pathlib import Path

PLACE = Path(__file__).parents[2] / "rnntui" / "lm" / "text" / "encodings" / "letters.txt"
LANGUAGES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
    "nl": "Dutch", "ca": "Catalan", "sv": "Swedish", "da": "Danish", "no": "Norwegian", "fi": "Finnish",
    "is": "Icelandic", "ga": "Irish", "cy": "Welsh", "et": "Estonian", "lv": "Latvian", "lt": "Lithuanian",
    "pl": "Polish", "cs": "Czech", "sk": "Slovak", "sl": "Slovenian", "hr": "Croatian", "hu": "Hungarian",
    "ro": "Romanian", "sq": "Albanian", "tr": "Turkish", "mt": "Maltese", "eo": "Esperanto", "vi": "Vietnamese",
    "ru": "Russian", "uk": "Ukrainian", "be": "Belarusian", "bg": "Bulgarian", "mk": "Macedonian", "sr": "Serbian",
    "el": "Greek", "he": "Hebrew", "ar": "Arabic", "fa": "Persian", "th": "Thai",
}  # fmt: skip
NO_PROFILE = {"vi"}  # there all accented letters of Vietnamese are counted as one
WORDS = {
    "is": "og að í á er sem var ekki við um en það hann til með hún þeir þau ég þú þetta því fyrir af eru frá hafa "
    "hefur verið vera upp út inn nú þá þar hér hvað hver hvernig eða þegar eftir yfir undir allt allir maður "
    "kona barn dagur nótt hús vegur sjór fjall ljós myrkur veður vindur snjór þótt síðan alltaf aldrei mjög "
    "svo bara eins sagði spurði fór kom sá gaf tók hélt vildi átti mátti skyldi yrði væri fannst þekkti gömul "
    "gamall ungur stór lítill góður fallegur kaldur heitur nýr íslensk tunga bók sögu orð ár mánuður tími fólk "
    "land þjóð borg bær sjálfur sjálf þessi okkar þeirra ykkar hans hennar mín þín vinur bróðir systir faðir "
    "móðir hestur hundur köttur fugl",
    "ga": "an agus na ar is a ag i go le sé sí bhí tá do níl ní raibh mé tú muid siad seo sin é í iad ach nó má mar "
    "chun faoi ó roimh trí idir thar gan um féin gach aon dhá cén cad conas cathain cá bhfuil bhfaca dúirt "
    "rinne tháinig chuaigh fuair thug déanann bhíonn beidh bheadh fear bean páiste teach bóthar farraige "
    "sliabh oíche lá maidin tráthnóna bliain áit tír Éireannach Gaeilge múinteoir scoil leabhar focal scéal "
    "mór beag sean óg nua álainn fuar te dubh bán dearg gorm glas uisce aimsir gaoth sneachta báisteach "
    "máthair athair deartháir deirfiúr",
    "mt": "il u ta li fl fil mal tal lil biex għal kien kienet huwa hija huma jien int aħna dan din dawn dak dik "
    "meta fejn kif għaliex għax imma jew mhux ma m'hemmx hemm hawn issa dejjem qatt wara qabel fuq taħt bejn "
    "ħdejn kollha kull xi ħadd raġel mara tifel tifla dar triq baħar muntanja lejl ġurnata filgħodu sena ħin "
    "nies art belt għid għandu għandha qal qalet ġie ġiet mar marret ra rat żgħir kbir ġdid qadim sabiħ kiesaħ "
    "sħun abjad iswed aħmar aħdar ilma xemx qamar riħ xita ħobż ktieb kelma ħajja ħbieb missier omm ħuh oħtu "
    "żmien żewġ tlieta ħamsa għaxra",
    "eo": "la kaj de en al ne estas li ŝi mi vi ĝi ni ili kiu kio kiel kiam kie ĉar ĉu se sed aŭ do por kun sen sur "
    "sub super inter post antaŭ dum ĝis ĉe laŭ pri per pro tra trans kontraŭ ĉirkaŭ krom malgraŭ ankaŭ ankoraŭ "
    "jam nun tiam tie ĉi tiu tio tia ĉiu ĉio ĉiam ĉie neniu nenio neniam iu io iam homo viro virino infano "
    "domo vojo maro monto nokto tago mateno vespero jaro tempo lando urbo diris demandis iris venis vidis "
    "donis prenis volis povis devis estis havis granda malgranda nova malnova bela malvarma varma blanka nigra "
    "ruĝa verda akvo suno luno vento pluvo neĝo pano libro vorto ĝardeno ŝipo ĵurnalo ĥoro aŭtuno hodiaŭ "
    "hieraŭ morgaŭ baldaŭ preskaŭ ĉielo ĝojo ŝtono",
    "vi": "và của là có không một những được trong cho các với người này đã để khi đến về như ra thì lại nhưng cũng "
    "từ tôi anh chị em ông bà nó họ chúng ta mình ai gì nào đâu sao thế nên vì nếu mà rồi đang sẽ vẫn còn chỉ "
    "rất quá lắm hơn nhất cả mọi mỗi trên dưới trước sau giữa ngoài bên đây đó kia năm tháng ngày đêm giờ sáng "
    "chiều tối nhà cửa đường phố làng biển núi sông trời đất nước gió mưa nắng lửa cây hoa lá chim cá gà chó "
    "mèo trâu ngựa mẹ cha con vợ chồng bạn thầy trò sách chữ tiếng nói hỏi đi đứng ngồi nằm chạy thấy nghe "
    "biết hiểu nhớ quên yêu ghét sợ vui buồn lớn nhỏ cao thấp dài ngắn mới cũ đẹp xấu tốt nóng lạnh trắng đen "
    "đỏ xanh vàng hai ba bốn sáu bảy tám chín mười",
    "be": "і ў не на што ён з я як гэта яна але да за яго ж па ад мы вы яны ты быў была было былі ёсць няма таксама "
    "толькі ўжо яшчэ калі дзе там тут хто чаму бо каб або ці для пры без праз пад над перад пасля паміж усё "
    "ўсе кожны іншы гэты тая такі сам чалавек жанчына дзіця дом дарога мора гара ноч дзень раніца вечар год "
    "час зямля горад вёска сказаў спытаў пайшоў прыйшоў убачыў даў узяў хацеў мог ведаў вялікі малы новы стары "
    "прыгожы халодны цёплы белы чорны чырвоны зялёны вада сонца месяц вецер дождж снег хлеб кніга слова мова "
    "беларускі наш ваш іх яе маці бацька брат сястра сябар рэка лес поле дрэва кветка птушка рыба шэсць "
    "дзевяць дзесяць",
    "sr": "и је у да се на не су за од са који то а као из што ми ти он она они оно био била било били има нема али "
    "или ако јер када где како зашто ко шта све сви само још већ после пре између испод изнад кроз према без "
    "код до овај тај онај сваки други човек жена дете кућа пут море планина ноћ дан јутро вече година време "
    "земља град село рекао питао отишао дошао видео дао узео хтео могао знао велики мали нови стари леп хладан "
    "топао бели црни црвени зелени вода сунце месец ветар киша снег хлеб књига реч језик српски наш ваш њихов "
    "њен његов мајка отац брат сестра пријатељ река шума поље дрво цвет птица риба људи ђак жеља џеп љубав "
    "ћутати њега шест девет десет",
}  # fmt: skip
RARE_LETTERS = {
    "en": "éèêëàçöüïñæ", "de": "éèàêç", "fr": "ëœæÿöñüáíó", "es": "ïçèà", "it": "îâêç", "pt": "üòèñ",
    "nl": "ïèöüêçá",
    "ca": "ŀ", "sv": "éüàæø", "da": "éöäü", "no": "éòóôêü", "fi": "åéšžü", "cy": "áéëïöŷẁẃ", "et": "éåø", "lv": "ŗōöü",
    "pl": "éöüáčš", "cs": "ďťóöüä", "sk": "ŕěöüř", "sl": "đéöüà", "hr": "éöüó", "hu": "äâč", "ro": "áéöüóș", "tr": "ıî",
    "mt": "ċàèìòù", "eo": "éöü", "ru": "іѣ", "be": "щґ", "bg": "ѝыэё", "mk": "ѕѝѐ", "sr": "фѕ", "el": "ΰ", "he": "ְִֵֶַָׁ",
    "ar": "ٌٍَُِّْ", "fa": "ةكيأۀ", "th": "ฆฌฃฅฦํ", "is": "ö",
}  # fmt: skip
"""Letters that a language has, or borrows, and that are too rare to be in a profile."""
RARE_SHARE = 3e-5
TONES = "\u0300\u0301\u0303\u0309\u0323"
TEXTS = {
    "en": ["emma", "dubliners", "kim", "the-moonstone", "jane-eyre"],
    **{code: [] for code in ("de", "fr", "es", "it", "ru")},
}
LARGEST_SHARE_OF_A_BOOK = 800_000
MOST_LETTERS = 80
RAREST = 4e-5
HIGHEST = 93
STEPS_A_NAT = 6
FIRST = "!"


def is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM"


def folded(text: str) -> str:
    """In small letters, each of which is one character; Romanian letters with commas are those with cedillas."""
    return "".join(character.lower()[0] for character in text).replace("ș", "ş").replace("ț", "ţ")


def of_profile(code: str, folder: Path) -> Counter[str]:
    """Pairs of letters, or of a letter and a space, with their share."""
    path = folder / code
    if code in NO_PROFILE or not path.exists():
        return Counter()
    found: Counter[str] = Counter()
    for gram, count in json.loads(path.read_text(encoding="utf-8"))["freq"].items():
        if len(gram) == 2:
            found[folded(gram)] += count
    return shares(found)


def of_text(text: str) -> Counter[str]:
    plain = "".join(character if is_letter(character) else " " for character in folded(text))
    pairs = Counter(a + b for a, b in itertools.pairwise(plain))
    pairs.pop("  ", None)
    return shares(pairs)


def with_tones_apart(word: str) -> str:
    """As cp1258 writes Vietnamese: the five tones are marks after their letter."""
    apart = unicodedata.normalize("NFD", word)
    for mark in "\u0302\u0306\u031b":
        for letter in "aeou":
            for tone in ("", *TONES):  # in NFD a dot below stands before the circumflex
                together = unicodedata.normalize("NFC", letter + mark)
                apart = apart.replace(f"{letter}{tone}{mark}", f"{together}{tone}")
    return apart


def of_words(words: str, code: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for rank, word in enumerate(words.split()):
        plain = f" {folded(with_tones_apart(word) if code == 'vi' else word)} "
        for a, b in itertools.pairwise(plain):
            found[a + b] += round(10_000 / (rank + 20))
    return shares(found)


def shares(pairs: Counter[str]) -> Counter[str]:
    total = sum(pairs.values())
    return Counter({pair: count / total for pair, count in pairs.items()}) if total else pairs  # type: ignore[misc]


def script(character: str) -> str:
    return unicodedata.name(character, "?").split()[0]


def row(code: str, pairs: Counter[str]) -> tuple[str, str]:
    """The alphabet of a language, and how surprising each letter is after each; the first stands for no letter."""
    single: Counter[str] = Counter()
    for pair, share in pairs.items():
        single[pair[1]] += share
    by_script: Counter[str] = Counter()
    for sign, share in single.items():
        by_script[script(sign)] += share if is_letter(sign) else 0  # type: ignore[assignment]
    own = by_script.most_common(1)[0][0]
    known = [sign for sign, share in single.most_common() if is_letter(sign) and share >= RAREST]
    known = [sign for sign in known if script(sign) == own or (code == "vi" and sign in TONES)]
    for letter in RARE_LETTERS.get(code, ""):
        single[letter] = max(single[letter], RARE_SHARE)  # type: ignore[assignment]
    if own == "LATIN":
        known = list(dict.fromkeys([*known[:MOST_LETTERS], *"abcdefghijklmnopqrstuvwxyz"]))
    letters = "".join(sorted({*known[:MOST_LETTERS], *folded(RARE_LETTERS.get(code, ""))}))
    signs = " " + letters
    table = []
    for before in signs:
        counts = {sign: pairs[before + sign] for sign in signs}
        if before == " ":
            counts[" "] = sum(counts.values()) / 4  # a mark and a space, two spaces, figures
        total = sum(counts.values())
        for sign in signs:
            smooth = (counts[sign] + 3e-5 * (single[sign] + 1e-5)) / (total + 3e-5) if total else 1 / len(signs)
            smooth = 0.99 * smooth + 0.01 * (0.7 * single[sign] + 0.3 / len(signs))
            table.append(chr(ord(FIRST) + min(HIGHEST, round(-STEPS_A_NAT * math.log(smooth)))))
    return letters, "".join(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path, help="a folder with books in en, de, fr, es, it, ru")
    parser.add_argument("--profiles", type=Path, help="the profiles of langdetect; where it is installed if not given")
    asked = parser.parse_args()
    spec = importlib.util.find_spec("langdetect") if not asked.profiles else None
    folder = asked.profiles or Path(spec.origin or "").parent / "profiles" if spec or asked.profiles else Path("none")
    lines = []
    for code, name in LANGUAGES.items():
        pairs: Counter[str] = Counter()
        sources = [of_profile(code, folder), of_words(WORDS[code], code) if code in WORDS else Counter()]
        if code in TEXTS:
            paths = [asked.library / code / f"{stem}.txt" for stem in TEXTS[code]]
            paths = paths or sorted((asked.library / code).glob("*.txt"))
            text = "\n".join(path.read_text(encoding="utf-8")[:LARGEST_SHARE_OF_A_BOOK] for path in paths)
            sources.append(of_text(text))
        for source in filter(None, sources):
            pairs.update(source)
        letters, table = row(code, pairs)
        lines += [f"{code}\t{name}\t{letters}\t{table}"]
        print(f"{name}: {len(letters)} letters, {letters}", flush=True)
    PLACE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{PLACE}: {PLACE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
