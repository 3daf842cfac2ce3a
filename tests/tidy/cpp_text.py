# SPDX-License-Identifier: AGPL-3.0-or-later
"""As much of C++ as the house rules need: code without comments and strings, includes, and where functions
begin and end. Not a parser: it counts braces, which is enough for code that clang-format has laid out.
"""

import re

_LEXEME = re.compile(
    r"""(?P<raw>(?:u8|[uUL])?R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)")
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<char>(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+')
      | (?P<comment>//[^\n]*|/\*.*?\*/)""",
    re.DOTALL | re.VERBOSE,
)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.)*", re.DOTALL | re.MULTILINE)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)
_TEMPLATE = re.compile(r"\btemplate\s*<")
_SCOPE = re.compile(r"^(?:\s*(?:inline|typedef|static|export|const|constexpr|friend)\b)*\s*"
                    r"(?:namespace|class|struct|union|enum|extern)\b")
_NAME = re.compile(r"(operator\s*[^\s(]+|(?!(?:requires|alignas|decltype)\b)\b[\w:~]+)\s*\(")


def _blank(text):
    return "".join(c if c == "\n" else " " for c in text)


def without_comments(source):
    """Comments blanked, strings and line numbers kept."""
    return _LEXEME.sub(lambda m: _blank(m.group()) if m.group("comment") else m.group(), source)


def code_only(source):
    """Comments, strings' contents and preprocessor lines blanked; every line keeps its number."""
    def blank(match):
        if match.group("comment"):
            return _blank(match.group())
        return '"' + _blank(match.group()[1:-1]) + '"'
    return _DIRECTIVE.sub(lambda m: _blank(m.group()), _LEXEME.sub(blank, source))


def includes(source):
    """(line, quoted?, name) of every include."""
    text = without_comments(source)
    return [(text.count("\n", 0, m.start(2)) + 1, m.group(1) == '"', m.group(2)) for m in _INCLUDE.finditer(text)]


def _without_template_heads(head):
    while (match := _TEMPLATE.search(head)) is not None:
        depth, at = 1, match.end()
        while at < len(head) and depth:
            depth += {"<": 1, ">": -1}.get(head[at], 0)
            at += 1
        head = head[:match.start()] + head[at:]
    return re.sub(r"\[\[.*?\]\]", "", head, flags=re.DOTALL)


def _kind(head):
    """What the brace after `head` opens at namespace or class level: 'scope', 'function' or 'value'."""
    if re.search(r"[\w>\]]$", head) or head.count("(") != head.count(")"):
        return "value"  # member_{1}, or a default argument
    head = _without_template_heads(head).strip()
    if _SCOPE.match(head) and "(" not in head:
        return "scope"
    return "function" if "(" in head and not head.endswith("=") else "value"


def functions(source):
    """(name, first line, last line) of every outermost function body, test cases included.

    A lambda or local class belongs to the function around it.
    """
    code = code_only(source)
    found = []
    head_from, depth, kind = 0, 0, None  # inside a function or value: its kind and the braces open in it
    for match in re.finditer(r"[{};]|\b(?:public|protected|private)\s*:", code):
        mark = match.group()
        if depth:
            depth += {"{": 1, "}": -1}.get(mark, 0)
            if depth or kind == "value":
                continue  # after a value the same head goes on: `X() : a_{1} {`
            head = code[head_from:match.start()]
            name = _NAME.search(_without_template_heads(head))
            first = head_from + len(head) - len(head.lstrip())
            found.append((name.group(1) if name else "(body)", code.count("\n", 0, first) + 1,
                          code.count("\n", 0, match.start()) + 1))
        elif mark == "{":
            kind = _kind(code[head_from:match.start()])
            if kind != "scope":
                depth = 1
                continue
        head_from = match.end()
    return found
