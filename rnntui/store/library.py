"""Model folders: listed, found, read, saved, renamed and removed without loading a model.

A model is a folder named by its id with three or four files: the card (what is known of it), the weights, the
vocabulary and, unless it was saved without, the text for counting; beside them how it came about, and passages that it
has not learned from, where somebody put them there. The name people see is only data in the card.
Knows bytes; what they mean is for `rnntui.lm` to check.
"""

import dataclasses
import difflib
import hashlib
import os
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import MISSING
from pathlib import Path

from rnntui.errors import InputError, ModelFileError, StorageError
from rnntui.json_records import JsonMismatch, decode_record, format_record, parse_object
from rnntui.records import ModelCard, RunReport, RunSample
from rnntui.store.files import durable, locks, os_errors
from rnntui.store.origin_files import ORIGIN_FILE, OriginFiles
from rnntui.text import clean, one_line, quote, visible_line

CARD_FILE = "card.json"
WEIGHTS_FILE = "weights.safetensors"
VOCABULARY_FILE = "vocabulary.json"
COUNTS_FILE = "counts.safetensors"
REPORT_FILE = "report.json"
OLD_TEXT_FILE = "old-text.txt"
FORMAT_VERSION = 2
LONGEST_NAME = 200

_LIMITS = {
    CARD_FILE: 8 << 20,
    VOCABULARY_FILE: 5 << 20,
    WEIGHTS_FILE: 2 << 30,
    COUNTS_FILE: 64 << 20,
    REPORT_FILE: 1 << 20,
    OLD_TEXT_FILE: 64 << 10,
}
_MOST_VALUES = 150_000
"""Of a card: those of a model made from more than 20,000 files."""
_SAID_OF_SOURCES = ("title", "author", "origin", "licence")
_HEAD_BYTES = 68 << 10
_MODEL_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
_ABSENT = (FileNotFoundError, NotADirectoryError)  # the second when the whole data folder is a file
_LOCK_SECONDS = 10.0
_LISTING_SECONDS = 1.0


Check = Callable[[ModelCard, str, bytes, int], None]
"""Looks at a card, the name of one of its files, how that begins and how many bytes it has; raises ModelFileError."""


