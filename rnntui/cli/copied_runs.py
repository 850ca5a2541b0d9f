"""`rnntui gen --origin`: which runs of a text stand in what its model learned from, and where."""

from dataclasses import asdict

from rnntui.cli.output import Output
from rnntui.records import ModelCard
from rnntui.service.origin.opening import Opening
from rnntui.service.origin.origin import Copied, CopiedRun, Origin
from rnntui.service.origin.sentences import share_in_words
from rnntui.service.services import Services
from rnntui.text import plural


def open_origin(services: Services, card: ModelCard, output: Output) -> Origin:
    """The text of a model; what is done for it is said once.

    Raises:
        OriginError: If the text is not here.
        StorageError: If the disk refuses.
    """
    told: set[str] = set()

    def tell(sentence: str) -> None:
        what = sentence.rstrip("0123456789 %")
        if what not in told:
            told.add(what)
            output.say(f"{what[:1].upper()}{what[1:]} ...")

    origin = Opening(services, card, tell).run()
    assert origin is not None  # noqa: S101  nobody stops it here
    return origin


def tell_copied(origin: Origin, text: str, output: Output) -> None:
    """Say which runs of a text stand in what the model learned from."""
    copied = origin.look(text)
    header = origin.header
    human = header.human_share if header.human_words else None
    if output.is_json:
        runs = [_as_values(origin, run, text) for run in copied.runs]
        values = {"share": copied.share, "human_share": human, "words": copied.words, "note": origin.note, "runs": runs}
        output.result({"origin": values})
        return
    for run in copied.runs:
        output.say(_in_words(origin, run, text))
    output.say(f"{share_in_words(copied.share, human)}{_nothing(copied)}")
    if origin.note:
        output.say(origin.note)


def _nothing(copied: Copied) -> str:
    return "" if copied.runs else "; no four words in a row stand in what it has learned from"


def _in_words(origin: Origin, run: CopiedRun, text: str) -> str:
    places = origin.places(run)
    place = origin.place(places[0], run)
    more = f" and {plural(len(places) - 1, 'more place')}" if len(places) > 1 else ""
    remark = f" ({place.remark})" if place.state in {"changed", "gone"} else ""
    said = " ".join(text[run.start : run.end].split())
    return f"{len(run.words)} words: {said} | {place.where}{more}{remark}"


def _as_values(origin: Origin, run: CopiedRun, text: str) -> dict[str, object]:
    places = origin.places(run)
    first = asdict(origin.place(places[0], run))
    return {"text": text[run.start : run.end], "words": len(run.words), "places": len(places), "first": first}
