"""What the thread that indexes a text tells the chat screen."""

from textual.message import Message


class OriginProgress(Message):
    """How far it is."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__()
