# SPDX-License-Identifier: AGPL-3.0-or-later
"""S20: an archive is built in five steps by the salesperson and the branch, its copies, trade and service are filed, it is cleaned up once
a year, and headquarters notes its backups."""

from scenes import add, check, day, findings, report, stands, step, today

SHOP, TWIN, WOMAN = "S20 恒丰五金", "S20 恒丰五金行", "S20 刘女士"


def about(c, who, rule, on=None, record=None, customer=SHOP):
    return [f for f in findings(c, who, rule, on=on) if record in (None, f["record"]) and customer in (None, f["customer"])]


def building(c):
    # 甲 opens the archive at the counter of the shop, without a line
    c.satchel("甲", "customer", "add", "--name", SHOP, "--kind", "company", "--field", "phone=13600200001")
    check(about(c, "甲", "standard-file-due", on=day(12))[0]["overdue_days"] > 0, "a new customer is registered at once")
    file = add(c, "甲", "standard_file", customer=SHOP, purpose="促进销售、建立客户关系", scope="基本信息、交易记录、服务记录、合同")
    check(about(c, "甲", "standard-file-due", on=day(12)) == [], "begun")
    step(c, "甲", file, "collect", ok=(1, 2, 4, 5))  # one step after the other
    step(c, "甲", file, "prepare")
    check(about(c, "甲", "standard-basics"), "contact, address and trade are still missing")
    c.satchel("甲", "customer", "set", SHOP, "--field", "contact=冯老板", "--field", "address=罗湖五金街3号", "--field", "trade=五金")
    check(about(c, "甲", "standard-basics") == [], "the basics are there")
    step(c, "甲", file, "collect", collected="基本信息、证件复印件", collected_on=day())
    step(c, "甲", file, "sort", **{"class": "个人客户"}, class_by="客户类型、行业", numbering="组合", folder="A-12", contains="客户基本信息表、证件复印件")
    check(about(c, "甲", "standard-class-agrees"), "the card says a company")
    c.satchel("甲", "record", "set", file, "--field", "class=企业客户")
    check(about(c, "甲", "standard-class-agrees") == [], "now both do")
    step(c, "甲", file, "store", ok=(4,), cabinet="柜3", server="总部", authorised="甲", backup="每周")  # not by the salesperson
    c.settle(["甲", "经理"])
    check(any(m["record"] == file for m in today(c, "经理")["matters"]), "it waits for the branch")
    step(c, "经理", file, "send_back", comment="缺合同")
    c.settle(["经理", "甲"])
    add(c, "甲", "standard_contract", customer=SHOP, kind="销售合同", title="2027年度供货合同", number="S20-1", signed=day(), valid=f"{day()}..{day(365)}",
        amount="200000")
    c.satchel("甲", "record", "set", file, "--field", "collected=基本信息、证件复印件、合同和协议文件")
    step(c, "甲", file, "collect")
    step(c, "甲", file, "sort")
    c.settle(["甲", "经理"])
    step(c, "经理", file, "store", cabinet="柜3", server="总部服务器", authorised="甲、乙", backup="每周")
    check(stands(c, "经理", file)["state"] == "kept", "built")


def filing(c):
    check(about(c, "甲", "standard-business-licence") and about(c, "甲", "standard-tax-registration"), "no copies yet")
    check(about(c, "甲", "standard-identity-card") == [], "a company has no identity card")
    licence = add(c, "甲", "standard_certificate", customer=SHOP, kind="营业执照", holder=SHOP, number="9144S20", valid_until=day(20), copied=day())
    add(c, "甲", "standard_certificate", customer=SHOP, kind="税务登记证", number="4403S20", copied=day())
    check(about(c, "甲", "standard-business-licence") + about(c, "甲", "standard-tax-registration") == [], "both are filed")
    check(about(c, "甲", "standard-certificate-expiry", record=licence), "the licence runs out in three weeks")
    c.satchel("甲", "record", "set", licence, "--field", f"renewed={day()}")
    check(about(c, "甲", "standard-certificate-expiry", record=licence) == [], "replaced")
    for kind, goods, amount in (("购买记录", "铰链", "1000"), ("购买记录", "拉手", "500"), ("退换货记录", "铰链", "200")):
        more = {"reason": "尺寸不符"} if kind == "退换货记录" else {}
        add(c, "甲", "standard_trade", customer=SHOP, date=day(), kind=kind, goods=goods, quantity="10", amount=amount, **more)
    add(c, "甲", "standard_trade", customer=SHOP, date=day(), kind="付款记录", amount="1300")
    served = add(c, "甲", "standard_service", customer=SHOP, date=day(-6), kind="投诉记录", content="铰链生锈")
    check(about(c, "甲", "standard-service-open", record=served)[0]["overdue_days"] > 0, "a complaint that nobody finished")
    c.satchel("甲", "record", "set", served, "--field", "result=已换货", "--field", f"finished={day()}")
    check(about(c, "甲", "standard-service-open", record=served) == [], "finished")
    c.settle(["甲", "总经理"])
    group = report(c, "总经理", "standard-trade", archive=SHOP)["totals"]
    check((float(group["bought"]), float(group["paid"]), float(group["returned"])) == (1500, 1300, 200), f"bought, paid, returned: {group}")


