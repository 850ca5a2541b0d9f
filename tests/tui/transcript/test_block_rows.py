"""Blocks one below the other, without any widget."""

from rnntui.tui.transcript.block_rows import BlockRows
from rnntui.tui.transcript.turn_block import Block


def block(text: str, kind: str = "network", turn_id: int = 0) -> Block:
    made = Block(kind, 20, turn_id)
    made.add(text)
    return made


def rows_of(*blocks: Block, width: int = 20) -> BlockRows:
    rows = BlockRows()
    rows.set_width(width)
    rows.append(blocks)
    return rows


def test_blocks_stand_below_each_other_with_a_row_of_air_between_them() -> None:
    rows = rows_of(block("one two three four five"), block("six"))
    assert [each.first_row for each in rows.blocks] == [0, 3]
    assert rows.count == 5
    assert rows.locate(1) == (rows.blocks[0], 1)
    assert rows.locate(3) == (rows.blocks[1], 0)


def test_appending_says_from_which_row_on_something_changed() -> None:
    rows = rows_of(block("one", "person"))
    assert rows.append([block("two")]) == 2
    rows.runs_on = True
    assert rows.append([block("three", "person")]) == 4
    assert rows.append([block("four")]) == 4  # it begins in the row of its prompt


def test_a_reply_attaches_to_its_prompt_where_replies_run_on_and_lets_go_when_the_prompt_is_removed() -> None:
    rows = BlockRows()
    rows.set_width(20)
    rows.runs_on = True
    rows.append([block("said", "person"), block(" more")])
    prompt, reply = rows.blocks
    assert reply.before is prompt
    assert rows.count == 2
    del rows.blocks[0]
    rows.lay_out()
    assert reply.before is None
    assert rows.count == 2


def test_the_last_block_may_grow() -> None:
    rows = rows_of(block("one"))
    rows.blocks[-1].add(" two three four five six")
    rows.measure_last()
    assert rows.count == 3


def test_another_width_is_estimated_at_first_and_exact_after_wrapping() -> None:
    rows = rows_of(*(block(f"{number} two three four five six seven") for number in range(30)))
    anchor = rows.anchor_at(rows.blocks[20].first_row)
    assert anchor is not None
    rows.set_width(10)
    rows.wrap_visible(6, anchor)
    assert rows.blocks[20].is_wrapped
    assert not rows.is_wrapped
    while not rows.is_wrapped:
        rows.wrap_some(0.0)
    exact = rows_of(*(block(f"{number} two three four five six seven") for number in range(30)), width=10)
    assert rows.count == exact.count
    assert rows.row_of(anchor) == exact.blocks[20].first_row


def test_without_an_anchor_the_end_is_wrapped_first() -> None:
    rows = rows_of(*(block(f"{number} two three four five six seven") for number in range(30)))
    rows.set_width(10)
    rows.wrap_visible(6, None)
    assert rows.blocks[-1].is_wrapped
    assert not rows.blocks[0].is_wrapped
    assert BlockRows().anchor_at(0) is None
