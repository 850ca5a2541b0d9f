"""One training run: begun, followed, paused, resumed, saved; its plan and its report to a screen."""
