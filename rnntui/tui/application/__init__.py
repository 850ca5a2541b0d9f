"""What the app is made of: switching screens, opening dialogs, styles, notices, the clipboard and the ending."""
