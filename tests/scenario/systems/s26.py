# SPDX-License-Identifier: AGPL-3.0-or-later
"""S26: a customer is classified by several schemes, its papers filed, its archive revised; fast growth puts it on the watch list; another
one is risky: something abnormal is seen in the field, reported, answered; the month's report goes to the leadership."""
from datetime import datetime, timedelta, timezone

from scenes import add, check, day, findings, report, stands, step, today

BIG, BAD = "S26 大通连锁", "S26 兴旺百货"


def month_end():
    now = datetime.now(timezone(timedelta(hours=8))).date()
    return str((now.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1))


def about(c, who, rule, on=None, record=None, customer=None):
    return [f for f in findings(c, who, rule, on=on) if record in (None, f["record"]) and customer in (None, f["customer"])]


def classes(c):
    for number, name in enumerate((BIG, BAD)):
        c.satchel("甲", "customer", "add", "--name", name, "--kind", "company", "--field", f"phone=1360026000{number}", "--field", "trade=S26零售")
    check(about(c, "甲", "classification-missing", customer=BIG), "every customer falls into a class")
    big = add(c, "甲", "classification", customer=BIG, nature="中间商", retailer="连锁店", ownership="个体企业", product="S26日化", history="长期客户（老客户）",
              volume="大型客户", yearly_volume="800000", decided=day())
    check(about(c, "甲", "classification-missing", customer=BIG) == [], "it does")
    check(about(c, "甲", "classification-incomplete", record=big), "profit is still missing")
    check(about(c, "甲", "classification-large-border", record=big), "figures decide: not large")
    c.satchel("甲", "record", "set", big, "--field", "yearly_volume=1800000", "--field", "profit=合理盈利户", "--field", "yearly_profit=90000")
    check(about(c, "甲", "classification-large-border", record=big) + about(c, "甲", "classification-incomplete", record=big) == [], "now it is")
    add(c, "甲", "classification", customer=BAD, nature="中间商", retailer="超级市场", product="S26日化", history="问题客户", volume="中型客户", yearly_volume="300000",
        profit="亏损户", yearly_profit="-5000", decided=day())
    check(about(c, "甲", "classification-material-basics", customer=BIG), "papers of a large customer are missing")
    for kind in ("经营规模", "经营机制", "产品及服务范围", "组织机构", "设备及技术情况"):
        add(c, "甲", "classification_material", customer=BIG, date=day(), **{"class": "B级：客户基本情况"}, kind_b=kind, title=kind, paper_number="B-26")
    check(about(c, "甲", "classification-material-basics", customer=BIG) == [], "all five are filed")
    paper = add(c, "甲", "classification_material", customer=BIG, date=day(), **{"class": "a"}, kind_a="合同", title="2026年合同")
    check(about(c, "甲", "classification-paper-number", record=paper), "the paper has no number")
    add(c, "甲", "classification_material", customer=BIG, date=day(), **{"class": "C级：日常联络沟通资料"}, kind_c="电话", title="约定送货日", paper_number="/")
    c.settle(["甲", "经理", "总经理"])
    nature = report(c, "总经理", "classification-by-nature-trade")
    group = [g for g in nature["groups"] if g["texts"].get("archive.trade") == "S26零售"][0]
    check(int(group["measures"]["n"]) == 2, f"nature, then trade: {group}")
    for scheme, wanted in (("product", {"S26日化": 2}), ("history", {"长期客户（老客户）": 1, "问题客户": 1}), ("volume", {"大型客户": 1, "中型客户": 1}),
                           ("profit", {"合理盈利户": 1, "亏损户": 1})):
        shown = {g["texts"][scheme]: int(g["measures"]["n"]) for g in report(c, "总经理", f"classification-by-{scheme}")["groups"]}
        check(shown == wanted, f"the same customers by {scheme}: {shown}")
    papers = {g["texts"]["class"]: int(g["measures"]["n"]) for g in report(c, "总经理", "classification-materials", archive=BIG)["groups"] if g["texts"].get("class")}
    check(papers == {"A级：业务档案": 1, "B级：客户基本情况": 5, "C级：日常联络沟通资料": 1}, f"classes of papers: {papers}")


def revising(c):
    check(about(c, "甲", "revision-due", on=day(70), customer=BIG)[0]["overdue_days"] > 0, "two months")
    c.satchel("甲", "record", "add", "revision", "--customer", BIG, "--field", f"date={day()}", "--field", "checked=经营动态", "--field", "trend=成长快",
              "--field", "tier=重要客户", ok=(1, 2, 5))  # fast growth wants its cause
    revised = add(c, "甲", "revision", customer=BIG, date=day(), checked="经营动态、市场变化、负责人变动", trend="成长快", cause="新开四家分店", tier="重要客户",
                  impression="希望每周送货")
    check(about(c, "甲", "revision-due", on=day(50), customer=BIG) == [], "not due before the next two months")
    check(about(c, "甲", "revision-watch", record=revised), "and is to be watched")
    watched = add(c, "甲", "watchlist", customer=BIG, opened=day(), end="大客户", reason="成长快", keeper="甲")
    check(about(c, "甲", "revision-watch", record=revised) + about(c, "甲", "watchlist-large-missing", customer=BIG) == [], "on the list")
    c.satchel("甲", "record", "add", "revision", "--customer", BAD, "--field", f"date={day()}", "--field", "checked=经营动态", "--field", "trend=丢失",
              "--field", "tier=特殊客户", ok=(1, 2, 5))  # so does a loss
    add(c, "甲", "revision", customer=BAD, date=day(), checked="经营动态", trend="下降", tier="特殊客户")
    c.settle(["甲", "经理", "总经理"])
    tiers = report(c, "总经理", "revision-tiers", **{"from": day(), "to": day()})
    check({g["texts"]["tier"]: int(g["measures"]["n"]) for g in tiers["groups"]} == {"重要客户": 1, "特殊客户": 1}, f"tiers: {tiers['groups']}")
    return watched


