"""What the panel's widgets and the box of alternatives post, each as one kind for whoever handles all of them."""

from textual.message import Message


class PanelMessage(Message):
    """The person did something in the panel beside the conversation."""


class AlternativesMessage(Message):
    """The person did something in the box of alternatives."""
