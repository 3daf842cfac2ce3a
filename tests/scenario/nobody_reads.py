#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who holds a hub's folder, its log, its memory or the wire reads no customer; who holds a locked device reads none either.

Real processes: two hubs at their most talkative, headquarters' reader, an administrator, a manager and two salespeople.
Every kind of field gets a text with a rare stem; then every byte that is not behind a passphrase goes through a sieve
(sieve.py) for the stems, and for passphrases, tokens and the root key. The sieve has to find all of it where it is
meant to be legible. Ends with a list of what is legible in a hub's folder all the same.
"""
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

from company import BIN, Company, Failed, ROOT, free_port, play
from sieve import Sieve, Zstd, base32, chinese_runs, number_forms, raw_forms, text_forms, unbase32, varint
from wire import Wire

ZH, EN, TAIL = "琥珀鹦鹉", "zephyrqux", "73194682"  # the stems: Chinese, ASCII, the end of every phone
MOBILE = "138" + TAIL
MONEY = {"48273916.57": 4827391657, "73519.46": 7351946}  # as typed, and in the units a decimal keeps
ORG, BRANCH = "华兴食品有限公司", "深圳分公司"
REP, OTHER, MANAGER = "林晓梅", "赵国栋", "陈志远"
NAME, NAME_EN, IMPORTED = f"{ZH}福田百货", "Zephyrqux Trading No. 7", f"{ZH}罗湖商行"
PASSPHRASE = "wandelndes quarzpferd 1934 batterie"
DEVICE = "蓝色手机七号"
REASON = f"{ZH}盘点之前的拜访"  # of a verdict: sealed for the archive's readers
DAY = "2026-11-20"
LONG = "".join(f"第{n}点：{ZH}的第{n * 7919 % 1000}号货架，{EN}-{n}，请回电 0755-{TAIL}。" for n in range(60))

CARD = {"type": "customer", "name": NAME, "kind": "distributor", "legal_representative": f"{ZH}法人", "contact": f"{ZH}店长",
        "contact_title": f"{ZH}总务", "contact_way": f"WeChat {EN}_wx", "phone": f"0755-{TAIL}", "fax": f"0756-{TAIL}",
        "email": f"{EN}@example.cn", "website": f"https://{EN}.example/", "address": f"{ZH}路 8 号", "city": f"{ZH}市",
        "external_number": "ZEPHYRQUX-0042", "registered_capital": "48273916.57", "trade": f"{ZH}批发", "territory": f"{ZH}片区",
        "dealings": f"{ZH}来往", "arrears": f"欠款与 {EN}", "tags": [f"{ZH}标签", f"{EN} tag"], "notes": LONG}
CONTACT = {"type": "contact", "customer": NAME, "name": f"王{ZH}", "title": f"{ZH}采购", "phone": MOBILE, "email": f"wang@{EN}.example",
           "birthday": "1961-03-07", "notes": f"爱喝{ZH}茶"}
VISIT = {"type": "visit", "customer": NAME, "date": DAY, "purpose": f"{ZH}促销", "contact": f"{ZH}经理", "summary": f"{ZH}要二十箱，{EN}",
         "said": LONG, "order": f"{ZH}二十箱", "collection": "73519.46", "next": "2026-12-01", "next_step": f"寄{ZH}样品",
         "with": [REP, f"{ZH}外人"], "competitors": f"{EN} rival"}
ORDER = {"type": "order", "customer": NAME, "number": "ZEPHYRQUX-PO-1", "date": DAY, "amount": "48273916.57", "freight": "73519.46",
         "ship_name": f"{ZH}仓库", "ship_address": f"{ZH}码头", "notes": f"{ZH}轻放"}
REPORTS = {REP: {"type": "rep_daily_report", "date": DAY, "summary": f"{ZH}小结", "problems": f"{ZH}问题", "plan": f"{EN} plan"},
           MANAGER: {"type": "supervisor_daily_report", "date": DAY, "case": "branch_alone", "customers": [NAME], "purpose": ["overdue"],
                     "summary": f"{ZH}难点", "instructions": f"{EN} outcome"}}


def check(holds, what):
    if not holds:
        raise Failed(what)


def until(condition, what):
    for _ in range(40):
        if condition():
            return
        time.sleep(0.2)
    raise Failed(f"never: {what}")


class Watched(Company):
    """A company whose hubs are dialled through wires, whose daemons log all they can, and whose command lines are kept."""

    def __init__(self, org):
        super().__init__(org)
        self.passphrase.write_text(PASSPHRASE + "\n", encoding="utf-8")
        self.spoken = self.folder / "spoken"  # what programs said that may go into a support ticket
        self.spoken.mkdir()
        self.wires, self.command_lines, self.count = {}, set(), 0
        self.watching = True
        self.watcher = threading.Thread(target=self._watch, daemon=True)
        self.watcher.start()

    def close(self):
        self.watching = False
        self.watcher.join()
        for wire in self.wires.values():
            wire.close()
        super().close()

    def _watch(self):
        while self.watching:
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    line = (process / "cmdline").read_bytes()
                except OSError:
                    continue
                if line.startswith(str(BIN).encode()):
                    self.command_lines.add(line)
            time.sleep(0.03)

    def run(self, program, *args, **more):
        done = super().run(program, *args, **more)
        if program == "satcheld" and "report" not in args or {"sync", "status", "verify"} & set(args):
            self.count += 1
            (self.spoken / f"{self.count}").write_text(done.stdout + done.stderr, encoding="utf-8")
        return done

    def satchel(self, who, *args, **more):
        named = ("--device-name", DEVICE) if "enrol" in args and "confirm" not in args else ()
        return super().satchel(who, *args, *named, **more)

    def start(self, name, *command, cue):
        out = self.spoken / f"{name}.out"
        with open(out, "ab") as stdout, open(self.spoken / f"{name}.log", "ab") as stderr:
            process = subprocess.Popen([str(BIN / "satcheld"), *map(str, command)], stdout=stdout, stderr=stderr, env=self.env)
        self.running[name] = process
        for _ in range(600):
            if cue in out.read_text(encoding="utf-8"):
                return
            check(process.poll() is None, f"{name} ended: {(self.spoken / (name + '.log')).read_text()}")
            time.sleep(0.05)
        raise Failed(f"{name} did not start")

    def serve(self, name):
        self.start(name, "serve", "--data", self.folder / name, "--verbose", cue="ready")

    def place(self, name):
        """Where a new hub listens, and where others are told to dial it."""
        self.hubs[name] = free_port()
        self.wires[name] = Wire(self.hubs[name])
        return ["--listen", f"127.0.0.1:{self.hubs[name]}", "--address", f"127.0.0.1:{self.wires[name].port}"]

    def found(self):
        self.satcheld("init", "--data", self.folder / "HQ", "--org", self.org, *self.place("HQ"))
        self.serve("HQ")
        self.satchel("admin", "enrol", self.folder / "HQ" / "first-admin.invite")

    def branch(self, name):
        invite = self.folder / f"{name}.invite"
        self.satchel("admin", "hub", "invite", "--branch", name, "--out", invite)
        self.satcheld("join", "--data", self.folder / name, *self.place(name), invite)
        self.serve(name)


# ---- the company at work ----

def set_up(c):
    c.found()
    c.reader()
    c.satchel("admin", "sync")
    c.start("reader", "reader", "serve", "--data", c.folder / "reader", "--passphrase-file", c.passphrase, "--verbose", cue="ready")
    c.satchel("admin", "branch", "add", BRANCH)
    staff = [(REP, "salesperson", BRANCH), (OTHER, "salesperson", BRANCH), (MANAGER, "branch_manager", BRANCH)]
    c.people(staff)  # before the branch has a hub: one hop less to wait for
    c.branch(BRANCH)
    for name in (REP, OTHER, MANAGER):
        c.satchel(name, "sync")


def work(c):
    order = c.write(REP, [CARD, CONTACT, VISIT, ORDER, dict(VISIT, summary=f"{ZH}第二次"), REPORTS[REP]])[3]["id"]
    c.write(REP, [{"type": "order_line", "customer": NAME, "order": order, "product": f"{ZH}酱油", "unit_price": "73519.46", "quantity": 2}])
    c.satchel(REP, "customer", "add", "--name", NAME_EN, "--kind", "company", "--field", f"phone=+86 {MOBILE}", "--owner", REP,
              "--owner", OTHER)
    rows = f"名称,电话,地址\n{IMPORTED},0757-{TAIL},{ZH}街\n{ZH}无效,电话{ZH},{ZH}巷\n"
    (c.folder / "customers.csv").write_bytes(rows.encode("gb18030"))
    c.satchel(OTHER, "customer", "import", c.folder / "customers.csv", "--map", "名称=name", "电话=phone", "地址=address", "--apply",
              "--result", c.folder / "result.csv", ok=(7,))
    c.settle([REP, OTHER, MANAGER], rounds=3)
    c.write(MANAGER, [REPORTS[MANAGER]])


def bad_input(c):
    """What is refused is told to whoever typed it, and leaves nothing behind."""
    c.satchel(REP, "customer", "add", "--name", f"{ZH}缺项", "--kind", f"{ZH}类型", ok=(1, 2))
    c.satchel(REP, "customer", "add", "--name", f"{ZH}重号", "--kind", "company", "--field", f"phone=0755-{TAIL}", ok=(5,))
    broken = json.dumps(VISIT, ensure_ascii=False)[:-9] + "\n" + json.dumps(dict(VISIT, customer=f"{ZH}不存在"), ensure_ascii=False) + "\n"
    c.satchel(REP, "add", "--stdin", ok=(1,), stdin=broken)
    c.satcheld("reader", "report", "daily-visits", "--data", c.folder / "reader", "--passphrase-file", c.passphrase, "--date", f"{ZH}日",
               ok=(1, 2))
    wrong = c.folder / "wrong"
    wrong.write_text(f"{EN} is not it\n", encoding="utf-8")
    c.run("satchel", "--vault", c.folder / REP, "--passphrase-file", wrong, "status", ok=(4,))


def strangers(c, sieve):
    """Whoever speaks to a hub writes nothing into its log; and what goes over a wire in the clear is seen there."""
    for hub, port in c.hubs.items():
        wire = Wire(port)
        for hello in (f"GET /{EN}?{ZH} HTTP/1.1\r\nHost: {EN}\r\n\r\n", f"\x16\x03\x01{ZH * 40}", ZH * 400):
            with socket.create_connection(("127.0.0.1", wire.port)) as s:
                s.settimeout(10)
                s.sendall(hello.encode())
                s.shutdown(socket.SHUT_WR)
                try:
                    while s.recv(4096):
                        pass
                except OSError:
                    pass
        check({f"{ZH} UTF-8", f"{EN} UTF-8"} <= sieve.names(wire.bytes()), f"the wire to {hub} shows what is sent in the clear")
        wire.close()


def conflict(c):
    """Two edit one field offline; somebody decides. And a correction, with its reason."""
    c.satchel(REP, "customer", "set", NAME, "--field", f"grade={ZH}甲级")
    c.satchel(MANAGER, "customer", "set", NAME, "--field", f"grade={EN} grade")
    c.settle([REP, MANAGER, REP], rounds=2)
    found = c.ask(MANAGER, "conflicts", ok=(0, 5))["conflicts"]
    check(len(found) == 1, f"one conflict: {found}")
    c.satchel(MANAGER, "conflicts", "resolve", found[0]["record"], "grade", "--keep", "1", "--reason", f"{ZH}说了算")
    visit = c.ask(REP, "visit", "list")["visits"][0]["id"]
    c.satchel(REP, "record", "set", visit, "--field", f"summary={ZH}要三十箱", "--reason", f"{ZH}听错")


def held(c):
    """Work of somebody who has left waits for a verdict, whose reason is a statement."""
    c.satchel("admin", "person", "change", OTHER, "--leave")
    c.write(OTHER, [{"type": "visit", "customer": NAME_EN, "date": DAY, "purpose": "拜访", "summary": f"{ZH}临走"}])
    active = lambda: {p["name"]: p["active"] for p in c.ask(MANAGER, "person", "list")}
    until(lambda: c.satchel(MANAGER, "sync") and not active()[OTHER], "the branch's hub has heard of it")
    sent = c.ask(OTHER, "sync", ok=(0, 7))
    check(sent["held"] == 1, f"work of somebody who has left is held: {sent}")
    until(lambda: c.ask(MANAGER, "sync")["held_here"], "the manager is shown it")
    c.satchel(MANAGER, "held", "admit", "all", "--reason", REASON)
    until(lambda: c.ask(REP, "sync")["statements"], "the verdict comes down")


# ---- the sieves ----

def word_sieve():
    forms = [*text_forms(ZH, ZH), *text_forms(EN, EN), *text_forms("phone", TAIL), *number_forms("phone", MOBILE)]
    for pinyin in ("hupoyingwu", "hu po ying wu", "hpywftbh", "hpywlhsh"):  # as search knows the names
        forms.append((f"pinyin {pinyin}", pinyin.encode(), True))
    for typed, units in MONEY.items():
        forms.append((f"money {typed}", typed.encode(), True))
        forms.append((f"money {typed} as a value", b"\x05" + varint(units * 2) + b"\x02", False))  # wire.md, 'Value'
    return Sieve(forms)


def secrets_of(c):
    """Passphrase, invitations' tokens, the root key: name, spellings, and the only files that may hold it."""
    yield "passphrase", list(text_forms("passphrase", PASSPHRASE)), ()
    for file in sorted(c.folder.rglob("*.invite")):
        line = re.search(r"SATCHEL-INVITE:(\w+)", file.read_text(encoding="utf-8"))[1]
        raw = unbase32(line)
        at = 2 + raw[1] + 32 + 16  # version, sized name, root key, invitation: then the token
        token = raw[at:at + 16]
        chars = line[(at * 8 + 4) // 5:(at + 16) * 8 // 5]
        forms = [*raw_forms("token", token), ("token base32", base32(token)[:24].encode(), True), ("token as written", chars.encode(), True)]
        yield f"token of {file.name}", forms, (file,)
    kit = c.folder / "HQ" / "recovery-kit.txt"
    for words in re.findall(r"ROOT-\d: ([\w ]+)", kit.read_text(encoding="utf-8")):
        raw = unbase32(words)[:8]
        yield "root key", [*raw_forms("root key", raw), ("root key as written", words.encode(), True)], (kit,)


def files_under(folder):
    return [f for f in sorted(folder.rglob("*")) if f.is_file()]


def watched_files(c, running):
    """Everything that is not somebody's own input, output or passphrase file."""
    folders = list(c.hubs) if running else [*c.hubs, "reader", "admin", REP, OTHER, MANAGER]
    files = [f for name in folders for f in files_under(c.folder / name)] + files_under(c.spoken)
    return files + [f for f in c.folder.glob("*.invite")]


def memory_of(process):
    """What a running hub has in its memory beside its mapped file."""
    with open(f"/proc/{process.pid}/maps", encoding="utf-8") as maps, open(f"/proc/{process.pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, access, _, _, _, *name = line.split()
            low, high = (int(x, 16) for x in span.split("-"))
            if "rw" not in access or (name and (name[0].startswith("/") and "mdb" in name[0] or name[0] == "[vvar]")):
                continue
            try:
                memory.seek(low)
                yield memory.read(high - low).strip(b"\0")  # a stack is mostly untouched
            except OSError:
                continue


def sift(c, sieve, running):
    found = []
    for file in watched_files(c, running):
        found += sieve.find(file.read_bytes(), str(file.relative_to(c.folder)))
    for hub in c.hubs if running else ():
        try:
            whole = b"\0".join(memory_of(c.running[hub]))
        except PermissionError:
            print(f"  (the memory of {hub} may not be looked at here)")
            continue
        check(len(whole) > 1 << 20, f"the memory of {hub} was read")
        found += sieve.find(whole, f"the memory of {hub}")
    for name, wire in c.wires.items():
        found += sieve.find(wire.bytes(), f"the wire to {name}")
    check(not found, "legible: " + "\n  ".join(found[:20]))


def sift_secrets(c, words):
    lines = b"\n".join(sorted(c.command_lines))
    check(len(c.command_lines) > 20, "command lines were seen")
    found = []
    blobs = [(f, f.read_bytes()) for f in watched_files(c, False)]
    blobs += [(f"the wire to {name}", wire.bytes()) for name, wire in c.wires.items()] + [("a command line", lines)]
    for name, forms, homes in secrets_of(c):
        sieve = Sieve(forms)
        homes = homes or (c.passphrase,)
        check(all(sieve.names(home.read_bytes()) for home in homes), f"{name} is found where it belongs")
        found += [hit for where, blob in blobs if where not in homes for hit in sieve.find(blob, f"{where}")]
    check(not found, "secrets in the open: " + "\n  ".join(found[:20]))
    daemons = b"\n".join(line for line in c.command_lines if b"satcheld\0" in line and b"\0report\0" not in line)
    check(not words.names(daemons), "no daemon's command line names a customer")


# ---- what proves the sieve ----

def unlocked(c, sieve):
    """Behind the passphrase everything is there: what was to be hidden was really written, and is found."""
    listed = c.ask(REP, "customer", "list")
    names = sieve.names(json.dumps(listed, ensure_ascii=False).encode())
    check({f"{ZH} UTF-8", f"{EN} UTF-8", "phone UTF-8"} <= names, f"customer list shows what the sieve looks for: {names}")
    check(f"{ZH} JSON escapes" in sieve.names(json.dumps(listed).encode()), "also escaped")
    for pinyin in ("hupoyingwu", "hpywftbh", TAIL[-4:]):
        check(c.ask(REP, "customer", "search", pinyin)["hits"], f"search knows {pinyin}")
    masked = c.satchel(MANAGER, "--json", "customer", "show", NAME, "--visits", 50).stdout
    check("1961-03-07" not in masked and "••••" in masked, "what is sensitive stands masked until it is asked for")
    card = c.satchel(MANAGER, "--json", "customer", "show", NAME, "--visits", 50, "--reveal", "--purpose", "对账").stdout
    readings = c.ask(MANAGER, "report", "readings")["lines"]
    check([r["texts"]["purpose"] for r in readings] == ["对账"], f"and asking leaves a trace: {readings}")
    visits = c.satchel(MANAGER, "--json", "visit", "list").stdout
    seen = json.dumps([json.loads(card), json.loads(visits)], ensure_ascii=False)
    wanted = [v for record in (CARD, CONTACT, ORDER) for k, v in record.items() if isinstance(v, str) and k not in ("type", "kind")]
    missing = [v for v in wanted if json.dumps(v, ensure_ascii=False)[1:-1] not in seen]
    check(not missing, f"the manager reads all fields: {missing}")
    taken = c.folder / "taken.xlsx"
    c.reader_do("report", "daily-visits", "--date", DAY, "--format", "xlsx", "--out", taken, ok=(2,))
    check(not taken.exists(), "nothing leaves headquarters' reader without a purpose")
    c.reader_do("report", "daily-visits", "--date", DAY, "--format", "xlsx", "--out", taken, "--purpose", "月会")
    check(taken.stat().st_mode & 0o777 == 0o600, "for its owner alone")
    noted = json.loads(c.reader_do("report", "readings", "--format", "json").stdout)["lines"]
    mine = [n["texts"] for n in noted if "satcheld reader" in n["texts"]["what"]]
    check([n["purpose"] for n in mine] == ["月会"], f"headquarters' reader leaves a trace, too: {noted}")
    report = c.reader_do("report", "daily-visits", "--date", DAY, "--format", "csv").stdout
    check(f"{ZH} UTF-8" in sieve.names(report.encode()) and f"{ZH}临走" in report, f"headquarters reads it: {report}")


def planted(c, sieve):
    """In a copy of a hub's folder with one word in it, in any spelling or packed, the word is found."""
    copy = c.folder / "copy"
    shutil.copytree(c.folder / BRANCH, copy)
    store = copy / "store" / "data.mdb"
    size, zstd = store.stat().st_size, Zstd()
    check(not sieve.names(store.read_bytes()), "the copy is clean")
    for n, (name, needle, folded) in enumerate(sieve.needles):
        for piece in (needle, zstd.pack(b"{" + needle.upper() + b"}" if folded else needle * 3)) if n % 5 == 0 else (needle,):
            with open(store, "r+b") as f:
                f.seek(size // 2 + 13 * n)
                before = f.read(len(piece))
                f.seek(size // 2 + 13 * n)
                f.write(piece)
            hits = sieve.names(store.read_bytes()) if n % 5 == 0 else sieve.names(store.read_bytes()[size // 2 - 4096:size // 2 + 65536])
            check(name in hits, f"{name} is found when it is there")
            with open(store, "r+b") as f:
                f.seek(size // 2 + 13 * n)
                f.write(before)
    shutil.rmtree(copy)


# ---- what is legible all the same ----

def legible(c):
    """Prints it; fails when Chinese text is legible that docs/directory.md and wire.md do not tell of."""
    zstd = Zstd()
    packs = "".join(f.read_text(encoding="utf-8") for f in (ROOT / "schema" / "packs").glob("*.toml"))
    known = {"organisation's name": ORG, "branch's name": BRANCH, "salesperson's name": REP, "manager's name": MANAGER,
             "first administrator's name": "管理员", "hub's address": f"127.0.0.1:{c.wires['HQ'].port}",
             "device's name": DEVICE, "label in a pack": "客户基本信息卡", "field's name in a pack": "legal_representative"}
    stores = {"HQ hub": "HQ", "branch hub": BRANCH, "reader, locked": "reader", "device, locked": REP}
    held_by = {}
    for place, name in stores.items():
        blob = b"\0".join(f.read_bytes() for f in files_under(c.folder / name / "store"))
        unpacked = blob + b"".join(content for _, _, content in zstd.frames(blob))
        held_by[place] = {what for what, word in known.items() if word.encode() in unpacked}
        text = packs + "|".join(known.values())
        strange = [run for run in chinese_runs(blob, zstd) if sum(run[i:i + 2] in text for i in range(len(run) - 1)) * 2 < len(run) - 1]
        check(not strange, f"legible in {place} and not accounted for: {strange[:10]}")
    for hub in ("HQ hub", "branch hub"):
        check(held_by[hub] == set(known), f"meant to be legible, not found in {hub}: {set(known) - held_by[hub]}")
    wires = b"".join(wire.bytes() for wire in c.wires.values())
    shown = [what for what, word in known.items() if word.encode() in wires]
    check(not shown, f"on the wire: {shown}")
    print("legible without a key:")
    for what in known:
        print(f"  {what:28} {', '.join(place for place in stores if what in held_by[place])}")
    print("  besides: who wrote how much to which archive (a random id), and when; sizes; who fetched it (wire.md, 'What a hub sees')")


def lines_are_tls(c):
    for name, wire in c.wires.items():
        kinds = list(wire.records())
        check(len(kinds) >= 4 and all(k[:1] in ([], [22]) for k in kinds), f"{name}: every stream begins with a handshake")
        check(all(k.count(22) <= 2 and set(k) <= {20, 22, 23} for k in kinds), f"{name}: behind the hellos everything is sealed: {kinds}")
        check(len(wire.bytes()) > 20_000, f"{name}: the wire carried the work")


def logs_speak(c):
    """The logs were at their most talkative, and tell of strangers without repeating them."""
    said = {name: (c.spoken / f"{name}.log").read_text(encoding="utf-8") for name in ("HQ", BRANCH, "reader")}
    check(" debug upstream.round " in said[BRANCH], f"the branch's hub logs at debug level: {said[BRANCH][:400]}")
    check("reader.settled" in said["reader"], "the reader logs")
    for hub in c.hubs:
        check("session.open" in said[hub] and "link.tls" in said[hub], f"{hub} logs who came: {said[hub][-400:]}")


def kept_from_others(c):
    """Folders and keys are for their owner's account only."""
    for folder in [*c.hubs, "reader", "admin", REP]:
        check((c.folder / folder).stat().st_mode & 0o077 == 0, f"folder {folder} is its owner's")
        for file in files_under(c.folder / folder):
            if file.name in ("vault.key", "hub.identity", "hub.tls.pem", "recovery-kit.txt") or file.suffix == ".invite":
                check(file.stat().st_mode & 0o077 == 0, f"{file.name} is its owner's")


def main():
    began = time.monotonic()
    sieve = word_sieve()
    with Watched(ORG) as c:
        def part(name, act, *args):
            act(*args)
            print(f"{name:14} {time.monotonic() - began:6.1f} s", flush=True)
        for act in (set_up, work, bad_input):
            part(act.__name__, act, c)
        part("running", sift, c, sieve, True)
        part("conflict", conflict, c)
        part("held", held, c)
        c.satcheld("status", "--data", c.folder / "HQ")
        c.satcheld("verify", "--data", c.folder / BRANCH)
        part("unlocked", unlocked, c, sieve)
        part("running again", sift, c, sieve, True)
        part("strangers", strangers, c, sieve)  # last: a hub's memory may hold what they say
        for name in list(c.running):
            c.stop(name)
        part("at rest", sift, c, sieve, False)
        part("secrets", sift_secrets, c, sieve)
        part("planted", planted, c, sieve)
        for act in (lines_are_tls, logs_speak, kept_from_others, legible):
            act(c)
        print(f"sifted {sieve.bytes / 1e6:.0f} MB and {sieve.frames} zstd frames for {len(sieve.needles)} spellings; "
              f"wires carried {sum(len(w.bytes()) for w in c.wires.values()) / 1e3:.0f} kB")


if __name__ == "__main__":
    play(main)
