"""Services without torch, disk or processes: scripted words, and gates that tests open instead of sleeping."""

import dataclasses
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rnntui.config import AppSettings, Config
from rnntui.errors import CorpusError, InputError, RnntuiError
from rnntui.events import (
    Alternative,
    BaseChosen,
    ChatEvent,
    CorpusInspected,
    Expectation,
    Forgotten,
    ModelLoaded,
    Preparing,
    PromptScored,
    ReplyBegun,
    SpeedMeasured,
    StateRebuilt,
    TrainEvent,
    TurnFinished,
    TurnStored,
    WordLooked,
    WordSampled,
)
from rnntui.figures import Bar, Bars, Check, Finding, HighlightedText, LabEvent, Progress, Table
from rnntui.paths import Paths
from rnntui.records import (
    GameResult,
    Metrics,
    ModelCard,
    ReadOptions,
    RunRecord,
    RunReport,
    SaveStatus,
    Session,
    Source,
    TrainRequest,
    Turn,
)
from rnntui.service.pipeline.plan_preview import PlanPreview, preview_plan
from rnntui.service.play.game import GameState, PlayEvent
from rnntui.service.play.rules import Likely, Opened, PlayRequest, Question
from rnntui.settings import LabSettings, ModelConfig, SamplerSettings
from rnntui.text_facts import TextFacts

SEA = (
    " The sea was dark, and the ship rolled upon the long swell as if it had never known the land. There was no sound "
    "but the creak of timber, and the old man stood by the rail with his hand upon the rope."
)
UNITS = 256
STATE_BYTES = 2 * UNITS * 4


def pieces_of(text: str) -> list[str]:
    """Words with their leading space."""
    words = text.split(" ")
    return [words[0], *(f" {word}" for word in words[1:])] if words[0] else [f" {word}" for word in words[1:]]


def card(name: str = "starter", **changes: object) -> ModelCard:
    """A plausible model."""
    plain = ModelCard(
        model_id=f"id-{name[:12]}",
        name=name,
        made_at="2026-01-02T03:04:05Z",
        config=ModelConfig(),
        vocabulary_size=10_000,
        sources=(Source("novel.txt", "0" * 64, 3_000_000, "utf-8"), Source("other.txt", "1" * 64, 1_000, "utf-8")),
        training_words=1_234_567,
        minutes=30.0,
        passes=4.0,
        figures=Metrics(bits_per_character=1.652, perplexity=98.0, words=60_000, characters=300_000),
        command="rnntui train novel.txt",
        torch_version="2.13.0",
        seed=1,
        weights_sha256="0" * 64,
        vocabulary_sha256="0" * 64,
        weights_bytes=12_000_000,
    )
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def memory_at(position: int) -> tuple[float, ...]:
    """A memory that changes a little with every word; all zeros at the start."""
    if position == 0:
        return (0.0,) * UNITS
    return tuple(((unit * 37 + position * (1 + unit % 5) * 11) % 201 - 100) / 100 for unit in range(UNITS))


@dataclass(frozen=True)
class ChatCounters:
    tokens_reread: int
    state_bytes: int
    position: int


@dataclass(frozen=True)
class TurnToken:
    piece: str
    token_id: int
    logprob: float
    position: int
    is_sampled: bool


def turn_of(turn_id: int, role: str, text: str, position: int = 0) -> Turn:
    """A turn as it is stored."""
    words = len(pieces_of(text)) if text else 0
    return Turn(turn_id, "s1", turn_id - 1 or None, role, text, (), (), "complete", position, "id-starter", words=words)


