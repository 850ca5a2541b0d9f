"""A memory between two: weighted sums of what two memories of one model hold."""

from rnntui.errors import InputError
from rnntui.records import ModelCard, SavedState
from rnntui.text import visible_line

_SHOWN_NAME = 30


def interpolate_states(one: SavedState, other: SavedState, share: float, card: ModelCard) -> SavedState:
    """A memory that is `share` of one and the rest of the other. It is not kept anywhere yet.

    What was read last, which the repetition penalty looks at and the next prompt joins, is that of the larger share.

    Args:
        one: A memory of the model.
        other: Another one of the same model.
        share: From 0, which is the other one, to 1.
        card: The model.

    Raises:
        InputError: If the memories are of different models, or the share is outside its range.
        ModelFileError: If a memory is damaged.
    """
    from rnntui.lm.model import HiddenState

    if {one.model_id, other.model_id} != {card.model_id}:
        raise InputError("Only memories of one model can be blended.", "Choose two of the same model.")
    if not 0.0 <= share <= 1.0:
        raise InputError(f"A share cannot be {share:g}.", "Give a number from 0 to 1.")
    state = HiddenState.from_bytes(one.blob, card.config).interpolate(
        HiddenState.from_bytes(other.blob, card.config), share
    )
    larger = one if share >= 0.5 else other
    return SavedState(
        name=f"{share:.0%} {visible_line(one.name, _SHOWN_NAME)} + {1 - share:.0%} "
        f"{visible_line(other.name, _SHOWN_NAME)}",
        model_id=card.model_id,
        blob=state.to_bytes(),
        recent_ids=larger.recent_ids,
        tokens_read=larger.tokens_read,
        text_before=larger.text_before,
        created_at=max(one.created_at, other.created_at),
    )
