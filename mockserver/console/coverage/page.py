"""Coverage as one page that needs nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2

_HEADINGS = {
    "parameters": "Parameters",
    "parameterValues": "Parameter values",
    "requestTypes": "Request media types",
    "requestProperties": "Request properties",
    "statuses": "Statuses",
    "answerProperties": "Answer properties",
}


def page(told: dict[str, Any], sandbox: str) -> str:
    """The page of a coverage report."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("page.html")
    return template.render(told=told, sandbox=sandbox, headings=_HEADINGS)
