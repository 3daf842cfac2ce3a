# SPDX-License-Identifier: AGPL-3.0-or-later
"""S18: the supervisor accompanies and coaches, a question gets into the sales manual, a planned stop is missed, headquarters inspects
the office and takes a question home, a distributor that does badly is studied and its best customers are visited."""
from datetime import datetime, timedelta, timezone

from scenes import add, check, findings, report, stands, step, today

SHOP, DISTRIBUTOR = "S18 明珠五金", "S18 华东总经销"
TODAY = datetime.now(timezone(timedelta(hours=8))).date()  # the company's date is China's
MONTH = TODAY.replace(day=1)
COMING = (MONTH + timedelta(days=32)).replace(day=1)  # a month in which nobody else's work counts
RATED = ("route", "reports", "cards", "stock", "files", "minutes", "policies", "mood", "morale", "efficiency")


def day(offset=0):
    return str(TODAY + timedelta(days=offset))


def about(c, who, rule, record, on=None):
    return [f for f in findings(c, who, rule, on=on) if f["record"] == record]


def accompanying(c):
    late = COMING + timedelta(days=20)
    of_month = lambda found: [f for f in found if f["customer"] == "甲" and f["text"].startswith(str(COMING)[:7])]
    went = {"case": "分公司经理、干部陪同业务员", "customers": SHOP, "summary": "一起拜访", "with": "甲"}
    for n, purpose in enumerate(("示范推销技术", "收逾期催收款", "促成交易（业务员已铺路的新客户）")):
        add(c, "经理", "supervisor_daily_report", date=COMING + timedelta(days=n), purpose=purpose, **went)
    check(of_month(findings(c, "经理", "accompanied-days", on=late)), "three days of four")
    check(of_month(c.ask("经理", "rules", "accompanied-days", "--on", late)["findings"]), "which is 主任's matter, too")
    add(c, "经理", "supervisor_daily_report", date=COMING + timedelta(days=2), purpose="与客户培养感情", **went)
    check(of_month(findings(c, "经理", "accompanied-days", on=late)), "twice on one day is one day")
    add(c, "经理", "supervisor_daily_report", date=COMING + timedelta(days=3), purpose="协助销售新产品", **went)
    check(of_month(findings(c, "经理", "accompanied-days", on=late)) == [], "four days are enough")
    c.settle(["经理", "总经理"])
    days = report(c, "总经理", "accompanied-days", **{"from": COMING, "to": late})["totals"]
    check([int(days[k]) for k in ("days", "reports", "overdue", "new_product")] == [4, 5, 1, 1], f"days and purposes: {days}")


def coaching(c):
    given = {"items": "收逾期催收款、与业务员开会指导", "guidance": "本月迄今业绩太差、以ABC分析谈客户数量不足及A级客户太少"}
    plan = add(c, "经理", "coaching_record", month=COMING, rep="甲", advice="先补A级客户", too_few="少五家，A级少两家", **given)
    check(not any(f["customer"] == "甲" for f in findings(c, "经理", "coaching-monthly", on=COMING + timedelta(days=20))), "coached this month")
    check(any(f["customer"] == "乙" for f in findings(c, "经理", "coaching-monthly", on=COMING + timedelta(days=20))), "乙 was not")
    step(c, "经理", plan, "track", results=f"收逾期催收款 | {SHOP} | {day()} | 收回三千\n与业务员开会指导 | | {day()} | 已补三家",
         tracked=day(), effect="明显改善")
    asked = add(c, "甲", "coaching_question", date=day(), asked_by="乡镇经销商", question="S18 为什么比邻县贵？", manual="本公司业务员")
    c.settle(["甲", "经理", "营业部经理"])
    step(c, "经理", asked, "answer", answer="运费由我方承担，到店价相同")
    c.settle(["经理", "营业部经理"])
    step(c, "营业部经理", asked, "add", section="价格", added=day())
    shown = report(c, "营业部经理", "sales-manual")
    check(any("S18" in line["texts"]["question"] for line in shown["lines"]), "it stands in the sales manual")


def route(c):
    # 甲 plans on Sunday evening at home and walks the route without a line
    kept = add(c, "甲", "coaching_route_stop", customer=SHOP, date=day(), turn="1", rep="甲", purpose="补货")
    missed = add(c, "甲", "coaching_route_stop", customer=DISTRIBUTOR, date=day(), turn="2", rep="甲", purpose="对账")
    c.satchel("甲", "visit", "add", "--customer", SHOP, "--purpose", "拜访", "--summary", "补了两箱")
    check(about(c, "甲", "route-kept", missed, on=day(2)) and not about(c, "甲", "route-kept", kept, on=day(2)), "one stop was missed")
    c.satchel("甲", "record", "set", missed, "--field", "skipped=店休", "--reason", "店休")
    check(about(c, "甲", "route-kept", missed, on=day(2)) == [], "and has its reason")
    plan = report(c, "甲", "route-plan", rep="甲", **{"from": day(), "to": day()})
    check([(s["texts"]["turn"], s["texts"]["archive"]) for s in plan["lines"]] == [("1", SHOP), ("2", DISTRIBUTOR)], f"the route: {plan['lines']}")
    check([int(plan["totals"][k]) for k in ("stops", "skipped")] == [2, 1], f"and how it went: {plan['totals']}")


