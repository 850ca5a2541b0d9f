"""`rnntui sessions`: keep, find and give away conversations."""

from collections.abc import Callable
from typing import Any

from rnntui.cli.context import load_preferences
from rnntui.cli.output import Output, render_table, to_values
from rnntui.errors import EXIT_OK, InputError
from rnntui.paths import named_path
from rnntui.records import SearchHit, Session, SessionSummary
from rnntui.service.export.exporters import (
    FOR_MACHINES,
    FORMATS,
    export_text,
    format_of,
    import_file,
    write_conversation,
)
from rnntui.service.export.text_export import to_text
from rnntui.service.notices import explain_not_saving, restorable_until
from rnntui.service.services import Services
from rnntui.service.timestamps import local_time, utc_now
from rnntui.text import last_words, plural, visible_line, whole_number

_MOST_FOUND = 100_000
_TITLE_CHARACTERS, _ENDING_CHARACTERS = 40, 48
_READ_ONLY = {"list", "search", "show", "export"}


def sessions(args: Any, output: Output) -> int:
    """Keep, find and give away conversations."""
    paths, config = load_preferences(args)
    services = Services.open_read_only(paths, config) if args.action in _READ_ONLY else Services(paths, config)
    try:
        if not services.save_status.is_on:
            output.say(explain_not_saving(services.save_status))
        kept_aside = services.quarantine_notices if args.action == "list" else []
        for sentence in dict.fromkeys([services.opening_notice, *kept_aside]):
            if sentence:
                output.say(sentence)
        return ACTIONS[args.action](services, args, output)
    finally:
        services.close()


# ---- reading ----------------------------------------------------------------------------------------------------


def _list(services: Services, args: Any, output: Output) -> int:
    conversations = services.conversations
    stored = conversations.deleted() if args.deleted else conversations.sessions()
    summaries = conversations.listing.summaries()
    if output.is_json:
        for session in stored:
            summary = summaries.get(session.session_id)
            output.result(to_values(session) | (to_values(summary) if summary else {}))
        return EXIT_OK
    if args.deleted:
        rows = [(entry.session_id, entry.title, restorable_until(entry)) for entry in stored]
        output.text(
            render_table(rows, ("session", "title", "can be restored until")) if rows else "Nothing is deleted."
        )
        return EXIT_OK
    listed = [(*_facts(entry), *_ending(summaries.get(entry.session_id))) for entry in stored]
    heading = ("session", "title", "last used", "turns", "last words")
    output.text(render_table(listed, heading) if listed else "No conversation yet.")
    if deleted := len(conversations.deleted()):
        output.say(f"{deleted} deleted; see rnntui sessions list --deleted.")
    return EXIT_OK


def _facts(session: Session) -> tuple[str, str, str]:
    title = visible_line(session.title, _TITLE_CHARACTERS)
    return session.session_id, f"{'* ' if session.is_pinned else ''}{title}", local_time(session.updated_at)


def _ending(summary: SessionSummary | None) -> tuple[str, str]:
    if summary is None:
        return "", ""
    return str(summary.turns), last_words(summary.last_words, _ENDING_CHARACTERS)


def _search(services: Services, args: Any, output: Output) -> int:
    words = " ".join(args.words)
    if not words.strip():
        side_by_side = "'\"old house\"' for words side by side"
        raise InputError("sessions search needs words.", f"Write: rnntui sessions search old house, or {side_by_side}.")
    hits = services.conversations.search(words, _parse_limit(args.limit))
    if output.is_json:
        for hit in hits:
            output.result(to_values(hit))
        return EXIT_OK
    for hit in hits:
        output.text(f"{hit.session_id}  {visible_line(hit.title, 40)}\n    {_bracketed_excerpt(hit)}")
    output.say(f"{len(hits)} found." if hits else "Nothing was found.")
    return EXIT_OK


def _bracketed_excerpt(hit: SearchHit) -> str:
    """The excerpt with what was found in brackets."""
    text, at = "", 0
    for start, end in hit.marks:
        text += f"{hit.excerpt[at:start]}[{hit.excerpt[start:end]}]"
        at = end
    return " ".join((text + hit.excerpt[at:]).split())


def _show(services: Services, args: Any, output: Output) -> int:
    turns = services.conversations.branch(_find(services, args).session_id)
    if output.is_json:
        for turn in turns:
            output.result(to_values(turn))
        return EXIT_OK
    output.text(to_text(turns), end="")
    return EXIT_OK


def _export(services: Services, args: Any, output: Output) -> int:
    session = _find(services, args)
    target = named_path(args.words[1]) if len(args.words) > 1 else None
    kind = args.format or format_of(target, FOR_MACHINES if output.is_json else FORMATS[0])
    if target is None:
        output.text(export_text(services, session, kind, args.visible), end="")
        return EXIT_OK
    write_conversation(services, session, target, kind, args.visible)
    output.say(f'"{session.title}" was written to {target} as {kind}.')
    return EXIT_OK


# ---- changing ---------------------------------------------------------------------------------------------------


def _import(services: Services, args: Any, output: Output) -> int:
    if not args.words:
        raise InputError("sessions import needs a file.", "Write: rnntui sessions import conversation.jsonl.")
    for name in args.words:
        session, turns, has_model = import_file(services, named_path(name))
        _tell(session, f'"{session.title}" is here with {plural(turns, "turn")}.', output)
        if not has_model:
            output.say("Its model is not here; the text can be read, exported and searched, but not continued.")
    return EXIT_OK


def _rename(services: Services, args: Any, output: Output) -> int:
    session = services.conversations.rename(_find(services, args).session_id, " ".join(args.words[1:]))
    return _tell(session, f'It is called "{session.title}" now.', output)


def _pin(services: Services, args: Any, output: Output) -> int:
    is_pinned = args.action == "pin"
    session = services.conversations.pin(_find(services, args).session_id, is_pinned)
    return _tell(session, f'"{session.title}" {"stands first now" if is_pinned else "is no longer pinned"}.', output)


def _delete(services: Services, args: Any, output: Output) -> int:
    session = services.conversations.delete(_find(services, args).session_id, utc_now())
    until = restorable_until(session)
    back = f"rnntui sessions restore {session.session_id}"
    return _tell(session, f'"{session.title}" was deleted. Until {until} you get it back with: {back}', output)


def _restore(services: Services, args: Any, output: Output) -> int:
    session = services.conversations.restore(_find(services, args).session_id)
    return _tell(session, f'"{session.title}" is back.', output)


def _duplicate(services: Services, args: Any, output: Output) -> int:
    session = _find(services, args)
    title = " ".join(args.words[1:]) or f"{session.title} (copy)"
    copy = services.conversations.duplicate(session.session_id, title, utc_now())
    return _tell(copy, f'"{copy.title}" is a copy of its own.', output)


def _empty(services: Services, args: Any, output: Output) -> int:
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


def _find(services: Services, args: Any) -> Session:
    if not args.words:
        raise InputError(f"sessions {args.action} needs a conversation.", 'See what there is with "rnntui sessions".')
    return services.conversations.find(args.words[0])


def _tell(session: Session, sentence: str, output: Output) -> int:
    if output.is_json:
        output.result(to_values(session))
    else:
        output.text(session.session_id)
        output.say(sentence)
    return EXIT_OK


def _parse_limit(argument: str) -> int:
    number = whole_number(argument)
    if number and number <= _MOST_FOUND:
        return number
    raise InputError(f'--limit cannot be "{visible_line(argument, 40)}".', f"Give a number from 1 to {_MOST_FOUND:,}.")
