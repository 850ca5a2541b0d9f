"""A page in each of fifteen languages: a morning at a market, with the marks, numbers and joiners of its script."""

import re
from pathlib import Path

_PAGE = re.compile(r"^=== (\w+): ([^\n]+)\n(.*?)\n(?=\n===|\Z)", re.M | re.S)
_found = _PAGE.findall(Path(__file__).with_suffix(".txt").read_text(encoding="utf-8"))

PAGES = {name: page for name, _, page in _found}
"""By the language's English name."""
PROMPTS = {name: prompt for name, prompt, _ in _found}
"""Of words that stand in the page, where one speaks to a model that has learned it."""
