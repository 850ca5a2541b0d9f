"""`rnntui sessions` and `rnntui replay`: keep, find, give away and check conversations."""

from collections.abc import Callable
from typing import Any

from rnntui.cli.main import EXIT_OK, paths_of
from rnntui.cli.output import Output, plain, table
from rnntui.config import load_config, with_device
from rnntui.errors import EXIT_DIFFERENT, InputError
from rnntui.paths import named_path
from rnntui.records import SearchHit, Session
from rnntui.service.export.conversation_file import read_conversation
from rnntui.service.export.exporters import (
    FOR_MACHINES,
    FORMATS,
    export_text,
    format_of,
    import_file,
    write_conversation,
)
from rnntui.service.export.replay import TurnReplayed, Verdict
from rnntui.service.export.replay import replay as said_again
from rnntui.service.export.text_export import to_text
from rnntui.service.notices import not_saved, restorable_until
from rnntui.service.services import Services
from rnntui.service.timestamps import local_time, utc_now
from rnntui.text import plural, visible_line, whole_number

_MOST_FOUND = 100_000
_LOOKING = {"list", "search", "show", "export"}


def sessions(chosen: Any, output: Output) -> int:
    """Keep, find and give away conversations."""
    paths = paths_of(chosen)
    config = load_config(paths.config_file)
    services = Services.look(paths, config) if chosen.action in _LOOKING else Services(paths, config)
    try:
        if not services.keeping.is_on:
            output.say(not_saved(services.keeping))
        kept_aside = services.kept_aside if chosen.action == "list" else []
        for sentence in dict.fromkeys([services.opening_notice, *kept_aside]):
            if sentence:
                output.say(sentence)
        return ACTIONS[chosen.action](services, chosen, output)
    finally:
        services.close()


def replay(chosen: Any, output: Output) -> int:
    """Say an exported conversation again; the exit code tells whether it came out the same."""
    paths = paths_of(chosen)
    services = Services(paths, with_device(load_config(paths.config_file), chosen.device))
    conversation = read_conversation(named_path(chosen.file))
    code = EXIT_DIFFERENT
    for result in said_again(services.library, conversation, services.config.app.device):
        if output.is_json:
            output.result({"result": type(result).__name__, **plain(result)})
        if isinstance(result, Verdict):
            code = EXIT_OK if result.is_identical else EXIT_DIFFERENT
        if not output.is_json:
            output.text(_turn_line(result) if isinstance(result, TurnReplayed) else _verdict_line(result))
    return code


# ---- looking ----------------------------------------------------------------------------------------------------


def _list(services: Services, chosen: Any, output: Output) -> int:
    conversations = services.conversations
    stored = conversations.deleted() if chosen.deleted else conversations.sessions()
    if output.is_json:
        for session in stored:
            output.result(plain(session))
        return EXIT_OK
    if chosen.deleted:
        rows = [(entry.session_id, entry.title, restorable_until(entry)) for entry in stored]
        output.text(table(rows, ("session", "title", "can be restored until")) if rows else "Nothing is deleted.")
        return EXIT_OK
    rows = [(entry.session_id, _pinned(entry), local_time(entry.updated_at)) for entry in stored]
    output.text(table(rows, ("session", "title", "last used")) if rows else "No conversation yet.")
    if deleted := len(conversations.deleted()):
        output.say(f"{deleted} deleted; see rnntui sessions list --deleted.")
    return EXIT_OK


def _pinned(session: Session) -> str:
    return f"{'* ' if session.is_pinned else ''}{session.title}"


def _search(services: Services, chosen: Any, output: Output) -> int:
    words = " ".join(chosen.words)
    if not words.strip():
        side_by_side = "'\"old house\"' for words side by side"
        raise InputError("sessions search needs words.", f"Write: rnntui sessions search old house, or {side_by_side}.")
    hits = services.conversations.search(words, _limit(chosen.limit))
    if output.is_json:
        for hit in hits:
            output.result(plain(hit))
        return EXIT_OK
    for hit in hits:
        output.text(f"{hit.session_id}  {visible_line(hit.title, 40)}\n    {_marked(hit)}")
    output.say(f"{len(hits)} found." if hits else "Nothing was found.")
    return EXIT_OK


def _marked(hit: SearchHit) -> str:
    """The excerpt with what was found in brackets."""
    text, at = "", 0
    for start, end in hit.marks:
        text += f"{hit.excerpt[at:start]}[{hit.excerpt[start:end]}]"
        at = end
    return " ".join((text + hit.excerpt[at:]).split())


def _show(services: Services, chosen: Any, output: Output) -> int:
    turns = services.conversations.branch(_named(services, chosen).session_id)
    if output.is_json:
        for turn in turns:
            output.result(plain(turn))
        return EXIT_OK
    output.text(to_text(turns), end="")
    return EXIT_OK


