#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""A salesperson leaves while offline: handover with counts, tasks to tell the customers, a customer that arrives late. Then a customer
demands to be forgotten: two persons, receipts from every node, a certificate, and an old copy of a device that brings nothing back."""
import shutil
import time

from company import Company, Failed, play

PEOPLE = ["甲", "乙", "经理", "admin"]


def check(holds, what):
    if not holds:
        raise Failed(what)


def visit(c, who, customer, summary, *more):
    return c.satchel(who, "visit", "add", "--customer", customer, "--purpose", "拜访", "--summary", summary, *more)


def customers(c, who):
    return sorted(row["name"] for row in c.ask(who, "customer", "list")["customers"])


def notices(c, who, customer):
    tasks = c.ask(who, "task", "list", "--customer", customer)["tasks"]
    return [t for t in tasks if t["kind"] == "notify_customer"]


def found(c):
    c.found()
    c.branch("深圳")
    c.people([("甲", "salesperson", "深圳"), ("乙", "salesperson", "深圳"), ("经理", "branch_manager", "深圳")])
    for name in ("福田百货", "南山超市"):
        c.satchel("甲", "customer", "add", "--name", name, "--kind", "distributor")
        visit(c, "甲", name, f"{name} 从前")
    visit(c, "甲", "福田百货", "约好再来", "--next", "+3")
    photo = c.folder / "照片.jpg"
    photo.write_bytes(bytes(range(256)) * 2000)
    c.satchel("甲", "attach", "福田百货", photo)  # every node verifies after it is gone, too
    c.satchel("甲", "task", "add", "寄样品", "--customer", "福田百货", "--due", "+1")
    check([t["text"] for t in c.ask("甲", "today")["tasks"]] == ["寄样品"], "a task is in today's list")
    c.settle(PEOPLE)
    c.satchel("甲", "customer", "add", "--name", "罗湖商行", "--kind", "distributor")  # stays on the device


def handing_over(c):
    plan = c.ask("经理", "handover", "甲", "--to", "乙", "--dry-run")
    check(not plan["applied"] and plan["before"] == {"from": 2, "to": 0}, f"a dry run counts: {plan}")
    check([len(plan[k]) for k in ("archives", "tasks", "planned_visits", "devices")] == [2, 1, 1, 1], f"and lists: {plan}")
    device = plan["devices"][0]
    check(device["last_work"] and not device["never_heard"] and plan["successor_ready"], f"the leaver's device: {device}")
    check("handover.same" in c.satchel("经理", "handover", "甲", "--to", "甲", "--dry-run", ok=(2,)).stderr, "nobody hands over to himself")
    check(c.satchel("经理", "handover", "甲", "--to", "乙", ok=(2,)).returncode == 2, "nothing without being asked for")
    told = c.satchel("经理", "handover", "甲", "--to", "乙", "--yes").stdout
    check("甲 2 → 0" in told and "乙 0 → 2" in told and "通知客户的任务 2" in told, told)
    c.settle(["经理", "乙"])
    check(customers(c, "乙") == ["南山超市", "福田百货"], "the successor has them")
    rows = c.ask("乙", "visit", "list", "--customer", "福田百货")["visits"]
    check([v["author"] for v in rows] == ["甲", "甲"], f"with their whole history, by whoever wrote it: {rows}")
    mine = [t for t in c.ask("乙", "today")["tasks"] if t["kind"] == "notify_customer"]
    check(len(mine) == 2 and mine[0]["assignee"] == "乙", f"and is to tell both customers: {mine}")
    c.satchel("乙", "task", "done", mine[0]["id"][:8], "--note", "已电话告知")
    # The leaver's device comes back to the network with a customer nobody knew of.
    c.settle(PEOPLE)
    check("罗湖商行" not in customers(c, "乙"), "what was written without the right waits for a verdict")
    c.satchel("经理", "held", "admit", "all", "--reason", "交接之前开的")
    c.settle(PEOPLE)
    check("罗湖商行" in customers(c, "乙"), "and what arrives late is the successor's, too")
    c.settle(PEOPLE)
    check(len(notices(c, "乙", "罗湖商行")) == 1 and len(notices(c, "经理", "罗湖商行")) == 1, "with one task, whoever made it")
    check(customers(c, "甲") == [], "and the leaver has none left")


def destroying(c):
    refused = c.satchel("经理", "destroy", "propose", "福田百货", "--reason", "retention_over", "--yes", ok=(5,))
    check("destroy.open-business" in refused.stderr and "保管期未满" in refused.stdout, refused.stdout + refused.stderr)
    plan = c.ask("经理", "destroy", "propose", "福田百货", "--reason", "person_asked")
    check(not plan["applied"] and {"retention", "tasks", "planned_visits"} <= set(plan["overridden"]), f"a demand passes over: {plan}")
    check(c.ask("经理", "destroy", "list")["proposals"] == [], "a dry run proposes nothing")
    proposal = c.ask("经理", "destroy", "propose", "福田百货", "--reason", "person_asked", "--yes")["proposal"][:8]
    check("directory.two-persons" in c.satchel("经理", "destroy", "countersign", proposal, "--yes", ok=(4,)).stderr, "one person is not two")
    c.satchel("admin", "sync")
    listed = c.satchel("admin", "--lang", "en", "destroy", "list").stdout
    check("passed over: open tasks" in listed and "lawful demand" in listed, listed)
    check(not c.ask("admin", "destroy", "countersign", proposal)["applied"], "the second person looks first")
    check("福田百货" in customers(c, "admin"), "nothing is gone yet")
    shutil.copytree(c.folder / "乙", c.folder / "旧乙")
    c.satchel("admin", "destroy", "countersign", proposal, "--yes")
    silent = c.ask("admin", "destroy", "status", proposal)["destroyed"][0]
    check(silent["silent"] > 0 and not silent["everywhere"], f"not said to be everywhere while nodes are silent: {silent}")
    return proposal


def gone(c, proposal):
    for _ in range(40):
        c.settle(PEOPLE)
        status = c.ask("admin", "destroy", "status", proposal)["destroyed"][0]
        if status["everywhere"]:
            break
        time.sleep(0.25)
    check(status["everywhere"] and len(status["nodes"]) == 6, f"four devices and two hubs have said so: {status}")
    for who in PEOPLE:
        check("福田百货" not in customers(c, who), f"{who} reads nothing of it")
        c.satchel(who, "verify")
    proof = c.folder / "proof.txt"
    c.satchel("admin", "destroy", "certificate", proposal, "--out", proof)
    text = proof.read_text(encoding="utf-8")
    check("Destroyed everywhere" in text and "福田百货" not in text, text)
    check(c.ask("乙", "destroy", "certificate", "--check", proof)["everywhere"], "anybody of the company can check it")
    proof.write_text(text.replace("华兴食品", "别的公司"), encoding="utf-8")
    check("certificate.bad-signature" in c.satchel("乙", "destroy", "certificate", "--check", proof, ok=(6,)).stderr, "not when it was changed")


def coming_back(c):
    """An old copy of a device knows nothing of it, writes to it, and brings nothing back."""
    check("福田百货" in customers(c, "旧乙"), "the copy is from before")
    visit(c, "旧乙", "福田百货", "销毁之后才交来")
    c.satchel("旧乙", "sync", ok=(0, 5, 7))
    c.settle(["经理", "admin"])
    for who in ("旧乙", "经理", "admin"):
        check("福田百货" not in customers(c, who), f"{who} does not have it again")
        check(all(v["summary"] != "销毁之后才交来" for v in c.ask(who, "visit", "list")["visits"]), f"nor the late visit: {who}")
    for name in ("HQ", "深圳"):
        c.stop(name)
        told = c.satcheld("compact", "--data", c.folder / name, "--json")
        check('"after"' in told.stdout, told.stdout)
        c.satcheld("verify", "--data", c.folder / name)


def main():
    with Company("华兴食品") as c:
        found(c)
        handing_over(c)
        proposal = destroying(c)
        gone(c, proposal)
        coming_back(c)
    print("handed over, destroyed by two, gone everywhere, and nothing comes back")


if __name__ == "__main__":
    play(main)
