"""Command-line options out of dataclasses of settings, and the few options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import is_dataclass
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer
from typer.models import ParameterInfo

from obverse.engine.settings import RUNNING
from obverse.options import Setting, from_flat, settings_of

OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="Folder of the run. The same command takes up where it was.",
        metavar="DIR",
        rich_help_panel=RUNNING,
    ),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers",
        help="Processes. Without it: one for each core, or one alone with an accelerator.",
        min=1,
        rich_help_panel=RUNNING,
    ),
]
RayOption = Annotated[
    str | None,
    typer.Option(
        "--ray",
        help="Run on the Ray cluster at this address.",
        metavar="ADDRESS",
        rich_help_panel=RUNNING,
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model", help="Name or folder of a causal model. Without it: SmolLM2-135M-Instruct.", metavar="NAME"
    ),
]
DOCUMENTS = typer.Argument(help="Folder of files, or a .jsonl or .parquet file with a text column.")
QUESTIONS = typer.Argument(help="JSONL with question and answer; see: obverse questions template.")


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for each setting in place of a parameter that is a dataclass of settings.

    Such a parameter is annotated with the dataclass, see `obverse.options`; or, where only some of its settings have an
    option here, with ``Annotated[dataclass, names]``, ``names`` being a tuple.
    """
    hints = get_type_hints(command, include_extras=True)
    grouped = any(one.rich_help_panel for hint in hints.values() for one in _infos(hint))
    kinds: dict[str, type] = {}
    parameters: list[Parameter] = []
    for name, parameter in signature(command).parameters.items():
        kind, *rest = get_args(hints[name]) if get_origin(hints[name]) is Annotated else (hints[name],)
        if not is_dataclass(kind):
            parameters.append(parameter.replace(kind=Parameter.KEYWORD_ONLY, annotation=hints[name]))
            continue
        assert isinstance(kind, type)
        kinds[name] = kind
        wanted = rest[0] if rest else [one.name for one in settings_of(kind)]
        parameters += [_parameter(one, grouped) for one in settings_of(kind) if one.name in wanted]

    @wraps(command)
    def expanded(**given: Any) -> None:
        for name, kind in kinds.items():
            known = [one for one in settings_of(kind) if one.name in given]
            values = {one.name: _value(one, given.pop(one.name)) for one in known}
            given[name] = from_flat(kind, values)
        command(**given)

    expanded.__signature__ = signature(command).replace(parameters=parameters)  # type: ignore[attr-defined]  # for typer
    expanded.__annotations__ = {one.name: one.annotation for one in parameters}
    return expanded


def _infos(hint: Any) -> list[ParameterInfo]:
    return [one for one in getattr(hint, "__metadata__", ()) if isinstance(one, ParameterInfo)]


def _parameter(setting: Setting, grouped: bool) -> Parameter:
    """The option of a setting, under its heading where a command has headings."""
    about, kind, default = setting.about, setting.type, setting.default
    flag = about.flag or f"--{setting.name.replace('_', '-')}"
    if kind is bool and default:
        flag += f"/--no-{flag.removeprefix('--')}"
    if get_origin(kind) is tuple:
        kind, default = (str if about.separator else list[str]), None
    shown = typer.Option(
        flag,
        help=about.help,
        metavar=about.metavar,
        rich_help_panel=about.group if grouped else None,
    )
    annotation: Any = kind | None if default is None else kind
    return Parameter(
        setting.name, Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[annotation, shown]
    )


def _value(setting: Setting, given: Any) -> Any:
    """What was given on the command line, as the setting takes it."""
    if get_origin(setting.type) is not tuple:
        return given
    if setting.about.separator:
        return tuple(given.split(setting.about.separator)) if given is not None else setting.default
    return tuple(given or ())
