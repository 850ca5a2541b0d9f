"""Old code pages are told apart by what letters follow which."""

import pytest

from rnntui.lm.text.encodings.guess import guess_encoding
from tests.odd_texts.encodings import PARAGRAPHS, held

USUAL = {
    "German": "cp1252 mac_roman",
    "French": "cp1252 mac_roman",
    "Spanish": "cp1252 cp850 mac_roman",
    "Italian": "cp1252 mac_roman",
    "Portuguese": "cp1252 cp860",
    "Swedish": "iso8859_1 cp437",
    "Danish": "cp1252 cp865",
    "Icelandic": "cp861",
    "Polish": "cp1250 iso8859_2 cp852 mac_latin2",
    "Czech": "cp1250 iso8859_2 cp852",
    "Hungarian": "cp852",
    "Croatian": "cp1250",
    "Turkish": "cp1254 cp857 mac_turkish",
    "Lithuanian": "cp1257 cp775",
    "Latvian": "cp1257",
    "Estonian": "cp1257",
    "Russian": "cp1251 koi8_r cp866 iso8859_5 cp855 mac_cyrillic",
    "Ukrainian": "cp1251 koi8_u",
    "Bulgarian": "cp1251",
    "Greek": "cp1253 iso8859_7 cp737 mac_greek",
    "Hebrew": "cp1255 cp862",
    "Arabic": "cp1256",
    "Thai": "cp874",
    "Japanese": "shift_jis euc_jp",
    "Chinese": "gb18030",
    "traditional Chinese": "big5",
    "Korean": "euc_kr johab",
}


@pytest.mark.parametrize("language", USUAL)
def test_a_paragraph_in_an_old_code_page_reads_as_it_was_written(language: str) -> None:
    text = PARAGRAPHS[language]
    for page in USUAL[language].split():
        assert held(text, page), f"{page} has not all letters"
        data = text.encode(page)
        guess = guess_encoding(data)
        assert data.decode(guess.encoding) == text, f"{page} was read as {guess.encoding}"
        assert guess.language == language


def test_two_readings_that_stand_close_are_both_shown() -> None:
    guess = guess_encoding("and making a perfect Laocoön of himself".encode("cp850"))
    assert not guess.is_sure
    assert guess.other
    assert guess.openings[0] != guess.openings[1]
