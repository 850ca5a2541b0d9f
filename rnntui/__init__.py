"""rnntui: train a small word-level recurrent network on your own text, offline, and talk to it.

The layers, from the bottom up; each may import only what stands above it in this list:

    settings, events, chat_events, figures,
    records, json_records, errors, text, files, manual   the shared language, standard library only
    paths, config                               locations and preferences
    lm                                          the language model: owns torch and tokenizers, never writes a file
    store                                       what survives a power cut: the only folder that writes
    service                                     what the program can do: joins lm and store, owns threads and processes
    tui                                         what the user sees: the only folder that imports textual
    cli                                         the command line

Importing this package loads none of torch, tokenizers or textual. The names in `__all__` load what they need when first
used.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

_LAZY = {
    "Generator": "rnntui.lm.generator",
    "HiddenState": "rnntui.lm.model",
    "ModelConfig": "rnntui.settings",
    "RunControl": "rnntui.lm.train.inputs",
    "SamplerSettings": "rnntui.settings",
    "Services": "rnntui.service.services",
    "Tokenizer": "rnntui.lm.tokens.tokenizer",
    "TrainConfig": "rnntui.settings",
    "Trainer": "rnntui.lm.train.trainer",
    "TrainerInputs": "rnntui.lm.train.inputs",
    "WordRNN": "rnntui.lm.model",
}

__all__ = ["__version__", *sorted(_LAZY)]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'rnntui' has no attribute {name!r}")
    return getattr(importlib.import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return __all__
