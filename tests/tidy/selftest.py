# SPDX-License-Identifier: AGPL-3.0-or-later
"""Shows that every house rule can fail: each case is a small tree and the breaches it must give, no more, no less.

    python3 tests/tidy/selftest.py
"""

import re
import sys

import cpp_text
import house_rules
import tables

HEAD = "// SPDX-License-Identifier: AGPL-3.0-or-later\n"
ONCE = HEAD + "#pragma once\n"
README = {"sync/merge/README.md": "Merging.\n", "sync/node/README.md": "One replica.\n",
          "sync/store/README.md": "Tables.\n", "client/cli/README.md": "Commands.\n",
          "server/hub/README.md": "The hub.\n", "schema/base/README.md": "Nouns.\n"}


def systems(rows, left_out=()):
    """A table with these rows, and the files it names, without some."""
    files = {"docs/systems/README.md": "".join(row + "\n" for row in rows)}
    for n in range(1, tables.SYSTEMS + 1):
        files |= {f"docs/systems/s{n:02}.md": "S\n", f"schema/packs/s{n:02}_a.toml": "",
                  f"tests/scenario/systems/s{n:02}.py": "# " + tables.SPDX + "\n"}
    return {path: text for path, text in files.items() if path not in left_out}


SYSTEMS = [f"| [S{n} A](s{n:02}.md) | 00{n % 5} §1 | `s{n:02}_a.toml` | `s{n:02}.py` |" for n in range(1, tables.SYSTEMS + 1)]


def body(lines, head="void f() {"):
    return head + "\n" + "  g();\n" * (lines - 2) + "}\n"


