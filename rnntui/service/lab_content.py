"""What the stations of the lab are about: titles, plain words, equations, and one thing to try at each.

Knows nothing of how they are computed; the order is the order in which a newcomer should go.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Station:
    """One stop of the way through the lab."""

    name: str
    title: str
    question: str
    text: str
    equation: str
    try_this: str
    module: str
    """File in `rnntui/lm/lab/`."""
    inputs: tuple[str, ...] = ("prompt",)
    """Fields of LabSettings that matter here, in the order they are asked for."""
    prompt: str = ""
    """The station's own example."""
    other: str = ""
    is_quick: bool = True
    """False when something is trained: it starts when the person says so."""


STATIONS: tuple[Station, ...] = (
    Station(
        name="next-word",
        title="What comes next",
        question="What does the network say when it has read a few words?",
        text="It does not say a word. It gives every word it knows a probability, and the probabilities sum to 1. A "
        "uniform random number u from 0 to 1 picks one word in proportion to its probability; it is read like any "
        "other word, and the next table is made. Generating text is this loop. The probability of a whole text is the "
        "product of such steps (the chain rule). In the lab the network speaks alone and may say every word, as with "
        "`gen --voice network --spelling free --top-p 1`; in the chat counting and the words just read may help it.",
        equation="P(w₁ … wₙ) = P(w₁) · P(w₂ | w₁) · … · P(wₙ | w₁ … wₙ₋₁)",
        try_this="Set the temperature to 0 and run twice with different seeds: the words stay. Then set it to 2.",
        module="next_word",
        inputs=("prompt", "temperature", "seed"),
        prompt="It was a cold evening and the old man",
    ),
    Station(
        name="inside-step",
        title="Inside one step",
        question="What happens between reading a word and saying what comes next?",
        text="The word becomes a vector x (its embedding). Two matrix products, one with x and one with the hidden "
        "state h, are added (the pre-activation) and passed through tanh: that is the new hidden state of an Elman "
        "unit. A GRU and an LSTM use some of these numbers, passed through a sigmoid, as gates: factors from 0 to 1 "
        "that decide what is kept. In an LSTM the memory is the cell state c; h is what the output gate lets out of "
        "it. The output layer is not part of the recurrent module, here as in torch.nn.RNN: it scores every word from "
        "the last h, and the softmax makes probabilities of the scores.",
        equation="Elman  h' = tanh(x W_ih^T + b_ih + h W_hh^T + b_hh)\n"
        "GRU    h' = (1 - z) * n + z * h\n"
        "minGRU h' = (1 - z) * h + z * n\n"
        "LSTM   c' = f * c + i * g,   h' = o * tanh(c')",
        try_this="Keep the unit and change only the first word of the prompt: x W_ih^T stays, h W_hh^T moves. "
        "Then change only the last word.",
        module="inside_step",
        inputs=("prompt", "unit"),
        prompt="It was a cold evening and the old man",
    ),
    Station(
        name="memory",
        title="The memory",
        question="What does the network keep of what it has read?",
        text="Only the hidden state: a fixed number of values that every word updates. It starts at zero. "
        "Because the next step needs nothing else, no word is ever read again, and the next word costs the same "
        "after ten words and after ten thousand.",
        equation="h₀ = 0,   hₜ = f(xₜ, hₜ₋₁)",
        try_this="Put a name at the start of the prompt and compare the carried column with the forgotten one.",
        module="memory",
        prompt="The captain looked at the sea. The wind was rising, and the ship",
    ),
    Station(
        name="same-as-torch",
        title="It is the same as PyTorch's",
        question="Are the equations shown here really what the network computes?",
        text="The cells of this program are written out as equations. Here they run beside PyTorch's own module with "
        "the weights of your model: over a sequence, for one more step from the carried memory, and for a batch. "
        "In double precision nothing but rounding is left. The weights are listed under PyTorch's names.",
        equation="max |ours - torch.nn| ≈ 0",
        try_this="Browse recurrent.weight_hh_l0: which of its numbers are large?",
        module="same_as_torch",
        inputs=("weight", "seed"),
    ),
    Station(
        name="what-a-memory-buys",
        title="What a memory buys",
        question='"Dinosaurs are" and "Mice are" end in the same word. Who can tell what comes next?',
        text="A model that looks at the last word alone (a bigram model) must say the same after both. "
        "A network still has the animal in its memory. It is trained here, in seconds, on a small world in which the "
        "animal decides the adjective, beside n-gram models (counts). Bits per character are the average surprise per "
        "character on held-out text: fewer are better. Some texts call the model of the last word a unigram model; "
        "the usual name is bigram model.",
        equation="P(w | last word)   against   P(w | h)\nh = a fixed-size summary of all words so far",
        try_this="Give two prompts of your own that end in the same word.",
        module="what_a_memory_buys",
        inputs=("prompt", "other", "seed"),
        prompt="She opened the",
        other="He fired the",
        is_quick=False,
    ),
    Station(
        name="teacher-forcing",
        title="Teacher forcing",
        question="How does a text become exercises with solutions, without anybody writing them?",
        text="The input is a stretch of text, the target is the same stretch advanced by one word. At every place the "
        "network guesses, the loss is the surprise at the word that really follows, and that real word is read next, "
        "whatever the guess was. So one window gives an exercise per word, all in one go, and nobody has to label "
        "anything: self-supervised learning.",
        equation="loss = - (1/T) Σ log P(wₜ₊₁ | w₁ … wₜ)",
        try_this="Change one word in the middle: which losses change, and which cannot?",
        module="teacher_forcing",
        inputs=("prompt", "other"),
        prompt="I love my cute dog",
        other="The captain went on deck and looked at the sea.",
    ),
    Station(
        name="counting",
        title="Learning to count",
        question="What does the whole cycle look like: initialise, train, test on held-out data, generate?",
        text="A small Elman network sees windows of six numbers in a row, such as 7 8 9 10 11 12, and learns to say "
        "the next one. Every fifth start is held out of training, and it is tested there. Then it reads four numbers "
        "and goes on from its memory.",
        equation="7 8 9 10 → 11 → 12 → 13 …",
        try_this="Another seed draws other weights and holds out other starts.",
        module="counting",
        inputs=("seed",),
    ),
    Station(
        name="memory-length",
        title="How long is the memory?",
        question="For how many words does a unit keep what it read?",
        text="Task: repeat the first symbol after n others. Every kind of unit is trained on it, with "
        "several seeds, and tested on sequences they have not seen. An Elman unit writes over its whole memory at "
        "every step; gates let a GRU and an LSTM keep a value as it is. For your own model one word of a text is "
        "replaced, and the change of the next-word table is measured in bits, by distance.",
        equation="KL(k) = Σ P(w) log₂ [P(w) / Pₖ(w)],  Pₖ: with another word k places back",
        try_this="Give the result of three seeds to a class and let them say which differences are luck.",
        module="memory_length",
        inputs=("seed",),
        is_quick=False,
    ),
    Station(
        name="gradients",
        title="Gradients through time",
        question="How does a network learn that an early word mattered, and why does it often not?",
        text="Training sends the loss of a word back through the steps before it. At every step the gradient is "
        "multiplied by the Jacobian of one step, diag(1 - h²) W_hh for an Elman unit, so it shrinks or grows "
        "exponentially in the number of steps: vanishing and exploding gradients. A cell whose forget gate stays near "
        "1 passes the gradient on undiminished. Clipping shortens a gradient whose norm is too large, and keeps its "
        "direction.",
        equation="∂loss/∂hₜ₋ₖ = ∂loss/∂hₜ · ∂hₜ/∂hₜ₋₁ · … · ∂hₜ₋ₖ₊₁/∂hₜ₋ₖ",
        try_this="Compare your trained network with the fresh one of the same kind.",
        module="gradients",
        inputs=("prompt", "seed"),
        prompt="It was a cold evening and the old man",
    ),
    Station(
        name="find-a-unit",
        title="Find a unit",
        question="Does a single unit stand for something that a reader would notice?",
        text="Nobody told the network what a quotation is. Still some unit may follow it, because that helps to guess "
        "the next word. The network writes a few thousand words; in one half every unit is compared with three "
        "properties of the text, and the best one is judged on the other half, because among hundreds of units some "
        "fit by luck.",
        equation="r = Pearson's correlation of a unit and a property",
        try_this="Type the number of another unit and look for what its words have in common.",
        module="find_unit",
        inputs=("prompt", "unit", "seed"),
        prompt="“I cannot stay,” said the old man, and he took his hat. “The ship will not wait for me, and the road "
        "is long.” She looked at him for a moment. “Then go,” she said, “but write to us!” He went out into the rain.",
    ),
)

