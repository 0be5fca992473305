"""Logs: one line for each event, by structlog. They hold names and numbers of things, never what people typed."""

from __future__ import annotations

import logging
from typing import Any

import structlog

_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def without_card_numbers(_logger: Any, _method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Of a card number in any value only the last four digits: somebody may have typed one into an address."""
    from backoffice.no_card_numbers import BY_PEOPLE, masked  # needs settings, which are being read when this is loaded

    for name, value in line.items():
        if isinstance(value, str):
            line[name] = masked(value, BY_PEOPLE)
    return line


def config(*, level: str) -> dict[str, Any]:
    """The setting `LOGGING`. Libraries that say much say only what is wrong."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "backoffice.logs.formatter", "colours": False}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "axes": {"level": "ERROR"},
            "temporalio.activity": {"level": "WARNING"},
            "django_structlog": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
        },
    }


def formatter(colours: bool) -> logging.Formatter:
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            without_card_numbers,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "logger", "event"])
            if not colours
            else structlog.dev.ConsoleRenderer(),
        ],
    )
