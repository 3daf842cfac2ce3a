#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Disks that die and disks that come back, with real processes: a device, the branch hub and headquarters are backed up while
they run, lost, and restored, and nothing anybody wrote is missing. Backups and restorations are killed at any moment and leave
nothing half. A device's folder is copied, both copies work, both are frozen, and both works are there."""
import json
import random
import shutil
import signal
import subprocess
import time

from company import BIN, Company, Failed, play


def check(holds, what):
    if not holds:
        raise Failed(what)


def visit(c, who, customer, text):
    c.satchel(who, "visit", "add", "--customer", customer, "--purpose", "拜访", "--summary", text)


def seen(c, who):
    """Every summary that person reads now, each with how often."""
    texts = [v.get("summary") or v.get("fields", {}).get("summary", "") for v in c.ask(who, "visit", "list")["visits"]]
    return {text: texts.count(text) for text in texts}


def found(c):
    c.found()
    c.branch("深圳")
    c.people([("甲", "salesperson", "深圳"), ("丙", "branch_manager", "深圳")])
    c.settle(["admin", "甲", "丙"])
    c.number = c.ask("甲", "customer", "add", "--name", "福田百货", "--kind", "distributor")["number"]
    visit(c, "甲", "福田百货", "备份之前")
    c.settle(["甲", "丙", "admin"])


def back_up(c):
    """All three, in use; each is opened and audited."""
    c.backups = {}
    visit(c, "甲", "福田百货", "只在备份里")
    c.backups["甲"] = c.ask("甲", "backup", "create", "--out", c.folder / "甲.backup")["file"]
    check(c.ask("甲", "backup", "verify", c.backups["甲"])["sound"], "the device's backup is sound")
    for hub in ("深圳", "HQ"):
        made = json.loads(c.satcheld("backup", "create", "--json", "--data", c.folder / hub, "--out", c.folder / f"{hub}.backup").stdout)
        c.backups[hub] = made["file"]
        told = json.loads(c.satcheld("backup", "verify", "--json", "--kit", c.folder / "HQ" / "recovery-kit.txt", "--data", c.folder / hub,
                                     made["file"]).stdout)
        check(told["sound"] and told["wraps"] == 0, f"{hub}'s backup is sound and holds no wraps")
    check(c.ask("甲", "status")["backups"]["verified_ms"] > 0, "status knows of the rehearsal")
    shutil.copy(c.folder / "HQ" / "recovery-kit.txt", c.folder / "kit.txt")


def go_on(c):
    """What no backup holds."""
    c.satchel("甲", "sync")
    visit(c, "甲", "福田百货", "备份之后")
    c.satchel("丙", "sync")
    visit(c, "丙", "福田百货", "经理的")
    c.satchel("甲", "customer", "add", "--name", "备份之后的客户", "--kind", "distributor")  # has a number the copy does not know of
    c.satchel("admin", "branch", "add", "北京")  # ordered, and known to the branch
    c.settle(["甲", "丙", "admin"])
    time.sleep(0.5)


def refused(c):
    """Nothing is taken from what is cut, bent or not ours, and a killed attempt leaves nothing half."""
    whole = open(c.backups["甲"], "rb").read()
    for name, content, code in (("cut", whole[:-1], 6), ("bent", whole[:9000] + b"x" + whole[9001:], 6), ("other", b"x" * 9000, None)):
        file = c.folder / name
        file.write_bytes(content)
        done = c.satchel("none", "restore", file, "--yes", ok=range(1, 9))
        check(code is None or done.returncode == code, f"{name}: exit {done.returncode}")
        check(not (c.folder / "none").exists(), f"{name} leaves nothing")
    env = dict(c.env, SATCHEL_PASSPHRASE_FILE=str(c.passphrase))
    for attempt in range(10):
        target = c.folder / "killed"
        if attempt % 2:
            words = ["--vault", str(target), "restore", c.backups["甲"], "--yes"]
        else:
            words = ["--vault", str(c.folder / "甲"), "backup", "create", "--out", str(c.folder / "killed.backup")]
        process = subprocess.Popen([str(BIN / "satchel"), *words], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.uniform(0.05, 0.35))
        process.send_signal(signal.SIGKILL)
        process.wait()
        if target.exists():
            check(c.ask("killed", "status")["incarnation"] > 1, "a folder that is there is whole, and in a new life")
            shutil.rmtree(target)
        half = c.folder / "killed.backup"
        if half.exists():
            check(c.ask("甲", "backup", "verify", half)["sound"], "a backup that is there is whole")
            half.unlink()
    check(c.ask("甲", "verify")["sound"], "the vault was not harmed")


def lose(c):
    for hub in ("深圳", "HQ"):
        c.stop(hub, signal.SIGKILL)
        shutil.rmtree(c.folder / hub)
    shutil.rmtree(c.folder / "甲")


