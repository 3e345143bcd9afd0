"""The kind of a content: by its extension, by the first bytes of a file, or by how text reads."""

from __future__ import annotations

import json
import re
from types import MappingProxyType

from mockserver.engine.leeway import either, is_otherwise

MAX_TEXT = 20_000
"""Characters of a text that are looked at."""

ENOUGH = 3
"""Points from which a text is taken for a language rather than for prose."""

MOSTLY = 0.8
"""Share of lines that must read as a data format for the text to be taken for it."""

_EXTENSIONS = MappingProxyType(
    {
        "IMAGE": "gif ico jpe jpeg jpg tif tiff webp png bmp svgz ai eps",
        "VIDEO": "jpgm jpgv mp4 ogv qt webm",
        "TEXT": "csv log text txt rtx rtf md mdown mdwn markdown markdn",
        "EXTERNAL_RESOURCE_REFERENCE": "uri uris urls uniform_resource_locator custom_url_scheme "
        "unix_file_path windows_file_path uniform_resource_identifier",
        "FILE": """
            doc docm docx exe mp2 mp2a mp3 mp4a oga ogg ogx ppt pptx pptm wav weba xla xlam xlc xlm
            xls xlsb xlsm xlsx xlt xltm xltx pdf rpm zip woff woff2 bin eot gz jar mpkg dmg wasm pyc
            class
        """,
        "CODE": """
            csx cs html htm shtml xhtml hs hs-boot hsig cpp cc cp cxx c h hh hpp hxx inl ipp ixx
            cppm list css dart java bsh js jsx mjs htc json ipynb gltf jsonml ps ssml cco pl pc pm
            pmc pod t xml tld dtml rng rss opml svg xaml sublime-snippet tmLanguage tmPreferences
            tmSnippet tmTheme csproj fsproj sqlproj vbproj vcproj vcxproj dae props targets xsd xsl
            xslt ecma node php php3 php4 php5 php7 php8 phps phpt phtml py py3 pyw pyi pyx pyx.in
            pxd pxd.in pxi pxi.in rpy cpy gyp gypi vpy smk wscript bazel bzl p pas curl mcurl go
            swift rs ts tsx rb rbi rbx rjs rabl rake capfile jbuilder gemspec podspec irbrc pryrc
            prawn thor Appfile Appraisals Berksfile Brewfile Cheffile Deliverfile Fastfile Gemfile
            Guardfile Podfile Rakefile Rantfile Scanfile simplecov Snapfile Thorfile Vagrantfile
            scala sbt sc cmd bat coffee erl hrl escript lua matlab m ps1 sh bash bashrc ash zsh
            .bash_aliases .bash_completions .bash_functions .bash_login .bash_logout .bash_profile
            .bash_variables .profile .textmate_init .zlogin .zlogout .zprofile .zshenv .zshrc
            PKGBUILD ebuild eclass r sql ddl dml tex ltx sty cls yaml yml toml tml Cargo.lock
            Gopkg.lock Pipfile poetry.lock groovy kt el clj ex adb ads agda elm exs glsl ml lean
            lisp rkt sparql vhdl zig dockerfile f03 f08 f18 f90 f95 jl mm scm sol sv asp cfm fs fsi
            fsx tf vba svelte vue scss feature ini ftl hcl abap
        """,
    }
)
"""Values of ClassificationSpecificEnum, by their generic value."""