def accuracy(c):
    c.satchel("甲", "customer", "add", "--name", TWIN, "--kind", "company", "--field", "phone=13600200001", "--yes")
    check(findings(c, "甲", "standard-duplicates") and about(c, "甲", "standard-duplicates", customer=None), "the same phone twice")
    c.satchel("甲", "customer", "add", "--name", WOMAN, "--kind", "individual", "--field", "phone=13600200003")
    check(about(c, "甲", "standard-person-basics", customer=WOMAN) and about(c, "甲", "standard-identity-card", customer=WOMAN), "an individual: gender, age, identity card")
    check(about(c, "甲", "standard-yearly-cleanup") == [], "a new archive needs no clean-up")
    check(about(c, "甲", "standard-yearly-cleanup", on=day(370))[0]["overdue_days"] > 0, "after a year it does")
    add(c, "甲", "standard_cleanup", customer=TWIN, date=day(), checked="基本信息", outcome="全部无效，待处理", cleared="重复建档", duplicates="是",
        duplicates_done=f"并入{SHOP}")
    c.settle(["甲", "经理"])
    check(about(c, "经理", "standard-void", customer=TWIN), "whoever answers for the branch sees what is void")


def rights(c):
    rows = c.ask("甲", "customer", "list")["customers"]
    numbers = [row["number"] for row in rows]
    check(len(set(numbers)) == len(numbers) and all(numbers), f"a number for each archive, none twice: {numbers}")
    card = add(c, "甲", "standard_certificate", customer=WOMAN, kind="身份证明", holder=WOMAN, identity_number="11010519491231002X", copied=day())
    check(about(c, "甲", "standard-identity-card", customer=WOMAN) == [], "her copy is filed")
    shown = c.ask("甲", "record", "show", card)["fields"]
    check(shown["identity_number"]["masked"] and not shown["kind"]["masked"], f"the number stands masked: {shown}")
    opened = c.ask("甲", "record", "show", card, "--reveal", "--purpose", "S20 核对证件")["fields"]
    check(opened["identity_number"]["text"] == "11010519491231002X", f"until it is asked for: {opened}")
    c.settle(["甲", "经理", "丁"])
    check("S20 核对证件" in [line["texts"]["purpose"] for line in report(c, "经理", "readings")["lines"]], "which leaves a trace")
    check(not {SHOP, TWIN, WOMAN} & {row["name"] for row in c.ask("丁", "customer", "list")["customers"]}, "nobody of another branch sees them")
    c.satchel("丁", "record", "add", "standard_trade", "--customer", SHOP, "--field", f"date={day()}", "--field", "kind=付款记录", "--field", "amount=1", ok=(3, 4))


def protecting(c):
    check(findings(c, "admin", "standard-backup"), "no backup was noted this week")
    add(c, "admin", "standard_protection", date=day(), kind="备份", what="全部档案", kept_at="异地保险柜", rehearsed="是")
    hole = add(c, "admin", "standard_protection", date=day(-10), kind="网络安全防护", what="检查防火墙", found="端口未关")
    check(about(c, "admin", "standard-protection-open", record=hole, customer=None)[0]["overdue_days"] > 0, "found, and left open")
    c.satchel("admin", "record", "set", hole, "--field", f"done={day()}")
    check(about(c, "admin", "standard-protection-open", record=hole, customer=None) == [], "closed")
    check(all((f["overdue_days"] or 0) > 0 for f in findings(c, "admin", "standard-backup")), "backed up this week")
    totals = report(c, "admin", "standard-protection", **{"from": day(-30), "to": day()})["totals"]
    check((int(totals["n"]), int(totals["rehearsed"]), int(totals["open"])) == (2, 1, 0), f"the register: {totals}")
    c.settle(["admin", "甲", "经理", "营业部经理"])
    check(all((f["overdue_days"] or 0) > 0 for f in findings(c, "营业部经理", "standard-backup")), "one administrator's backup will do")
    files = report(c, "admin", "standard-files")
    check(any(line["texts"]["archive"] == SHOP and line["texts"]["folder"] == "A-12" for line in files["lines"]), f"headquarters sees the folder: {files['lines']}")


def play(c):
    building(c)
    filing(c)
    accuracy(c)
    rights(c)
    protecting(c)
