"""The language model: owns torch and tokenizers. Reads files, never writes any; clock and seed are arguments."""

import os

# Threads that wait for each other look for a moment and then sleep: to spin on takes a step half as long again where
# another program is busy, to sleep at once a quarter where none is. Before torch is loaded; the second name is GNU's.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "500")