_HIGHLIGHTERS = """
    1c abnf accesslog actionscript ada angelscript apache applescript arcade arduino armasm asciidoc
    aspectj autohotkey autoit avrasm awk axapta bash basic bnf brainfuck cal capnproto ceylon clean
    clojure-repl clojure cmake coffeescript coq cos cpp crmsh crystal c cs csp css d dart delphi
    diff django dns dockerfile dos dsconfig dts dust ebnf elixir elm erb erlang-repl erlang excel
    fix flix fortran fsharp gams gauss gcode gherkin glsl gml go golo gradle groovy haml handlebars
    haskell haxe hsp htmlbars http hy inform7 ini irpf90 isbl java javascript jboss-cli json
    julia-repl julia kotlin lasso ldif leaf less lisp livecodeserver livescript llvm lsl lua
    makefile markdown mathematica matlab maxima mel mercury mipsasm mizar mojolicious monkey
    moonscript n1ql nginx nimrod nix nsis objectivec ocaml openscad oxygene parser3 perl pf pgsql
    php plaintext pony powershell processing profile prolog properties protobuf puppet purebasic
    python q qml r reasonml rib roboconf routeros rsl ruby ruleslanguage rust sas scala scheme
    scilab scss shell smali smalltalk sml sqf sql stan stata step21 stylus subunit swift
    taggerscript tap tcl tex thrift tp twig typescript vala vbnet vbscript-html vbscript verilog
    vhdl vim x86asm xl xml xquery yaml toml zephir html
"""
"""Those of its values that name a highlighter, without their prefix hljs-; all are CODE."""

_KNOWN = MappingProxyType(
    {
        name.casefold(): (generic, name)
        for generic, names in _EXTENSIONS.items()
        for name in names.split()
    }
    | {f"hljs-{name}": ("CODE", f"hljs-{name}") for name in _HIGHLIGHTERS.split()}
)
"""Every value but UNKNOWN: from its case-folded form to the generic and the specific value."""

_TEXT = ("TEXT", "text")
_UNKNOWN = ("UNKNOWN", "UNKNOWN")

_MAGIC = (
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"\xff\xd8\xff", "jpg"),
    (0, b"GIF8", "gif"),
    (8, b"WEBP", "webp"),
    (8, b"WAVEfmt", "wav"),
    (6, b"\0\0\0\0", "bmp"),
    (0, b"II*\0", "tif"),
    (0, b"MM\0*", "tif"),
    (4, b"ftypqt", "qt"),
    (4, b"ftyp", "mp4"),
    (0, b"\x1aE\xdf\xa3", "webm"),
    (0, b"%PDF-", "pdf"),
    (0, b"PK\3\4", "zip"),
    (0, b"\x1f\x8b", "gz"),
    (0, b"OggS", "ogg"),
    (0, b"ID3", "mp3"),
)
"""Offset, bytes found there, and what that says; the first that fits counts."""

_CONTAINER = MappingProxyType({"webp": b"RIFF", "wav": b"RIFF", "bmp": b"BM"})
"""What a file must start with besides, where the bytes of the table alone say too little."""