def inspection(c):
    points = {p: "良好" for p in RATED} | {p + "_note": "/" for p in RATED} | {"cards": "不佳", "cards_note": "多家未填"}
    told = {"head": "经理", "progress": "62", "outlook": "月底可达成", "competitors": "邻街新开一家", "new_policies": "越区须先报"}
    visit = add(c, "营业部经理", "coaching_inspection", date=day(), office="S18 深圳营业所", issues="2", **told, **points)
    step(c, "营业部经理", visit, "finish", ok=(1, 2, 4, 5))  # one blank is left
    step(c, "营业部经理", visit, "finish", card_score="70")
    raised = {"inspection": visit, "date": day(), "office": "S18 深圳营业所"}
    easy = add(c, "营业部经理", "coaching_issue", question="样品谁付？", raised_by="甲", **raised)
    hard = add(c, "营业部经理", "coaching_issue", question="乡镇运费能否降？", raised_by="乙", **raised)
    step(c, "营业部经理", easy, "answer", answer="公司付", answered=day())
    step(c, "营业部经理", hard, "carry", assignee="质量")
    c.settle(["营业部经理", "质量"])
    check(any(m["record"] == hard for m in today(c, "质量")["matters"]), "an open task at headquarters")
    step(c, "质量", hard, "solve", answer="改走专线，降两成", answered=day())
    c.settle(["质量", "营业部经理"])
    check(stands(c, "营业部经理", hard)["state"] == "solved", "the office is still to be told")
    step(c, "营业部经理", hard, "tell", told=day())
    c.settle(["营业部经理", "admin"])
    counted = report(c, "admin", "coaching-issues")["totals"]
    check([int(counted[k]) for k in ("n", "on_spot", "carried", "open")] == [2, 1, 1, 0], f"questions: {counted}")
    check(int(report(c, "admin", "coaching-inspections")["totals"]["cards_bad"]) == 1, "and the point that was poor")


def distributor(c):
    file = add(c, "甲", "distributor_programme", customer=DISTRIBUTOR, region="华东", operator="钱总", since=day(-400), reps="10", reps_left="2")
    best = add(c, "甲", "distributor_key_customer", customer=DISTRIBUTOR, name="大华商场", grade="A级", entered=day(-200))
    poor = add(c, "甲", "distributor_result", customer=DISTRIBUTOR, month=MONTH - timedelta(days=90), target="100000", actual="40000")
    c.settle(["甲", "经理", "营业部经理"])
    check(about(c, "营业部经理", "distributor-key-visit", best) and about(c, "营业部经理", "distributor-study", poor), "both are overdue")
    check(about(c, "营业部经理", "distributor-inspection", file) and about(c, "营业部经理", "distributor-training", file), "nobody looked in or trained")
    add(c, "营业部经理", "distributor_visit", customer=DISTRIBUTOR, date=day(), kind="主管视察地域总经销", trend="平稳", findings="仓库整齐")
    check(not about(c, "营业部经理", "distributor-inspection", file), "looked in on")
    asked = add(c, "营业部经理", "distributor_question", customer=DISTRIBUTOR, asked=f"{day(-5)} 09:00", topic="所得税申报", question="何时申报？",
                **{"from": "其重要客户"})
    check(stands(c, "营业部经理", asked)["overdue"], "by telephone five days ago, not yet answered")
    step(c, "营业部经理", asked, "answer", answer="五月底前")
    seen = {"kind": "拜访A级客户", "key_customer": best, "trend": "衰退", "findings": "货架让给别家"}
    add(c, "营业部经理", "distributor_visit", customer=DISTRIBUTOR, date=day(), **seen)
    study = add(c, "营业部经理", "distributor_study", customer=DISTRIBUTOR, opened=day(), result=poor)
    check(not about(c, "营业部经理", "distributor-key-visit", best) and not about(c, "营业部经理", "distributor-study", poor), "answered")
    step(c, "营业部经理", study, "diagnose", cause="两名业务员离职")
    step(c, "营业部经理", study, "close", remedy="代招两名并训练", effect="次月回升")
    hired = {"item": "代招考业务员", "participants": "12", "hired": "2", "content": "两名录取"}
    add(c, "营业部经理", "distributor_activity", customer=DISTRIBUTOR, date=day(), **hired)
    c.settle(["营业部经理", "admin"])
    check(int(report(c, "admin", "distributor-activities")["totals"]["hired"]) == 2, "counted by item")


def play(c):
    c.satchel("甲", "customer", "add", "--name", SHOP, "--kind", "company")
    c.satchel("甲", "customer", "add", "--name", DISTRIBUTOR, "--kind", "distributor")
    c.settle(["甲", "经理"])
    for part in (accompanying, coaching, route, inspection, distributor):
        part(c)
