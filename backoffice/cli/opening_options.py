"""The options of `manage.py case open PROCESS`: those that every opening has, and one for each field of the form that
opens a case of the named process."""

from __future__ import annotations

from argparse import ArgumentError, ArgumentParser, Namespace
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django import forms
from django.core.management.base import CommandError, CommandParser

from backoffice.cases import catalogue

_FIELD = "field "
"""Before the name of the field, in the names under which the options' values are kept."""


class OpeningParser(CommandParser):
    """Where it `opens` cases, it knows the fields of a process's opening once it sees which process is named."""

    opens = False

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Namespace | None = None
    ) -> tuple[Namespace, list[str]]:
        if not self.opens:
            return super().parse_known_args(args, namespace)
        openings = {process.name: process.opening for process in catalogue.all_processes() if process.opening}
        opening = next((openings[said] for said in args or () if said in openings), None)
        if opening is not None:
            _add_fields(self, opening.form.fields_for_anybody())
        found, unknown = super().parse_known_args(args, namespace)
        return found, unknown if opening is not None else []  # a process that nobody opens is refused by the rule


def add_opening_options(parser: OpeningParser) -> None:
    """Those of every opening; the others follow from the process that is named."""
    parser.opens = True
    parser.add_argument("process", help="its name: see docs/processes.md")
    parser.add_argument("--customer", help="the customer's public id, e-mail address or telephone number")
    parser.add_argument("--key", required=True, help="any text: the same key twice opens one case")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="a field of its form")


def _add_fields(parser: ArgumentParser, fields: Mapping[str, forms.Field]) -> None:
    """A field whose option the command has already is given with `--set`."""
    for name, field in fields.items():
        how: dict[str, Any] = {"dest": _FIELD + name, "help": _help(field)}
        if isinstance(field, forms.BooleanField):
            how |= {"action": "store_const", "const": "true"}
        else:
            how["metavar"] = name.upper()
        try:
            parser.add_argument(f"--{name.replace('_', '-')}", **how)
        except ArgumentError:
            continue


def _help(field: forms.Field) -> str:
    label = str(field.label or "")
    choices = cast("Iterable[tuple[Any, Any]]", field.choices) if isinstance(field, forms.ChoiceField) else ()
    values = [str(value) for value, _label in choices]
    return f"{label} {', '.join(value for value in values if value)}".strip().replace("%", "%%")


def fields_of(options: Mapping[str, Any]) -> dict[str, str]:
    """The fields that the options say, by their names. Raises `CommandError` for a `--set` without a value."""
    told = {
        name.removeprefix(_FIELD): value
        for name, value in options.items()
        if name.startswith(_FIELD) and value is not None
    }
    return told | dict(_pairs(options["set"]))


def _pairs(said: Iterable[str]) -> Iterable[tuple[str, str]]:
    for one in said:
        name, sign, value = one.partition("=")
        if not (name and sign):
            raise CommandError(f"--set takes FIELD=VALUE; “{one}” is none.")
        yield name, value
