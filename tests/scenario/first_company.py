#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""A company's first day with real processes on loopback, as a newcomer would type it: founding, reader, first administrator,
branch and its hub, people, invitations, fingerprints, statements through a branch hub, offline, live, and what is
printed and returned on the way. Reports the first thing that is not as it should be."""
import json
import re
import shutil
import signal
import subprocess
import time

from company import BIN, Company, Failed, play


def check(holds, what):
    if not holds:
        raise Failed(what)


def chinese(text):
    return re.search("[\u4e00-\u9fff]", text) is not None


def founding(c):
    c.found()
    status = c.ask("admin", "status")
    check(status["state"] == "confirmed" and status["role"] == "archive_administrator", f"the first administrator: {status}")
    packs = c.ask("admin", "pack", "list")
    check({p["pack"] for p in packs} >= {"customers", "visits"}, f"standard packs are in force: {packs}")
    again = c.satchel("admin", "enrol", c.folder / "HQ" / "first-admin.invite", ok=(1,))
    check("vault.exists" in again.stderr, "a vault is not enrolled over")
    second = c.satchel("thief", "enrol", c.folder / "HQ" / "first-admin.invite", ok=(1,))
    check("directory.token-used" in second.stderr, f"an invitation works once: {second.stderr}")
    check(not (c.folder / "thief").exists(), "a refused enrolment leaves nothing")


def reading(c):
    c.reader()  # its share of the keys comes with what the administrator does next
    done = json.loads(c.reader_do("sync", "--json").stdout)
    check(done["complete"], f"the reader syncs: {done}")


def branch(c):
    c.branch("深圳")
    check(c.satchel("admin", "branch", "add", "深圳", ok=(1,)).stderr.count("directory.name-taken") == 1, "names are unique")
    hubs = c.ask("admin", "hub", "list")
    check([h["branch"] for h in hubs if not h["headquarters"]] == ["深圳"], f"the branch hub is known: {hubs}")


def enrolment(c):
    """Before the fingerprint is confirmed nothing is granted."""
    c.satchel("admin", "person", "add", "--name", "甲", "--role", "业务员", "--branch", "深圳")
    invite = c.folder / "rep.invite"
    c.satchel("admin", "invite", "甲", "--out", invite)
    check(invite.stat().st_mode & 0o777 == 0o600, "an invitation is for its owner's eyes")
    enrolled = c.ask("甲", "enrol", invite, "--device-name", "phone")
    check(not enrolled["confirmed"], "a fingerprint has to be compared first")
    check("enrol.unconfirmed" in c.satchel("甲", "branch", "list", ok=(4,)).stderr, "an unconfirmed device may nothing")
    other = c.satchel("admin", "enrol", "confirm", "甲", "--fingerprint", "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA", ok=(6,))
    check("enrol.other-fingerprint" in other.stderr, "another fingerprint is not confirmed")
    pending = c.ask("admin", "enrol", "list")
    check([(p["who"], p["device"]) for p in pending] == [("甲", "phone")], f"it is listed: {pending}")
    c.satchel("admin", "enrol", "confirm", "甲", "--fingerprint", enrolled["fingerprint"].lower().replace("-", " "))
    done = c.ask("甲", "sync")
    check(done["complete"] and done["waiting_statements"] == 0, f"one sync settles in: {done}")
    none = c.satchel("admin", "enrol", "confirm", "甲", "--fingerprint", enrolled["fingerprint"], ok=(3,))
    check("enrol.none-pending" in none.stderr, "confirmed once")


def manager(c):
    """A manager's statements go through the branch hub; what the role may not say is refused there and then."""
    c.person("丙", "branch_manager", "深圳")
    c.satchel("丙", "person", "add", "--name", "丁", "--role", "salesperson", "--branch", "深圳")
    refused = c.satchel("丙", "person", "add", "--name", "戊", "--role", "branch_manager", "--branch", "深圳", ok=(4,))
    check("directory.not-allowed" in refused.stderr, f"refused by headquarters: {refused.stderr}")
    check(c.ask("丙", "status")["statements"] == [], "a refusal that was told is not kept")


