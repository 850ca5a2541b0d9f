"""The article's question: "Dinosaurs are" and "Mice are" end in the same word. Who can tell what comes next?"""

import itertools

import pytest
import torch

from rnntui.lm.generator import Generator, join_turn
from rnntui.lm.mix.ngram import KneserNey, baseline_nats
from rnntui.lm.tokens.corpus import TrainingText
from rnntui.lm.tokens.tokenizer import Tokenizer
from rnntui.lm.train.inputs import RunControl, TrainerInputs
from rnntui.lm.train.trainer import Trainer
from rnntui.settings import CELL_NAMES, ModelConfig, SamplerSettings, TrainConfig
from tests.small_world import SIZES, world_text

STEPS = 500


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.train([world_text()], 500)


@pytest.fixture(scope="module", params=CELL_NAMES)
def trained(request: pytest.FixtureRequest, tokenizer: Tokenizer) -> Trainer:
    """Trained by a clock that counts looks at it, so that the result depends on no machine's speed."""
    torch.set_num_threads(1)
    text = TrainingText(world_text(), world_text(600, seed=2))
    config = TrainConfig(budget_seconds=STEPS, rows=4, bptt_length=24, dropout=0.0, learning_rate=2e-2, seed=1)
    shape = ModelConfig(request.param, 500, 32, 32, 1, True, 0)
    trainer = Trainer(TrainerInputs(text, tokenizer, shape, config), RunControl(clock=itertools.count().__next__))
    list(trainer.run())
    return trainer


def test_the_network_tells_dinosaurs_from_mice(trained: Trainer, tokenizer: Tokenizer) -> None:
    greedy = SamplerSettings(temperature=0.0)
    for animal, size in SIZES.items():
        generator = Generator(trained.model, tokenizer)
        generator.feed(tokenizer.encode(join_turn("", f"{animal} are", "inline", tokenizer)))
        assert generator.sample(greedy, seed=1).piece == f" {size}"


def test_looking_at_the_last_word_alone_cannot(tokenizer: Tokenizer) -> None:
    ids = torch.tensor(tokenizer.encode(world_text()))
    last_word_only = KneserNey(ids, len(tokenizer), order=2)
    next_words = torch.tensor([[tokenizer.id_of(" big")], [tokenizer.id_of(" small")]])
    tables = [
        [float(last_word_only.log_probabilities(word, torch.tensor(tokenizer.encode(prompt)))) for word in next_words]
        for prompt in (" Dinosaurs are", " Mice are")
    ]
    assert tables[0] == tables[1]


def test_held_out_figures_show_the_difference(trained: Trainer, tokenizer: Tokenizer) -> None:
    held_out = torch.tensor(tokenizer.encode(world_text(600, seed=2)))
    nats = baseline_nats(torch.tensor(tokenizer.encode(world_text())), held_out, len(tokenizer))
    assert trained.measured is not None
    assert trained.measured.nats < 0.9 * nats["last word only"]
    assert nats["last word only"] < nats["word frequency"] < nats["uniform"]
