"""What stands beside the list: the facts of one model and the last thing it wrote while it learned."""

from textual.content import Content

from rnntui.records import ModelCard, RunReport
from rnntui.service.export.advice import first_advice
from rnntui.service.timestamps import local_time
from rnntui.text import plural, visible_line
from rnntui.tui.models.model_rows import size_in_words, source_in_words
from rnntui.tui.safe import joined, shown, shown_line

_LONGEST_SAMPLE = 400


def render_preview(card: ModelCard, report: RunReport | None, conversations: int) -> Content:
    """The facts of a model.

    Args:
        card: Of the model.
        report: How it came about; None where nobody kept that.
        conversations: So many speak with it.
    """
    config, figures = card.config, card.figures
    quality = "not measured yet"
    if figures.words:
        quality = f"{figures.bits_per_character:.3f} bits per character"
        if figures.mixture_bits_per_character:
            quality += f", {figures.mixture_bits_per_character:.3f} with counting and recent words"
    facts = (
        quality,
        f"learned {card.training_words:,} words of {source_in_words(card)}, {card.passes:.1f} times",
        f"{config.cell} {config.layers}×{config.hidden_size}, {card.vocabulary_size:,} entries, {size_in_words(card)}",
        f"made {local_time(card.made_at)} in {card.minutes:.3g} minutes of learning",
        used_in_words(conversations),
    )
    parts: list[Content | str | tuple[str, str]] = [shown_line(card.name, "bold $text-primary", 60), "\n"]
    for fact in facts:
        parts += [shown_line(fact, "$foreground-muted", 300), "\n"]
    if report and report.samples:
        sample = report.samples[-1]
        parts += [("\nIt wrote\n", "$foreground-disabled"), shown_line(sample.prompt.rstrip(), "bold", 200)]
        parts += [shown(sample.text.rstrip()[:_LONGEST_SAMPLE]), "\n"]
    if advice := first_advice(card, report):
        parts += [("\nTo try next\n", "$foreground-disabled"), shown_line(advice, "", 300)]
    return joined(*parts)


def used_in_words(conversations: int) -> str:
    """How many conversations speak with a model."""
    if not conversations:
        return "no conversation speaks with it"
    verb = "speaks" if conversations == 1 else "speak"
    return f"{plural(conversations, 'conversation')} {verb} with it"


def removal_in_words(card: ModelCard, conversations: int, *, is_open: bool) -> str:
    """What is asked before a model is removed.

    Args:
        card: Of the model.
        conversations: So many speak with it.
        is_open: True for the model that speaks in the conversation that is open.
    """
    name = f'Remove "{visible_line(card.name, 40)}" for good?'
    if is_open:
        name += " It speaks here until you leave."
    if conversations:
        kept = "it stays, and opens" if conversations == 1 else "they stay, and open"
        name += f" {used_in_words(conversations).capitalize()}: {kept} with another model (--model NAME --session ID)."
    return f"{name} Enter removes it, Esc keeps it."
