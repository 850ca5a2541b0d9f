"""The table of crafted inputs: what a file, a flag, a variable, a stream or a script may be, and nobody wished for.

Each is one use of the command line. Adding one is adding a line; `bad_input` runs them and judges.
"""

import json
import random
import string
from collections.abc import Iterator
from dataclasses import dataclass, field

FILE_KINDS = (
    "missing",
    "folder",
    "empty",
    "pipe",
    "socket",
    "loop of links",
    "dangling link",
    "link to /dev/zero",
    "link to /dev/full",
    "link to /proc/self/mem",
    "8 GB of holes",
    "noise",
    "NULs",
    "long name",
    "name of control characters",
    "name that is not UTF-8",
)
"""What may stand where a file belongs."""

DATA_FILES = (
    "sessions.sqlite3",
    "sessions.sqlite3-journal",
    "sessions.sqlite3-wal",
    "sessions.sqlite3-shm",
    "sessions.sqlite3.lock",
    "sessions.sqlite3.new",
    "sessions.sqlite3.suspect",
    "open.lock",
    "rnntui.log",
    "models",
    "models/lock",
    "runs",
    "runs/lock",
    "corpora",
)
"""Files and folders of the data folder."""

NAMED_FILES = (
    ("inspect", "FILE"),
    ("train", "FILE", "--model", "x"),
    ("train", "FILE", "--minutes", "0.02"),
    ("train", "nothing.txt", "--validation", "FILE"),
    ("eval", "FILE"),
    ("replay", "FILE"),
    ("sessions", "import", "FILE"),
    ("drive", "FILE"),
    ("models", "show", "starter", "--html", "FILE/report.html"),
    ("sessions", "export", "nothing", "FILE"),
    ("gen", "x", "--model", "FILE"),
    ("models", "rename", "FILE", "FILE"),
)
"""Uses in which the person names a file, or what might be taken for one."""

FLAG_VALUES = {
    "nothing": "",
    "a space": " ",
    "a dash": "-",
    "a word": "abc",
    "superscript two": "²",
    "digits of another script": "٣",
    "roman numeral": "Ⅷ",
    "not a number": "nan",
    "infinity": "inf",
    "beyond all numbers": "1e999",
    "five thousand digits": "9" * 5_000,
    "negative": "-1",
    "a fraction": "1.5",
    "hexadecimal": "0x10",
    "underscores": "1_000",
    "two to the 64th": str(2**64),
    "a comma": "0,5",
    "a control sequence": "\x1b]52;c;aGk=\x07",
    "markup": "[@click=app.quit]x[/]",
    "half a character": "\udcff",
    "a hundred thousand letters": "a" * 100_000,
    "a home of nobody": "~nobody/x",
    "upwards": "../../../../etc/passwd",
    "a newline": "a\nb",
    "a direction override": "\u202egnp.exe",
    "a percent sign": "%s%n%(x)s{x}",
}

FLAG_USES = {
    "gen": ("gen", "x", "--model", "no such model"),
    "train": ("train", "no-such-file.txt"),
    "inspect": ("inspect", "no-such-file.txt"),
    "eval": ("eval", "no-such-file.txt"),
    "lab": ("lab", "memory", "--model", "no such model"),
    "runs": ("runs", "extend", "no such run"),
    "models": ("models", "show", "no such model"),
    "sessions": ("sessions", "search", "x"),
    "drive": ("drive", "no-such-script.txt"),
}
"""For each command a use that comes to nothing, so that a flag's value is looked at and no work is done."""