class Library:
    """The models on this machine.

    Args:
        models_folder: Where model folders are kept; made at the first save.
        starter_folder: The model that ships with the program; it may be absent.
    """

    def __init__(self, models_folder: Path, starter_folder: Path) -> None:
        self._folder = models_folder
        self._starter = starter_folder
        self.origins = OriginFiles(models_folder)
        """The indexes of what they have learned from."""

    def cards(self) -> list[ModelCard]:
        """Every model that can be read, newest first, the starter among them."""
        cards, _ = self._scan()
        return sorted(cards, key=lambda card: (card.made_at, card.model_id), reverse=True)

    def problems(self) -> list[tuple[str, str]]:
        """What stands among the models and cannot be used: folder name and sentence."""
        _, problems = self._scan()
        return problems

    def find(self, name: str) -> ModelCard:
        """The model with this name, else with this id, else with this name in other case; the newest of several.

        Raises:
            InputError: If there is none.
        """
        cards = self.cards()
        folded = name.casefold()
        rules = (
            lambda card: card.name == name,
            lambda card: card.model_id == name,
            lambda card: card.name.casefold() == folded,
        )
        for rule in rules:
            if match := next(filter(rule, cards), None):
                return match
        raise InputError(f"There is no model {quote(name)}.", _other_names(name, cards))

    def starter(self) -> ModelCard | None:
        """The model that ships with the program; None where it is not there or cannot be read."""
        try:
            return _listed_card(self._starter, "")
        except ModelFileError:
            return None

    def read(self, model_id: str, check: Check | None = None) -> dict[str, bytes]:
        """The files of a model by name, exactly those that the card tells of; without counts where it tells of none.

        Args:
            model_id: Which one.
            check: Asked for each file before it is read as a whole; None reads all that the card tells of.

        Raises:
            ModelFileError: If the model is missing or damaged, or a file is too large or no ordinary file.
        """
        folder = self._folder_of(model_id)
        try:
            return _read_model(folder, model_id, check)
        except ModelFileError:
            if not self._is_settled():
                raise
        return _read_model(folder, model_id, check)

    def report(self, model_id: str) -> RunReport | None:
        """How a model came about; None when nobody kept it, or it cannot be read."""
        try:
            data = _read_part(self._folder_of(model_id), REPORT_FILE)
            return decode_record(RunReport, _with_moments(parse_object(data, _MOST_VALUES)))
        except (ModelFileError, JsonMismatch):
            return None

    def sizes(self, model_id: str) -> dict[str, int]:
        """How many bytes each file of a model has, by name; those that are there."""
        folder = self._folder_of(model_id)
        found = {}
        for name in (WEIGHTS_FILE, COUNTS_FILE, VOCABULARY_FILE, OLD_TEXT_FILE, ORIGIN_FILE):
            if durable.kind_of(folder / name) == "file":
                found[name] = (folder / name).lstat().st_size
        return found

    def old_text(self, model_id: str) -> str:
        """Passages that a model has not learned from, to see what it forgets; empty where nobody kept any."""
        try:
            return clean(_read_part(self._folder_of(model_id), OLD_TEXT_FILE).decode("utf-8")).text
        except (ModelFileError, UnicodeDecodeError):
            return ""

    def save(
        self,
        card: ModelCard,
        weights: bytes,
        vocabulary: bytes,
        counts: bytes = b"",
        report: RunReport | None = None,
    ) -> None:
        """Keep a model; one with the same id is replaced as a whole, and a reader sees the old one or the new one.

        Args:
            card: Tells of the other files by their hashes.
            weights: See `rnntui.lm.model_file.pack`.
            vocabulary: Likewise.
            counts: Likewise; empty for a network that speaks alone.
            report: How it came about; None keeps nothing of that.

        Raises:
            InputError: If it has the starter's id.
            ModelFileError: If the card does not fit the other files, or breaks its own rules.
            StorageError: If the disk refuses; the old model is then untouched.
        """
        self._refuse_starter(card.model_id, "replaced")
        data = card_to_json(card)
        parts = {WEIGHTS_FILE: weights, VOCABULARY_FILE: vocabulary} | ({COUNTS_FILE: counts} if counts else {})
        _check_fit(card_from_json(data), parts)
        if not _MODEL_ID.fullmatch(card.model_id):
            raise ModelFileError(f"{quote(card.model_id)} cannot be the id of a model.", "Use new_model_id.")
        durable.make_folder(self._folder)
        with self._lock():
            durable.remove_leftovers(self._folder)
            extra = {REPORT_FILE: format_record(report)} if report else {}
            durable.write_folder(self._folder / card.model_id, {CARD_FILE: data, **parts, **extra})

    def rename(self, model_id: str, name: str) -> ModelCard:
        """Give a model another name; the id stays. Returns the new card.

        Raises:
            InputError: If the name is empty or too long, or it is the starter.
            ModelFileError: If the model is missing or damaged.
            StorageError: If the disk refuses.
        """
        self._refuse_starter(model_id, "renamed")
        fresh_name = checked_name(name)
        folder = self._own_folder_of(model_id)
        with self._lock():
            card = dataclasses.replace(_read_card(folder, model_id), name=fresh_name)
            durable.write_file(folder / CARD_FILE, card_to_json(card))
        return card

    def remove(self, model_id: str) -> None:
        """Remove a model for good.

        Raises:
            InputError: If it is the starter.
            ModelFileError: If there is none.
            StorageError: If the disk refuses.
        """
        self._refuse_starter(model_id, "removed")
        folder = self._own_folder_of(model_id)
        with self._lock():
            durable.remove_folder(folder)

    def _scan(self) -> tuple[list[ModelCard], list[tuple[str, str]]]:
        if durable.has_leftovers(self._folder):
            self._is_settled(_LISTING_SECONDS)
        cards: list[ModelCard] = []
        problems: list[tuple[str, str]] = []
        for folder in self._candidates():
            try:
                card = _listed_card(folder, "" if folder == self._starter else folder.name)
            except ModelFileError as problem:
                problems.append((folder.name, str(problem)))
                continue
            if card.model_id not in {known.model_id for known in cards}:
                cards.append(card)
        return cards, problems

    def _candidates(self) -> list[Path]:
        starter = [self._starter] if durable.kind_of(self._starter) else []
        try:
            entries = sorted(entry for entry in self._folder.iterdir() if not entry.name.startswith("."))
        except OSError as problem:
            if isinstance(problem, _ABSENT) and not durable.kind_of(self._folder):
                return starter
            raise os_errors.storage_error(problem, "read", self._folder) from problem
        return starter + [entry for entry in entries if durable.kind_of(entry) in ("folder", "link")]

    def _folder_of(self, model_id: str) -> Path:
        if model_id == self._starter_id():
            return self._starter
        if not _MODEL_ID.fullmatch(model_id):
            raise _missing_model(model_id)
        return self._folder / model_id

    def _own_folder_of(self, model_id: str) -> Path:
        folder = self._folder_of(model_id)
        if durable.kind_of(folder) != "folder":
            raise _missing_model(model_id)
        return folder

    def _starter_id(self) -> str:
        try:
            return _read_card(self._starter, "").model_id
        except ModelFileError:
            return ""

    def _refuse_starter(self, model_id: str, done: str) -> None:
        if model_id and model_id == self._starter_id():
            raise InputError(f"The model that ships with rnntui cannot be {done}.", "Train a model of your own.")

    def _lock(self, timeout_seconds: float = _LOCK_SECONDS) -> locks.Lock:
        return locks.lock(self._folder / ".lock", timeout_seconds)

    def _is_settled(self, timeout_seconds: float = _LOCK_SECONDS) -> bool:
        """Wait for a save in progress, then clear up after one that was cut off. False where that is not possible."""
        try:
            with self._lock(timeout_seconds):
                durable.remove_leftovers(self._folder)
        except StorageError:
            return False
        return True