def passing_on(c):
    told = add(c, "甲", "revision_info", customer=BIG, date=day(), source="市场反馈", content="想试新品")
    step(c, "甲", told, "pass_on")
    c.settle(["甲", "经理"])
    step(c, "经理", told, "feed_back", feedback="下周送样")
    c.settle(["经理", "甲"])
    check(any(m["record"] == told for m in today(c, "甲")["matters"]), "back with the salesperson")
    step(c, "甲", told, "serve", served="样品已送")
    check(stands(c, "甲", told)["state"] == "served", "from the customer back to the customer")


def watching(c, watched):
    check(about(c, "甲", "watchlist-sources", customer=BIG) and about(c, "甲", "watchlist-care", customer=BIG), "one has to hear of it from several sides")
    for source in ("业务员信息", "竞争对手"):
        add(c, "甲", "watchlist_note", customer=BIG, date=day(), source=source, content="又租两个铺面", abnormal="否")
    for occasion in ("节假日的问候", "销量上升的祝贺"):
        add(c, "甲", "watchlist_care", customer=BIG, date=day(), occasion=occasion, way="电话")
    check(about(c, "甲", "watchlist-sources", customer=BIG) + about(c, "甲", "watchlist-care", customer=BIG) == [], "done")
    risky = add(c, "经理", "watchlist", customer=BAD, opened=day(-40), end="风险性大的客户", risks="欠账、信誉度下降", reason="两个月未付款", keeper="甲")
    check(about(c, "经理", "watchlist-note-due", record=risky)[0]["overdue_days"] > 0, "nothing noted for more than a month")
    c.settle(["经理", "甲"])
    check(about(c, "甲", "watchlist-risks", record=risky), "the salesperson is reminded")
    # 甲 calls unannounced, without a line until the evening
    seen = add(c, "甲", "watchlist_note", customer=BAD, date=day(), source="不定期访问调查", content="货架空了一半", abnormal="是", reminded="业务员")
    check(about(c, "甲", "watchlist-unannounced", customer=BAD) + about(c, "甲", "watchlist-note-due", record=risky) == [], "visited and noted")
    check(about(c, "甲", "watchlist-alarm-due", record=seen), "and what is abnormal is to be reported")
    alarm = add(c, "甲", "watchlist_alarm", customer=BAD, date=day(), note=seen, what="货架空，老板不在", proposal="停止发货")
    check(about(c, "甲", "watchlist-alarm-due", record=seen) == [], "reported")
    c.settle(["甲", "经理", "总经理"])
    check(any(m["record"] == alarm for m in today(c, "总经理")["matters"]), "it waits for the leadership")
    step(c, "总经理", alarm, "instruct", instruction="停止发货，三日内收款")
    c.settle(["总经理", "甲"])
    step(c, "甲", alarm, "act", measures="已停止发货")
    step(c, "甲", watched, "close", ok=(4,), conclusion="平稳")  # the manager's word
    c.settle(["甲", "经理", "总经理", "admin"])
    step(c, "经理", watched, "close", conclusion="增长平稳")
    check(about(c, "经理", "watchlist-large-missing", customer=BIG), "as long as it is large it belongs on the list")
    shown = report(c, "总经理", "watchlist-alarms")["totals"]
    check((int(shown["n"]), int(shown["late"])) == (1, 0), f"answered in time: {shown}")


def reporting(c):
    check(findings(c, "admin", "watchlist-report-due", on=month_end()), "the month's report is missing")
    told = add(c, "admin", "watchlist_report", date=day(), title="S26 重要客户月报", largest=BIG, risky=f"{BAD}：停止发货")
    c.settle(["admin", "总经理", "经理"])
    check(findings(c, "admin", "watchlist-report-due", on=month_end()) == [], "one administrator's report will do")
    check(any(f["customer"] == BIG for f in findings(c, "总经理", "watchlist-largest")), "the largest are in the leadership's sight")
    step(c, "总经理", told, "read", comment="继续关注")
    c.settle(["总经理", "admin"])
    check(stands(c, "admin", told)["state"] == "read", "read")
    left = report(c, "总经理", "watchlist")
    check({line["texts"]["archive"] for line in left["lines"]} >= {BAD}, f"the risky one stays on the list: {left['lines']}")


def play(c):
    classes(c)
    watched = revising(c)
    passing_on(c)
    watching(c, watched)
    reporting(c)