def work(c):
    c.satchel("甲", "customer", "add", "--name", "福田百货", "--kind", "distributor", "--field", "phone=0755-83001122")
    c.satchel("甲", "visit", "add", "--customer", "福田百货", "--purpose", "拜访", "--summary", "谈了年货")
    check(c.ask("甲", "status")["unsent"] == 2, "saved here first")
    sent = c.ask("甲", "sync")
    check((sent["sent"], sent["accepted"], sent["rejected"], sent["unsent"]) == (2, 2, 0, 0), f"sent: {sent}")
    c.settle(["甲", "丙"])
    check(c.ask("丙", "status")["entries"] == 2, "the manager has it")
    c.reader_do("sync")
    has = json.loads(c.reader_do("status", "--json").stdout)
    check((has["entries"], has["locked"]) == (2, 0), f"headquarters' reader has it, and its key: {has}")


def live(c):
    """A connected device hears of what another process on the same vault writes, and sends it."""
    process = subprocess.Popen([str(BIN / "satchel"), "--vault", str(c.folder / "甲"), "--passphrase-file", str(c.passphrase), "--json", "sync", "--live"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=c.env)
    try:
        first = json.loads(process.stdout.readline())
        check(first["complete"], f"connected: {first}")
        c.satchel("甲", "visit", "add", "--customer", "福田百货", "--purpose", "拜访", "--summary", "在线时")
        while True:
            report = json.loads(process.stdout.readline())
            if report["sent"] >= 1 and report["unsent"] == 0:
                break
        process.send_signal(signal.SIGINT)
        check(process.wait(20) == 0, "Ctrl-C ends it well")
    finally:
        process.kill()
        process.wait()


def cut_off(c):
    """Without headquarters statements wait, without any hub everything does; nothing is lost."""
    c.stop("HQ", signal.SIGKILL)
    pending = c.satchel("admin", "branch", "add", "上海", ok=(8,))
    check("待总部处理" in pending.stdout, f"pending at HQ: {pending.stdout}")
    c.stop("深圳")
    c.satchel("甲", "visit", "add", "--customer", "福田百货", "--purpose", "拜访", "--summary", "没有网络")
    offline = json.loads(c.satchel("甲", "--json", "sync", ok=(8,)).stdout)["error"]
    check(offline["code"] == "exchange.offline" and offline["kind"] == "offline", f"offline: {offline}")
    c.serve("HQ")
    c.serve("深圳")
    c.satchel("admin", "sync")
    check("上海" in [b["name"] for b in c.ask("admin", "branch", "list")], "sent with the next sync")
    c.settle(["甲", "丙", "admin"], rounds=20)
    check(c.ask("丙", "status")["entries"] == 4, "all of it arrived")


def manners(c):
    """No argument does nothing; both languages; a wrong passphrase is told apart from damage."""
    bare = c.run("satchel")
    check("--vault" in bare.stdout and "sync" in bare.stdout, "without arguments it prints help")
    check(c.run("satchel", "frobnicate", ok=(2,)).stderr != "", "usage errors")
    english = c.run("satchel", "--lang", "en", "--vault", c.folder / "甲", "--passphrase-file", c.passphrase, "status").stdout
    check("organisation:" in english and "unsent:" in english, f"English: {english}")
    check(chinese(c.run("satchel", "--help", "--lang", "zh").stdout) and not chinese(c.run("satchel", "--lang", "en", "--help").stdout), "help in both")
    wrong = c.folder / "wrong"
    wrong.write_text("nicht das\n")
    told = c.run("satchel", "--vault", c.folder / "甲", "--passphrase-file", wrong, "status", ok=(4,))
    check("vault.wrong-passphrase" in told.stderr, told.stderr)
    check("vault.missing" in c.satchel("nobody", "status", ok=(3,)).stderr, "no vault")
    damaged = bytearray((c.folder / "甲" / "vault.key").read_bytes())
    damaged[len(damaged) // 2] ^= 1
    shutil.copytree(c.folder / "甲", c.folder / "kaputt")
    (c.folder / "kaputt" / "vault.key").write_bytes(damaged)
    check("vault.damaged" in c.satchel("kaputt", "status", ok=(6,)).stderr, "damage is told apart")


def verification(c):
    for who in ("admin", "甲", "丙"):
        check(c.ask(who, "verify")["sound"], f"{who} verifies")
    c.reader_do("sync")
    check(json.loads(c.reader_do("verify", "--json").stdout)["sound"], "the reader verifies")


def main():
    began = time.monotonic()
    with Company("华兴食品") as c:
        for part in (founding, reading, branch, enrolment, manager, work, live, cut_off, manners, verification):
            part(c)
            print(f"{part.__name__:14} {time.monotonic() - began:6.1f} s", flush=True)


if __name__ == "__main__":
    play(main)
