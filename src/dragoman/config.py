"""From TOML tables and ``--set a.b=value`` to frozen dataclasses, strictly.

A recipe has one table a dataclass. A misspelt table or setting, or a value of another type, is a
ConfigError that says what is allowed; nothing is guessed and nothing is ignored.
"""

import dataclasses
import json
import tomllib
import types
import typing
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from dragoman.errors import ConfigError, suggestion

T = TypeVar("T")
Tables = dict[str, dict[str, Any]]

_WANTED = {int: "a whole number", float: "a number", bool: "true or false", str: "text", Path: "a path"}


def read_recipe(path: Path, allowed: Sequence[str]) -> Tables:
    """Read a TOML recipe whose tables must be among `allowed`; raises ConfigError with file and line."""
    try:
        recipe = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such recipe; write the path of a .toml file") from None
    except RecursionError:
        raise ConfigError(f"{path}: not valid TOML: nested too deep") from None
    except ValueError as error:  # TOML, UTF-8, or a number of thousands of digits
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    for name, table in recipe.items():
        if name not in allowed:
            raise ConfigError(f"{path}: no table [{name}]{suggestion(name, allowed)}")
        if not isinstance(table, dict):
            raise ConfigError(f"{path}: {name} stands outside a table; put it under one of [{'], ['.join(allowed)}]")
    return recipe


def apply_settings(tables: Tables, settings: Sequence[str], allowed: Mapping[str, Sequence[str]]) -> Tables:
    """Return `tables` with every ``table.name=value`` of `settings` put in; values are TOML, or else plain text.

    `allowed` holds the names of each table.
    """
    result = {name: dict(table) for name, table in tables.items()}
    for setting in settings:
        path, equals, value = setting.partition("=")
        table, dot, name = path.strip().partition(".")
        if not equals or not dot:
            raise ConfigError(f"--set {setting}: write --set TABLE.NAME=VALUE, such as --set train.seed=2")
        if table not in allowed:
            raise ConfigError(f"--set {setting}: no table {table}{suggestion(table, allowed)}")
        if name not in allowed[table]:
            raise ConfigError(_unknown(table, name, allowed[table]))
        result.setdefault(table, {})[name] = _value(value.strip(), f"{table}.{name}")
    return result


def setting_names(kind: type) -> list[str]:
    """Return the names of the settings of a dataclass."""
    return [field.name for field in dataclasses.fields(kind)]


def build(kind: type[T], table: Mapping[str, Any], where: str) -> T:
    """Make a `kind` from a table: unknown names and wrong types raise ConfigError; `where` is its table's name."""
    hints = typing.get_type_hints(kind)
    names = setting_names(kind)
    values = {}
    for name, value in table.items():
        if name not in names:
            raise ConfigError(_unknown(where, name, names))
        values[name] = _fit(value, hints[name], f"{where}.{name}")
    missing = [
        field.name
        for field in dataclasses.fields(kind)  # type: ignore[arg-type]
        if field.name not in values
        and field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise ConfigError(f"{where}.{missing[0]} is not given; write it in the table [{where}]")
    return kind(**values)


def table_of(value: Any) -> dict[str, Any]:
    """Return a dataclass as a table of plain JSON values; `build` reads it back equal."""
    plain: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(value)))
    return plain


def _unknown(table: str, name: str, allowed: Sequence[str]) -> str:
    near = get_close_matches(name, allowed, n=1)  # without the table, which every name has in common
    full = [f"{table}.{other}" for other in near or allowed]
    return f"no setting {table}.{name}; " + (f"did you mean {full[0]}?" if near else f"allowed: {', '.join(full)}")


def _value(text: str, name: str) -> Any:
    """Read a value as TOML writes it; anything else is the text itself, unless it begins as a list or a table."""
    try:
        found = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError) as error:
        if text[:1] in ("[", "{"):
            wanted = '["a", "b"]' if text[0] == "[" else '{a = 1, b = "c"}'
            why = "nested too deep" if isinstance(error, RecursionError) else str(error)
            raise ConfigError(f"{name}={text:.200}: not TOML ({why}); write it as {wanted}, in quotes") from None
        return text
    return found["value"] if len(found) == 1 else text


def _fit(value: Any, hint: Any, where: str) -> Any:
    """Return `value` as the type `hint`, or raise ConfigError; an int may stand for a float, a list for a tuple."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        if value == "none" and type(None) in arguments and str not in arguments:
            return None  # TOML has no null
        choices = [argument for argument in arguments if argument is not type(None)]
        return _fit(value, choices[0], where)
    if origin is typing.Literal:
        if value not in arguments:
            names = [str(argument) for argument in arguments]
            raise ConfigError(f"{where}={value!r} is not known{suggestion(str(value), names)}")
        return value
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise ConfigError(f"{where}={value!r}: a list is wanted, such as [1, 2]")
        kinds = arguments[:1] * len(value) if arguments[1:] == (...,) else arguments
        if len(kinds) != len(value):
            raise ConfigError(f"{where}={value!r}: {len(kinds)} values are wanted")
        return tuple(_fit(item, kind, where) for item, kind in zip(value, kinds, strict=True))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, Mapping):
            raise ConfigError(f"{where}={value!r}: a table of settings is wanted")
        return build(hint, value, where)
    if hint is float and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 1000:
        return float(value)
    if hint is Path and isinstance(value, str) and "\0" not in value:
        return Path(value)
    if not isinstance(hint, type) or type(value) is not hint:
        raise ConfigError(f"{where}={value!r}: {_WANTED.get(hint, str(hint))} is wanted")
    return value