# Tell-tales: points for a pattern that is found, however often. Repetitions are bounded or keep
# to a line and never nest, so that searching takes time in proportion to the text.
_C = (
    (3, r"^[ \t]*#[ \t]*include [<\"]"),
    (2, r"^[ \t]*#[ \t]*(?:define|ifdef|ifndef|endif|pragma)\b"),
    (3, r"\bint main\("),
    (2, r"\b(?:printf|malloc|sizeof|free|memcpy|strlen)\("),
    (2, r"\b(?:struct \w{1,60} [{*]|size_t|uint\d\d?_t|typedef |unsigned |(?:const )?char ?\*)"),
)
_JS = (
    (3, r"\bconsole\.(?:log|error|warn)\("),
    (3, r"\bfunction\b[ *]{0,3}\w{0,60}\([^)\n]{0,200}\)[ \t]{0,4}\{"),
    (3, r"^(?:import|export) [^\n]{0,200} from ['\"]"),
    (3, r"^export (?:default|async|const|function|class)\b"),
    (2, r"\b(?:const|let|var) (?:\w{1,60}|[{\[][^=\n]{0,100}) = "),
    (2, r"\brequire\(['\"]|\bmodule\.exports\b"),
    (2, r"===|!=="),
    (2, r"\bdocument\.(?:get|query|create|add)|\bnew Promise\(|\bsetTimeout\("),
    (1, r"\) => |\bawait \w"),
)
_LANGUAGES = MappingProxyType(
    {
        "php": (
            (8, r"<\?php\b|<\?="),
            (3, r"\$this->\w|\bfunction \w{0,60}\([^)\n]{0,100}\$\w"),
            (2, r"^[ \t]*\$\w{1,60} = "),
        ),
        "dockerfile": (
            (2, r"^FROM \S+(?: AS \S+)?[ \t]*$"),
            (2, r"^RUN \S"),
            (2, r"^(?:WORKDIR|ENTRYPOINT|EXPOSE|HEALTHCHECK) \S"),
            (1, r"^(?:COPY|ADD) \S"),
        ),
        "sh": (
            (6, r"\A#![^\n]{0,100}sh\b"),
            (3, r" \| (?:grep|sort|head|tail|awk|sed|xargs|wc|jq|tee|cut|uniq|less)\b"),
            (3, r"^[ \t]*(?:(?:fi|done|esac)\b|if \[)|;[ \t]?(?:then|do)[ \t]*$"),
            (3, r"^(?:\$ )?(?:sudo|apt|apt-get|npx|kubectl|brew|pip3?|npm|yarn) [a-z]+ \S"),
            (3, r"^(?:\$ )?(?:git|docker|cargo|npm) (?:add|build|clone|commit|compose|push|run)\b"),
            (2, r"^[ \t]*(?:echo|cd|mkdir|rm|cp|mv|chmod|curl|export|tail|grep) \S"),
            (1, r"\$\([a-z]|\"\$\{?\w"),
            (1, r"^[\w./-]{1,60} (?:[^\n]{0,80} )?--?[a-z][\w-]"),
        ),
        "py": (
            (6, r"\A#![^\n]{0,100}python"),
            (4, r"^[ \t]*(?:async )?def \w{1,80}\([^\n]{0,300}:[ \t]*(?:#[^\n]{0,200})?$"),
            (3, r"^[ \t]*class \w{1,80}(?:\([^)\n]{0,200}\))?:[ \t]*$"),
            (3, r"^[ \t]*from [\w.]{1,80} import [\w(*]"),
            (3, r"^print\([^\n]{0,500}\)[ \t]*$"),
            (2, r"^import [\w.]{1,80}(?: as \w{1,60})?[ \t]*$"),
            (2, r"^[ \t]*(?:if|elif|for|while|with|except|try|else)\b[^\n{;]{0,200}:[ \t]*$"),
            (1, r"\bself\.\w|\bNone\b|\bTrue\b|\b__\w{1,40}__\b"),
        ),
        "go": (
            (3, r"^package \w{1,60}[ \t]*$"),
            (3, r"^func \(\w{1,40} \*?\w"),
            (2, r"^func \w{1,60}\("),
            (3, r"^type \w{1,60} struct \{|\bfmt\.[A-Z]\w{1,30}\(|\berr != nil\b"),
            (2, r" := |^import \($|\bdefer \w|\bgo func\("),
        ),
        "rs": (
            (3, r"\bfn \w{1,60}(?:<[^>\n]{0,80}>)?\("),
            (3, r"^[ \t]*(?:pub )?use \w{1,60}::"),
            (3, r"\bprintln!\(|\bvec!\[|#\[\w{1,30}(?:\(|\])"),
            (2, r"\blet mut \w|&mut \w|&str\b|&'\w"),
            (2, r"^[ \t]*(?:pub )?(?:impl|trait|mod|enum)\b[^\n;]{0,100}\{"),
        ),
        "swift": (
            (3, r"^import (?:Foundation|UIKit|AppKit|SwiftUI|Combine)\b"),
            (3, r"\bguard (?:let|var) \w|\bfunc \w{1,60}\(_ "),
            (3, r"\bfunc \w{1,60}(?:<[^>\n]{0,80}>)?\([^)\n]{0,200}\)[^\n{]{0,60} -> "),
            (2, r"\b(?:extension|protocol|actor) \w{1,60}[^\n{]{0,80}\{"),
            (2, r"\bif let \w{1,60} = |\\\(\w"),
            (1, r"\bself\.\w|\binit\(|\bnil\b|\b(?:let|var) \w"),
        ),
        "kt": (
            (3, r"\bfun (?:<[^>\n]{0,80}> )?(?:\w{1,60}(?:<[^>\n]{0,80}>)?\.)?\w{1,60}\("),
            (3, r"\b(?:data|sealed) (?:class|interface)\b|\bcompanion object\b"),
            (2, r"\bval \w{1,60}(?:: [A-Z]| = | by )|\bwhen \("),
        ),
        "cs": (
            (3, r"^using (?:static )?[\w.]{1,100};"),
            (2, r"^namespace [\w.]{1,100}[;\s{]"),
            (3, r"\bConsole\.(?:Write|Read)|\bstatic (?:async )?(?:void|Task|int) Main\("),
            (3, r"\{ get;|/// <summary>"),
            (2, r"\b(?:public|private|internal) (?:static |sealed |readonly |override |async )"),
            (2, r"\bpublic (?:partial )?(?:class|record|struct|string|bool|int|decimal|void) \w"),
        ),
        "java": (
            (3, r"^import (?:static )?[\w.]{1,150}(?:\*)?;"),
            (3, r"^package [\w.]{1,100};"),
            (3, r"\bSystem\.(?:out|err)\.print|\bpublic static void main\("),
            (2, r"\bpublic (?:static |final |abstract |sealed )?(?:class|interface|enum|record)\b"),
            (2, r"@Override\b|\bthrows [A-Z]|\bprivate (?:static )?final \w"),
        ),
        "rb": (
            (3, r"^[ \t]*def (?:self\.)?\w{1,60}[?!]?(?:\([^)\n]{0,200}\))?[ \t]*$"),
            (3, r"^require(?:_relative)? ['\"]"),
            (2, r"^[ \t]*end(?:\.\w[^\n]{0,80})?[ \t]*$"),
            (2, r"\bdo \|\w[^|\n]{0,80}\||\{ ?\|\w[^|\n]{0,60}\| "),
            (2, r"^[ \t]*(?:module|class) [A-Z][\w:]{0,60}(?: < [\w:]{1,60})?[ \t]*$"),
            (2, r"\battr_(?:reader|writer|accessor) :|^[ \t]*puts \S"),
        ),
        "sql": (
            (3, r"^[ \t]*SELECT\b"),
            (3, r"^[ \t]*(?i:insert into|delete from|alter table|create or replace) \w"),
            (3, r"^[ \t]*(?i:create (?:unique )?(?:table|view|index|function|schema)) \w"),
            (3, r"^[ \t]*(?i:update \w{1,60}\s{1,20}set)\b|^WITH \w{1,60} AS \("),
            (2, r"^[ \t]*(?i:select)\s{1,20}(?:\*|\w{1,60}\(|[\w.]{1,60} *,)"),
            (2, r"^[ \t]*(?:FROM|WHERE|JOIN|LEFT JOIN|GROUP BY|ORDER BY|VALUES)\b"),
            (1, r"\b(?i:from)\s{1,20}\w{1,60}(?:;|\s{1,20}(?i:where|join|order by|limit)\b|\s*\Z)"),
        ),
        "css": (
            (3, r"(?:^|[{;])[ \t]*(?:color|display|margin|padding|width|font-size|border): ?\w"),
            (3, r"^[ \t]*@(?:media|keyframes|font-face|supports|layer|container)\b"),
            (2, r"^[ \t]*[.#:][\w-]{1,60}[^{};\n]{0,200}\{"),
        ),
        "c": _C,
        # A superset of C, and of JavaScript below: their own tell-tales tip the balance.
        "cpp": (
            *_C,
            (3, r"\bstd::\w|\busing namespace \w|\bcout <<"),
            (3, r"^[ \t]*#[ \t]*include <[a-z_]{1,40}>"),
            (2, r"\btemplate ?<|\bconstexpr\b|\bnullptr\b|\bvirtual \w|^[ \t]*(?:public|private):"),
        ),
        "js": _JS,
        "ts": (
            *_JS,
            (3, r"[\w\])?]: (?:string|number|boolean|unknown|any|void|never)\b"),
            (3, r"^(?:export )?type \w{1,60}(?:<[^>\n]{0,80}>)? = "),
            (2, r"^(?:export )?(?:declare )?interface \w{1,60}[^\n{]{0,100}\{"),
            (2, r"\bas const\b|\bkeyof\b|\breadonly \w{1,60}:|\bprivate readonly\b"),
        ),
        "md": (
            (3, r"^```"),
            (3, r"^[ \t]*[-*] \[[ x]\] |^\|[ :|-]{3,200}[ \t]*$"),
            (2, r"^#{2,6} \S"),
            (2, r"^# \S"),
            (2, r"\[[^\[\]\n]{1,200}\]\([^()\s]{1,300}\)"),
            (1, r"^[ \t]*(?:[-*]|\d{1,3}\.) \S|\*\*[^*\n]{1,200}\*\*|`[^`\n]{1,100}`"),
        ),
    }
)

