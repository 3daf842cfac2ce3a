# SPDX-License-Identifier: AGPL-3.0-or-later
"""S1: a promising distributor from the first contact on: two people in contact, a matter reported and one withheld, a VIP received as
an ordinary guest, wrong information put right with two reviews and two approvals, a leaver's papers, a successor. A bank is a special
customer; who was given nothing reads nothing until he applies."""

from scenes import add, check, day, findings, report, stands, step, today

SHOP, BANK, LEFT = "S01 王府家具", "S01 招商银行", "S01 罗湖家具"


def about(c, who, rule, on=None, record=None):
    return [f for f in findings(c, who, rule, on=on) if f["customer"] == SHOP and record in (None, f["record"])]


def first_contact(c):
    # 甲 is at the shop, without a line
    c.satchel("甲", "customer", "add", "--name", SHOP, "--kind", "distributor", "--field", "phone=13600010001")
    check(about(c, "甲", "relation-card-complete"), "a card without its basics is found")
    basics = {"legal_representative": "王建国", "address": "深圳福田一路8号", "postcode": "518000", "fax": "0755-60010002",
              "scope": "家具批发", "registered_capital": "5000000"}
    c.satchel("甲", "customer", "set", SHOP, *[x for k, v in basics.items() for x in ("--field", f"{k}={v}")])
    check(about(c, "甲", "relation-card-complete") == [], "and is complete")
    care = add(c, "甲", "relation_care", customer=SHOP, reception="贵宾级别", promising="是", reason="将开十家分店", staff="甲", decided=day())
    c.settle(["甲", "经理"])
    c.satchel("经理", "grant", SHOP, "乙")
    check(about(c, "经理", "relation-two-staff"), "one person alone is too few")
    c.satchel("经理", "record", "set", care, "--field", "staff=甲、乙")
    check(about(c, "经理", "relation-two-staff") == [], "two will do")
    c.satchel("甲", "customer", "set", SHOP, "--field", "vip=是")
    c.settle(["经理", "甲", "乙"])


def special(c):
    bank = ("customer", "add", "--name", BANK, "--kind", "special", "--field", "phone=13600010002")
    c.satchel("乙", *bank, ok=(2,))  # which of the seven classes?
    c.satchel("乙", *bank, "--field", "special_class=银行")
    c.settle(["乙", "经理", "丁"])
    classes = {g["texts"]["special_class"]: int(g["measures"]["n"]) for g in report(c, "经理", "relation-special-customers")["groups"]}
    check(classes.get("银行") == 1, f"the special class: {classes}")
    listed = [line["texts"] for line in report(c, "经理", "customer-register")["lines"] if line["texts"]["name"] in (SHOP, BANK)]
    check(len(listed) == 2 and all(line["number"] for line in listed), f"客户一览表, each with its number: {listed}")


def permission(c):
    number = c.ask("甲", "customer", "show", SHOP)["number"]
    c.satchel("丁", "customer", "show", SHOP, ok=(3,))  # not without permission
    c.satchel("丁", "access", "request", number, "--purpose", "同一集团在北京开店", "--branch", "深圳")
    c.settle(["丁", "经理"])
    asked = [r for r in c.ask("经理", "access", "list")["requests"] if r["reference"] == number][0]
    c.satchel("经理", "access", "approve", asked["id"][:8])
    c.settle(["经理", "丁"])
    check(c.ask("丁", "customer", "show", SHOP)["name"] == SHOP, "with it he reads")


def contacts(c):
    for who, way in (("甲", "拜访"), ("乙", "长途电话")):
        add(c, who, "relation_contact", customer=SHOP, date=day(), way=way, counterpart="王建国", content="谈首批订货和结算方式")
    add(c, "甲", "relation_letter", customer=SHOP, date=day(), kind="传真", direction="来", subject="询价单")
    shown = report(c, "甲", "relation-letters", archive=SHOP)
    check([line["texts"]["subject"] for line in shown["lines"]] == ["询价单"], f"correspondence is filed in the archive: {shown['lines']}")
    changed = add(c, "甲", "relation_change", customer=SHOP, date=day(), kind="地址", what="迁至福田二路9号", source="客户来函")
    c.settle(["甲", "乙", "经理"])
    check(about(c, "甲", "relation-change-on-card", on=day(15), record=changed)[0]["overdue_days"] > 0, "a change that is not on the card is overdue")
    c.satchel("甲", "customer", "set", SHOP, "--field", "address=深圳福田二路9号")
    c.satchel("甲", "record", "set", changed, "--field", f"card_changed={day()}")
    check(about(c, "甲", "relation-change-on-card", on=day(15), record=changed) == [], "until it is")
    shown = report(c, "经理", "relation-contact-reports", archive=SHOP)["totals"]
    check((int(shown["n"]), int(shown["staff"])) == (2, 2), f"two of our staff are in contact: {shown}")
    received = add(c, "甲", "relation_reception", customer=SHOP, date=day(-5), level="一般接待", visitors="王建国", purpose="参观工厂")
    c.settle(["甲", "经理"])
    check(about(c, "经理", "relation-vip-level", record=received), "a VIP is not an ordinary guest")
    check(about(c, "甲", "relation-reception-result", record=received)[0]["overdue_days"] > 0, "and what came of it is still missing")
    check(about(c, "甲", "relation-results-yearly"), "no yearly results yet")
    add(c, "甲", "relation_results", customer=SHOP, year="2025", received=day(), turnover="8000000", with_us="400000")
    check(about(c, "甲", "relation-results-yearly") == [], "now there are")
    add(c, "甲", "relation_finances", customer=SHOP, year="2025", received=day(), assets="9000000", liabilities="3600000")
    check(about(c, "甲", "relation-finances-yearly") == [], "nor is the report on finances missing")


