# SPDX-License-Identifier: AGPL-3.0-or-later
"""Checks the house rules over the tree: prints one line a breach, exits 1 when there is any.

    python3 tests/tidy/house_rules.py [ROOT]

The rules are in tables.py; selftest.py shows that each can fail. Files are those git knows or would add.
"""

import ast
import pathlib
import re
import subprocess
import sys

import cpp_text
import tables

CPP = (".cpp", ".h")
CODE = (".cpp", ".h", ".c", ".capnp", ".py", ".sh", ".cmake", ".ts", ".js", ".vue", ".css")
SCRIPTS = ("dev", ".ci/run")


def within(path, folders):
    return any(path == folder or path.startswith(folder + "/") for folder in folders)


def is_code(path):
    return path.endswith(CODE) or path.endswith("CMakeLists.txt") or path in SCRIPTS


def room_of(path):
    """'sync/merge' of 'sync/merge/state.cpp'; None outside the four families of rooms."""
    parts = path.split("/")
    return "/".join(parts[:2]) if len(parts) > 2 and parts[0] in ("schema", "sync", "client", "server") else None


def layer_of(room):
    return next((i for i, layer in enumerate(tables.LAYERS) if room in layer), None)


class Tree:
    """The files under check, by path from the root; text is None for what is not UTF-8."""

    def __init__(self, files):
        self.files = files
        self.folders = {parent.as_posix() for path in files for parent in pathlib.PurePosixPath(path).parents}

    @staticmethod
    def read(root):
        listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "-co", "--exclude-standard"],
                                capture_output=True, check=False)
        if listed.returncode == 0:
            paths = listed.stdout.decode().split("\0")
        else:  # a tree without its history, as from an archive
            skip = re.compile(r"^(\.git|build[^/]*|.*/?node_modules)/")
            paths = [p.relative_to(root).as_posix() for p in pathlib.Path(root).rglob("*")]
            paths = [p for p in paths if not skip.match(p + "/")]
        files = {}
        for path in filter(None, paths):
            file = pathlib.Path(root, path)
            if file.is_file():
                try:
                    files[path] = file.read_text(encoding="utf-8")
                except UnicodeDecodeError:
                    files[path] = None
        return Tree(files)

    def has(self, path):
        return path in self.files or path.rstrip("/") in self.folders


def check_layers(path, source, tree):
    room = room_of(path)
    if room and layer_of(room) is None:
        yield 1, "layers", f"room {room} is not in the order of rooms (tests/tidy/tables.py)"
        return
    for line, quoted, name in cpp_text.includes(source):
        if quoted and not name.endswith(".capnp.h") and not tree.has(name):
            yield line, "includes", f'"{name}" is not spelled from the repository root, or does not exist'
        target = room_of(name)
        if not room or not quoted:
            continue
        if name.startswith("tests/"):
            yield line, "layers", f"{room} includes {name}: only tests include tests"
        elif target and layer_of(target) is None:
            yield line, "layers", f"{name}: its room is not in the order of rooms"
        elif target and target != room:
            across = {room.split("/")[0], target.split("/")[0]} == {"client", "server"}
            if across or layer_of(target) >= layer_of(room):
                yield line, "layers", f"{room} may not include {target} ({name})"


def check_own_header_first(path, source, tree):
    own = path.removesuffix(".cpp") + ".h"
    quoted = [(line, name) for line, is_quoted, name in cpp_text.includes(source) if is_quoted]
    if path.endswith(".cpp") and own in tree.files and quoted and quoted[0][1] != own:
        yield quoted[0][0], "includes", f"own header {own} comes first"


def check_dependencies(path, source, _tree):
    for line, _, name in cpp_text.includes(source):
        for what, pattern, places in tables.DEPENDENCIES:
            if re.match(pattern, name) and not within(path, places):
                yield line, "dependency", f"{what} ({name}) belongs to {', '.join(places)}"
        if within(path, tables.PURE) and re.match(tables.IMPURE_HEADERS, name):
            yield line, "pure", f"<{name}>: this room has no threads, files or sockets"