# ---- names and ids ----------------------------------------------------------------------------------------------


def new_model_id(name: str, now: str) -> str:
    """A folder name for a model: a readable part of at most 40 characters and 6 hexadecimal digits.

    Args:
        name: What the model is called; anything.
        now: The moment, UTC, ISO 8601. The same name at the same moment in the same process gives the same id.
    """
    plain = unicodedata.normalize("NFKD", name[:400]).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "model"
    if slug in _DEVICES:
        slug = f"model-{slug}"
    seed = f"{name}\n{now}\n{os.getpid()}".encode("utf-8", "replace")
    return f"{slug}-{hashlib.sha256(seed).hexdigest()[:6]}"


def checked_name(name: str) -> str:
    """A name on one line without control characters.

    Raises:
        InputError: If nothing is left of it, or it is longer than 200 characters.
    """
    fresh = one_line(name)
    if not fresh:
        raise InputError("A model needs a name.", "Give it one of up to 200 characters.")
    if len(fresh) > LONGEST_NAME:
        raise InputError(f"The name has {len(fresh)} characters; 200 are the most.", "Give it a shorter name.")
    return fresh


def _other_names(name: str, cards: list[ModelCard]) -> str:
    train = "Train one with: rnntui train FILE."
    if not cards:
        return train
    by_folded = {card.name.casefold(): card.name for card in cards}
    near = difflib.get_close_matches(name.casefold()[:LONGEST_NAME], list(by_folded), 3, 0.5)
    if not near:
        return f'See what there is with "rnntui models". {train}'
    *most, last = [quote(by_folded[folded]) for folded in near]
    return f"Did you mean {', '.join(most)} or {last}?" if most else f"Did you mean {last}?"


# ---- cards ------------------------------------------------------------------------------------------------------


def card_to_json(card: ModelCard) -> bytes:
    """A card as the bytes that are kept; what nobody said of a source takes no room."""
    values = dataclasses.asdict(card)
    for source in values["sources"]:
        for name in _SAID_OF_SOURCES:
            if not source[name]:
                del source[name]
    return format_record(values)


def card_from_json(data: bytes) -> ModelCard:
    """The card that the bytes hold, every field checked; names lose their control characters.

    Raises:
        ModelFileError: If anything is not as it should be; the sentence names the field.
    """
    try:
        values = parse_object(data, _MOST_VALUES)
        _refuse_other_versions(values)
        values = _upgrade(values)
        card = decode_record(ModelCard, values)
        sources = tuple(dataclasses.replace(source, name=one_line(source.name)) for source in card.sources)
        command = clean(card.command).text
        return dataclasses.replace(card, name=_name_in_card(card.name), sources=sources, command=command)
    except JsonMismatch as problem:
        raise ModelFileError(
            f"The model card {visible_line(str(problem))}.", "The model is damaged or foreign: get it again."
        ) from problem


def _refuse_other_versions(values: Mapping[str, object]) -> None:
    version = values.get("format_version")
    if type(version) is not int or version < 1:
        raise JsonMismatch('has no version of ours in the field "format_version"')
    if version > FORMAT_VERSION:
        raise ModelFileError("The model was made by a newer rnntui.", "Use a newer version of rnntui to read it.")