_URL = r"(?i:https?|ftp)://[^\s/?#]\S*"
# Atomic groups: a comment once passed is not gone through again.
_PROLOG = r"(?s)\s*(?><\?xml.{0,300}?>\s*)?(?><!--.{0,2000}?-->\s*){0,3}"
_SVG = _PROLOG + r"(?><!DOCTYPE.{0,300}?>\s*)?<svg\b"
_HTML_TAGS = "!doctype html|html|head|body|div|span|p|a|ul|ol|table|form|section|article|h[1-6]"
_HTML = rf"{_PROLOG}<(?i:{_HTML_TAGS})\b"
_XML = _PROLOG + r"<([A-Za-z_][\w.:-]{0,100})(?:\s[^<>]{0,1000})?>"
_YAML_KEY = r"\s*(?:- +)?(?:[\w./-]+|\"[^\"]*\"):(?: .*)?"
_YAML_LINE = r"\s*(?:- +)*(?:[\w./-]+|\"[^\"]*\"):(?: .*[^;{},]|)|\s*- .*[^;{},]|---"
_TOML_SECTION = r"\[\[?[\w.\"'-]+\]\]?"
_TOML_LINE = r"[\w.\"'-]+ *= *(?:[\"'\[{0-9+-].*|true|false)|[\"'\]{}].*"


