#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""A system nobody planned: a pack that stands in this folder alone (unplanned.toml) reaches running devices, first a test group's, then
everybody's, and its form, its two-person step, its deadlines, its rule and its report work, without a program that knows of it."""
import sys
from pathlib import Path

from company import Company, play

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "systems"))
from scenes import add, check, day, findings, report, stands, step  # noqa: E402

PACK = HERE / "unplanned.toml"
EVERYBODY = ["admin", "甲", "乙", "经理", "总经理"]
OTHER_FIELD = """
  [[template.field]]
  id = "courier"
  label = { zh = "送货人", en = "Brought by" }

[[workflow]]
"""


def found(c):
    c.found()
    c.branch("深圳")
    c.people([("甲", "salesperson", "深圳"), ("乙", "salesperson", "深圳"), ("经理", "branch_manager", "深圳"), ("总经理", "general_manager", None)])
    for who, name in (("甲", "福田百货"), ("乙", "罗湖商行")):
        c.satchel(who, "customer", "add", "--name", name, "--kind", "distributor")
    c.settle(EVERYBODY)


def versions(c, who):
    return {p["pack"]: p["version"] for p in c.ask(who, "pack", "list")}.get("samples")


def published(c, version, text, *options):
    """By the administrator, on a machine where nothing but the file is new; the devices only sync."""
    file = c.folder / "samples.toml"
    file.write_text(text, encoding="utf-8")
    done = c.ask("admin", "pack", "publish", file, *options)
    check(done["packs"][0]["version"] == version, f"published: {done}")
    c.settle(EVERYBODY)
    return done["packs"][0]["differences"]


def tried_first(c):
    """By one salesperson and the general manager; the others do not see the form, and read what came of it."""
    published(c, 1, PACK.read_text(encoding="utf-8"), "--for", "甲", "--for", "总经理")
    check([versions(c, who) for who in ("甲", "总经理", "乙", "经理")] == [1, 1, None, None], "in force for the test group alone")
    check("template.unknown" in c.satchel("乙", "record", "add", "sample_loan", "--customer", "罗湖商行", "--field", "sample=x", ok=(3,)).stderr,
          "the others do not have the form")
    again = c.folder / "again.toml"
    again.write_text(PACK.read_text(encoding="utf-8").replace("样品外借单", "借样单"), encoding="utf-8")
    told = c.satchel("admin", "pack", "publish", again, ok=(2,))
    check("version = 2" in told.stdout + told.stderr, f"its number is taken, though the administrator does not work by it: {told}")
    loan = add(c, "甲", "sample_loan", "福田百货", sample="样机一台", lent_on=day(-20), value="12000")
    c.settle(EVERYBODY)
    shown = c.satchel("经理", "record", "show", loan).stdout
    check("样机一台" in shown and "样品" in shown, f"the others read it with its own words: {shown}")
    return loan


def begun(c):
    """In a basement, before all is known: what was typed is kept on the device, and nothing is missing that was not said to be."""
    add = ("record", "add", "sample_loan", "--customer", "福田百货", "--field", "sample=样机两台")
    check("--draft" in c.satchel("甲", *add, ok=(2,)).stderr, "who is refused is told how to keep it")
    kept = c.ask("甲", *add, "--draft")
    check(kept["missing"] == ["借出日期 必填 (lent_on)"] and kept["version"] == 1, f"kept, and what it lacks: {kept}")
    check("draft.not-found" in c.satchel("乙", "draft", "show", kept["id"], ok=(3,)).stderr, "it is nobody else's")
    return kept["id"]


def finished(c, draft):
    """Under the version it was begun with, whatever is in force by now."""
    listed = c.ask("甲", "draft", "list")["drafts"]
    check([(d["version"], d["in_force"], d["newer"]) for d in listed] == [(1, 2, True)], f"pinned: {listed}")
    c.satchel("甲", "draft", "finish", draft, ok=(2,))
    check("草稿" in c.satchel("甲", "today").stdout, "today tells of it")
    c.satchel("甲", "draft", "set", draft, "--field", f"lent_on={day(-1)}", "--field", "value=100")
    record = c.ask("甲", "draft", "finish", draft)["id"]
    check(c.ask("甲", "record", "show", record)["version"] == 1 and c.ask("甲", "draft", "list")["drafts"] == [], "written once, as it was begun")
    c.settle(EVERYBODY)
    # A decision is kept in the same way; nobody is told before it is taken.
    draft = c.ask("经理", "step", record, "lend", "--draft")["id"]
    c.settle(EVERYBODY)
    check(stands(c, "总经理", record)["said"] == [], "not said yet")
    c.satchel("经理", "draft", "finish", draft)
    check([s["by"] for s in stands(c, "经理", record)["said"]] == ["经理"], "said now")
    check("draft.not-found" in c.satchel("经理", "draft", "finish", draft, ok=(3,)).stderr, "once")