CONFIGURATIONS: dict[str, bytes] = {
    "byte order mark": b"\xef\xbb\xbf[sampler]\ntemperature = 0.5\n",
    "lines of Windows": b"[sampler]\r\ntemperature = 0.5\r\n",
    "lines of old Macs": b"[sampler]\rtemperature = 0.5\r",
    "UTF-16": "[sampler]\ntemperature = 0.5\n".encode("utf-16"),
    "Latin-1": "[app]\nmodel = 'Schöne Grüße'\n".encode("latin-1"),
    "nested lists": b"x = " + b"[" * 50_000 + b"]" * 50_000,
    "nested tables": b"x = " + b"{a=" * 20_000 + b"1" + b"}" * 20_000,
    "a name of 20,000 parts": b".".join([b"a"] * 20_000) + b" = 1",
    "20,000 names of parts": b"".join(b"a.b%d = 1\n" % number for number in range(20_000)),
    "a table of 20,000 parts": b"[" + b".".join([b"a"] * 20_000) + b"]",
    "10,000 tables": b"".join(b"[t%d]\n" % number for number in range(10_000)),
    "10,000 digits": b"[sampler]\nseed = " + b"9" * 10_000,
    "10,000 hexadecimal digits": b"[sampler]\nseed = 0x" + b"f" * 10_000,
    "a long float": b"[sampler]\ntemperature = 0." + b"9" * 100_000,
    "infinity": b"[sampler]\ntemperature = inf",
    "no number": b"[sampler]\ntemperature = nan",
    "a bool for a number": b"[sampler]\ntemperature = true",
    "a list for a number": b"[sampler]\ntemperature = [[[[1]]]]",
    "a date for a number": b"[sampler]\nseed = 1979-05-27T07:32:00Z",
    "a number for a word": b"[sampler]\nvoice = 1",
    "an unknown word": b"[sampler]\nvoice = 'tenor'",
    "an unknown setting": b"[sampler]\nheat = 1",
    "a huge unknown setting": b"[sampler]\n" + b"a" * 100_000 + b" = 1",
    "an unknown section": b"[samplers]\n",
    "a huge unknown section": b"[" + b"a" * 100_000 + b"]\n",
    "a section that is a number": b"sampler = 1",
    "a section that is a list": b"[[sampler]]\n",
    "a number for a key": b"[keys]\nundo = 1",
    "keys that are a list": b"keys = []",
    "a theme that is a number": b"[themes]\nmine = 1",
    "a theme of tables": b"[themes.mine]\nprimary = {a = 1}",
    "the same twice": b"[app]\npace = 1\npace = 2",
    "the same table twice": b"[app]\n[app]\n",
    "a control sequence": b'[sampler]\n"\\u001b]52;c;aGk=\\u0007" = 1',
    "a raw control sequence": b"[app]\nmodel = '\x1b]52;c;aGk=\x07'",
    "markup": b"['[@click=app.quit]x[/]']\n",
    "half a character": b'[app]\nmodel = "\\ud800"',
    "beyond Unicode": b'[app]\nmodel = "\\UFFFFFFFF"',
    "an endless text": b'[app]\nmodel = """' + b"a" * 200_000,
    "NULs": b"\0" * 1_000,
    "noise": random.Random(5).randbytes(10_000),
    "just over the limit": b"#" * ((1 << 18) + 1),
    "only dots": b"." * 50_000,
    "only quotes": b'"' * 50_000,
    "only brackets": b"[" * 50_000,
    "a model of no name": b"[app]\nmodel = ' '",
    "a negative pace": b"[app]\npace = -1",
}

