"""The command line as a process: its streams, environment, interrupts and end."""