GLOSSARY: tuple[tuple[str, str], ...] = (
    (
        "token",
        "What the network reads in one step: a word with the space before it, a mark, or a part of a spelled word.",
    ),
    ("vocabulary", "All tokens that a network knows."),
    ("embedding", "The vector of numbers that stands for a word."),
    ("hidden state", "The numbers a network carries from word to word: its whole memory."),
    ("cell state", "What an LSTM keeps from word to word; its hidden state is what the output gate lets out of it."),
    ("unit", "One of these numbers, and the weights that change it."),
    ("weight", "A number that training has found; it stays as it is while the network reads and writes."),
    ("tanh, sigmoid", "Functions that bring any number into the range from -1 to 1, and from 0 to 1."),
    ("gate", "A factor from 0 to 1 that decides how much of a value passes."),
    ("Elman, GRU, LSTM, minGRU", "Kinds of units; all but the first have gates and keep values longer."),
    ("logit, or score", "What the output layer says of a word before it becomes a probability."),
    ("softmax", "Makes positive numbers with sum one out of any scores."),
    ("sampling", "Drawing a word at random in proportion to its probability."),
    ("temperature", "Divides the logarithms of the probabilities before a draw: below 1 sharpens, above 1 flattens."),
    ("entropy", "How unsure a table of probabilities is, in bits."),
    ("KL divergence", "Bits lost per word by using one table in place of another."),
    ("loss", "Surprise at the word that really came: minus the logarithm of its probability, in nats."),
    ("perplexity", "e to the loss: the number of equally likely words that would be as hard to guess."),
    ("bits per character", "Yes-no answers that one character of a text still costs; fewer are better."),
    ("teacher forcing", "In training the real next word is read, whatever the network guessed."),
    ("gradient", "For every number of the network: how the loss changes with it."),
    ("BPTT", "Backpropagation through time: the gradient sent back through the steps of a window."),
    ("clipping", "Shortening a gradient that is too long."),
    ("batch", "Stretches of text that are learned from together, in one step."),
    ("learning rate", "How far the weights go against the gradient in one step."),
    ("self-supervised", "Learning from a text whose next words are the solutions, with no labels by anybody."),
    ("overfitting", "Learning a text by heart: better on what was read, worse on what is held out."),
    ("held out", "Kept away from training, so that what is measured there is skill and not memory."),
    ("n-gram model", "Counts runs of n words, and says how often a word followed the n - 1 before it."),
    ("bigram model", "Counts pairs of words: it knows the last word and nothing before it."),
    ("seed", "A number that fixes every draw, so that a result can be repeated."),
)
"""The field's terms, one plain sentence each."""