ENVIRONMENTS: dict[str, dict[str, str]] = {
    "no home": {"HOME": ""},
    "a home that is no path": {"HOME": "nowhere"},
    "a home that is not there": {"HOME": "/no/such/home"},
    "a home of 5,000 characters": {"HOME": "/" + "a" * 5_000},
    "no TERM": {"TERM": ""},
    "a dumb TERM": {"TERM": "dumb"},
    "an odd TERM": {"TERM": "\x1b[31m"},
    "COLUMNS 0": {"COLUMNS": "0", "LINES": "0"},
    "COLUMNS ²": {"COLUMNS": "²", "LINES": "²"},
    "COLUMNS -1": {"COLUMNS": "-1", "LINES": "-1"},
    "COLUMNS of 5,000 digits": {"COLUMNS": "9" * 5_000},
    "COLUMNS huge": {"COLUMNS": "1000000000"},
    "odd threads": {"OMP_NUM_THREADS": "abc", "MKL_NUM_THREADS": "-7"},
    "no threads": {"OMP_NUM_THREADS": "0", "MKL_NUM_THREADS": "0"},
    "too many threads": {"OMP_NUM_THREADS": "99999999999999999999"},
    "no folder for temporary files": {"TMPDIR": "/no/such/folder", "TMP": "", "TEMP": "\x1b"},
    "an unknown language": {"LANG": "tlh_KLINGON", "LC_ALL": "tlh_KLINGON"},
    "language C": {"LANG": "C", "LC_ALL": "C"},
    "a data folder of spaces": {"RNNTUI_DATA_DIR": "   "},
    "a data folder of 300 characters": {"RNNTUI_DATA_DIR": "/tmp/" + "a" * 300},  # noqa: S108  never made
    "a data folder of 5,000 characters": {"RNNTUI_DATA_DIR": "/a" * 5_000},
    "a data folder in a file": {"RNNTUI_DATA_DIR": "/etc/passwd/x"},
    "a data folder in a device": {"RNNTUI_DATA_DIR": "/dev/null/x"},
    "a data folder that is a file": {"RNNTUI_DATA_DIR": "/etc/passwd"},
    "a data folder of nobody": {"RNNTUI_DATA_DIR": "~nobody-of-this-name/x"},
    "a data folder of odd characters": {"RNNTUI_DATA_DIR": "/proc/\x1b[31m\udcff\n[/b]"},
    "a data folder in /proc": {"RNNTUI_DATA_DIR": "/proc/x"},
    "a configuration that is a device": {"RNNTUI_CONFIG": "/dev/zero"},
    "a configuration that never ends": {"RNNTUI_CONFIG": "/dev/urandom"},
    "a configuration that is memory": {"RNNTUI_CONFIG": "/proc/self/mem"},
    "a configuration that is a folder": {"RNNTUI_CONFIG": "/"},
    "a configuration of 5,000 characters": {"RNNTUI_CONFIG": "/a" * 5_000},
    "no configuration": {"RNNTUI_CONFIG": "/dev/null"},
    "a wrong temperature": {"RNNTUI_TEMPERATURE": "hot"},
    "a temperature of ²": {"RNNTUI_TEMPERATURE": "²"},
    "a seed of 5,000 digits": {"RNNTUI_SEED": "9" * 5_000},
    "a pace of nan": {"RNNTUI_PACE": "nan"},
    "a ghost that is maybe": {"RNNTUI_GHOST": "maybe"},
    "a model that is a path": {"RNNTUI_MODEL": "../../etc"},
    "an odd fail point": {"RNNTUI_FAIL_POINT": "abc:def"},
    "odd names for torch": {"TORCH_LOGS": "nonsense"},
    "odd flags for Rich": {"NO_COLOR": "", "FORCE_COLOR": "²", "TTY_COMPATIBLE": "abc"},
}

DOCUMENTS: dict[str, bytes] = {
    "x.csv --field ²": b"name,text\na,some words\n",
    "x.csv --field 99999999999999999999": b"name,text\na,some words\n",
    "x.csv --field " + "9" * 5_000: b"name,text\na,some words\n",
    "x.csv": b"a" * 200_000,
    "y.csv": b'"' * 200_001,
    "a.html": b"<p>&#" + b"9" * 5_000 + b"; words",
    "b.html": b"<p>&#x" + b"f" * 5_000 + b"; words",
    "c.html": b'<p title="&#' + b"9" * 5_000 + b';">',
    "d.html": b"<" * 100_000,
    "x.jsonl": b'{"text": ' + b"[" * 100_000,
    "y.jsonl": b'{"text": ' + b"9" * 100_000 + b"}\n",
    "z.jsonl": b'{"text": "\\ud800"}\n',
    "x.epub": b"PK\x03\x04" + b"\0" * 1_000,
    "y.epub": b"not a book",
    "x.txt --encoding klingon": b"some words",
    "x.txt --encoding undefined": b"some words",
    "x.txt --encoding zlib": b"some words",
    "x.txt --encoding \udcff": b"some words",
    "x.txt --encoding idna": b"a" * 100 + b"." + b"\xff" * 100,
    "~.txt": b"some words",
    "sample:nothing": b"",
}
"""Files that are looked into, with the flags behind their names; none has enough words to train on."""

CONVERSATIONS: dict[str, bytes] = {
    "nothing but a bracket": b"{",
    "a list": b"[]\n",
    "nested deeply": b"[" * 200_000,
    "no first line": b'{"kind": "turn"}\n',
    "a huge number": b'{"kind": "conversation", "format": ' + b"9" * 5_000 + b"}\n",
    "a newer format": b'{"kind": "conversation", "format": 99}\n',
    "turns without end": b'{"kind": "conversation", "format": 1, "turns": 9223372036854775807}\n',
    "not UTF-8": b"\xff\xfe\xfd" * 100,
    "text of people": b"# Title\n\nyou: hello\n",
    "NULs": b"\0" * 10_000,
}

