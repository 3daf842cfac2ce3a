#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Rights with real processes, as people give, ask for and take them: a grant until a day, an application and its approval, a customer
moved to another branch, two archives shown as one and as two again, somebody revoked while headquarters is out of reach."""
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor

from company import Company, Failed, play


def check(holds, what):
    if not holds:
        raise Failed(what)


def chinese(text):
    return re.search("[\u4e00-\u9fff]", text) is not None


def english(c, who, *args):
    return c.run("satchel", "--vault", c.folder / who, "--passphrase-file", c.passphrase, "--lang", "en", *args)


def numbers(c):
    return {row["name"]: row["number"] for row in c.ask("admin", "customer", "list")["customers"]}


def names(c, who):
    return [row["name"] for row in c.ask(who, "customer", "list")["customers"]]


def visits(c, who, customer):
    return [v["summary"] for v in c.ask(who, "visit", "list", "--customer", customer)["visits"]]


def until(c, people, holds, what):
    """Everybody syncs until it is so: a branch's hub calls headquarters again the later, the longer it was away."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        for who in people:
            c.ask(who, "sync", ok=(0, 4, 7))
        if holds():
            return
        time.sleep(0.2)
    raise Failed(what)


def visit(c, who, customer, summary, ok=(0,)):
    c.satchel(who, "visit", "add", "--customer", customer, "--purpose", "拜访", "--summary", summary, ok=ok)


def found(c):
    c.found()
    c.branch("深圳")
    c.branch("北京")
    c.people([("甲", "salesperson", "深圳"), ("经理", "branch_manager", "深圳"), ("丁", "salesperson", "北京")])
    for name in ("福田百货", "福田百货公司"):
        c.satchel("甲", "customer", "add", "--name", name, "--kind", "distributor")
        visit(c, "甲", name, f"{name} 从前")
    c.settle(["甲", "经理", "admin", "丁"])


def granting(c):
    plan = c.ask("经理", "grant", "福田百货", "丁", "--read", "--until", "+3", "--dry-run")
    check(not plan["applied"] and plan["archives"][0]["reads"] == "everything", f"a dry run says what it would give: {plan}")
    told = c.satchel("经理", "grant", "福田百货", "丁", "--read", "--until", "+3")
    check("全部历史" in told.stdout and "已授权" in told.stdout, told.stdout)
    check("access.has-already" in c.satchel("经理", "grant", "福田百货", "甲", ok=(5,)).stderr, "an owner needs no grant")
    until(c, ["经理", "丁"], lambda: names(c, "丁") == ["福田百货"], "granted to the other branch")
    check(visits(c, "丁", "福田百货") == ["福田百货 从前"], "and read there")
    check("archive.not-yours" in c.satchel("丁", "visit", "add", "--customer", "福田百货", "--purpose", "拜访", "--summary", "x", ok=(4,)).stderr, "reading is not writing")
    line = [a for a in c.ask("经理", "grants", "福田百货")["access"] if a["who"] == "丁"][0]
    check((line["state"], line["rights"], line["given_by"], line["ends_soon"]) == ("in_force", "read", "经理", True), f"listed: {line}")
    told = c.satchel("经理", "ungrant", "福田百货", "丁").stdout
    check("已收回" in told, told)
    until(c, ["经理", "丁"], lambda: names(c, "丁") == [], "taken back")
    check(c.ask("经理", "grants")["access"][0]["state"] == "ended", "and shown as ended")


def asking(c):
    c.satchel("丁", "access", "request", "福田百货", "--purpose", "代班一周", "--until", "+7")
    check(c.ask("丁", "access", "list")["requests"][0]["state"] == "waiting", "asked")
    until(c, ["丁", "admin"], lambda: c.ask("admin", "today")["requests"] == 1, "whoever is asked is told")
    check( c.ask("admin", "status")["requests"] == 1, "whoever is asked is told")
    mine = c.ask("admin", "access", "list")["requests"][0]
    check((mine["reference"], mine["purpose"], mine["to_me"]) == ("福田百货", "代班一周", True), f"and reads it: {mine}")
    check(c.ask("经理", "access", "list")["requests"] == [], "nobody else does")
    told = english(c, "admin", "access", "approve", mine["id"][:8])
    check("Approved" in told.stdout and not chinese(re.sub("[福田百货公司代班一周丁甲深圳北京]", "", told.stdout)), told.stdout)
    until(c, ["admin", "丁"], lambda: names(c, "丁") == ["福田百货"], "approved")
    check(visits(c, "丁", "福田百货") == ["福田百货 从前"], "and read")
    answer = c.ask("丁", "access", "list")["requests"][0]
    check(answer["state"] == "approved" and "福田百货" in answer["answer"]["text"], f"the answer: {answer}")
    again = c.satchel("admin", "access", "refuse", mine["id"][:8], "--reason", "x", ok=(1,))
    check("directory.answered-already" in again.stderr, again.stderr)
    c.satchel("admin", "ungrant", "福田百货", "丁")
    until(c, ["丁"], lambda: names(c, "丁") == [], "and ended")


