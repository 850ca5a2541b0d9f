"""`rnntui lab`: print what a station of the lab finds; without a name, the list of stations."""

from typing import Any

from rich.console import Console

from rnntui.cli.context import load_services
from rnntui.cli.output import Output, to_values
from rnntui.errors import EXIT_OK, InputError
from rnntui.figures import Finding, Progress
from rnntui.service.export.text_render import plain_text, render_all, wrap
from rnntui.service.lab import STATIONS, Station, find_station
from rnntui.service.services import Services
from rnntui.setting_fields import changed, checked_value
from rnntui.settings import LabSettings

_COLUMNS = 80
"""Wider lines are harder to read, and a hand-out is this wide."""


def lab(args: Any, output: Output) -> int:
    """List the stations, or run one or all of them."""
    if args.station and args.all:
        raise InputError("Name one station or say --all, not both.", "See rnntui lab.")
    if not args.station and not args.all:
        _list(output)
        return EXIT_OK
    stations = STATIONS if args.all else (find_station(args.station),)
    asked = LabSettings()
    for name in LabSettings.__dataclass_fields__:
        value = getattr(args, name)
        if value is not None:
            asked = changed(asked, **{name: checked_value(LabSettings, name, value, f"--{name}")})
    services = load_services(args)
    card = services.find_model(args.model)
    for station in stations:
        finding = _run(services, station, asked, card.model_id)
        if output.is_json:
            output.result(_to_object(station, finding, card.name))
        else:
            _print(station, finding, card.name, output)
    return EXIT_OK


def _run(services: Services, station: Station, asked: LabSettings, model: str) -> Finding:
    console = Console(stderr=True, markup=False, highlight=False, emoji=False)
    finding: Finding | None = None
    with console.status(station.title) as status:
        for event in services.lab.run(station.name, asked, model):
            if isinstance(event, Progress):
                status.update(f"{station.title}: {event.what} ({100 * event.fraction:.0f} %)")
                continue
            finding = event
    if finding is None:
        raise RuntimeError(f"the station {station.name} found nothing")
    return finding


def _to_object(station: Station, finding: Finding, model: str) -> dict[str, Any]:
    return {
        "station": station.name,
        "model": model,
        "seed": finding.seed,
        "seconds": finding.seconds,
        "process_seconds": finding.process_seconds,
        **to_values(finding.result),
    }


def _print(station: Station, finding: Finding, model: str, output: Output) -> None:
    number = STATIONS.index(station) + 1
    heading = f"{number}  {station.title}"
    output.text(f"{heading}\n{'═' * len(heading)}")
    for paragraph in (station.question, station.text):
        output.text("\n".join(wrap(paragraph, _COLUMNS)) + "\n")
    output.text("\n".join(f"    {line}" for line in station.equation.splitlines()) + "\n")
    output.text("\n".join(plain_text(line) for line in render_all(finding.figures, _COLUMNS)))
    output.text("\n" + "\n".join(wrap(f"Try: {station.try_this}", _COLUMNS)) + "\n")
    output.say(f"{station.name} · {model} · seed {finding.seed} · {finding.seconds:.1f} s")


def _list(output: Output) -> None:
    if output.is_json:
        for station in STATIONS:
            output.result({"station": station.name, "title": station.title, "question": station.question})
        return
    for number, station in enumerate(STATIONS, start=1):
        output.text(f"{number:2}  {station.name:<20}  {station.question}")
    output.text(
        "\nrnntui lab NAME runs one, --model MODEL on a model of yours, rnntui lab --all runs all; --json: numbers."
    )
