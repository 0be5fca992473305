"""The options of `manage.py case open PROCESS`: those that every opening has, and one for each field of the form of the
named process."""

from __future__ import annotations

from argparse import ArgumentError, ArgumentParser, Namespace
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django import forms
from django.core.management.base import CommandError, CommandParser

from backoffice.cases import catalogue

_FIELD = "field "
"""The prefix of a field's name, in the names under which the values of the options are stored."""


class OpeningParser(CommandParser):
    """If it `opens` cases, it adds the fields of the process's form as soon as it knows the process."""

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
        return found, unknown if opening is not None else []  # the rule refuses a process that nobody can open


def add_opening_options(parser: OpeningParser) -> None:
    """Adds the options of every opening. The others depend on the process."""
    parser.opens = True
    parser.add_argument("process", help="its name: see docs/processes.md")
    parser.add_argument("--customer", help="the customer's public id, e-mail address or telephone number")
    parser.add_argument("--key", required=True, help="any text: the same key twice opens one case")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="a field of its form")


def _add_fields(parser: ArgumentParser, fields: Mapping[str, forms.Field]) -> None:
    """A field whose option name the command uses already is given with `--set`."""
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
    """The values that the options give, by field. Raises `CommandError` for a `--set` without a value."""
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