def union(c):
    b = numbers(c)["福田百货公司"]
    plan = c.ask("经理", "merge", "plan", "福田百货", b)
    check(plan["whole"]["records"] == 2 and plan["see_both"] and not plan["applied"], f"the plan: {plan}")
    check("usage.yes" in c.satchel("经理", "merge", "apply", "福田百货", b, ok=(2,)).stderr, "it has to be confirmed")
    visit(c, "甲", b, "没有听说合并")
    c.satchel("经理", "merge", "apply", "福田百货", b, "--yes")
    together = sorted(["福田百货 从前", "福田百货公司 从前", "没有听说合并"])
    until(c, ["甲", "经理"], lambda: sorted(visits(c, "经理", b)) == together, "the records of both, the late one too")
    check(names(c, "经理") == ["福田百货"], "shown as one")
    visit(c, "经理", b, "写入整体")
    shown = c.ask("经理", "customer", "show", "福田百货")
    check(shown["visit_count"] == 4 and shown["parts"][0]["number"] == b, f"and the part is named: {shown['parts']}")
    undo = c.ask("经理", "merge", "undo", b, "--yes")
    check([w["type"] for w in undo["in_whole"]] == ["拜访记录"], f"what was written since: {undo}")
    until(c, ["经理"], lambda: names(c, "经理") == ["福田百货", "福田百货公司"], "two again")
    check("写入整体" in visits(c, "经理", "福田百货"), "nothing was moved")


def moving(c):
    told = c.satchel("经理", "move", "福田百货公司", "--to-branch", "北京", "--owner", "丁", "--yes", ok=(4,))
    check("directory.not-allowed" in told.stderr, "headquarters moves")
    plan = c.ask("admin", "move", "福田百货公司", "--to-branch", "北京", "--owner", "丁", "--dry-run")
    check(set(plan["archives"][0]["lose"]) == {"甲", "经理"}, f"who loses it: {plan}")
    c.satchel("admin", "move", "福田百货公司", "--to-branch", "北京", "--owner", "丁", "--yes")
    until(c, ["admin", "丁", "经理", "甲"], lambda: (names(c, "丁"), names(c, "经理")) == (["福田百货公司"], ["福田百货"]), "moved")
    check("没有听说合并" in visits(c, "丁", "福田百货公司"), "with its history")


def revoking(c):
    """The branch is cut off: what is taken is in force at its hub at once, what is given waits."""
    visit(c, "甲", "福田百货", "还没送出")
    c.stop("HQ", signal.SIGKILL)
    plan = c.ask("经理", "revoke", "甲", "--reason", "离职", "--dry-run")
    check(plan["leaves"] and plan["alone"] == 1 and plan["devices"][0]["heard"], f"what is known: {plan}")
    with ThreadPoolExecutor(2) as at_once:  # both wait for headquarters as long as people have patience
        granted = at_once.submit(c.ask, "经理", "grant", "福田百货", "丁", ok=(8,))
        told = at_once.submit(english, c, "经理", "revoke", "甲", "--reason", "离职", "--yes").result()
        pending = granted.result()
    check(pending["state"] == "pending" and not pending["obeyed"], f"a grant waits: {pending}")
    check("in force at the hub already" in told.stdout and "Pending at HQ" in told.stdout, told.stdout)
    handed_in = c.ask("甲", "sync", ok=(0, 4, 7))
    check(handed_in.get("sent") == 1 and handed_in.get("held") == 1, f"the device hands in what it has: {handed_in}")
    c.serve("HQ")
    until(c, ["经理", "甲"], lambda: [r["let_go"] for r in c.ask("经理", "revoked")["revoked"]] == [True]
          and c.ask("经理", "status")["statements"] == [], "the device let go, and all is ordered")
    check(c.ask("经理", "revoked")["revoked"][0]["reason"] == "离职", "with its reason")
    check("directory.revoked" in c.satchel("甲", "customer", "list", ok=(4,)).stderr, "and opens no more")
    check(c.ask("甲", "verify")["sound"], "what stays on it holds, though it is told nothing more")
    held = c.ask("经理", "held")["held"]
    shown = c.ask("经理", "held", "show", held[0]["id"])
    stands = {r["kind"]: r["statement"] for r in shown["restrictions"]}
    check("node_revoked" in stands and stands["node_revoked"] in shown["taken"][0]["knew"], f"all there is to decide by: {shown}")
    c.satchel("经理", "held", "admit", held[0]["id"], "--reason", "离职前的拜访")
    check("还没送出" in visits(c, "经理", "福田百货"), "the honest late visit counts")
    for who in ("经理", "admin", "丁"):
        c.satchel(who, "sync")
        check(c.ask(who, "verify")["sound"], f"{who} verifies")


def main():
    began = time.monotonic()
    with Company("华兴食品") as c:
        for part in (found, granting, asking, union, moving, revoking):
            part(c)
            print(f"{part.__name__:10} {time.monotonic() - began:6.1f} s", flush=True)


if __name__ == "__main__":
    play(main)