SCRIPTS: dict[str, str] = {
    "no step": "sing loud",
    "click nothing": "click",
    "click no selector": "click #a[",
    "click with an odd place": "click #prompt x y",
    "focus no selector": "focus >>>",
    "focus nothing": "focus",
    "press nothing": "press",
    "press an unknown key": "press hyper+nonsense f99 ctrl+ +",
    "resize of other digits": "resize ²x²",
    "resize of 5,000 digits": f"resize {'9' * 5_000}x9",
    "resize beyond all screens": "resize 99999999x99999999",
    "resize to nothing": "resize 0x0",
    "a timeout of nan": "timeout nan\nwait-for text never",
    "a timeout of infinity": "timeout inf\nwait-for text never",
    "a timeout of words": "timeout soon",
    "wait for no selector": "timeout 0.1\nwait-for #a[",
    "wait for nothing": "wait-for",
    "expect nothing": "expect",
    "a screenshot of no name": "screenshot",
    "a screenshot elsewhere": "screenshot ../../x.svg",
    "a screenshot of a long name": f"screenshot {'a' * 300}.svg",
    "paste control characters": "paste \x1b]52;c;aGk=\x07[@click=app.quit]\nexpect text click",
    "type control characters": "type \x07\x1b\x00²\ud83d",
    "an odd model": "type /model [/b]\npress enter\npress escape",
}

STREAMS: dict[str, str] = {
    "output closed": "RNNTUI where >&-",
    "output full": "RNNTUI where >/dev/full",
    "help to a full disk": "RNNTUI --help >/dev/full",
    "version to a full disk": "RNNTUI --version >/dev/full",
    "JSON to a full disk": "RNNTUI models --json >/dev/full",
    "an error as JSON to a full disk": "RNNTUI models show nobody --json >/dev/full",
    "input closed": "RNNTUI gen - --model nobody <&-",
    "script from closed input": "RNNTUI drive - <&-",
    "prompt from memory": "RNNTUI gen - --model nobody </proc/self/mem",
    "prompt without end": "RNNTUI gen - --model nobody </dev/zero",
    "script without end": "RNNTUI drive - </dev/zero",
    "everything closed": "RNNTUI where <&- >&- 2>&-",
    "error closed": "RNNTUI models 2>&-",
    "error full": "RNNTUI models 2>/dev/full",
    "the app without a terminal": "RNNTUI </dev/null",
    "the app with everything closed": "RNNTUI <&- >&- 2>&-",
    "a folder that is gone": "mkdir gone && cd gone && rmdir ../gone && RNNTUI where",
    "training in a folder that is gone": "mkdir gone && cd gone && rmdir ../gone && RNNTUI train ../x.txt",
    "output to the null device": "RNNTUI models >/dev/null",
    "odd encoding": "PYTHONIOENCODING=utf-16 RNNTUI models",
    "ASCII": "PYTHONIOENCODING=ascii RNNTUI models show no-such-möde",
    "code page 037": "PYTHONIOENCODING=cp037 RNNTUI models",
    "no UTF-8 mode": "PYTHONUTF8=0 LC_ALL=C RNNTUI models show no-such-möde",
    "warnings are errors": "PYTHONWARNINGS=error RNNTUI models",
    "optimised": "PYTHONOPTIMIZE=2 RNNTUI models",
}
"""Lines for a shell: what cannot be set up once Python runs."""


@dataclass(frozen=True)
class Case:
    """One use of the command line."""

    name: str
    arguments: tuple[str, ...] = ()
    """FILE stands for a file of the case's own."""
    kind: str = "missing"
    """What FILE, or the file of `place`, is: one of FILE_KINDS, or "content"."""
    content: bytes = b""
    file: str = "FILE"
    """The name of FILE."""
    place: str = ""
    """Where in the data folder the file stands, or "config.toml" beside it; empty: it is only named."""
    environment: dict[str, str] = field(default_factory=dict)
    shell_line: str = ""
    """A line for a shell instead of the arguments."""

    @property
    def needs_torch(self) -> bool:
        """True for what looks into a text."""
        return self.arguments[:1] in {("inspect",), ("eval",), ("train",)}

    def to_line(self) -> str:
        """As one line of JSON."""
        return json.dumps({**self.__dict__, "content": self.content.decode("latin-1")})

    @classmethod
    def from_line(cls, line: str) -> "Case":
        """The case that `to_line` wrote."""
        values = json.loads(line)
        return cls(
            **{**values, "arguments": tuple(values["arguments"]), "content": values["content"].encode("latin-1")}
        )


