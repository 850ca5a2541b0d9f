"""Training runs as processes of their own: begun, followed, paused, resumed, written down."""
