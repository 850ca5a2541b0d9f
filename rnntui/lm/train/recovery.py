"""What a run does about numbers that explode, and about a memory that is too full."""

import dataclasses

from rnntui.errors import TrainingError
from rnntui.events import RowsHalved
from rnntui.lm.hardware.devices import free_unused, is_out_of_memory, memory_owner
from rnntui.lm.model import HiddenState
from rnntui.lm.train.batches import TextReader
from rnntui.lm.train.learner import Learner
from rnntui.lm.train.train_state import TrainState
from rnntui.lm.train.validation import Validation
from rnntui.text import plural

_BAD_STEPS = 3
"""So many steps in a row without a finite gradient, or with an exploded loss, mean divergence."""


class DivergenceRecovery:
    """Skips steps that exploded; after several in a row it goes back to the best weights, at half the rate.

    Args:
        learner: Whose weights jump.
        validation: Knows the best ones.

    Attributes:
        rate_scale: The learning rate is so many times the usual one.
    """

    def __init__(self, learner: Learner, validation: Validation) -> None:
        self._learner = learner
        self._validation = validation
        self._bad_steps = 0
        self._divergences = 0
        self.rate_scale = 1.0

    def has_rolled_back(self, step: int, *, is_bad: bool) -> bool:
        """Look after a step; True where the weights have jumped, which the other processes have to be told.

        Args:
            step: Its number.
            is_bad: True where it exploded, and was skipped.

        Raises:
            TrainingError: If it is the third time that the weights would have to jump.
        """
        self._bad_steps = self._bad_steps + 1 if is_bad else 0
        if self._bad_steps < _BAD_STEPS:
            return False
        self._bad_steps = 0
        self._divergences += 1
        if self._divergences >= _BAD_STEPS:
            raise TrainingError(
                f"The numbers exploded in step {step}, for the third time.",
                "Train again with a smaller --learning-rate; what was kept as a model stays.",
            )
        self._learner.model.load_state_dict(self._validation.best)
        self._validation.average.forget()
        self._learner.forget()
        self.rate_scale /= 2
        return True

    def state(self) -> TrainState:
        """What a run needs to go on from here."""
        counts = {"bad_steps": self._bad_steps, "divergences": self._divergences, "rate_scale": self.rate_scale}
        return TrainState({}, counts)

    def restore(self, state: TrainState) -> None:
        """Go on from there."""
        names = ("bad_steps", "divergences", "rate_scale")
        self._bad_steps, self._divergences, self.rate_scale = (state.facts[name] for name in names)


def can_halve_rows(problem: RuntimeError, learner: Learner) -> bool:
    """Whether a problem is a full memory that fewer rows may fit in."""
    return is_out_of_memory(problem) and learner.config.rows > 1 and learner.ranks.count == 1


def halve_rows(
    learner: Learner, reader: TextReader, carried: HiddenState | None
) -> tuple[RowsHalved, HiddenState | None]:
    """Let a run read on in every second row: what to tell, and the hidden state of the rows that are left."""
    before = learner.config.rows
    reader.halve_rows()
    learner.use(dataclasses.replace(learner.config, rows=reader.rows))
    free_unused()
    what = f"The memory of {memory_owner(learner.config.device)} is full with {before} rows"
    told = RowsHalved(reader.rows, f"{what}: {plural(reader.rows, 'row')} from now on.")
    return told, carried.every_second_row() if carried and before % 2 == 0 else None