def for_everybody(c):
    """A second version, with one field more, for all."""
    text = PACK.read_text(encoding="utf-8").replace("version = 1", "version = 2", 1).replace("\n[[workflow]]\n", OTHER_FIELD, 1)
    told = published(c, 2, text)
    check("+ sample_loan.courier" in told and "~ version: 1 → 2" in told and len(told) == 2, f"what it changes: {told}")
    check([versions(c, who) for who in EVERYBODY] == [2] * 5, "in force everywhere")


def lent(c, loan):
    """Two of them say yes, one of them offline; who asked is none of them."""
    check(stands(c, "甲", loan)["state"] == "asked", "what was recorded under the first version stands in its workflow")
    step(c, "甲", loan, "lend", ok=(4,))
    step(c, "经理", loan, "lend")
    check(stands(c, "经理", loan)["state"] == "asked", "one is not two")
    step(c, "经理", loan, "lend", ok=(4,))
    step(c, "总经理", loan, "lend")
    c.settle(EVERYBODY)
    check([stands(c, who, loan)["state"] for who in ("甲", "经理", "总经理")] == ["lent"] * 3, "both are")
    check([f["customer"] for f in findings(c, "经理", "sample-dear")] == ["福田百货"], "a dear one is watched")


def overdue(c, loan):
    """Five working days from the day it was lent are over; what it came back with must be said."""
    mine = [m for m in c.ask("甲", "matters")["matters"] if m["record"] == loan]
    check(len(mine) == 1 and mine[0]["overdue"], f"late: {mine}")
    step(c, "甲", loan, "send_in")
    check(stands(c, "甲", loan)["state"] == "repair", "in repair")
    step(c, "甲", loan, "repaired")
    step(c, "甲", loan, "take_back", ok=(2,))
    step(c, "甲", loan, "take_back", ok=(2,), condition="damaged")
    step(c, "甲", loan, "take_back", condition="damaged", damage="外壳开裂")
    c.settle(EVERYBODY)
    check(stands(c, "总经理", loan)["state"] == "back" and findings(c, "经理", "sample-dear") == [], "and back")


def escalated(c):
    """Nobody answers the second one: after a day it is the manager's, a day later the general manager's, too."""
    loan = add(c, "乙", "sample_loan", "罗湖商行", sample="样册", lent_on=day(0), value="300.50", courier="丙")
    c.settle(EVERYBODY)

    def waits(who, on):
        return any(m["record"] == loan for m in c.ask(who, "today", "--date", day(on))["matters"])

    check(waits("经理", 1), "due with the manager")
    check(not waits("总经理", 1) and waits("总经理", 3), "and told to the general manager a day after that")
    return loan


def counted(c):
    made = report(c, "总经理", "samples-on-loan", **{"from": day(-30)})
    check(made["rows"] == 3 and "12400.5" in str(made["totals"]), f"three loans, and what they are worth: {made}")


def tried_again(c):
    """A third version, with one field more, for the test group alone: the others read that field with its own words."""
    more = OTHER_FIELD.replace("courier", "insured").replace("送货人", "保险单号").replace("Brought by", "Insurance")
    second = PACK.read_text(encoding="utf-8").replace("version = 1", "version = 3", 1).replace("\n[[workflow]]\n", OTHER_FIELD, 1)
    published(c, 3, second.replace("\n[[workflow]]\n", more, 1), "--for", "甲")
    check([versions(c, who) for who in ("甲", "经理")] == [3, 2], "for the test group")
    loan = add(c, "甲", "sample_loan", "福田百货", sample="样机三台", lent_on=day(0), insured="PICC-7788")
    c.settle(EVERYBODY)
    shown = c.satchel("经理", "record", "show", loan).stdout
    check("保险单号" in shown and "PICC-7788" in shown, f"read as it was written: {shown}")


def main():
    with Company("样品公司") as c:
        found(c)
        loan = tried_first(c)
        draft = begun(c)
        for_everybody(c)
        finished(c, draft)
        lent(c, loan)
        overdue(c, loan)
        escalated(c)
        counted(c)
        tried_again(c)
    print("verified")


if __name__ == "__main__":
    play(main)
