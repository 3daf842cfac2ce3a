#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""A salesperson leaves while he is offline and his branch is cut off from headquarters.

The manager revokes him (in force at the branch at once); his device meets the branch hub, hands in what he wrote, lets go and says so while headquarters
is still out of reach. The manager prepares the handover and, when the late work comes in, the verdicts on it: both are
shown 'pending at HQ'. When the line returns, the leaver's honest late visits are admitted, and one that was made up on a copy of his device is refused;
his successor reads the whole history; one customer's archive is destroyed by two persons; and at the end every node verifies.
"""
import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

from company import Company, Failed, play

BRANCH = "深圳"
LEAVER, SUCCESSOR, MANAGER, BOSS = "甲", "乙", "丙", "总"
EVERYBODY = [MANAGER, SUCCESSOR, BOSS, "admin"]
COPY = "拷贝"  # of the leaver's device
SHOPS = ["福田百货", "罗湖商行", "南山超市"]
LATE_SHOP = "宝安批发"
HONEST, FORGED = "地下室里谈妥续约", "补记：那天谈妥大单"


def check(holds, what):
    if not holds:
        raise Failed(what)


def visits(c, who, customer):
    """Those that count."""
    return {v["summary"]: v for v in c.ask(who, "visit", "list", "--customer", customer)["visits"] if v["standing"] == "in_force"}


def customers(c, who):
    return {row["name"] for row in c.ask(who, "customer", "list")["customers"]}


def visit(shop, summary, date):
    return {"type": "visit", "customer": shop, "date": date, "purpose": "拜访", "summary": summary}


def found(c):
    c.found()
    c.reader()
    c.branch(BRANCH)
    c.people([(LEAVER, "salesperson", BRANCH), (SUCCESSOR, "salesperson", BRANCH), (MANAGER, "branch_manager", BRANCH), (BOSS, "general_manager", None)])
    c.write(LEAVER, [{"type": "customer", "name": s, "kind": "distributor", "phone": f"0755-8300100{n}"} for n, s in enumerate(SHOPS)]
            + [visit(s, f"{s}首次拜访", "2026-11-20 10:00") for s in SHOPS])
    c.settle([LEAVER, *EVERYBODY])


def leave_offline(c):
    """In a basement: visits to his customers, and a customer nobody else has heard of. He keeps a copy of the folder."""
    c.write(LEAVER, [{"type": "customer", "name": LATE_SHOP, "kind": "distributor"}]
            + [visit(s, f"{HONEST}（{s}）", "2026-11-27 15:00") for s in (SHOPS[0], LATE_SHOP)])
    shutil.copytree(c.folder / LEAVER, c.folder / COPY)


def cut_off(c):
    """The manager's words while nobody reaches headquarters: what they take is in force at the branch, what they give waits."""
    plan = c.ask(MANAGER, "revoke", LEAVER, "--reason", "离职", "--dry-run")
    check(plan["leaves"] and plan["owned"] == len(SHOPS), f"what it takes is shown first: {plan}")
    with ThreadPoolExecutor(2) as at_once:  # both wait for headquarters as long as people have patience
        handover = at_once.submit(c.satchel, MANAGER, "--lang", "en", "handover", LEAVER, "--to", SUCCESSOR, "--yes", ok=(8,))
        told = c.satchel(MANAGER, "--lang", "en", "revoke", LEAVER, "--reason", "离职", "--yes").stdout
        check("in force at the hub already" in told and "Pending at HQ" in told, f"obeyed and pending: {told}")
        told = handover.result().stdout
    check("Pending at HQ" in told and f"{LEAVER} 3" in told, f"handover is counted, and waits: {told}")


