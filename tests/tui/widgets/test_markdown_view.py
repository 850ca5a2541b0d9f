"""A page of Markdown as lines."""

from textual.app import App, ComposeResult

from rnntui.manual import page_names, read_page
from rnntui.tui.widgets.markdown_view import MarkdownView, render_markdown
from tests.tui.helpers import HOSTILE

PAGE = """# A title

A paragraph over
two lines with `code`, **bold**, *italic* and a [link](https://example.org).

- an item that is
  continued
1. numbered

```sh
rnntui  train | x
```

| Key | What it does |
|---|---|
| `a|b` | first |
|  | second |
"""


def plain(page: str, width: int = 60) -> list[str]:
    return [line.plain.rstrip() for line in render_markdown(page, width)]


def test_every_kind_of_block_has_its_lines() -> None:
    assert plain(PAGE) == [
        "A title", "", "A paragraph over two lines with code, bold, italic and a", "link.", "",
        "• an item that is continued", "1. numbered", "", "  rnntui  train | x", "",
        "Key  What it does", "a|b  first", "     second",
    ]  # fmt: skip


def test_a_narrow_table_wraps_its_widest_column_and_a_narrower_one_is_a_list() -> None:
    table = "| One | Two |\n|---|---|\n| short | " + "word " * 8 + "|\n"
    assert plain(table, 30) == ["One    Two", "short  word word word word", "       word word word word"]
    assert plain(table, 16) == ["• short · word", "  word word word", "  word word word", "  word"]


def test_no_line_of_the_manual_is_wider_than_its_room_but_code() -> None:
    for name in page_names():
        for width in (40, 76, 110):
            page = "\n".join(line for line in read_page(name).splitlines())
            wide = [line.plain for line in render_markdown(page, width) if line.cell_length > width]
            assert all(line.startswith("  ") for line in wide), (name, width, wide[:2])


def test_hostile_text_stays_text() -> None:
    for hostile in HOSTILE:
        for page in (
            hostile,
            f"# {hostile}",
            f"- {hostile}",
            f"```\n{hostile}\n```",
            f"| {hostile} | x |\n|---|---|\n",
        ):
            for line in render_markdown(page, 60):
                assert not {sign for sign in line.plain if ord(sign) < 0x20 or 0x7F <= ord(sign) < 0xA0}, hostile
                assert not any("click" in str(span.style) for span in line.spans), hostile


class Host(App[None]):
    def compose(self) -> ComposeResult:
        yield MarkdownView()


async def test_words_are_marked_and_their_first_line_is_told() -> None:
    async with Host().run_test(size=(60, 30)) as pilot:
        view = pilot.app.query_one(MarkdownView)
        assert view.show(PAGE, "SECOND") == 12
        assert any(span.style == "reverse" for span in view.content.spans)
        assert view.show(PAGE, "nowhere") == view.show(PAGE) == 0
        assert not any(span.style == "reverse" for span in view.content.spans)
