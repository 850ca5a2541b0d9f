"""Which memories are marked for a blend."""

from rnntui.tui.dialogs.blend_choice import BlendChoice


def test_the_two_marked_last_are_blended_and_a_mark_can_be_taken_away() -> None:
    blend = BlendChoice().toggle("one")
    assert not blend.is_complete
    blend = blend.toggle("two").toggle("three")
    assert blend.is_complete
    assert blend.marked == ("two", "three")
    assert blend.toggle("two").marked == blend.remove("two").marked == ("three",)


def test_the_shares_move_in_steps_and_stay_shares() -> None:
    blend = BlendChoice(("one", "two"))
    assert [blend.move(steps).share for steps in (1, -2, 9, -9)] == [0.6, 0.3, 1.0, 0.0]
