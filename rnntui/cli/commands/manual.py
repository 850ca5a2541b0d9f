"""`rnntui manual`: list the pages of the manual, or print one of them."""

import sys
from typing import Any

from rnntui.cli.output import Output, render_table
from rnntui.cli.process.streams import write_data
from rnntui.errors import EXIT_OK
from rnntui.manual import page_names, page_title, read_page

_WIDEST = 110
"""Columns of a page on a terminal; longer lines are harder to read."""


def manual(args: Any, output: Output) -> int:
    """List all pages, or print one: laid out on a terminal, else as the Markdown it is."""
    if not args.page:
        return _list(output)
    page = read_page(args.page)
    if output.is_json:
        output.result({"page": args.page, "title": page_title(args.page), "text": page})
    elif sys.stdout.isatty():
        write_data(_lay_out(page))
    else:
        output.text(page, end="")
    return EXIT_OK


def _list(output: Output) -> int:
    titles = {name: page_title(name) for name in page_names()}
    if output.is_json:
        for name, title in titles.items():
            output.result({"page": name, "title": title})
        return EXIT_OK
    output.text(render_table(list(titles.items()), ("page", "title")))
    output.say("rnntui manual PAGE prints one.")
    return EXIT_OK


def _lay_out(page: str) -> str:
    """The page as a terminal shows it; an address is never made a link."""
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.theme import Theme

    console = Console(highlight=False, emoji=False, theme=Theme({"markdown.code": "bold cyan"}))
    with console.capture() as captured:
        console.print(Markdown(page, hyperlinks=False), width=min(console.width, _WIDEST))
    return captured.get()