def matters(c):
    told = add(c, "甲", "relation_matter", customer=SHOP, date=day(), department="业务部", subject="对方拟转投他厂", confidential="否",
               content="老板与他厂谈了三次", in_charge="市场部")
    step(c, "甲", told, "report")
    step(c, "甲", told, "withhold", ok=(4,))  # it is not confidential
    kept = add(c, "乙", "relation_matter", customer=SHOP, date=day(), department="业务部", subject="新品合作", confidential="是", basis="双方签有保密协议")
    step(c, "乙", kept, "withhold")
    c.settle(["甲", "乙", "经理", "审计"])
    step(c, "甲", told, "acknowledge", ok=(4,))  # not by oneself
    step(c, "经理", told, "acknowledge", comment="下周同去")
    check(stands(c, "经理", told)["state"] == "known", "it is no longer one person's affair")
    check(about(c, "审计", "relation-withheld", record=kept), "what is withheld is seen by the auditors")


def wrong_information(c):
    for who in ("客服", "客服经理"):
        c.satchel("经理", "grant", SHOP, who)
    c.settle(["经理", "客服", "客服经理", "总经理"])
    error = add(c, "客服", "relation_error", customer=SHOP, found=day(), summary="送货地址录错，两车货送到旧址")
    step(c, "客服", error, "submit_plan", plan="重送一车，核对全部地址")
    step(c, "客服", error, "pass_plan", ok=(4,))  # reviewed by the manager
    c.settle(["客服", "客服经理"])
    check(any(m["record"] == error for m in today(c, "客服经理")["matters"]), "it waits for the service manager")
    for who, name, then in (("客服经理", "pass_plan", "总经理"), ("总经理", "approve_plan", "客服")):
        step(c, who, error, name)
        c.settle([who, then])
    step(c, "客服", error, "hand_over", departments="储运部", executors="乙")
    task = add(c, "客服", "relation_error_task", customer=SHOP, error=error, department="储运部", executor="乙", what="重送一车", due=day(2))
    c.settle(["客服", "乙"])
    # 乙 acts without a line; nobody knows before he syncs
    step(c, "乙", task, "feed_back", feedback="已送到新址")
    check([f for f in findings(c, "客服", "relation-error-tasks") if f["record"] == task], "not yet known to be done")
    c.settle(["乙", "客服"])
    step(c, "客服", error, "gather", feedback="储运部：已送到新址")
    step(c, "客服", error, "submit_report", report="已补救")
    c.settle(["客服", "客服经理"])
    step(c, "客服经理", error, "return_report", comment="写明费用")
    c.settle(["客服经理", "客服"])
    c.satchel("客服", "record", "set", error, "--field", "report=已补救，费用800元", "--reason", "补写费用")
    for who, name, then in (("客服", "submit_report", "客服经理"), ("客服经理", "pass_report", "总经理"), ("总经理", "approve_report", "客服")):
        step(c, who, error, name)
        c.settle([who, then])
    path = stands(c, "总经理", error)["path"]
    check(path[-1]["state"] == "filed" and [p["step"] for p in path].count("submit_report") == 2, f"filed, after a second report: {path}")
    shown = report(c, "总经理", "relation-errors")["totals"]
    check(int(shown["n"]) == 1 and int(shown["late"]) == 0, f"one correction, in time: {shown}")


def leaving(c):
    papers = add(c, "乙", "relation_departure", leaver="乙", leaving=day(), department="深圳分公司", customers="1",
                 items="名片册|1|纸质|抽屉；报价单|12|纸质|档案柜", nothing_taken="是")
    step(c, "乙", papers, "hand_in")
    c.settle(["乙", "经理"])
    for name, more in (("take_over", {}), ("sort", {}), ("file", {"filed_as": "柜2-3"})):
        step(c, "经理", papers, name, **more)
    c.satchel("乙", "customer", "add", "--name", LEFT, "--kind", "distributor", "--field", "phone=13600010003")
    c.settle(["乙", "经理"])
    c.satchel("经理", "handover", "乙", "--to", "甲", "--only", LEFT, "--yes")
    c.settle(["经理", "甲", "乙"])
    check(LEFT in [row["name"] for row in c.ask("甲", "customer", "list")["customers"]], "the successor has the archive")
    check(any(t["customer"] == LEFT and t["kind"] == "notify_customer" for t in today(c, "甲")["tasks"]), "and is to tell the customer")
    followed = add(c, "经理", "relation_successor", customer=SHOP, leaver="乙", left=day(-9), successor="甲")
    check(stands(c, "经理", followed)["overdue"], "nine days after he left the customer has still not been told")
    step(c, "经理", followed, "contact", ok=(1, 2, 4, 5))  # the customer is told first
    step(c, "经理", followed, "tell", notified=day(), notice_way="电话", counterpart="王建国")
    c.settle(["经理", "甲"])
    check(any(m["record"] == followed for m in today(c, "甲")["matters"]), "now it is the successor's turn")
    step(c, "甲", followed, "contact", contacted=day(), first_contact="已登门")
    c.settle(["甲", "经理", "总经理"])
    shown = report(c, "总经理", "relation-successors")
    check([line["texts"]["contacted"] for line in shown["lines"]] == [day()], f"the register of successors: {shown}")
    check(int(shown["totals"]["late"]) == 1, f"told late: {shown['totals']}")


def play(c):
    first_contact(c)
    special(c)
    permission(c)
    contacts(c)
    matters(c)
    wrong_information(c)
    leaving(c)