def fixed_cases() -> list[Case]:
    """Every case of the tables that runs in a process of its own making within milliseconds."""
    cases = [
        Case(f"{' '.join(use)}: {kind}", use, kind)
        for use in NAMED_FILES
        for kind in FILE_KINDS
        if kind != "noise" or use[0] != "train"
    ]
    for name in DATA_FILES:
        for kind in FILE_KINDS[:13]:
            for use in (("sessions",), ("models", "remove", "nothing"), ("runs",)):
                cases.append(Case(f"{name} is {kind}: {' '.join(use)}", use, kind, place=f"data/{name}"))
    cases += [Case(f"config.toml is {kind}", ("models",), kind, place="config.toml") for kind in FILE_KINDS[:13]]
    cases += [
        Case(f"configuration: {name}", ("models",), "content", content, place="config.toml")
        for name, content in CONFIGURATIONS.items()
    ]
    for name, environment in ENVIRONMENTS.items():
        for use in (("where",), ("models",), ("sessions",)):
            cases.append(Case(f"environment: {name}: {use[0]}", use, environment=environment))
    for line, content in DOCUMENTS.items():
        file, *flags = line.split(" ")
        named = file if file.startswith(("~", "sample:")) else "FILE"
        cases.append(Case(f"inspect {line[:60]}", ("inspect", named, *flags), "content", content, file))
    for name, content in CONVERSATIONS.items():
        for use in (("sessions", "import"), ("replay",)):
            cases.append(Case(f"{use[0]}: {name}", (*use, "FILE"), "content", content, "FILE.jsonl"))
    return cases


def flag_cases(flags: dict[str, list[str]]) -> list[Case]:
    """Each flag of each command with each odd value.

    Args:
        flags: Flags that take a value, by command.
    """
    return [
        Case(f"{command} {flag} = {name}", (*FLAG_USES[command], f"{flag}={value}"))
        for command, known in flags.items()
        if command in FLAG_USES
        for flag in known
        for name, value in FLAG_VALUES.items()
        if flag != "--model" or value.strip()  # without a name the preferred model does its work
    ]


def random_cases(seed: int, count: int, flags: dict[str, list[str]]) -> Iterator[Case]:
    """Cases drawn from a seed: configurations with holes and doubles, flags with nonsense, words in any order."""
    for number in range(count):
        coin = random.Random(f"{seed}-{number}")
        name = f"random {seed}-{number}"
        what = coin.choice(["configuration", "flag", "variable", "words"])
        if what == "configuration":
            yield Case(name, ("models",), "content", _mutated(coin), place="config.toml")
        elif what == "flag":
            command = coin.choice([name for name in flags if name in FLAG_USES])
            yield Case(name, (*FLAG_USES[command], f"{coin.choice(flags[command])}={_nonsense(coin)}"))
        elif what == "variable":
            variable = coin.choice(["TEMPERATURE", "TOP_K", "SEED", "PACE", "JOIN", "MODEL", "DATA_DIR", "CONFIG"])
            yield Case(name, ("models",), environment={f"RNNTUI_{variable}": _nonsense(coin)})
        else:
            words = [coin.choice([*FLAG_USES, "--json", "--data-dir", "--", "-", "x", "show"]) for _ in range(4)]
            yield Case(name, ("models", *words))


def _mutated(coin: random.Random) -> bytes:
    """A configuration that was right once."""
    content = bytearray(
        b'[sampler]\ntemperature = 0.9\nseed = 7\nvoice = "network"\n[app]\npace = 20\ntheme = "nord"\n'
        b'[keys]\nundo = "f8"\n[themes.mine]\nprimary = "#5fafff"\ndark = true\n'
    )
    for _ in range(coin.randint(1, 6)):
        at = coin.randrange(len(content))
        piece = coin.choice(
            [b"", b"[", b"]", b'"', b"=", b".", b"\n", b"0", b"\xff", b"\0", bytes(content[at : at + 9])]
        )
        content[at : at + coin.randint(0, 4)] = piece * coin.choice([1, 1, 1, 500])
    return bytes(content)


def _nonsense(coin: random.Random) -> str:
    alphabet = string.printable.replace("\0", "") + "²٣Ⅷé漢\u202e\u200b\udcff\x1b\x9b🙂"
    return "".join(coin.choices(alphabet, k=coin.choice([1, 2, 5, 20, 400])))