class Gate:
    """Lets a number of steps through; open for all steps unless told otherwise."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._left: int | None = None
        self.passed = 0

    def close(self) -> None:
        with self._condition:
            self._left = 0

    def let(self, steps: int) -> None:
        with self._condition:
            self._left = (self._left or 0) + steps
            self._condition.notify_all()

    def open(self) -> None:
        with self._condition:
            self._left = None
            self._condition.notify_all()

    def step(self) -> None:
        with self._condition:
            self._condition.wait_for(lambda: self._left is None or self._left > 0, timeout=30)
            if self._left is not None:
                self._left -= 1
            self.passed += 1


class WordGate(Gate):
    """The gate of a chat's words; asked for a turn, it answers like `ChatFacts.tokens`."""

    def __init__(self, chat: "FakeChat") -> None:
        super().__init__()
        self._chat = chat

    def __call__(self, turn_id: int) -> tuple[TurnToken, ...]:
        if not self._chat.is_loaded:
            raise InputError("The model is still loading.", "Wait.")
        turn = next(turn for turn in self._chat.turns if turn.turn_id == turn_id)
        return tuple(TurnToken(piece, 1, -1.0, number, True) for number, piece in enumerate(pieces_of(turn.text), 1))


class FakeChat:
    """A network that always says the same words."""

    def __init__(self, model: ModelCard, reply: str, turns: tuple[Turn, ...] = (), session_id: str = "s1") -> None:
        self.card = model
        self.session = Session(session_id, "a chat", model.model_id, SamplerSettings(seed=7))
        self.turns = turns
        self.unsent_text = ""
        self.unsent_kept: list[str] = []
        self.is_loaded = False
        self.reply = reply
        self.unknown: tuple[str, ...] = ()
        self.words = WordGate(self)
        self.loading = Gate()
        self.load_problem: Exception | None = None
        self.load_note = ""
        self.send_problem: Exception | None = None
        self.late_problem: Exception | None = None
        self.sent: list[str] = []
        self.cuts: list[int] = []
        self.samplers: list[SamplerSettings] = []
        self.temperatures_used: list[float] = []
        self.network_pieces: list[tuple[int, str]] = []
        self._sampler = self.session.sampler
        self._position = 0
        self._forgotten = True
        self.looks: list[tuple[int, int, str]] = []
        self._next_id = max((turn.turn_id for turn in turns), default=0) + 1

    @property
    def facts(self) -> "FakeChat":
        return self

    def words_read(self, position: int) -> int:
        return position

    @property
    def can_undo(self) -> bool:
        return bool(self.turns)

    @property
    def can_redo(self) -> bool:
        return False

    @property
    def tokens(self) -> WordGate:
        return self.words

    @property
    def inspection(self) -> "FakeChat":
        return self

    @property
    def join(self) -> str:
        return self.session.join

    def save_join(self) -> Iterator[ChatEvent]:
        yield from ()

    def save_unsent(self, text: str) -> None:
        self.unsent_kept.append(text)

    def siblings(self, turn_id: int) -> tuple[int, ...]:
        return (turn_id,)

    def bits_per_word(self, turn: Turn) -> float:
        return 4.7

    def inspect(self, turn_id: int = 0, index: int = 0, begins: str = "") -> Iterator[ChatEvent]:
        self.looks.append((turn_id, index, begins))
        piece = self.words(turn_id)[index].piece if turn_id else ""
        words = [f" {begins}{ending}" for ending in ("ale", "ip")] if begins else [" whale", " ship", " boat", " sun"]
        listed = tuple(Alternative(word, 5 + number, 0.5**number / 2, 0.5) for number, word in enumerate(words))
        rank = 3 if turn_id else 0
        yield WordLooked(turn_id, index, 9, piece, -2.0, rank, 3.1, listed, memory_at(3), (0.6, 0.3, 0.1), begins, 2.1)

    def _add(self, role: str, text: str = "") -> Turn:
        turn = turn_of(self._next_id, role, text, self._position)
        self._next_id += 1
        self.turns = (*self.turns, turn)
        return turn

    def _grow(self, piece: str) -> None:
        last = self.turns[-1]
        self.turns = (*self.turns[:-1], dataclasses.replace(last, text=last.text + piece, words=last.words + 1))

    @property
    def counters(self) -> ChatCounters:
        return ChatCounters(0, STATE_BYTES if self.is_loaded else 0, self._position)

    @property
    def sampler(self) -> SamplerSettings:
        return self._sampler

    @property
    def seed(self) -> int:
        return self._sampler.seed or 7

    @property
    def network_text(self) -> str:
        """The text of the last network turn as it is kept."""
        return "".join(piece for _, piece in self.network_pieces)

    def set_sampler(self, sampler: SamplerSettings) -> None:
        self._sampler = sampler
        self.samplers.append(sampler)

    def set_join(self, join: str) -> None:
        self.session = dataclasses.replace(self.session, join=join)

    def load(self) -> Iterator[ChatEvent]:
        self.loading.step()
        if self.load_problem:
            raise self.load_problem
        self.is_loaded = True
        yield ModelLoaded(self.card.model_id, self.card.name, 0.1, STATE_BYTES, self.load_note)
        yield StateRebuilt("empty", self._position, 0)

    def send(self, text: str) -> Iterator[ChatEvent]:
        assert self.is_loaded
        self.sent.append(text)
        if self.send_problem:
            raise self.send_problem
        if text:
            turn = self._add("person", text)
            yield TurnStored(turn.turn_id, "person", text)
            pieces = tuple(pieces_of(text))
            start = self._position
            self._position += len(pieces)
            self._forgotten = False
            yield PromptScored(turn.turn_id, pieces, (-1.0,) * len(pieces), self.unknown, start)
            yield TurnFinished(turn.turn_id, "person", "complete", self._position, len(pieces), 0.1, 5.0, "read", 7)
        self.network_pieces = []
        if self.late_problem:
            raise self.late_problem
        turn = self._add("network")
        yield ReplyBegun(turn.turn_id, 0, 7)
        for piece in pieces_of(self.reply):
            self.words.step()
            self._position += 1
            self._forgotten = False
            self.temperatures_used.append(self._sampler.temperature)
            self.network_pieces.append((self._position, piece))
            self._grow(piece)
            yield self._word(piece)
        count = len(self.network_pieces)
        yield TurnFinished(turn.turn_id, "network", "complete", self._position, count, 1.0, 4.7, "paragraph", 7)

    def _word(self, piece: str) -> WordSampled:
        others = ("whale", "ship", "captain", "boat", "sun", "wind", "crew", "sail")
        alternatives = [Alternative(piece, 1, 0.4, 0.45)]
        alternatives += [
            Alternative(f" {other}", index + 2, 0.2 / (index + 1), 0.2 / (index + 1) if index < 6 else 0.0)
            for index, other in enumerate(others)
        ]
        return WordSampled(
            self._position, 1, piece, -0.9, 1, 3.1, tuple(alternatives), memory_at(self._position), (), 2.1
        )

    def cut(self, position: int) -> Iterator[ChatEvent]:
        self.cuts.append(position)
        self.network_pieces = [entry for entry in self.network_pieces if entry[0] <= position]
        self._position = position
        self.turns = (*self.turns[:-1], dataclasses.replace(self.turns[-1], text=self.network_text))
        yield TurnFinished(
            self.turns[-1].turn_id, "network", "stopped", position, len(self.network_pieces), 0.1, 4.7, "stopped", 7
        )

    def forget(self) -> Iterator[ChatEvent]:
        self._forgotten = True
        yield Forgotten(self._add("forget").turn_id, self._position)

    def memory(self) -> tuple[float, ...]:
        if not self.is_loaded:
            return ()
        return (0.0,) * UNITS if self._forgotten else memory_at(self._position)


