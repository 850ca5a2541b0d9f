"""Percentages and little curves out of characters."""

_COLUMNS = "▁▂▃▄▅▆▇█"


def percent(share: float) -> str:
    """A probability in six cells: as many decimals as fit."""
    if share >= 0.0995:
        return f"{share:6.1%}"
    return f"{share:6.2%}" if share >= 0.00005 else " <.01%"


def sparkline(values: list[float], highest: float) -> str:
    """One column for each value, from 0 to `highest`."""
    top = len(_COLUMNS) - 1
    return "".join(_COLUMNS[max(0, min(top, round(value / highest * top)))] for value in values)