def _upgrade(values: dict[str, object]) -> dict[str, object]:
    """A card of version 1 knew neither counts nor the mixture."""
    figures = values.get("figures")
    if values.get("format_version") != 1 or not isinstance(figures, dict):
        return values
    figures = {"mixture_bits_per_character": 0.0} | figures
    return {"counts_sha256": ""} | values | {"figures": figures, "format_version": FORMAT_VERSION}


def _with_moments(values: dict[str, object]) -> dict[str, object]:
    """A report of an earlier version said less of the moments at which its samples were written."""
    samples = values.get("samples")
    if not isinstance(samples, list):
        return values
    unknown = {entry.name: entry.default for entry in dataclasses.fields(RunSample) if entry.default is not MISSING}
    return values | {"samples": [unknown | entry if isinstance(entry, dict) else entry for entry in samples]}


def _name_in_card(name: str) -> str:
    fresh = one_line(name)
    if not fresh:
        raise JsonMismatch('has nothing in the field "name"')
    if len(fresh) > LONGEST_NAME:
        raise JsonMismatch(f'has more than {LONGEST_NAME} characters in the field "name"')
    return fresh


# ---- folders ----------------------------------------------------------------------------------------------------


def _missing_model(model_id: str) -> ModelFileError:
    return ModelFileError(f"The model {quote(model_id)} is missing.", 'See what there is with "rnntui models".')


def _read_part(folder: Path, file_name: str) -> bytes:
    try:
        return durable.read_file(folder / file_name, _LIMITS[file_name])
    except StorageError as problem:
        raise ModelFileError(problem.sentence, "The model is incomplete: train it or get it again.") from problem


def _read_card(folder: Path, model_id: str) -> ModelCard:
    """The card in a folder that must be called `model_id`; the starter's folder (empty id) is called otherwise."""
    kind = durable.kind_of(folder)
    if kind == "link":
        raise ModelFileError(f"The model folder {quote(folder.name)} is a link.", "Put the folder itself there.")
    if kind != "folder":
        raise _missing_model(folder.name)
    card = card_from_json(_read_part(folder, CARD_FILE))
    if model_id and card.model_id != model_id:
        raise ModelFileError(
            f"The folder {quote(model_id)} holds the card of another model.", "Undo what was copied or renamed there."
        )
    return card


def _listed_card(folder: Path, model_id: str) -> ModelCard:
    card = _read_card(folder, model_id)
    for file_name in _check_promised(card):
        if durable.kind_of(folder / file_name) != "file":
            raise ModelFileError(
                f'"{file_name}" is missing in the model {quote(card.name)}.',
                "The model is incomplete: train it or get it again.",
            )
    return card


def _read_model(folder: Path, model_id: str, check: Check | None) -> dict[str, bytes]:
    card = _read_card(folder, "")
    if card.model_id != model_id:
        raise _missing_model(model_id)
    if check:
        for name in _check_promised(card):
            check(card, name, *_head_of(folder / name))
    files = {name: _read_part(folder, name) for name in (CARD_FILE, *_check_promised(card))}
    _check_fit(card, files)
    return files


def _head_of(path: Path) -> tuple[bytes, int]:
    """How a file begins, and its size."""
    try:
        return durable.read_part(path, 0, _HEAD_BYTES), path.lstat().st_size
    except (StorageError, OSError) as problem:
        sentence = problem.sentence if isinstance(problem, StorageError) else f'"{path.name}" cannot be read.'
        raise ModelFileError(sentence, "The model is incomplete: train it or get it again.") from problem


def _check_promised(card: ModelCard) -> dict[str, str]:
    """The files beside the card, by name, with their hashes."""
    parts = {WEIGHTS_FILE: card.weights_sha256, VOCABULARY_FILE: card.vocabulary_sha256}
    return parts | ({COUNTS_FILE: card.counts_sha256} if card.counts_sha256 else {})


def _check_fit(card: ModelCard, files: Mapping[str, bytes]) -> None:
    promises = _check_promised(card)
    if COUNTS_FILE in files and COUNTS_FILE not in promises:
        raise ModelFileError(f"The card of {quote(card.name)} does not tell of its counts.", "Save it again.")
    for file_name, promised in promises.items():
        data = files.get(file_name, b"")
        if len(data) > _LIMITS[file_name]:
            raise ModelFileError(
                f'"{file_name}" has {len(data):,} bytes; at most {_LIMITS[file_name]:,} are kept.',
                "Train a smaller model.",
            )
        if hashlib.sha256(data).hexdigest() != promised:
            raise ModelFileError(
                f'"{file_name}" of the model {quote(card.name)} is not what its card tells of.',
                "The model is damaged: train it or get it again.",
            )
