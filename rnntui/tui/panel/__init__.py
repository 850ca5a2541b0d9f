"""The panel beside the conversation: sampling, alternatives, memory."""
