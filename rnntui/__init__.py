"""rnntui: train a small word-level recurrent network on your own text, offline, and talk to it.

The rooms, from the bottom up; each may import only what stands above it in this list:

    setting_fields  settings            the shared language, standard library only: what can be chosen,
    events  chat_events                 what can happen,
    figures  text_facts                 what can be shown, what was found in a text,
    records  errors                     what is kept, what can go wrong;
    text  files  json_records  manual   text made safe, files read, records as JSON, the pages that ship
    paths  config                       locations and preferences

    lm                  the language model: owns torch and tokenizers, never writes a file
      text              bytes -> clean text
      text/chats        what programs keep of chats, mail and records -> what was said
      text/encodings    bytes -> characters
      text/characters   which letters are meant: their forms, codes of terminals
      text/formats      kinds of files -> running text
      text/formats/marked   plain text with marks of its own: subtitles, screenplays, notes, TeX
      text/lines        which line ends mean something
      text/worth        what speaks against learning from a text
      text/privacy      addresses, numbers and names, left out where a person wants it
      tokens            clean text <-> token ids
      reading           what a person types, in the terms of one model
      mix               the predictors beside the network, and the mixture of all
      origin            where words come from: an index of a text, and the runs of another text that stand in it
      train             the training loop and the plan for it
      hardware          devices, arithmetic, speed, several processes
      lab               the stations of the lab

    store               what survives a power cut: the only room that writes files
      files             durable writes, locks, checked JSON, the log
      conversations     the SQLite file: tables, the tree of turns, search, salvage
      runs              the folders of training runs: orders, states, times, and whether they live

    service             what the program can do: joins lm and store, owns threads and processes
      chat              one conversation: intentions in, events out, frozen facts to look at
      compare           two ways to go on from one place, side by side
      prepare           files -> the token ids of a corpus
      pipeline          the stages of one training run, from a request to a model
      play              the game: texts, questions, scores, what the numbers mean
      run               training runs as processes of their own
      origin            where the words of a model come from: its index made, kept and asked
      export            what leaves the program as a file

    tui                 what the user sees: the only room that imports textual
      application       what the app is made of
      footer            the keys of what has the focus, as many as fit
      screens           whole screens: chat, training, lab, game
      chat              what the chat screen is made of
      chat/work         its work in the background
      transcript        the conversation as rows of text with a word cursor
      panel             the panel beside it: sampling, alternatives, memory
      compare           two texts side by side
      origin            where the words of replies come from: runs underlined, places in the book
      training          what the training screen is made of
      models            what the list of models is made of
      runs              runs as they were: the slider over their moments, the list of them
      export            what was said, on its way to a file
      tour              five stops for a first start, and the way back
      lab               what the lab screen is made of
      play              what the screen of the game is made of
      dialogs           screens that lie over another one
      widgets           parts of screens
      terminal          the terminal below Textual

    cli                 the command line
      commands          one module for each command
      process           streams, environment, interrupts and end

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