# name: (files, rules that must be reported, in order of path and line)
CASES = {
    "a clean unit": ({"sync/merge/state.cpp": HEAD + '#include "sync/merge/state.h"\n#include <vector>\n',
                      "sync/merge/state.h": ONCE + '#include "schema/base/id.h"\n', "schema/base/id.h": ONCE}, []),
    "a fault planted, and listed": (
        {"sync/node/a.cpp": HEAD + "bool b = SATCHEL_PLANTED(late);\n",
         "tests/simulation/planted.py": "# " + tables.SPDX + "\nFAULTS = {\n    \"late\": \"\",\n}\n"}, []),
    "a fault planted and not listed": ({"sync/node/a.cpp": HEAD + "bool b = SATCHEL_PLANTED(late);\n"}, ["planted"]),
    "a fault planted twice": (
        {"sync/node/a.cpp": HEAD + "bool b = SATCHEL_PLANTED(late) || SATCHEL_PLANTED(late);\n",
         "tests/simulation/planted.py": "# " + tables.SPDX + "\nFAULTS = {\n    \"late\": \"\",\n}\n"}, ["planted"]),
    "faults in a product": ({"sync/node/a.h": ONCE + "#define SATCHEL_PLANT\n"}, ["planted"]),
    "upward include": ({"schema/base/id.h": ONCE + '#include "sync/merge/state.h"\n', "sync/merge/state.h": ONCE},
                       ["layers"]),
    "sideways include": ({"sync/merge/a.h": ONCE + '#include "sync/wire/b.h"\n', "sync/wire/b.h": ONCE}, ["layers"]),
    "client knows server": ({"client/cli/a.h": ONCE + '#include "server/hub/b.h"\n', "server/hub/b.h": ONCE}, ["layers"]),
    "product includes tests": ({"sync/node/a.h": ONCE + '#include "tests/support/b.h"\n', "tests/support/b.h": ONCE},
                               ["layers"]),
    "unknown room": ({"sync/misc/a.h": ONCE}, ["layers"]),
    "commented include is none": ({"schema/base/id.h": ONCE + '// #include "sync/merge/state.h"\n'}, []),
    "include not from the root": ({"sync/merge/a.h": ONCE + '#include "b.h"\n', "sync/merge/b.h": ONCE}, ["includes"]),
    "own header second": ({"sync/node/a.cpp": HEAD + '#include "sync/node/b.h"\n#include "sync/node/a.h"\n',
                           "sync/node/a.h": ONCE, "sync/node/b.h": ONCE}, ["includes"]),
    "lmdb outside the store": ({"sync/node/a.h": ONCE + "#include <lmdb.h>\n"}, ["dependency"]),
    "lmdb in the store": ({"sync/store/a.cpp": HEAD + "#include <lmdb.h>\n"}, []),
    "lmdb in the bare pipeline": ({"tests/bench/a.cpp": HEAD + "#include <lmdb.h>\n"}, []),
    "sodium outside seal": ({"sync/node/a.h": ONCE + "#include <sodium.h>\n"}, ["dependency"]),
    "openssl in a program": ({"server/hub/a.h": ONCE + "#include <openssl/ssl.h>\n"}, ["dependency"]),
    "asio in the node": ({"sync/node/a.h": ONCE + "#include <boost/asio.hpp>\n"}, ["dependency"]),
    "icu in merge": ({"sync/merge/a.h": ONCE + "#include <unicode/coll.h>\n"}, ["dependency"]),
    "capnp in merge": ({"sync/merge/a.h": ONCE + '#include "schema/wire/frame.capnp.h"\n'}, ["dependency"]),
    "zstd in the session": ({"sync/session/a.h": ONCE + "#include <zstd.h>\n"}, ["dependency"]),
    "toml in the client": ({"client/cli/a.h": ONCE + "#include <toml++/toml.h>\n"}, ["dependency"]),
    "libpq in the node": ({"sync/node/a.h": ONCE + "#include <postgresql/libpq-fe.h>\n"}, ["dependency"]),
    "capnp in the session": ({"sync/session/a.h": ONCE + "#include <kj/string.h>\n"}, ["dependency"]),
    "command line in the hub": ({"server/hub/a.h": ONCE + "#include <CLI/CLI.hpp>\n"}, ["dependency"]),
    "workbooks in the client": ({"client/field/a.h": ONCE + "#include <xlsxwriter.h>\n"}, ["dependency"]),
    "zip in the client": ({"client/field/a.h": ONCE + "#include <zip.h>\n"}, ["dependency"]),
    "xml in the client": ({"client/field/a.h": ONCE + "#include <pugixml.hpp>\n"}, ["dependency"]),
    "qr code in the hub": ({"server/hub/a.h": ONCE + "#include <qrencode.h>\n"}, ["dependency"]),
    "catch in the product": ({"sync/node/a.h": ONCE + "#include <catch2/catch.hpp>\n"}, ["dependency"]),
    "thread in a pure room": ({"sync/session/a.h": ONCE + "#include <thread>\n"}, ["pure"]),
    "wall clock": ({"sync/node/a.h": ONCE + "auto t = std::chrono::system_clock::now();\n"}, ["effects"]),
    "clock behind a name": ({"sync/node/a.h": ONCE + "using Tick = std::chrono::steady_clock;\n"}, ["effects"]),
    "time()": ({"sync/node/a.h": ONCE + "auto a = time(nullptr); auto b = std::time(0);\n"}, ["effects"]),
    "a time that is a member": ({"sync/node/a.h": ONCE + "auto a = x.time(0); Date time(int day);\n"}, []),
    "random device": ({"tests/unit/merge/a.cpp": HEAD + "std::random_device chance;\n"}, ["effects"]),
    "other clocks": ({"sync/node/a.h": ONCE + "int a = clock_gettime(c, &t);\n"}, ["effects"]),
    "srand": ({"sync/node/a.h": ONCE + "srand(1);\n"}, ["effects"]),
    "getrandom": ({"sync/seal/a.h": ONCE + "getrandom(p, n, 0);\n"}, ["effects"]),
    "sleep(1)": ({"sync/node/a.h": ONCE + "::sleep(1);\n"}, ["effects"]),
    "rand()": ({"sync/node/a.h": ONCE + "int a = rand();\n"}, ["effects"]),
    "randombytes outside seal": ({"sync/node/a.h": ONCE + "randombytes_buf(p, n);\n"}, ["effects"]),
    "sleep in a test": ({"tests/unit/merge/a.cpp": HEAD + "std::this_thread::sleep_for(1s);\n"}, ["effects"]),
    "sleep in a scenario": ({"tests/scenario/a.cpp": HEAD + "std::this_thread::sleep_for(1s);\n"}, []),
    "clock in the link": ({"sync/link/real_clock.h": ONCE + "auto t = std::chrono::system_clock::now();\n"}, []),
    "clock in a comment or string": ({"sync/node/a.h": ONCE + '// rand()\nauto a = "time(0) sleep(1)";\n'}, []),
    "clock in a raw string": ({"sync/node/a.h": ONCE + 'auto a = R"x(say "rand()" \n sleep(1))x";\n'}, []),
    "long file": ({"sync/merge/a.h": ONCE + "\n" * 599}, ["length"]),
    "long enough file": ({"sync/merge/a.h": ONCE + "\n" * 598}, []),
    "long function": ({"sync/merge/a.h": ONCE + body(71)}, ["length"]),
    "long enough function": ({"sync/merge/a.h": ONCE + body(70)}, []),
    "long test case": ({"tests/unit/merge/a.cpp": HEAD + body(71, 'TEST_CASE("merge: x; {", "[merge]") {')}, ["length"]),
    "long python function": ({"tests/tidy/a.py": "# " + HEAD[3:] + "def f():\n" + "    g()\n" * 70}, ["length"]),
    "no SPDX": ({"sync/merge/a.h": "#pragma once\n"}, ["spdx"]),
    "SPDX after the shebang": ({"dev": "#!/bin/bash\n# " + HEAD[3:]}, []),
    "SPDX missing in a script": ({"dev": "#!/bin/bash\nset -e\n"}, ["spdx"]),
    "no pragma once": ({"sync/merge/a.h": HEAD}, ["pragma"]),
    "empty file name": ({"sync/merge/merge_util.h": ONCE}, ["names"]),
    "empty type name": ({"sync/merge/a.h": ONCE + "class SheetManager {};\nstruct Information {};\n"}, ["names"]),
    "unfinished": ({"docs/a.md": "To be done: TO" + "DO\n"}, ["unfinished"]),
    "one machine's path": ({"docs/a.md": "see /wo" + "rk/main, /tmp/sl" + "ot and network/work/\n"}, ["foreign"]),
    "issue number": ({"sync/merge/a.h": ONCE + "// for iss" + "ue 2\n"}, ["foreign"]),
    "map names a folder that is not there": ({"README.md": "`sync/gone` and `docs`\n"}, ["map"]),
    "map names what is there": ({"README.md": "`sync/merge/`, `sync/merge/a.h`.\n", "sync/merge/a.h": ONCE}, []),
    "systems": (systems(SYSTEMS), []),
    "no table of systems": ({"docs/systems/s01.md": "S\n"}, ["systems", "systems"]),
    "a system left out": (systems(SYSTEMS[:5] + SYSTEMS[6:]), ["systems"] * 4),
    "a system twice": (systems(SYSTEMS[:5] + SYSTEMS[4:]), ["systems"]),
    "a system without its test": (systems(SYSTEMS, ["tests/scenario/systems/s07.py"]), ["systems"]),
    "a system without its pack": (systems(SYSTEMS, ["schema/packs/s07_a.toml"]), ["systems"]),
    "a system with another's page": (systems([SYSTEMS[0].replace("s01.md", "s02.md")] + SYSTEMS[1:]),
                                     ["systems", "systems"]),
    "a system nobody has a row for": (systems(SYSTEMS) | {"schema/packs/s27_b.toml": ""}, ["systems"]),
    "a system's page that is no page": (systems(SYSTEMS) | {"docs/systems/s03.md": "S\n" * 51}, ["systems"]),
    "room without README": ({"sync/sheet/a.cpp": HEAD}, ["readme"]),
    "room README too long": ({"sync/sheet/README.md": "a\n" * 16}, ["readme"]),
}

