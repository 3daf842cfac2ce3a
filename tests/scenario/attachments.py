#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Attachments with real processes: a file from a salesperson's device to the branch hub, to headquarters and to the manager and
the general manager who ask for it; lists, states, counts, refusals; a hub killed in the middle; private memory of every process
on the way. `--size 200` moves a file of so many MiB and holds memory to less than 64 MiB; without, a small one."""
import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import threading
import time
from pathlib import Path

from company import BIN, Company, Failed, play

MEMORY_MIB_MAX = 64


def check(holds, what):
    if not holds:
        raise Failed(what)


def private_kib(pid):
    """Pages that are this process's alone: what it would give back if it ended."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
            return sum(int(line.split()[1]) for line in rollup if line.startswith(("Private_Clean", "Private_Dirty")))
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0


def anonymous_kib(pid):
    """The same without pages of files: those of the store are the kernel's to take back at any time."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
            return sum(int(line.split()[1]) for line in rollup if line.startswith("Anonymous"))
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0


def unlocked(pid):
    """A program's passphrase takes 64 MiB for a moment, by design, before it opens the store."""
    try:
        with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as maps:
            return "data.mdb" in maps.read()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False


class Watch(threading.Thread):
    """The peak of a process's memory while it has its store open."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.anonymous, self.over = pid, 0, 0, False
        self.start()

    def run(self):
        while not self.over and os.path.exists(f"/proc/{self.pid}"):
            time.sleep(0.01)
            if not unlocked(self.pid):
                continue
            self.peak = max(self.peak, private_kib(self.pid))
            self.anonymous = max(self.anonymous, anonymous_kib(self.pid))

    def mib(self):
        self.over = True
        self.join()
        return self.peak / 1024, self.anonymous / 1024


def make_file(path, mib):
    rng = random.Random(7)
    with open(path, "wb") as out:
        for _ in range(mib):
            out.write(rng.randbytes(1024 * 1024))
        out.write(b"the end")


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Story:
    def __init__(self, company, mib, limit):
        self.c, self.mib, self.limit = company, mib, limit
        self.peaks = {}

    def watched(self, who, *args, ok=(0,)):
        """Runs a command and notes the peak of its private memory."""
        command = [str(BIN / "satchel"), "--vault", str(self.c.folder / who), "--passphrase-file", str(self.c.passphrase), "--lang",
                   "zh", "--json", *map(str, args)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.c.env, text=True)
        watch = Watch(process.pid)
        out, err = process.communicate(timeout=900)
        name = f"{who} {args[0]}"
        self.peaks[name] = max(self.peaks.get(name, (0, 0)), watch.mib())
        if process.returncode not in ok:
            raise Failed(f"{name}: exit {process.returncode}\n{out}\n{err}")
        return json.loads(out)

    def attach(self):
        c = self.c
        c.satchel("甲", "customer", "add", "--name", "福田百货", "--kind", "distributor", "--field", "phone=0755-83001122")
        customer = c.ask("甲", "customer", "list")["customers"][0]
        self.record = customer["record"]
        self.file = c.folder / "店面 照片.bin"
        make_file(self.file, self.mib)
        done = self.watched("甲", "attach", self.record, self.file)
        check(done["attached"][0]["size"] == self.file.stat().st_size, f"attached: {done}")
        again = c.ask("甲", "attach", self.record, self.file)
        check(again["attached"][0]["unchanged"], "the same file is not attached twice")
        status = c.ask("甲", "status")["attachments"]
        check(status["unsent"] == 1 and status["here"] == 1, f"counted: {status}")
        listed = c.ask("甲", "attachments", self.record)["attachments"]
        check([a["state"] for a in listed] == ["here_only"], f"listed: {listed}")
        shown = c.satchel("甲", "customer", "show", "福田百货").stdout
        check("店面 照片.bin" in shown, f"shown on the card: {shown}")
        check("attach.not-a-file" in c.satchel("甲", "attach", self.record, c.folder, ok=(2,)).stderr, "a folder is no file")
        check("file.missing" in c.satchel("甲", "attach", self.record, c.folder / "none", ok=(3,)).stderr, "a file has to be there")

    def push(self):
        c = self.c
        hub = Watch(c.running["深圳"].pid)
        top = Watch(c.running["HQ"].pid)
        # The hub dies in the middle, and the device goes on where it was.
        cut = subprocess.Popen([str(BIN / "satchel"), "--vault", str(c.folder / "甲"), "--passphrase-file", str(c.passphrase), "--json", "sync"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=c.env, text=True)
        time.sleep(0.15 if self.mib < 50 else 1.0)
        c.stop("深圳", signal.SIGKILL)
        c.stop("HQ", signal.SIGKILL)
        cut.communicate(timeout=120)
        check(c.ask("甲", "status")["attachments"]["here"] == 1, "a cut loses nothing")
        for watch, name in ((hub, "branch hub"), (top, "HQ hub")):
            self.peaks[name] = watch.mib()
        c.serve("HQ")
        c.serve("深圳")
        hub = Watch(c.running["深圳"].pid)
        top = Watch(c.running["HQ"].pid)
        begun = time.monotonic()
        done = self.watched("甲", "sync")
        self.seconds = time.monotonic() - begun
        check(done["attachments"]["unsent"] == 0, f"pushed: {done}")
        listed = c.ask("甲", "attachments", self.record)["attachments"]
        check([a["state"] for a in listed] == ["at_hub"], f"at a hub: {listed}")
        again = c.ask("甲", "sync")["attachments"]
        check(again["bytes_up"] == 0, f"and not again: {again}")
        self.hub, self.top = hub, top

    def fetch(self):
        c = self.c
        out = c.folder / "out"
        out.mkdir()
        for who in ("乙", "总"):
            for _ in range(100):  # the text goes up at once, the file when it has gone
                c.ask(who, "sync")
                found = c.ask(who, "attachments", self.record, ok=(0, 3)).get("attachments")
                if found:
                    break
                time.sleep(0.2)
            check(found and found[0]["state"] == "not_fetched", f"{who} sees it and has not got it: {found}")
            for _ in range(200):
                done = self.watched(who, "fetch", self.record, "1", "--to", out / f"{who}.bin", ok=(0, 7))
                if done["missing"] == 0:
                    break
                time.sleep(0.3)
            check(done["missing"] == 0, f"{who} fetches it: {done}")
            check(digest(out / f"{who}.bin") == digest(self.file), f"{who} has the same bytes")
        check("file.exists" in c.satchel("乙", "fetch", self.record, "--to", out / "乙.bin", ok=(1,)).stderr, "nothing is written over")
        c.satchel("乙", "fetch", self.record, "--to", out / "乙.bin", "--force")
        check([p.name for p in out.iterdir() if p.name.startswith(".")] == [], "nothing half written is left")
        self.peaks["branch hub"] = max(self.peaks["branch hub"], self.hub.mib())
        self.peaks["HQ hub"] = max(self.peaks["HQ hub"], self.top.mib())

    def names(self):
        """A name from others never leaves the folder."""
        c = self.c
        small = c.folder / "small"
        small.write_bytes(b"hello")
        c.satchel("甲", "attach", self.record, small, "--name", "../../逃.txt")
        c.satchel("甲", "attach", self.record, c.folder / "passphrase", "--name", "../../逃.txt")
        folder = c.folder / "down"
        folder.mkdir()
        written = c.ask("甲", "fetch", self.record, "2", "3", "--to", folder)["attachments"]
        names = sorted(p.name for p in folder.iterdir())
        check(len(names) == 2 and all("/" not in n and not n.startswith(".") for n in names), f"inside the folder: {names} {written}")
        struck = c.ask("甲", "attachments", self.record, "--strike", "3", "--reason", "贴错")
        check(struck["ok"], f"struck out: {struck}")
        check(len(c.ask("甲", "attachments", self.record)["attachments"]) == 2, "and no more listed")

    def verify(self):
        c = self.c
        for who in ("甲", "乙", "总"):
            v = c.ask(who, "verify")
            check(v["sound"] and v["chunks"] > 0, f"{who}: {v}")
        for hub in ("HQ", "深圳"):
            c.stop(hub)
            v = json.loads(c.satcheld("verify", "--data", c.folder / hub, "--json").stdout)
            check(v["sound"], f"{hub}: {v}")

    def run(self):
        self.attach()
        self.push()
        self.fetch()
        self.names()
        self.verify()
        for name, mib in self.peaks.items():
            print(f"  {name}: {mib[0]:.1f} MiB private at most, {mib[1]:.1f} without pages of the store")
        print(f"  pushed in {self.seconds:.1f} s")
        if self.limit:
            over = {name: mib for name, mib in self.peaks.items() if max(mib) >= MEMORY_MIB_MAX}
            check(not over, f"less than {MEMORY_MIB_MAX} MiB of private memory: {over}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=0, help="MiB; 0: a small file, and memory is not judged")
    parser.add_argument("--keep", action="store_true")
    wishes = parser.parse_args()
    with Company("华兴食品", keep=wishes.keep) as c:
        c.found()
        c.branch("深圳")
        c.people([("甲", "业务员", "深圳"), ("乙", "分公司经理", "深圳"), ("总", "总经理", None)])
        for _ in range(2):  # everybody's keys
            for who in ("admin", "甲", "乙", "总"):
                c.ask(who, "sync")
        Story(c, wishes.size or 6, wishes.size > 0).run()
    print("attachments: all as it should be")


if __name__ == "__main__":
    play(main)
