"""What any screen or dialog may ask of the app."""

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
