"""Can speech be told from the book? A classifier of words and letters, and which of them gave it away.

Logistic regression on word 1- to 3-grams and character 2- to 4-grams (tf-idf, each of the two kinds of length one),
fitted on nine tenths of the places and asked about the last tenth, in turns. Knows nothing of the language model.
N = texts, F = features.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

FOLDS = 10
_PIECE = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|\n\n|[^\w\s]")
_PULL = 0.1
"""Strength of the prior on the weights, as sklearn's 1 / C."""
_STEPS = 60


@dataclass(frozen=True, slots=True)
class Told:
    """How well two kinds of text are told apart."""

    auc: float
    """The chance that of one text of each kind the right one is named; .5 is a guess."""
    auc_of_other_books: float
    """The same, asked about books of which nothing was learned from: their names and matters are no help."""
    signs_of_speech: tuple[str, ...]
    """The heaviest features of what was said, shown with a mark for a new paragraph."""
    signs_of_book: tuple[str, ...]


def tell_apart(said: Sequence[str], own: Sequence[str], books: Sequence[str], signs: int = 24) -> Told:
    """Tell what was said from the book's own text.

    Args:
        said: A text for each place.
        own: The book's text for the same places, in the same order: both of a place are asked about together.
        books: The name of the book of each place.
        signs: How many of the heaviest features are named.
    """
    texts = [*said, *own]
    names, features = _features(texts)
    labels = torch.cat((torch.ones(len(said)), torch.zeros(len(own)))).double()
    alike = (features @ features.T).double()  # [N,N]: all that fitting needs of the features
    folds = np.random.default_rng(0).permutation(len(said)) % FOLDS
    numbers = {book: number for number, book in enumerate(dict.fromkeys(books))}
    book_folds = np.array([numbers[book] for book in books]) % FOLDS
    by_place, by_book = (_area_in_turns(alike, labels, np.tile(each, 2)) for each in (folds, book_folds))
    weights, _ = _fitted(alike, labels)
    heaviness = (weights.float() @ features).numpy()
    order = np.argsort(heaviness)
    shown = [names[at].replace("\n\n", "¶").replace(" ", "_") for at in (*order[::-1][:signs], *order[:signs])]
    return Told(by_place, by_book, tuple(shown[:signs]), tuple(shown[signs:]))


def _area_in_turns(alike: Tensor, labels: Tensor, fold_of: npt.NDArray[np.int64]) -> float:
    """Fit on all folds but one and ask about that one; the mean over folds, nan if there is only one."""
    areas = []
    for fold in np.unique(fold_of) if len(np.unique(fold_of)) > 1 else ():
        learned, asked = (torch.from_numpy(np.flatnonzero(chosen)) for chosen in (fold_of != fold, fold_of == fold))
        weights, constant = _fitted(alike[learned][:, learned], labels[learned])
        scores = alike[asked][:, learned] @ weights + constant
        areas.append(_area(scores.numpy(), labels[asked].numpy()))
    return float(np.mean(areas)) if areas else float("nan")


def _features(texts: Sequence[str]) -> tuple[list[str], Tensor]:
    """Names [F] and values [N,F] of the features that stand in at least two texts."""
    blocks = [_weighed([Counter(grams(text)) for text in texts]) for grams in (_word_grams, _letter_grams)]
    names = [f"{mark}{name}" for mark, (names, _) in zip(("", "~"), blocks, strict=True) for name in names]
    return names, torch.from_numpy(np.concatenate([values for _, values in blocks], axis=1))


def _weighed(counts: Sequence[Counter[str]]) -> tuple[list[str], npt.NDArray[np.float32]]:
    """tf-idf with the logarithm of the counts, each text of length one.  Source: Salton and Buckley 1988."""
    in_texts = Counter(name for counted in counts for name in counted)
    names = [name for name, number in in_texts.items() if number > 1]
    places = {name: at for at, name in enumerate(names)}
    rarity = np.array([1.0 + np.log((1 + len(counts)) / (1 + in_texts[name])) for name in names])
    values = np.zeros((len(counts), len(names)), dtype=np.float32)
    for row, counted in enumerate(counts):
        kept = [(places[name], number) for name, number in counted.items() if name in places]
        if kept:
            at, numbers = (np.array(column) for column in zip(*kept, strict=True))
            values[row, at] = (1.0 + np.log(numbers)) * rarity[at]
    values /= np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-9)
    return names, values


def _word_grams(text: str) -> Iterator[str]:
    pieces = _PIECE.findall(text)
    for length in (1, 2, 3):
        for at in range(len(pieces) - length + 1):
            yield " ".join(pieces[at : at + length])


def _letter_grams(text: str) -> Iterator[str]:
    for length in (2, 3, 4):
        for at in range(len(text) - length + 1):
            yield text[at : at + length]


def _fitted(alike: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Weights of the texts learned from [N] and a constant: logistic regression through inner products [N,N]."""
    weights = torch.zeros(labels.numel(), dtype=torch.float64, requires_grad=True)
    constant = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights, constant], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        ahead = alike @ weights
        value = torch.nn.functional.binary_cross_entropy_with_logits(ahead + constant, labels, reduction="sum")
        value = value + 0.5 * _PULL * weights @ ahead
        value.backward()
        return value

    optimizer.step(loss)
    return weights.detach(), constant.detach()


def _area(scores: npt.NDArray[np.float64], labels: npt.NDArray[np.float64]) -> float:
    """The area under the curve of hits against false alarms; ties count half."""
    speech, book = scores[labels == 1], scores[labels == 0]
    above = (speech[:, None] > book).mean() + 0.5 * (speech[:, None] == book).mean()
    return float(above)
