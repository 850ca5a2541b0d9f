"""The list of changes: what breaks, where, and the tests that must notice."""

from tests.mutations.keeping import KEEPING
from tests.mutations.speaking import SPEAKING
from tests.mutations.training import TRAINING

MUTATIONS = (*TRAINING, *SPEAKING, *KEEPING)
