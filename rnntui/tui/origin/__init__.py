"""Where the words of replies come from: runs underlined in the transcript, and the places in the book."""
