"""The language model: owns torch and tokenizers. Reads files, never writes any; clock and seed are arguments."""

import os

# Threads that wait for each other go to sleep instead of spinning: on two cores with another program busy a training
# step takes .13 s instead of .30 s. It must be said before torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