def late_work(c):
    """The leaver's device hands in what it has, then lets go; the copy comes back with a visit nobody made."""
    handed_in = c.ask(LEAVER, "sync", ok=(0, 4, 7))
    check(handed_in["sent"] == 3 and handed_in["held"] == 3, f"all he wrote is taken, and held: {handed_in}")
    status = c.ask(LEAVER, "status")
    check(status["unsent"] == 0 and status["access_ended"], f"then it lets go, though nothing is ordered: {status}")
    check({(t["kind"], t["by"]) for t in status["takings"]} == {("node_revoked", MANAGER), ("person_changed", MANAGER)}, f"and says who took what: {status}")
    check("access_dropped" in {s["kind"] for s in status["statements"]}, f"its receipt is on its way: {status['statements']}")
    check("pending at HQ" in c.satchel(LEAVER, "--lang", "en", "status").stdout, "in words, too")
    check(customers(c, LEAVER) == set(), "he reads nothing any more")
    c.write(COPY, [visit(SHOPS[1], FORGED, "2026-11-20 17:00")])
    c.satchel(COPY, "sync", ok=(0, 4, 5, 7))


def verdicts(c):
    """Still cut off: nothing is dropped and nothing counts until somebody who answers for it has said so, and headquarters has ordered it."""
    c.settle([MANAGER])
    held = held_visits(c)
    check(set(held) == {f"{HONEST}（{SHOPS[0]}）", f"{HONEST}（{LATE_SHOP}）", FORGED}, f"all is held at once: {held}")
    check(FORGED not in visits(c, MANAGER, SHOPS[1]), "and does not count")
    shown = c.ask(MANAGER, "held", "show", held[FORGED])
    kinds = {r["kind"] for r in shown["restrictions"]}
    check(kinds == {"node_revoked", "person_changed"}, f"all that stands against it: {shown}")
    check({r["state"] for r in shown["restrictions"]} == {"pending"} and shown["taken"][0]["knew"], f"and what its hub knew: {shown}")
    told = c.satchel(MANAGER, "--lang", "en", "held", "refuse", held[FORGED], "--reason", "当天他在办公室").stdout
    check("Pending at HQ" in told and "stays held" in told, f"refused, and waiting: {told}")
    told = c.ask(MANAGER, "held", "admit", "all", "--reason", "离职前的拜访", ok=(8,))
    check(told["pending"] and FORGED not in json.dumps(told, ensure_ascii=False), f"what was decided is not decided again: {told}")
    prepared = {entry["id"]: entry["prepared"] for entry in c.ask(MANAGER, "held")["held"]}
    check(all(p and p["state"] == "pending" for p in prepared.values()), f"all verdicts are pending: {prepared}")
    check(prepared[held[FORGED]]["verdict"] == "refuse" and len(prepared) == len(told["verdicts"]) + 1, f"each as it was given: {prepared}")
    check("pending at HQ" in c.satchel(MANAGER, "--lang", "en", "held").stdout, "the list says so")
    check(f"{HONEST}（{SHOPS[0]}）" not in visits(c, MANAGER, SHOPS[0]), "a prepared verdict counts for nothing yet")
    check(c.ask(MANAGER, "verify")["sound"], "what is derived verifies meanwhile")


def line_returns(c, wire):
    wire.mend()
    for _ in range(60):  # the branch hub dials again by itself, with growing pauses
        c.settle([MANAGER])
        if not c.ask(MANAGER, "held")["held"]:
            break
        time.sleep(0.5)
    check(c.ask(MANAGER, "held")["held"] == [], "headquarters ordered it all")
    check(FORGED not in visits(c, MANAGER, SHOPS[1]), "the forged visit is refused")
    check(f"{HONEST}（{SHOPS[0]}）" in visits(c, MANAGER, SHOPS[0]), "the honest one counts")


def held_visits(c):
    found = {}
    for entry in c.ask(MANAGER, "held")["held"]:
        for says in entry["says"]:
            if HONEST in says["text"] or FORGED in says["text"]:
                found[says["text"]] = entry["id"]
    return found