def in_the_basement(c):
    """A restored device before it met a hub: customers are known by number, and work is taken down."""
    locked = c.ask("甲", "customer", "list")["locked"]
    check([(one["why"], one["number"]) for one in locked] == [("restored", c.number)], f"what is locked, and why: {locked}")
    check(c.ask("甲", "status")["locked_customers"]["count"] == 1, "status says so, too")
    check("customer.locked" in c.satchel("甲", "customer", "show", "福田百货", ok=(3,)).stderr, "names are locked")
    check(c.ask("甲", "customer", "show", c.number)["timeline"], "by number it is shown that something is there")
    check(c.ask("甲", "customer", "search", c.number[:4])["locked"], "and found")
    visit(c, "甲", c.number, "恢复之后，还没有网络")
    check(c.ask("甲", "customer", "add", "--name", "离线新客户", "--kind", "distributor")["provisional"], "a new customer waits for its number")


def come_back(c):
    for hub in ("HQ", "深圳"):
        words = ["--kit", c.folder / "kit.txt", "--data", c.folder / hub, c.backups[hub]]
        look = json.loads(c.satcheld("restore", "--json", *words).stdout)
        check(not look["restored"] and not (c.folder / hub).exists(), "without --yes it only looks")
        c.satcheld("restore", "--yes", *words)
        c.serve(hub)
    c.satchel("甲", "restore", c.backups["甲"], "--yes")
    standing = c.ask("甲", "status")
    check(standing["restored"]["waiting"] and standing["incarnation"] > 1, "a restored device waits for a hub's word")
    in_the_basement(c)
    told = json.loads(c.satcheld("status", "--json", "--data", c.folder / "HQ").stdout)
    check(told["order_waits"], "headquarters orders nothing by itself")
    look = c.ask("admin", "hq", "resume")
    check(look["state"] == "look" and all(hub["reached"] for hub in look["asked"]), "every hub is asked first")
    check(c.ask("admin", "hq", "resume", "--yes")["state"] == "ordered", "and an administrator's word lets it go on")
    c.settle(["甲", "丙", "admin"], rounds=8)
    for who in ("甲", "丙"):
        texts = seen(c, who)
        for text in ("备份之前", "只在备份里", "备份之后", "经理的", "恢复之后，还没有网络"):
            check(texts.get(text) == 1, f"{who} reads '{text}' once: {texts}")
    names = [b["name"] for b in c.ask("admin", "branch", "list")]
    check("北京" in names, f"what was ordered after the backup is ordered still: {names}")
    rows = {row["name"]: row for row in c.ask("丙", "customer", "list")["customers"]}
    check("离线新客户" in rows and not rows["离线新客户"]["provisional"], f"what was recorded while waiting arrived and has its number: {rows}")
    given = [row["number"] for row in rows.values()]
    check(len(set(given)) == len(given), f"no number was given twice: {given}")
    for hub in ("深圳", "HQ"):
        c.satcheld("verify", "--data", c.folder / hub)
    for who in ("甲", "丙", "admin"):
        c.satchel(who, "verify")


def copied(c):
    shutil.copytree(c.folder / "甲", c.folder / "甲的副本")
    c.satchel("甲", "customer", "add", "--name", "原机的客户", "--kind", "distributor")
    c.satchel("甲的副本", "customer", "add", "--name", "副本的客户", "--kind", "distributor")
    c.satchel("甲", "sync", ok=(0, 7, 8))
    c.satchel("甲的副本", "sync", ok=(0, 7, 8))
    for _ in range(20):
        for who in ("甲", "甲的副本", "丙"):
            c.satchel(who, "sync", ok=(0, 4, 7, 8))
        if c.ask("甲", "status")["life"] == c.ask("甲的副本", "status")["life"] == "copied":
            break
        time.sleep(0.3)
    else:
        raise Failed("two copies of one device are frozen")
    told = c.satchel("甲的副本", "status").stderr
    check("device.copied" in told, f"and are told so: {told}")
    visit(c, "甲", "福田百货", "冻结之后")
    c.settle(["甲", "甲的副本", "丙"])
    held = c.ask("丙", "held")
    check(len(json.dumps(held)) > 2, "the manager finds the work of both")
    for hub in ("深圳", "HQ"):
        told = json.loads(c.satcheld("status", "--json", "--data", c.folder / hub).stdout)
        check(told["copied"] == 1, f"{hub} shows it: {told['copied']}")


def main():
    with Company("华兴食品") as c:
        for step in (found, back_up, go_on, refused, lose, come_back, copied):
            began = time.monotonic()
            step(c)
            print(f"{step.__name__}: {time.monotonic() - began:.1f} s")
    print("backup: ok")


if __name__ == "__main__":
    play(main)
