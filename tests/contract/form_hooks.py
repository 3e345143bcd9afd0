"""Schemathesis hooks: what a form cannot show.

A form writes an array as one field for each item (OpenAPI 3.0, "Encoding Object"; RFC 7578, 4.3):
an empty one is not there, and one of a single item reads like that item.
"""

from __future__ import annotations

from typing import Any

import schemathesis

FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Whether a failure is one: no, when what was meant to be wrong is not to be seen in a form."""
    if type(failure).__name__ != "AcceptedNegativeData" or case.media_type not in FORMS:
        return True
    members = case.body.values() if isinstance(case.body, dict) else ()
    return not any(isinstance(value, list) and len(value) <= 1 for value in members)
