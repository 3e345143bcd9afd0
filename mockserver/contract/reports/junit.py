"""JUnit XML: one case for each operation and check, as the JUnit 10 schema of Jenkins has it."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML 1.0 document may hold (section 2.2)."""


def junit(told: dict[str, Any]) -> bytes:
    """The report."""
    suite = ET.Element("testsuite", name=_text(f"mockserver check {told['subject']['stem']}"))
    properties = ET.SubElement(suite, "properties")
    for name in ("verdict", "seed", "requests"):
        ET.SubElement(properties, "property", name=name, value=str(told[name]))
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for finding in told["findings"]:
        found.setdefault((finding["operation"], finding["check"]), []).append(finding)
    for operation in told["operations"]:
        for check in told["checks"]:
            _case(suite, operation, check, found.get((operation["id"], check), []))
    for result, name in (("failure", "failures"), ("skipped", "skipped"), ("error", "errors")):
        suite.set(name, str(len(suite.findall(f"testcase/{result}"))))
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("time", str(told["seconds"]))
    suites = ET.Element("testsuites")
    suites.append(suite)
    ET.indent(suites)
    return bytes(ET.tostring(suites, encoding="utf-8", xml_declaration=True)) + b"\n"


def _case(
    suite: ET.Element, operation: dict[str, Any], check: str, findings: list[dict[str, Any]]
) -> None:
    endpoint = f"{operation['method']} {operation['path']}"
    case = ET.SubElement(
        suite, "testcase", classname=_text(endpoint), name=check, time=str(_seconds(findings))
    )
    failing = [finding for finding in findings if finding["counts"]]
    for finding in failing[:1]:  # a case has one failure
        failure = ET.SubElement(case, "failure", type=finding["code"], message=_headline(finding))
        failure.text = _text("\n\n".join(map(_words, failing)))
    if not failing and findings:
        why = findings[0]["accepted"] or "flaky: not seen again on a fresh state"
        ET.SubElement(case, "skipped", message=_text(f"{_headline(findings[0])} ({why})"))
    elif not findings and not operation["called"]:
        ET.SubElement(case, "skipped", message="the operation was not called")


def _seconds(findings: list[dict[str, Any]]) -> float:
    return float(findings[0]["seconds"]) if findings else 0.0


def _headline(finding: dict[str, Any]) -> str:
    where = f"{finding['aspect']} {finding['pointer']}".strip()
    return _text(f"{finding['code']} {finding['title']}: {where}")


def _words(finding: dict[str, Any]) -> str:
    calls = [
        f"  {each['request']['method']} {each['request']['target']}"
        f" -> {each['got'].get('status', each['got'].get('failed'))}"
        for each in finding["sequence"]
    ]
    described = finding["described"]
    made = finding["reproducer"]
    lines = [
        _headline(finding),
        f"expected: {finding['expected']}",
        f"got:      {finding['got']}",
        f"described at {described['source']}:{described['line']} {described['pointer']}",
        "calls:",
        *calls,
    ]
    return "\n".join([*lines, f"reproducer: findings/{made['pytest']}"] if made else lines)


def _text(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
