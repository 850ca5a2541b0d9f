"""One module per group of commands: ask the services, print the answer, return an exit code."""
