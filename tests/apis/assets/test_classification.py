"""What a content is taken for."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.apis.assets.classification import MAX_TEXT, classify, generic_of

GENERIC = {"CODE", "TEXT", "IMAGE", "VIDEO", "EXTERNAL_RESOURCE_REFERENCE", "FILE", "UNKNOWN"}
FILES = Path(__file__).resolve().parents[3] / "fixtures" / "assets" / "files"

SNIPPETS = {
    "py": [
        "def add(a, b):\n    return a + b\n",
        "from pathlib import Path\n\nprint(Path.cwd())\n",
        "class Stack:\n    items: list[int]\n",
        'print("hello")',
    ],
    "js": [
        "const double = (x) => x * 2;\nconsole.log(double(4));\n",
        "function wait(ms) {\n  return new Promise((done) => setTimeout(done, ms));\n}\n",
        "import fs from 'node:fs';\nexport default fs;\n",
    ],
    "ts": [
        "interface Point {\n  x: number;\n  y: number;\n}\n",
        "export function half(value: number): number {\n  return value / 2;\n}\n",
        "type Name = string;\nexport const names: Name[] = [];\n",
    ],
    "java": [
        "public class Main {\n  public static void main(String[] args) {\n    run();\n  }\n}\n",
        "import java.util.List;\n\npublic record Pair(int a, int b) {}\n",
    ],
    "go": [
        'package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println("hi")\n}\n',
        "func (s *Stack) Pop() int {\n\ttop := s.items[0]\n\treturn top\n}\n",
    ],
    "rs": [
        'fn main() {\n    println!("hi");\n}\n',
        "use std::fmt;\n\nimpl fmt::Display for Point {\n}\n",
    ],
    "c": [
        '#include <stdio.h>\n\nint main(void) {\n    printf("hi");\n    return 0;\n}\n',
        "#define SIZE 8\nstruct node {\n    struct node *next;\n    size_t size;\n};\n",
    ],
    "cpp": [
        "#include <iostream>\n\nint main() {\n    std::cout << 1;\n}\n",
        "template <typename T>\nT twice(T value) {\n    return std::move(value) * 2;\n}\n",
    ],
    "cs": [
        "using System;\n\nclass Program {\n    static void Main() { Console.WriteLine(1); }\n}\n",
        "public class Item\n{\n    public string Name { get; set; }\n}\n",
    ],
    "kt": [
        'fun main() {\n    val name = "x"\n    println(name)\n}\n',
        "data class Point(val x: Int, val y: Int)\n",
    ],
    "rb": [
        "def greet(name)\n  puts name\nend\n",
        "require 'json'\n\n[1, 2].each do |number|\n  puts number\nend\n",
    ],
    "php": ["<?php\necho 'hi';\n", "<div><?php echo $name; ?></div>\n"],
    "swift": [
        "import SwiftUI\n\nstruct Home: View {\n    var title = 1\n}\n",
        "guard let url = URL(string: text) else { return nil }\n",
    ],
    "sql": [
        "SELECT id, name FROM users WHERE id = 1;\n",
        "select * from users;\n",
        "insert into users (id) values (1);\n",
        "CREATE TABLE users (id int primary key);\n",
    ],
    "sh": [
        "#!/bin/sh\nset -e\n",
        'for f in *.txt; do\n  echo "$f"\ndone\n',
        "cat access.log | sort | uniq -c | head -n 3\n",
        "git commit --amend --no-edit\n",
    ],
    "html": [
        "<!DOCTYPE html>\n<html><body>Hi</body></html>\n",
        "<!-- a <b>note</b> -->\n<div class='x'><p>Hi</p></div>\n",
    ],
    "css": [
        ".card {\n  color: red;\n  margin: 0;\n}\n",
        "a { color: blue; }\n",
        "@media (width > 40em) {\n  body { display: grid; }\n}\n",
    ],
    "json": ['{"a": [1, 2, {"b": null}]}', "[1, 2, 3]\n", "{}"],
    "yaml": [
        "services:\n  db:\n    image: postgres\n    ports:\n      - 5432:5432\n",
        "on: push\nsteps:\n  - run: |\n      npm ci\n      if [ -f x ]; then\n      rm x\n",
        "---\n- name: one\n  when: later\n",
    ],
    "toml": ['[project]\nname = "x"\nversion = "1"\n', "# note\n[[items]]\nsize = 3\n"],
    "dockerfile": [
        'FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pip install .\nCMD ["app"]\n',
        "FROM node:22 AS build\nRUN npm ci\n",
    ],
    "md": [
        "# Title\n\n- one\n- two\n",
        "See [the page](https://example.com).\n\n```sh\nls\n```\n",
        "| a | b |\n|---|---|\n| 1 | 2 |\n",
    ],
    "xml": [
        '<?xml version="1.0"?>\n<note><to>x</to></note>\n',
        "<project><name>x</name></project>\n",
    ],
    "svg": [
        '<svg xmlns="http://www.w3.org/2000/svg"/>\n',
        '<?xml version="1.0"?>\n<!-- made > by hand -->\n<svg width="1"></svg>\n',
    ],
}

PROSE = [
    "",
    "   \n",
    "hello",
    "Testing the string param",
    "Please select one item from the list, where possible before Friday.",
    "Note: the meeting is moved.\nSee you there.",
    "If you want to help, let us know. We import goods from abroad for a class of 20.",
    "1. buy milk\n2. buy bread\n",
    "Dear Ann,\n\nhave you seen https://example.com/page yet?\n\nBo",
    "12:00 lunch\n13:00 work\n",
    "{not json}",
    "[x]",
    "2 < 3 and 4 > 1",
]


@pytest.mark.parametrize(
    ("specific", "text"), [(name, text) for name, texts in SNIPPETS.items() for text in texts]
)
def test_snippets_are_told_apart(specific: str, text: str) -> None:
    generic = "TEXT" if specific == "md" else "CODE"
    assert classify(text, None, None) == (generic, specific)
    assert classify(None, text.encode(), "") == (generic, specific)


@pytest.mark.parametrize("text", PROSE)
def test_prose_is_text(text: str) -> None:
    assert classify(text, None, None) == ("TEXT", "text")


KINDS = {"Dockerfile": "dockerfile", "txt": "text"}


@pytest.mark.parametrize("path", sorted(FILES.iterdir()), ids=lambda path: path.name)
def test_fixture_files_are_recognised(path: Path) -> None:
    extension = path.suffix.removeprefix(".")
    data = path.read_bytes()
    text = None if extension == "png" else data.decode()
    assert classify(text, data, None)[1] == KINDS.get(extension, extension)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ("IMAGE", "png")),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", ("IMAGE", "jpg")),
        (b"GIF89a\1\0\1\0", ("IMAGE", "gif")),
        (b"RIFF\x10\0\0\0WEBPVP8 ", ("IMAGE", "webp")),
        (b"RIFF\x10\0\0\0WAVEfmt ", ("FILE", "wav")),
        (b"BM\x46\0\0\0\0\0\0\0\x36", ("IMAGE", "bmp")),
        (b"II*\0\x08\0\0\0", ("IMAGE", "tif")),
        (b"%PDF-1.7\n%\xe2\xe3", ("FILE", "pdf")),
        (b"PK\3\4\x14\0", ("FILE", "zip")),
        (b"\0\0\0\x18ftypisom", ("VIDEO", "mp4")),
        (b"\0\0\0\x14ftypqt  ", ("VIDEO", "qt")),
        (b"\x1aE\xdf\xa3\1\0", ("VIDEO", "webm")),
        (b"\x1f\x8b\x08\0", ("FILE", "gz")),
        (b"XXXX\0\0\0\0\0\0\0\0WEBP", ("FILE", "bin")),
        (b"\xfe\xed\xfa\xce", ("FILE", "bin")),
        (b"caf\xe9", ("FILE", "bin")),
        (b"plain", ("TEXT", "text")),
        (b"", ("TEXT", "text")),
        (b"\xef\xbb\xbf{}", ("CODE", "json")),
    ],
)
def test_data_are_known_by_their_first_bytes(data: bytes, expected: tuple[str, str]) -> None:
    assert classify(None, data, None) == expected


@pytest.mark.parametrize("lead", range(4))
def test_long_data_are_text_wherever_they_are_cut(lead: int) -> None:
    data = b"x" * lead + "\U0001f680".encode() * 30_000
    assert classify(None, data, None) == ("TEXT", "text")
    assert classify(None, b"\xff" + data, None) == ("FILE", "bin")


@pytest.mark.parametrize(
    ("extension", "expected"),
    [
        ("py", ("CODE", "py")),
        (".PY", ("CODE", "py")),
        ("tmlanguage", ("CODE", "tmLanguage")),
        ("gemfile", ("CODE", "Gemfile")),
        (".zshrc", ("CODE", ".zshrc")),
        ("hljs-Rust", ("CODE", "hljs-rust")),
        ("md", ("TEXT", "md")),
        ("txt", ("TEXT", "txt")),
        ("png", ("IMAGE", "png")),
        ("mp4", ("VIDEO", "mp4")),
        ("pdf", ("FILE", "pdf")),
        ("uri", ("EXTERNAL_RESOURCE_REFERENCE", "uri")),
    ],
)
def test_a_known_extension_decides(extension: str, expected: tuple[str, str]) -> None:
    assert classify("SELECT 1 FROM x", b"\x89PNG\r\n\x1a\n", extension) == expected
    assert generic_of(extension) == expected[0]


@pytest.mark.parametrize("extension", ["", ".", "pyy", "UNKNOWN", "hljs-", None])
def test_an_unknown_extension_decides_nothing(extension: str | None) -> None:
    assert classify("{}", None, extension) == ("CODE", "json")
    assert generic_of(extension or "") == "UNKNOWN"


def test_nothing_is_unknown() -> None:
    assert classify(None, None, None) == ("UNKNOWN", "UNKNOWN")


@pytest.mark.parametrize("url", ["https://example.com/a?b=c#d", "  HTTP://x\n", "ftp://host/file"])
def test_a_lone_url_is_a_reference(url: str) -> None:
    expected = ("EXTERNAL_RESOURCE_REFERENCE", "uniform_resource_locator")
    assert classify(url, None, None) == expected


@pytest.mark.parametrize("text", ["https://a.example https://b.example", "https://", "x://y"])
def test_other_addresses_are_text(text: str) -> None:
    assert classify(text, None, None) == ("TEXT", "text")


@given(st.text() | st.none(), st.binary() | st.none(), st.text() | st.none())
def test_anything_is_classified(text: str | None, data: bytes | None, ext: str | None) -> None:
    generic, specific = classify(text, data, ext)
    assert generic in GENERIC
    assert generic_of(specific) == generic


def test_only_the_start_of_a_text_is_looked_at() -> None:
    filler = "word\n" * (MAX_TEXT // 5)
    assert classify(f"{filler}\ndef f(x):\n", None, None) == ("TEXT", "text")


def test_long_json_is_recognised_by_its_start() -> None:
    assert classify('{"a": [' + "1, " * MAX_TEXT + "1]}", None, None) == ("CODE", "json")
    assert classify("[" * 3 * MAX_TEXT, None, None) == ("CODE", "json")


@pytest.mark.parametrize("text", ["[" * (MAX_TEXT - 1), '{"a":' * 3_000])
def test_deeply_nested_brackets_are_no_json(text: str) -> None:
    assert classify(text, None, None) == ("TEXT", "text")


HOSTILE = [
    " ", "\n", "a", "{", "<", "<!---->", "<!--", "- ", "-", "#", "$", "|", "`", "*", "a:", "a: ;",
    "[a](", "https://a", "https://a ", "select ", "SELECT a, ", "from a ", "def a(", "const a",
    "fun <", "fun a.", "import a ", "FROM a", "; ", "{ ", "a = ", '"', "@", "if [ ", "<?xml ", "((",
]  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_text_is_classified_in_reasonable_time(unit: str) -> None:
    text = unit * MAX_TEXT
    started = perf_counter()
    for lead in ("", "https://a", "<svg ", "-", "a: ", "const ", "[a]\n"):
        classify(f"{lead}{text[: MAX_TEXT - 20]} x", None, None)
    assert perf_counter() - started < 10
