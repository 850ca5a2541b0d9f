"""What can go wrong: one tree, and every error is a sentence with a next step.

    RnntuiError                 exit code
    ├── InputError              2   what the person typed or chose cannot be used
    │   └── CorpusError         2   a text file cannot be trained on or read
    ├── ModelFileError          3   a model folder is missing, damaged or foreign
    ├── OriginError             3   what a model learned from is not here, or its index is damaged
    ├── StorageError            4   the disk said no
    ├── TrainingError           5   a training run could not start or go on
    │   └── ProcessLostError    5   one of the processes that learn together has ended
    └── DeviceError             7   a graphics card gave up
        └── MemoryFullError     7   there is no memory left, on a card or in the machine

A bug (any other exception) ends with exit code 70, an interrupt with 130; 6 is no error: a replay came out otherwise.
"""

EXIT_OK = 0
EXIT_DIFFERENT = 6
EXIT_BUG = 70
EXIT_INTERRUPTED = 130


class RnntuiError(Exception):
    """A problem a person can understand and act on.

    Args:
        sentence: What happened and where, as one sentence. It may quote foreign text; who shows it makes it visible.
        next_step: What the person can do about it, as one sentence; empty when there is nothing to do.
    """

    exit_code = 1

    def __init__(self, sentence: str, next_step: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.sentence} {self.next_step}".rstrip()


class InputError(RnntuiError):
    """What the person typed or chose cannot be used."""

    exit_code = 2


class CorpusError(InputError):
    """A text file cannot be read or trained on."""


class ModelFileError(RnntuiError):
    """A model folder is missing, damaged, or not one of ours."""

    exit_code = 3


class OriginError(RnntuiError):
    """What a model has learned from is not here any more, or the index of it is damaged."""

    exit_code = 3


class StorageError(RnntuiError):
    """The disk, its permissions or another process said no."""

    exit_code = 4


class TrainingError(RnntuiError):
    """A training run could not start or go on."""

    exit_code = 5


class DeviceError(RnntuiError):
    """What computes gave up: it cannot do an operation of the network, or its driver failed."""

    exit_code = 7


class ProcessLostError(TrainingError):
    """One of the processes that learn together has ended, or was never there; what was kept last is whole."""


class MemoryFullError(DeviceError):
    """There is no memory left, on a graphics card or in the machine."""
