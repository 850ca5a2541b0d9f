"""Which of several drafts of a sentence is said. Knows nothing of how they were drawn.

What people say is neither as likely nor as unlikely as can be: it tells about as much as the one who listens expects to
be told. So a draft is judged by how far its surprise is from what the network was unsure of at the same places.
Source: Meister et al. 2023 (typical sampling), of whole sentences instead of words.
"""

import math
from collections.abc import Sequence

from rnntui.lm.generator import Step


def judged(steps: Sequence[Step]) -> float:
    """How good a draft is, in bits a token: 0 is the best there is, and the highest is said.

    Args:
        steps: Its tokens, at least one.
    """
    surprise = -sum(step.logprob for step in steps) / math.log(2)
    expected = sum(step.entropy_bits for step in steps)
    return -abs(surprise - expected) / len(steps)