class FakeFollower:
    """Hands over prepared events when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[TrainEvent] = []
        self.is_running = True
        self.polls = 0

    def poll(self) -> list[TrainEvent]:
        self.polls += 1
        events, self.waiting = self.waiting, []
        return events

    def go_on(self) -> None:
        pass


@dataclass
class FakeTraining:
    """Remembers what it was asked to do."""

    follower: FakeFollower = field(default_factory=FakeFollower)
    started: list[TrainRequest] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    paused: list[str] = field(default_factory=list)
    resumed: list[str] = field(default_factory=list)
    inspected: list[tuple[Path, ...]] = field(default_factory=list)
    looked_with: list[tuple[ReadOptions, str, float]] = field(default_factory=list)
    run: RunRecord | None = None
    extended: list[tuple[str, float]] = field(default_factory=list)
    can_resume: bool = False
    resume_problem: RnntuiError | None = None
    start_problem: RnntuiError | None = None
    inspecting: Gate = field(default_factory=Gate)
    beginning: BaseChosen | None = None
    texts: tuple[TextFacts, ...] = ()
    warnings: tuple[str, ...] = ()

    def inspect(
        self, names: Sequence[str], reading: ReadOptions, validation_file: str, speed_seconds: float
    ) -> Iterator[TrainEvent]:
        files = [Path(name) for name in names]
        self.inspected.append(tuple(files))
        self.looked_with.append((reading, validation_file, speed_seconds))
        yield Preparing("reading the files")
        self.inspecting.step()
        for file in files:
            if file.suffix == ".bad":
                raise CorpusError(f"{file.name} is not a text.", "Choose another file.")
        if self.beginning:
            yield self.beginning
        text = " ".join(file.read_text(encoding="utf-8") for file in files)
        yield CorpusInspected(
            files=tuple(file.name for file in files),
            encodings=("utf-8",) * len(files),
            characters=len(text),
            words=len(text.split()),
            vocabulary_size=len(set(text.split())),
            preview=text[:400],
            notes=("3 control characters became spaces.",),
            expectations=(Expectation(5.0, "lstm", 1, 256, 900, 3.0),),
            training_words=450,
            texts=self.texts,
            warnings=self.warnings,
        )
        if speed_seconds:
            yield SpeedMeasured(5_000.0, (Expectation(5.0, "lstm", 1, 256, 900, 1.5),))

    def preview_plan(
        self,
        words: int,
        seconds: float,
        overrides: Mapping[str, object],
        base: ModelConfig | None,
        words_per_second: float,
    ) -> PlanPreview:
        return preview_plan(words, seconds, overrides, base, words_per_second)

    def start(self, request: TrainRequest, *, may_wait: bool = False) -> RunRecord:
        if self.start_problem:
            raise self.start_problem
        self.started.append(request)
        if self.run and self.follower.is_running:
            assert may_wait
            return dataclasses.replace(run_record(request), run_id="run-2", is_running=False, is_queued=True)
        self.run = run_record(request)
        return self.run

    def active(self) -> RunRecord | None:
        return self.run if self.run and self.follower.is_running else None

    def extend(self, run_id: str, minutes: float) -> None:
        self.extended.append((run_id, minutes))

    def interrupted(self) -> RunRecord | None:
        return self.record("run-1") if self.run and self.can_resume else None

    def record(self, run_id: str) -> RunRecord:
        assert self.run
        return dataclasses.replace(self.run, is_running=False, can_resume=self.can_resume)

    def runs(self) -> list[RunRecord]:
        return [self.run] if self.run else []

    def follow(self, run_id: str) -> FakeFollower:
        return self.follower

    def next_step(self, model_id: str) -> str:
        return f"More time: 4 more minutes, about 0.05 bits per character less ({model_id})."

    def stop(self, run_id: str) -> None:
        self.stopped.append(run_id)

    def pause(self, run_id: str) -> None:
        self.paused.append(run_id)

    def resume(self, run_id: str) -> RunRecord | None:
        if self.resume_problem:
            raise self.resume_problem
        self.resumed.append(run_id)
        self.can_resume = False
        self.follower.is_running = True
        return self.run


def run_record(request: TrainRequest) -> RunRecord:
    return RunRecord("run-1", request.name, request.files, request.minutes * 60, "2026-01-02T03:04:05Z", True, False)


@dataclass(frozen=True)
class FakeResult:
    station: str


class FakeLab:
    """Finds the same at every station; a test can hold it at its gate."""

    def __init__(self) -> None:
        self.steps = Gate()
        self.asked: list[tuple[str, LabSettings, str]] = []
        self.problem: Exception | None = None
        self.closed = 0
        self.word = " ship"

    def run(self, name: str, asked: LabSettings, model: str = "") -> Iterator[LabEvent]:
        self.asked.append((name, asked, model))
        try:
            yield Progress(0.5, "half of it", (Bars("so far", (Bar("step", 1.0, "1"),)),))
            self.steps.step()
            if self.problem:
                raise self.problem
            found = Finding(
                FakeResult(name), self.figures(asked.prompt), asked.seed, 0.2, 0.2, asked.prompt + self.word
            )
            yield dataclasses.replace(found, model=model.removeprefix("id-") or "starter")
        finally:
            self.closed += 1

    def figures(self, prompt: str) -> tuple[Table | Bars | Check | HighlightedText, ...]:
        return (
            Bars(f"P(word | {prompt or 'nothing'})", (Bar("whale", 0.5, "0.500"), Bar("ship", 0.25, "0.250"))),
            Check("All of it sums to one", True, "1.000000"),
            Table("A table", ("word", "P", "given"), ((prompt[:20], "0.125", "the sea"), ("of", "12.500", "x"))),
            HighlightedText("A text", ((" The", -0.9), (" sea", 0.9), (f" {prompt}", 0.1))),
        )


class FakeLibrary:
    """The models of the services, without reports unless a test gives some."""

    def __init__(self, services: "FakeServices") -> None:
        self._services = services
        self.reports: dict[str, RunReport] = {}

    def find(self, name: str) -> ModelCard:
        return self._services.find_model(name)

    def report(self, model_id: str) -> RunReport | None:
        return self.reports.get(model_id)

    def rename(self, model_id: str, name: str) -> ModelCard:
        if not name.strip():
            raise InputError("A model needs a name.", "Write one.")
        cards = self._services.cards
        renamed = dataclasses.replace(self.find(model_id), name=name)
        cards[[entry.model_id for entry in cards].index(model_id)] = renamed
        return renamed

    def remove(self, model_id: str) -> None:
        if model_id == "id-starter":
            raise InputError("The model that ships with rnntui cannot be removed.", "Train a model of your own.")
        self._services.cards.remove(self.find(model_id))

    def sizes(self, model_id: str) -> dict[str, int]:
        return {"weights.safetensors": 1_000_000}


class FakePlay:
    """A game of a few words about the sea; a test can hold it at its gate."""

    words = ("ship", "sea", "rope", "man", "land", "hand", "rail", "swell")

    def __init__(self) -> None:
        self.steps = Gate()
        self.asked: list[PlayRequest] = []
        self.kept: list[GameState] = []
        self.earlier: list[GameResult] = []
        self.problem: RnntuiError | None = None
        self.source = "a book of the sea"

    def begin(self, request: PlayRequest) -> Iterator[PlayEvent]:
        self.asked.append(request)
        yield Preparing("looking for a word to ask", 0.5)
        if self.problem:
            raise self.problem
        command = f"rnntui play --seed {request.seed} --text 0123abcd"
        yield Opened(
            *("starter", "id-starter", "passages", "0123abcd", request.seed, request.mode, request.rounds),
            ("network", "counting", "together"),
            command=command,
        )
        for number in range(1, request.rounds + 1):
            self.steps.step()
            yield self.question(number, request.mode)

    def question(self, number: int, mode: str) -> Question:
        truth = self.words[number % len(self.words)]
        choices = self.words if mode == "choose" else ()
        shares = {}
        for voice, given in (("network", 0.5), ("counting", 0.25), ("together", 0.4)):
            others = (1 - given) / (len(self.words) - 1)
            shares[voice] = tuple(given if word == truth else others for word in choices)
        return Question(
            number=number,
            source=self.source,
            before=f"{SEA.strip()} Then he saw the ",
            marks=((4, 7),),
            truth=truth,
            after=" again, and it was very near to the land.",
            choices=choices,
            answer=self.words.index(truth) if choices else -1,
            shares=shares,
            given={"network": 0.5, "counting": 0.25, "together": 0.4},
            likeliest=(Likely("sea", 0.5), Likely(truth, 0.0001)),
        )

    def keep(self, state: GameState) -> str:
        self.kept.append(state)
        return ""

    def results(self) -> list[GameResult]:
        return self.earlier


class FakeArchive:
    """What is asked of all conversations."""

    def __init__(self, services: "FakeServices") -> None:
        self._services = services

    def model_names(self) -> dict[str, str]:
        return {entry.model_id: entry.name for entry in self._services.cards}

    def model_facts(self, model_id: str) -> tuple[RunReport | None, int]:
        return self._services.library.report(model_id), self.conversations_with(model_id)

    def rename_model(self, model_id: str, name: str) -> str:
        return self._services.library.rename(model_id, name).name

    def remove_model(self, model_id: str) -> None:
        self._services.library.remove(model_id)

    def conversations_with(self, model_id: str) -> int:
        return 2

    def is_there(self, session_id: str) -> bool:
        return any(session.session_id == session_id for session in self._services.sessions())


class FakeServices:
    """Everything the app is given."""

    def __init__(self, reply: str = SEA, pace: float = 0.0, models: Sequence[ModelCard] | None = None) -> None:
        self.config = Config(app=AppSettings(pace=pace, ghost=False))
        self.paths = Paths(Path("data"), Path("config.toml"))
        self.training = FakeTraining()
        self.lab = FakeLab()
        self.play = FakePlay()
        self.library = FakeLibrary(self)
        self.archive = FakeArchive(self)
        self.write_problem: RnntuiError | None = None
        self.cards = list(models) if models is not None else [card(), card("war-and-peace")]
        self.reply = reply
        self.turns: tuple[Turn, ...] = ()
        self.prepare_chat: list[FakeChat] = []
        self.chats: list[FakeChat] = []
        self.open_problem: RnntuiError | None = None
        self.notices: list[str] = []
        self.save_status = SaveStatus()
        self.opening = Gate()

    @property
    def is_saving(self) -> bool:
        return self.save_status.is_on

    def preload(self) -> None:
        self.opening.step()

    def begin(self) -> None:
        pass

    def models(self) -> list[ModelCard]:
        return self.cards

    def find_model(self, name: str) -> ModelCard:
        for entry in self.cards:
            if not name or name in {entry.name, entry.model_id}:
                return entry
        raise InputError(f'There is no model "{name}".', f"Known models are {self.cards[0].name}.")

    def open_chat(self, model: str = "", session_id: str = "") -> FakeChat:
        if self.open_problem:
            raise self.open_problem
        return self._chat(self.find_model(model), self.turns)

    def new_chat(self, model: str = "") -> FakeChat:
        return self._chat(self.find_model(model), ())

    def _chat(self, model: ModelCard, turns: tuple[Turn, ...]) -> FakeChat:
        chat = self.prepare_chat.pop(0) if self.prepare_chat else FakeChat(model, self.reply, turns)
        self.chats.append(chat)
        return chat

    def sessions(self) -> list[Session]:
        return [chat.session for chat in self.chats]

    def write(self, path: Path, data: bytes) -> None:
        if self.write_problem:
            raise self.write_problem
        path.write_bytes(data)

    def close(self) -> None:
        pass