def classify(text: str | None, data: bytes | None, extension: str | None) -> tuple[str, str]:
    """The generic and the specific classification of a content.

    A known extension decides, whatever its case and with or without its dot. Otherwise the text
    decides by how it reads, or the data by their first bytes; data that are UTF-8 are text. A
    single URL is a reference. Text that reads like no language is TEXT; data that nothing is
    known of are a FILE; without text and data the answer is UNKNOWN.
    """
    found = _by_extension(extension or "")
    if found is not None or (text is None and data is None):
        return found or _UNKNOWN
    if is_otherwise():  # how much is known of contents is open
        return _TEXT if either(True) else _KNOWN["bin"]
    return _by_bytes(data or b"") if text is None else _by_text(text[:MAX_TEXT])


def generic_of(specific: str) -> str:
    """The generic classification that goes with a specific one; UNKNOWN for any other word."""
    return (_by_extension(specific) or _UNKNOWN)[0]


def _by_extension(extension: str) -> tuple[str, str] | None:
    name = extension.strip().casefold()
    # Some known names start with a dot themselves.
    return _KNOWN.get(name) or _KNOWN.get(name.removeprefix("."))


def _by_bytes(data: bytes) -> tuple[str, str]:
    for offset, magic, specific in _MAGIC:
        start = _CONTAINER.get(specific, b"")
        if data.startswith(magic, offset) and data.startswith(start):
            return _KNOWN[specific]
    head = _decoded(data)
    return _KNOWN["bin"] if head is None else _by_text(head)


