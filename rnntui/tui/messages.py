"""What screens and dialogs tell the app, and what they ask of it."""

from textual.message import Message


class ReportRequested(Message):
    """The person wants to read how this model came about."""

    def __init__(self, model_id: str) -> None:
        self.model_id = model_id
        super().__init__()


class ChatRequested(Message):
    """The person wants to talk with this model in a new conversation."""

    def __init__(self, model_id: str) -> None:
        self.model_id = model_id
        super().__init__()


class ChatOpened(Message):
    """The conversation with which the app begins is there, or a sentence why not."""


class ChatSettled(Message):
    """What is loaded now stays: a model is there, or there is none to be had."""


class TrainingRequested(Message):
    """The person named a file to train on."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__()


class LabRequested(Message):
    """The person wants to see what the network makes of these words."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__()


class SearchRequested(Message):
    """The person wants to find these words in all conversations."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__()