# What functions() must see: (source, [(name, first line, last line)...]).
FUNCTIONS = (
    ("int f(int a) {\n  if (a) {\n  }\n}\n", [("f", 1, 4)]),
    ("namespace a {\nclass B : public C {\n public:\n  B() : x_{1}, y_(2) {\n    z();\n  }\n  int g() const { return 1; }\n"
     " private:\n  int x_{2};\n};\n}\n", [("B", 4, 6), ("g", 7, 7)]),
    ("void f(X x = {}) {\n  for (;;) {}\n}\n", [("f", 1, 3)]),
    ("template <class T, class U = A<B>>\n  requires(kBig<T>)\nT f(T t) {\n}\n", [("f", 1, 4)]),
    ("const int kA[] = {1, 2};\nenum class E : int { a, b };\nint f() {\n}\n", [("f", 3, 4)]),
    ("const auto f = [](int a) {\n  return a;\n};\n", [("(body)", 1, 3)]),
    ('extern "C" {\nint f(char c) {\n  return c == \'{\';\n}\n}\n', [("f", 2, 4)]),
    ("#define F(x) \\\n  do { \\\n  } while (0)\nint f() {\n  return 1\'000;\n}\n", [("f", 4, 6)]),
    ("bool operator==(const A& a, const A& b) {\n}\n", [("operator==", 1, 2)]),
)


def wrong_cases():
    for name, (files, rules) in CASES.items():
        tree = house_rules.Tree({**README, **files})
        found = list(house_rules.breaches(tree))
        if [rule for _, _, rule, _ in found] != rules:
            yield f"{name}: expected {rules}, found {found}"
    for source, expected in FUNCTIONS:
        found = cpp_text.functions(source)
        if found != expected:
            yield f"functions: expected {expected}, found {found} in\n{source}"


def untested_rules():
    """Dependencies and effects in the tables that no case above breaks."""
    broken = [text for files, rules in CASES.values() if rules for text in files.values()]
    included = [name for text in broken for _, _, name in cpp_text.includes(text)]
    yield from (f"dependency {what} has no case" for what, pattern, _ in tables.DEPENDENCIES
                if not any(re.match(pattern, name) for name in included))
    yield from (f"effect {pattern} has no case" for pattern, _ in tables.EFFECTS
                if not any(re.search(pattern, text) for text in broken))


def main():
    wrong = [*wrong_cases(), *untested_rules()]
    for line in wrong:
        print(line)
    print(f"house rules: {len(CASES) + len(FUNCTIONS)} cases, {len(wrong)} wrong")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