def _decoded(data: bytes) -> str | None:
    """The start of the data as text, or None where they are not UTF-8 or hold a NUL."""
    head = data[: 4 * MAX_TEXT]
    if b"\0" in head:
        return None
    try:
        return head.decode("utf-8-sig")[:MAX_TEXT]
    except UnicodeDecodeError as error:
        # A character may have been cut in two at the end; anything before that is an error.
        cut = len(head) < len(data) and error.start >= len(head) - 3
        return head[: error.start].decode("utf-8-sig")[:MAX_TEXT] if cut else None


def _by_text(text: str) -> tuple[str, str]:
    if not text.strip():
        return _TEXT
    specific = _by_structure(text) or _by_tells(text) or _by_tags(text)
    return _KNOWN[specific] if specific else _TEXT


def _by_structure(text: str) -> str | None:
    """What the text is as a whole, or nearly so."""
    if re.fullmatch(_URL, text.strip()):
        return "uniform_resource_locator"
    if re.match(_SVG, text):
        return "svg"
    if re.match(_HTML, text) and "<?php" not in text:
        return "html"
    if _is_json(text):
        return "json"
    lines = [line.rstrip() for line in text.splitlines()]
    told = [line for line in lines if line and not line.lstrip().startswith("#")]
    if _is_toml(told):
        return "toml"
    return "yaml" if _is_yaml(_without_blocks(told)) else None


def _is_json(text: str) -> bool:
    start = text.lstrip()[:1]
    if not start or start not in "{[":
        return False
    if len(text) == MAX_TEXT:
        # Cut off, and so no longer whole: how it starts must do.
        return re.match(r"\s*(?:\{\s*\"[^\"\n]{0,200}\"\s*:|\[\s*[\[{\"\d-])", text) is not None
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _share(lines: list[str], pattern: str) -> float:
    return sum(re.fullmatch(pattern, line) is not None for line in lines) / max(1, len(lines))


def _is_toml(lines: list[str]) -> bool:
    return (
        any(re.fullmatch(_TOML_SECTION, line) for line in lines)
        and _share(lines, f"{_TOML_SECTION}|\\s*(?:{_TOML_LINE})") >= MOSTLY
        and any(re.fullmatch(_TOML_LINE, line) for line in lines)
    )


def _without_blocks(lines: list[str]) -> list[str]:
    """The lines without those of YAML's block texts, which are indented below a ``key: |``."""
    kept: list[str] = []
    below: int | None = None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if below is None or indent <= below:
            kept.append(line)
            below = indent if line.endswith((": |", ": >", ": |-", ": >-")) else None
    return kept


def _is_yaml(lines: list[str]) -> bool:
    """Keys nearly throughout, either nested or in lower case; a list alone is prose."""
    keys = [line for line in lines if re.fullmatch(_YAML_KEY, line)]
    nested = any(line.startswith((" ", "- ", "---")) for line in lines)
    lower = all(line.lstrip(" -")[:1].islower() for line in keys)
    return len(keys) > 1 and (nested or lower) and _share(lines, _YAML_LINE) >= MOSTLY


def _by_tells(text: str) -> str | None:
    points = {
        specific: sum(worth for worth, tell in tells if re.search(tell, text, re.MULTILINE))
        for specific, tells in _LANGUAGES.items()
    }
    best = max(points, key=points.__getitem__)
    return best if points[best] >= ENOUGH else None


def _by_tags(text: str) -> str | None:
    if re.match(r"\s*<\?xml\b", text):
        return "xml"
    found = re.match(_XML, text)
    if found is None:
        return None
    closed = len(text) == MAX_TEXT or text.rstrip().endswith((f"</{found[1]}>", "/>"))
    return "xml" if closed else None
