"""Bars, percentages and little curves out of characters."""

_EIGHTHS = " ▏▎▍▌▋▊▉"
_COLUMNS = "▁▂▃▄▅▆▇█"


def bar(share: float, cells: int) -> str:
    """A bar that fills `share` of `cells`, in eighths of a cell."""
    eighths = round(max(0.0, min(1.0, share)) * cells * 8)
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


def percent(share: float) -> str:
    """A probability in six cells: as many decimals as fit."""
    if share >= 0.0995:
        return f"{share:6.1%}"
    return f"{share:6.2%}" if share >= 0.00005 else " <.01%"


def sparkline(values: list[float], highest: float) -> str:
    """One column for each value, from 0 to `highest`."""
    top = len(_COLUMNS) - 1
    return "".join(_COLUMNS[max(0, min(top, round(value / highest * top)))] for value in values)
