# SPDX-License-Identifier: AGPL-3.0-or-later
"""S12: an archive built by sales at first contact and completed by finance, audited and corrected, copied; and somebody of another branch
who uses it only after 《客户档案使用申请表》 was approved and only until its last day."""

from scenes import add, check, day, findings, report, stands, step, today

NAME = "S12 罗湖商行"


def mine(c, who, rule, on=None):
    return [f["record"] for f in findings(c, who, rule, on) if f["customer"] == NAME]


def build(c):
    """甲 at the first contact, offline; finance later, when it was granted the archive."""
    c.satchel("甲", "customer", "add", "--name", NAME, "--kind", "company", "--field", "phone=0755-80001201")
    sheet = add(c, "甲", "upkeep_file", NAME, first_contact="今天")
    check(mine(c, "甲", "upkeep-basic") == [sheet], "contact and address are missing")
    step(c, "甲", sheet, "hand_over", ok=(2, 4), basic_done="否", departments="财务部", handed_on="今天")  # the basic information first
    c.satchel("甲", "customer", "set", NAME, "--field", "contact=罗店长", "--field", "address=深圳罗湖", "--field", "trade=零售")
    check(mine(c, "甲", "upkeep-basic") == [], "all four are there")
    step(c, "甲", sheet, "hand_over", basic_done="是", departments="财务部、客户服务部", handed_on="今天")
    c.settle(["甲", "经理", "admin"])
    c.satchel("经理", "grant", NAME, "财务", ok=(0, 5))  # 5: reads it already
    c.settle(["经理", "财务"])
    check(sheet in [m["record"] for m in today(c, "财务")["matters"]], "the departments are to complete it")
    check(mine(c, "财务", "upkeep-part-finance", day(60)) == [sheet], "nothing financial yet")
    add(c, "财务", "upkeep_part", NAME, date="今天", **{"class": "财务信息"}, finance_item="信用等级", item="评为A级", finance_content="按期付款",
        department="财务部", card_changed="是")
    c.satchel("财务", "customer", "set", NAME, "--field", "credit_grade=A")
    check(mine(c, "财务", "upkeep-part-finance", day(60)) == [] and mine(c, "财务", "upkeep-finance") == [], "finance has added")
    add(c, "甲", "upkeep_part", NAME, date="今天", **{"class": "业务信息"}, business_item="合同协议", item="框架合同", content="一年", department="销售部", card_changed="是")
    c.settle(["财务", "甲"])
    step(c, "财务", sheet, "finish", business_done="是", finance_done="是", other_done="是")
    c.settle(["财务", "甲", "admin"])
    check(stands(c, "甲", sheet)["state"] == "complete", "the archive is complete")
    return sheet


def audit(c, sheet):
    check(mine(c, "甲", "upkeep-audit-sales", day(200)) == [sheet], "half a year later sales has to audit")
    look = add(c, "经理", "upkeep_audit", NAME, date="今天", side="销售部门", classes="基本信息、业务信息", accurate="否", complete="是", readers="是", result="信息有变更")
    check(mine(c, "经理", "upkeep-audit-bad") == [look], "something is not right")
    step(c, "经理", look, "pass", ok=(5,))  # something has changed
    step(c, "经理", look, "demand", findings="电话已换")
    c.settle(["经理", "甲"])
    check(stands(c, "甲", look)["due"], "changes are entered promptly")
    c.satchel("甲", "customer", "set", NAME, "--field", "phone=0755-80001202")
    step(c, "甲", look, "update", updated_on="今天", update="新电话 0755-80001202")
    c.settle(["甲", "经理"])
    step(c, "经理", look, "confirm")
    check(stands(c, "经理", look)["state"] == "filed" and mine(c, "经理", "upkeep-audit-bad") == [], "audited and recorded")
    check(mine(c, "经理", "upkeep-audit-sales", day(100)) == [], "not due again for half a year")
    copy = add(c, "admin", "upkeep_backup", date="今天", what="S12 全部客户档案", medium="移动硬盘", place="保险柜", keeper="经理", safe="是", verified="否")
    check(copy in [f["record"] for f in findings(c, "admin", "upkeep-backup-unsafe")], "not yet rehearsed")
    c.satchel("admin", "record", "set", copy, "--field", "verified=是", "--reason", "已演练恢复")
    check(copy not in [f["record"] for f in findings(c, "admin", "upkeep-backup-unsafe")], "it is now")


def use(c):
    """丁 of 北京 stands in for a week. He applies offline; nothing opens before headquarters has said yes."""
    number = {row["name"]: row["number"] for row in c.ask("admin", "customer", "list")["customers"]}[NAME]
    form = add(c, "丁", "upkeep_use", date="今天", customer_name=NAME, number=number, department="北京分公司", purpose="代班一周", classes="基本信息、业务信息",
               from_day="今天", until_day="+7", secrecy="是")
    step(c, "丁", form, "approve", ok=(4,))  # never one's own
    c.settle(["丁", "admin"])
    check(NAME not in [row["name"] for row in c.ask("丁", "customer", "list")["customers"]], "nothing opens before it is approved")
    check(form in [m["record"] for m in today(c, "admin")["matters"]], "it waits for headquarters")
    step(c, "admin", form, "approve")
    c.settle(["admin", "丁"])
    c.satchel("丁", "access", "request", number, "--purpose", "代班一周", "--until", "+7")
    c.settle(["丁", "admin"])
    waiting = [r for r in c.ask("admin", "access", "list")["requests"] if r["reference"] == number and r["state"] == "waiting"]
    check(len(waiting) == 1, f"the right is asked for beside the form: {waiting}")
    c.satchel("admin", "access", "approve", waiting[0]["id"][:8])
    c.settle(["admin", "丁"])
    check(NAME in [row["name"] for row in c.ask("丁", "customer", "list")["customers"]], "now 丁 reads it")
    over = [f["record"] for f in findings(c, "丁", "upkeep-use-over", day(9))]
    check(form in over, "the term comes to an end")
    step(c, "丁", form, "finish", used="拜访两次，未复制")
    refused = add(c, "丁", "upkeep_use", date="今天", customer_name=NAME, purpose="了解一下", classes="财务信息", from_day="今天", until_day="+1", secrecy="否")
    c.settle(["丁", "admin"])
    step(c, "admin", refused, "approve", ok=(5,))  # without the promise of secrecy
    step(c, "admin", refused, "refuse", comment="目的不明")
    c.settle(["admin", "丁"])
    check(stands(c, "丁", refused)["said"][-1]["comment"] == "目的不明", "and is told why not")


def play(c):
    sheet = build(c)
    audit(c, sheet)
    use(c)
    uses = report(c, "admin", "upkeep-uses")["totals"]
    check(uses["n"] == 2 and float(uses["days"]) == 10, f"two applications, eight days and two: {uses}")
    files = report(c, "甲", "upkeep-files")["totals"]
    check(files["archives"] == 1 and files["complete"] == 1 and files["late"] == 0, f"one archive, complete, in time: {files}")
    check(report(c, "admin", "upkeep-audits")["totals"]["audits"] == 1, "one audit on record")
