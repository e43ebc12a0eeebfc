"""The exec form: a JSON array of strings, as Go's `json.Unmarshal` reads it."""
from __future__ import annotations

from rewriter.pattern import Pattern
from rewriter.source.lines import decoded

_ANYWHERE = {"RUN", "CMD", "ENTRYPOINT", "SHELL", "VOLUME", "COPY", "ADD"}
_AFTER_TYPE = Pattern(r"[\S\x1c-\x1f]+[^\S\x1c-\x1f]*")  # to BuildKit the characters 1C to 1F are no white space


def exec_form(keyword: str, arguments: str) -> tuple[str, ...] | None:
    """The strings, or None where the arguments are in another form.

    Raises ValueError for an array that holds anything but strings, which BuildKit refuses.
    """
    if keyword == "HEALTHCHECK":
        arguments = _AFTER_TYPE.sub("", arguments, count=1)
    elif keyword not in _ANYWHERE:
        return None
    if not arguments.startswith("["):
        return None
    if (strings := _plain(arguments)) is not None:
        return strings
    import json  # which few arrays need

    try:
        array = json.loads(arguments, parse_int=_number, parse_float=_number, parse_constant=_number)
    except ValueError:
        return None
    except RecursionError:
        array = [None]
    if not all(isinstance(item, str) for item in array):
        raise ValueError("an array in JSON form must hold strings only")
    return tuple(decoded(item) for item in array)


def _plain(array: str) -> tuple[str, ...] | None:
    """The strings of an array without escapes and control characters; None for any other."""
    if not array.endswith("]") or "\\" in array or not array.isprintable():
        return None
    parts = array[1:-1].split('"')
    between = [part.strip(" ") for part in parts[::2]]
    apart = ["", *[","] * (len(between) - 2), ""] if len(between) > 1 else [""]
    return tuple(parts[1::2]) if between == apart and len(parts) % 2 else None  # all quotes are closed


def begins_with_array(arguments: str) -> bool:
    """Whether they begin as an exec form does: BuildKit before 0.15 takes them for one, and drops what follows the `]`."""
    if not arguments.startswith("["):
        return False
    import json

    try:
        return bool(json.JSONDecoder().raw_decode(arguments))
    except (ValueError, RecursionError):
        return False


def _number(text: str) -> float:
    """A number. Raises ValueError for those that are none in JSON, or too large for Go."""
    value = float(text)
    if value - value != 0:  # not finite
        raise ValueError(text)
    return value
