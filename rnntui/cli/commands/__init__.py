"""The commands, one module each: ask the services, print the answer, return an exit code."""