def check_effects(path, source, _tree):
    if within(path, tables.EFFECT_PLACES):
        return
    for number, line in enumerate(cpp_text.code_only(source).split("\n"), 1):
        for pattern, places in tables.EFFECTS:
            match = re.search(pattern, line)
            if match and not within(path, places):
                yield number, "effects", f"'{match.group().strip()}': clock, chance and sleep come through Clock and Entropy"


def check_function_lengths(path, source, _tree):
    if path.endswith(CPP):
        found = cpp_text.functions(source)
    else:
        found = [(node.name, node.lineno, node.end_lineno) for node in ast.walk(ast.parse(source))
                 if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    for name, first, last in found:
        if last - first + 1 > tables.FUNCTION_LINES_MAX:
            yield first, "length", f"{name} has {last - first + 1} lines, at most {tables.FUNCTION_LINES_MAX}"


def check_file(path, source, _tree):
    lines = source.split("\n")
    length = len(lines) - (lines[-1] == "")
    if length > tables.FILE_LINES_MAX:
        yield 1, "length", f"{length} lines, at most {tables.FILE_LINES_MAX}"
    first = lines[1] if lines[0].startswith("#!") and len(lines) > 1 else lines[0]
    mark = {".cpp": "// ", ".h": "// ", ".c": "// "}.get(pathlib.PurePosixPath(path).suffix, "")
    if not (first.startswith(mark) and first.endswith(tables.SPDX) if mark else tables.SPDX in first):
        yield 1, "spdx", f"first line is {mark}{tables.SPDX}"
    if path.endswith(".h") and "#pragma once" not in lines:
        yield 1, "pragma", "#pragma once is missing"


def check_names(path, source, _tree):
    stem = pathlib.PurePosixPath(path).stem
    for word in re.split(r"[_\-.]|(?<=[a-z])(?=[A-Z])", stem):
        if word.lower() in tables.EMPTY_NAMES:
            yield 1, "names", f"'{word}' in a file name says nothing"
    for number, line in enumerate(cpp_text.code_only(source).split("\n"), 1) if path.endswith(CPP) else ():
        for name in re.findall(r"\b(?:class|struct|enum class|union|using)\s+(\w+)\b", line):
            if re.split(r"(?<=[a-z0-9])(?=[A-Z])", name)[-1].lower() in tables.EMPTY_NAMES:
                yield number, "names", f"type {name}: name the noun it stands for"


def check_words(path, source, _tree):
    if within(path, (tables.SPELLS_RULES_OUT,)):
        return
    for number, line in enumerate(source.split("\n"), 1):
        for rule, patterns in (("unfinished", tables.UNFINISHED), ("foreign", tables.FOREIGN)):
            for match in filter(None, (re.search(pattern, line) for pattern in patterns)):
                yield number, rule, f"'{match.group()}' does not belong in the tree"
                break


def check_map(_path, source, tree):
    for number, line in enumerate(source.split("\n"), 1):
        for named in re.findall(r"(?<![\w/.-])(?:schema|sync|client|server|tests|docs)/[\w./-]*", line):
            if not tree.has(named.rstrip("./")):
                yield number, "map", f"names {named}, which does not exist"


def check_rooms(tree):
    """Breaches of whole folders: every room with sources has its README, and it is short."""
    rooms = {room_of(path) for path in tree.files if path.endswith(".cpp")} - {None}
    for room in sorted(rooms):
        if f"{room}/README.md" not in tree.files:
            yield f"{room}/README.md", 1, "readme", "a room says its purpose, what it may include, where to start"
    for path, source in tree.files.items():
        room = room_of(path)
        if room and path == f"{room}/README.md" and room not in tables.LONG_READMES:
            if len(source.strip().split("\n")) > tables.ROOM_README_LINES_MAX:
                yield path, 1, "readme", f"more than {tables.ROOM_README_LINES_MAX} lines"


def check_planted(tree):
    """Planted faults: compiled into the simulation's own preset alone, each at one place, each in the list that is run."""
    for path, source in tree.files.items():
        builds = path.endswith(("CMakeLists.txt", ".cmake", "CMakePresets.json")) or path in SCRIPTS or path.endswith(CPP)
        for number, line in enumerate((source or "").split("\n"), 1) if builds else ():
            if re.search(tables.PLANT, line) and (path, tables.PLANT_LINES.get(path)) != (path, line.strip()):
                yield path, number, "planted", "only the preset 'planted' compiles faults in"
    used = {}
    for path, source in tree.files.items():
        if path.endswith(CPP) and path != tables.PLANT_HEADER:
            for number, line in enumerate((source or "").split("\n"), 1):
                for name in re.findall(r"SATCHEL_PLANTED\((\w+)\)", line):
                    if name in used:
                        yield path, number, "planted", f"{name} is planted at {used[name]} already"
                    used.setdefault(name, path)
    listed = set(re.findall(r"^    \"(\w+)\":", tree.files.get(tables.PLANT_LIST) or "", re.M))
    for name in sorted(listed ^ set(used)):
        yield tables.PLANT_LIST, 1, "planted", f"{name} stands in the list or in the code, not in both"


def check_systems(tree):
    """The table of systems names each of them once, and real pages, packs and tests; nothing of a system is left out of it."""
    folders = {"page": "docs/systems", "pack": "schema/packs", "test": "tests/scenario/systems"}
    of_systems = {what: {path for path in tree.files if re.fullmatch(folder + r"/s\d\d[._]\S*", path)}
                  for what, folder in folders.items()}
    table = folders["page"] + "/README.md"
    if not any(of_systems.values()) and table not in tree.files:
        return
    seen = {what: set() for what in folders}
    numbers = []
    for number, line in enumerate((tree.files.get(table) or "").split("\n"), 1):
        row = re.fullmatch(r"\| \[S(\d+) [^]]+\]\((\S+)\) \| \d{3}[^|]* \| ([^|]+) \| `(\S+)` \|", line)
        if not row:
            continue
        numbers.append(int(row[1]))
        named = {"page": [row[2]], "pack": re.findall(r"`(\S+)`", row[3]), "test": [row[4]]}
        for what, names in named.items():
            for name in names:
                path = f"{folders[what]}/{name}"
                seen[what].add(path)
                if not tree.has(path):
                    yield table, number, "systems", f"{path} does not exist"
            if not names or not names[0].startswith(f"s{int(row[1]):02}"):
                yield table, number, "systems", f"S{row[1]} has no {what} of its own"
    if numbers != list(range(1, tables.SYSTEMS + 1)):
        yield table, 1, "systems", f"the table has S1 to S{tables.SYSTEMS}, each once and in order"
    for what, paths in of_systems.items():
        for path in sorted(paths - seen[what]):
            yield path, 1, "systems", f"a {what} that no row of {table} names"
    for path in sorted(of_systems["page"]):
        if len((tree.files[path] or "").strip().split("\n")) > tables.SCREEN_LINES:
            yield path, 1, "systems", f"a page is a screen: at most {tables.SCREEN_LINES} lines"


def checks_for(path):
    if path.endswith(CPP):
        yield from (check_layers, check_own_header_first, check_dependencies, check_effects)
    if path.endswith(CPP + (".py",)):
        yield check_function_lengths
    if is_code(path):
        yield from (check_file, check_names)
    if path in tables.MAPS or (room_of(path) and path.endswith("/README.md")):
        yield check_map
    yield check_words


def breaches(tree):
    """(path, line, rule, message) of everything that breaks a rule."""
    for path, source in sorted(tree.files.items()):
        if source is not None:
            for check in checks_for(path):
                yield from ((path, *breach) for breach in check(path, source, tree))
    yield from check_rooms(tree)
    yield from check_planted(tree)
    yield from check_systems(tree)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2].as_posix()
    tree = Tree.read(root)
    if "CMakeLists.txt" not in tree.files:
        sys.exit(f"house rules: {root} holds no Satchel tree, nothing was checked")
    found = list(breaches(tree))
    for path, line, rule, message in found:
        print(f"{path}:{line}: [{rule}] {message}")
    print(f"house rules: {len(tree.files)} files, {len(found)} breaches")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