def successor(c):
    for _ in range(20):
        c.settle(EVERYBODY)
        if customers(c, SUCCESSOR) == {*SHOPS, LATE_SHOP}:
            break
        time.sleep(0.3)
    check(customers(c, SUCCESSOR) == {*SHOPS, LATE_SHOP}, f"the successor has them all, the late one too: {customers(c, SUCCESSOR)}")
    for who in (SUCCESSOR, MANAGER, BOSS):
        history = visits(c, who, SHOPS[0])
        check({f"{SHOPS[0]}首次拜访", f"{HONEST}（{SHOPS[0]}）"} <= set(history), f"{who} reads the whole history: {history}")
        check({v["author"] for v in history.values()} == {LEAVER}, "by whoever wrote it")
        check(f"{HONEST}（{LATE_SHOP}）" in visits(c, who, LATE_SHOP), f"{who} reads the late customer")
        check(FORGED not in visits(c, who, SHOPS[1]), f"the forged visit counts for nobody: {who}")
    gone = c.ask(MANAGER, "revoked")["revoked"]
    check(gone and all(device["let_go"] for device in gone), f"the leaver's device has let go, and nobody met it since: {gone}")
    c.satchel(LEAVER, "sync", ok=(0, 4, 7))
    check(c.ask(LEAVER, "customer", "list", ok=(0, 4)).get("customers", []) == [], "the leaver reads nothing any more")
    c.settle([MANAGER])
    gone = c.ask(MANAGER, "revoked")["revoked"]
    check(gone and all(device["let_go"] for device in gone), f"and has said so: {gone}")


def headquarters(c):
    c.reader_do("sync")
    report = json.loads(c.reader_do("report", "daily-visits", "--date", "2026-11-27", "--format", "json").stdout)
    check(report["rows"] == 2, f"headquarters counts the honest visits: {report}")
    report = json.loads(c.reader_do("report", "daily-visits", "--date", "2026-11-20", "--format", "json").stdout)
    check(report["rows"] == len(SHOPS), f"and not the forged one: {report}")


def destroy(c):
    proposal = c.ask("admin", "destroy", "propose", SHOPS[2], "--reason", "person_asked", "--yes")["proposal"][:8]
    c.settle([BOSS])
    c.satchel(BOSS, "destroy", "countersign", proposal, "--yes")
    for _ in range(60):
        c.settle([*EVERYBODY])
        c.reader_do("sync")
        status = c.ask("admin", "destroy", "status", proposal)["destroyed"][0]
        silent = [n for n in status["nodes"] if n["silent"]]
        if len(silent) < 2:
            break
        time.sleep(0.25)
    # His own device said after the revocation that all keys are gone; of its copy nobody has a word.
    check([n["person"] for n in silent] == [LEAVER], f"every node has let go: {status}")
    check(silent[0]["receipt"] and silent[0]["copied"], f"what is not confirmed is the copy: {silent}")
    for who in EVERYBODY:
        check(SHOPS[2] not in customers(c, who), f"{who} reads nothing of it")
    proof = c.folder / "certificate.txt"
    c.satchel("admin", "destroy", "certificate", proposal, "--out", proof)
    check(not c.ask(MANAGER, "destroy", "certificate", "--check", proof)["everywhere"], "the certificate names the copied device")


def verification(c):
    for who in EVERYBODY:
        check(c.ask(who, "verify")["sound"], f"{who} verifies")
    check(json.loads(c.reader_do("verify", "--json").stdout)["sound"], "the reader verifies")
    for hub in c.hubs:
        c.satcheld("verify", "--data", c.folder / hub)


def main():
    began = time.monotonic()
    with Company("华兴食品") as c:
        found(c)
        wire = c.lead_through_wire(BRANCH)
        leave_offline(c)
        wire.cut()
        for part in (cut_off, late_work, verdicts, line_returns, successor, headquarters, destroy, verification):
            part(c, wire) if part == line_returns else part(c)
            print(f"{part.__name__:14} {time.monotonic() - began:6.1f} s", flush=True)


if __name__ == "__main__":
    play(main)
