"""What is said of words that stand in the text a model learned from. Pure functions; loads nothing."""

from rnntui.records import Copying

RUN = 5
"""Words: what a share counts; the same as in `rnntui.lm.origin.index_file`."""
_LEAST_WORDS = 200
_LEAST_MORE = 0.05
"""So much more than a person's may be chance in a sample of a thousand words."""


def share_in_words(share: float, human_share: float | None, *, is_short: bool = False) -> str:
    """How much of a reply stands in the text, beside a person's.

    Args:
        share: Of its words in runs of RUN and more, 0 to 1.
        human_share: The same of the text's held-out end; None where nothing was held out.
        is_short: In as few words as can be.
    """
    told = f"{_percent(share)} in runs of {RUN}{'+' if is_short else ' and more'}"
    if human_share is None:
        return told
    whose = "held-out end" if is_short else "the text's own held-out end:"
    return f"{told}; {whose} {_percent(human_share)}"


def has_verdict(copying: Copying | None) -> bool:
    """Whether enough was written, and held out, to say whether a model copies much."""
    return copying is not None and min(copying.words, copying.human_words) >= _LEAST_WORDS


def copies_more(copying: Copying) -> bool:
    """Whether a model says more of its text word for word than a person of that text would."""
    return copying.share > copying.human_share + max(_LEAST_MORE, copying.human_share / 2)


def copying_in_words(copying: Copying) -> str:
    """How much of what a model writes stands in its text, and whether that is much."""
    verdict = "it knows passages by heart" if copies_more(copying) else "no more than a person of that text would"
    beside = f"of the text's own held-out end {_percent(copying.human_share)} do"
    where = f"stand in runs of {RUN} and more in what it has learned from"
    told = f"Of the words that it writes at temperature {copying.temperature:g} {_percent(copying.share)} {where}"
    return f"{told}; {beside}: {verdict}."


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
