"""The beginning from which a network writes while it learns."""

import pytest

from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.train.validation import _first_words

TEXT = "One of the guinea-pigs cheered, and was at once put down. It was so late that nobody came, and they went home. "


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("One of the guinea-pigs cheered, and was", "One of the guinea-pigs cheered"),
        ("It was so late that nobody came", "It was so late that nobody came"),
        ("It was. It was late", "It was. It was late"),
    ],
)
def test_a_prompt_is_a_whole_beginning_and_a_hyphen_does_not_end_it(text: str, prompt: str) -> None:
    tokenizer = Tokenizer.train([TEXT * 4], 500)
    assert tokenizer.decode(_first_words(tokenizer, text)).strip() == prompt
