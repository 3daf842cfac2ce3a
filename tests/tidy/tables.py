# SPDX-License-Identifier: AGPL-3.0-or-later
"""The house rules as tables: change a decision here, never in the code that checks it.

Folders are spelled from the repository root without a closing slash; 'sync/link' covers everything below it.
"""

# Rooms from the bottom up. A room may include itself and rooms of earlier lines; rooms of one line do not know
# each other. client and server never include each other, whatever their lines.
LAYERS = (
    ("schema/base",),
    ("schema/wire", "schema/store", "schema/packs", "schema/calendar"),
    ("schema/template",),
    ("schema/exchange",),
    ("schema/command_line",),
    ("sync/seal", "sync/store"),
    ("sync/model",),
    ("sync/merge", "sync/directory", "sync/vault", "sync/wire", "sync/blob"),
    ("sync/sheet",),
    ("sync/node",),
    ("sync/session", "sync/bundle", "sync/backup"),
    ("sync/link", "sync/http"),
    ("sync/holder",),
    ("client/field", "server/hub", "server/reader"),
    ("client/cli", "client/app", "client/capi", "server/admin", "server/console"),
)

# One room, one dependency: which headers (a pattern over the include's name) only these folders may include.
DEPENDENCIES = (
    ("LMDB", r"lmdb\.h$", ("sync/store", "tests/bench", "tests/crash")),
    ("libsodium", r"sodium(\.h$|/)", ("sync/seal", "tests/bench")),
    ("OpenSSL", r"(openssl/|boost/asio/ssl)", ("sync/link", "tests/bench", "tests/unit/link")),
    ("Asio and Beast", r"boost/(asio|beast)", ("sync/link", "sync/http", "client", "server", "tests")),
    ("ICU", r"unicode/", ("sync/sheet", "schema/exchange")),
    ("generated Cap'n Proto headers", r".*\.capnp\.h$", ("sync/wire",)),
    ("Cap'n Proto", r"(capnp|kj)/", ("sync/wire", "schema/wire")),
    ("zstd", r"zstd(_errors)?\.h$", ("sync/model", "sync/node")),
    ("toml++", r"toml(\+\+|plusplus)/", ("schema/template",)),
    ("libpq", r"(postgresql/)?libpq", ("sync/store",)),
    ("CLI11", r"CLI/", ("schema/command_line", "client/cli", "server/admin")),
    ("libxlsxwriter", r"xlsxwriter", ("schema/exchange",)),
    ("libzip", r"zip\.h$", ("schema/exchange", "tests/unit/exchange")),
    ("pugixml", r"pugixml\.hpp$", ("schema/exchange",)),
    ("libqrencode", r"qrencode\.h$", ("client/cli", "server/admin")),
    ("Catch2 and RapidCheck", r"(catch2/|rapidcheck)", ("tests",)),
)

# Rooms that are functions of their arguments: no threads, files or sockets in them.
PURE = ("schema", "sync/model", "sync/merge", "sync/directory", "sync/wire", "sync/sheet", "sync/session")
IMPURE_HEADERS = r"(thread|mutex|shared_mutex|future|condition_variable|fstream|filesystem|iostream|unistd\.h|fcntl\.h|sys/.*)$"

# Clocks, randomness and sleep, as patterns over code without comments and strings, and where each may stand.
EFFECT_PLACES = ("client/cli/main.cpp", "server/admin/main.cpp", "sync/link", "sync/seal/system_entropy.h",
                 "sync/seal/system_entropy.cpp", "tests/scenario", "tests/crash", "tests/browser", "tests/bench",
                 "tests/unit/link")  # the last with real sockets, as in the room it tests
EFFECTS = (
    (r"\b(system|high_resolution|utc|file)_clock\b", ()),
    (r"\bsteady_clock\b", ("tests/unit",)),  # a unit test may measure, never wait
    (r"\b(clock_gettime|gettimeofday|timespec_get)\s*\(", ()),
    (r"(?<![\w.>:])(std::|::)?time\s*\(\s*(nullptr|NULL|0|&\w+)\s*\)", ()),
    (r"\brandom_device\b", ()),
    (r"(?<![\w.>])(std::|::)?(rand|drand48|arc4random\w*)\s*\(\s*\)", ()),
    (r"\bsrand\s*\(", ()),
    (r"\b(getrandom|getentropy)\s*\(", ()),
    (r"\brandombytes\w*", ("sync/seal",)),
    (r"\b(sleep_for|sleep_until|usleep|nanosleep|clock_nanosleep)\s*\(", ()),
    (r"(?<![\w.>])(::)?sleep\s*\(", ()),
)

# Words that no file or type name is made of: they say nothing about what is in it.
EMPTY_NAMES = ("manager", "helper", "helpers", "util", "utils", "common", "data", "info")

# What must not stand in the tree: unfinished work, one machine's paths, how the work was organised.
UNFINISHED = (r"\b(TODO|FIXME|XXX)\b",)
FOREIGN = (r"(?<![\w.])/work/", r"(?<![\w.])/root/", r"/tmp/(slot|build-)", r"(?i)\bissue\s*#?\d", r"(?i)\bissue #",
           r"\bbrief\.md\b")

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
ROOM_README_LINES_MAX = 15
SPDX = "SPDX-License-Identifier: AGPL-3.0-or-later"

# Files whose folders, named in the text, must exist.
# What docs/systems/README.md has a row for, and how long the page of each may be.
SYSTEMS = 26
SCREEN_LINES = 50
MAPS = ("README.md", "docs/architecture.md")
# Packs' README is a manual for archive administrators, not a sign on a room's door.
LONG_READMES = ("schema/packs",)
# This folder writes down what is forbidden.
SPELLS_RULES_OUT = "tests/tidy"

# Faults for the simulation to find: the macro that compiles them in, and the only lines that may name it.
PLANT = r"\bSATCHEL_PLANT\b|DSATCHEL_PLANT\b"
PLANT_HEADER = "schema/base/planted.h"
PLANT_LINES = {PLANT_HEADER: "#ifdef SATCHEL_PLANT",
               "CMakePresets.json": '"cacheVariables": { "CMAKE_CXX_FLAGS": "-DSATCHEL_PLANT" }'}
PLANT_LIST = "tests/simulation/planted.py"