def _export(services: Services, chosen: Any, output: Output) -> int:
    session = _named(services, chosen)
    target = named_path(chosen.words[1]) if len(chosen.words) > 1 else None
    kind = chosen.format or format_of(target, FOR_MACHINES if output.is_json else FORMATS[0])
    if target is None:
        output.text(export_text(services, session, kind, chosen.visible), end="")
        return EXIT_OK
    write_conversation(services, session, target, kind, chosen.visible)
    output.say(f'"{session.title}" was written to {target} as {kind}.')
    return EXIT_OK


# ---- changing ---------------------------------------------------------------------------------------------------


def _import(services: Services, chosen: Any, output: Output) -> int:
    if not chosen.words:
        raise InputError("sessions import needs a file.", "Write: rnntui sessions import conversation.jsonl.")
    for name in chosen.words:
        session, turns, has_model = import_file(services, named_path(name))
        _tell(session, f'"{session.title}" is here with {plural(turns, "turn")}.', output)
        if not has_model:
            output.say("Its model is not here; the text can be read, exported and searched, but not continued.")
    return EXIT_OK


def _rename(services: Services, chosen: Any, output: Output) -> int:
    session = services.conversations.rename(_named(services, chosen).session_id, " ".join(chosen.words[1:]))
    return _tell(session, f'It is called "{session.title}" now.', output)


def _pin(services: Services, chosen: Any, output: Output) -> int:
    is_pinned = chosen.action == "pin"
    session = services.conversations.pin(_named(services, chosen).session_id, is_pinned)
    return _tell(session, f'"{session.title}" {"stands first now" if is_pinned else "is no longer pinned"}.', output)


def _delete(services: Services, chosen: Any, output: Output) -> int:
    session = services.conversations.delete(_named(services, chosen).session_id, utc_now())
    until = restorable_until(session)
    back = f"rnntui sessions restore {session.session_id}"
    return _tell(session, f'"{session.title}" was deleted. Until {until} you get it back with: {back}', output)


def _restore(services: Services, chosen: Any, output: Output) -> int:
    session = services.conversations.restore(_named(services, chosen).session_id)
    return _tell(session, f'"{session.title}" is back.', output)


def _duplicate(services: Services, chosen: Any, output: Output) -> int:
    session = _named(services, chosen)
    title = " ".join(chosen.words[1:]) or f"{session.title} (copy)"
    copy = services.conversations.duplicate(session.session_id, title, utc_now())
    return _tell(copy, f'"{copy.title}" is a copy of its own.', output)


def _empty(services: Services, chosen: Any, output: Output) -> int:
    count = services.conversations.purge_deleted("9999")
    if output.is_json:
        output.result({"emptied": count})
    else:
        output.say(f"{count} deleted conversations are gone for good.")
    return EXIT_OK


ACTIONS: dict[str, Callable[[Services, Any, Output], int]] = {
    "list": _list,
    "search": _search,
    "show": _show,
    "export": _export,
    "import": _import,
    "rename": _rename,
    "pin": _pin,
    "unpin": _pin,
    "delete": _delete,
    "restore": _restore,
    "duplicate": _duplicate,
    "empty": _empty,
}


def _named(services: Services, chosen: Any) -> Session:
    if not chosen.words:
        raise InputError(f"sessions {chosen.action} needs a conversation.", 'See what there is with "rnntui sessions".')
    return services.conversations.find(chosen.words[0])


def _tell(session: Session, sentence: str, output: Output) -> int:
    if output.is_json:
        output.result(plain(session))
    else:
        output.text(session.session_id)
        output.say(sentence)
    return EXIT_OK


def _limit(argument: str) -> int:
    number = whole_number(argument)
    if number and number <= _MOST_FOUND:
        return number
    raise InputError(f'--limit cannot be "{visible_line(argument, 40)}".', f"Give a number from 1 to {_MOST_FOUND:,}.")


def _turn_line(turn: TurnReplayed) -> str:
    who = "you" if turn.role == "person" else visible_line(turn.model, 30)
    what = turn.role if turn.role in ("forget", "switch") else f"{turn.tokens} tokens"
    seed = f", seed {turn.seed}" if turn.seed is not None else ""
    result = "identical" if turn.is_identical else f"DIFFERENT: {turn.difference}"
    return f"turn {turn.number}: {who}, {what}{seed}: {result}"


def _verdict_line(verdict: Verdict) -> str:
    if verdict.is_identical:
        replies = f"{verdict.replies:,} {'reply' if verdict.replies == 1 else 'replies'}"
        tokens, turns = plural(verdict.tokens, "token"), plural(verdict.turns, "turn")
        return f"Identical: {replies}, {tokens} in {turns}, every log-probability to the last bit."
    return (
        f"Not identical: {verdict.turns_that_differ} of {verdict.turns} turns differ; "
        f"log-probabilities are off by at most {verdict.off_by_nats:.3g} nats."
    )
