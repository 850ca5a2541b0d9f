"""`rnntui replay`: say an exported conversation again and check it word for word."""

from typing import Any

from rnntui.cli.context import load_services
from rnntui.cli.output import Output, to_values
from rnntui.errors import EXIT_DIFFERENT, EXIT_OK
from rnntui.paths import named_path
from rnntui.service.export import replay as export_replay
from rnntui.service.export.conversation_file import read_conversation
from rnntui.service.export.replay import TurnReplayed, Verdict
from rnntui.text import plural, visible_line


def replay(args: Any, output: Output) -> int:
    """Say an exported conversation again; the exit code tells whether it came out the same."""
    services = load_services(args)
    conversation = read_conversation(named_path(args.file))
    code = EXIT_DIFFERENT
    for result in export_replay.replay(services.library, conversation, services.config.app.device):
        if output.is_json:
            output.result({"result": type(result).__name__, **to_values(result)})
        if isinstance(result, Verdict):
            code = EXIT_OK if result.is_identical else EXIT_DIFFERENT
        if not output.is_json:
            output.text(_turn_line(result) if isinstance(result, TurnReplayed) else _verdict_line(result))
    return code


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
