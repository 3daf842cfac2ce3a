# SPDX-License-Identifier: AGPL-3.0-or-later
"""S5: from a call to a closed deal, a profile that grows, birthdays of customer and family, an event, a survey and an opinion, and the old
customer who brings a new one. At the end the project changes its form."""
from datetime import datetime, timedelta, timezone

from company import ROOT
from scenes import add, check, findings, report, stands, step, today

OLD, NEW, MATE = "S05 周老板", "S05 周老板的表弟", "S05 何律师"
MID_AUTUMN = ("2026-09-25", "2027-09-15", "2028-10-03", "2029-09-22", "2030-09-12")


def china(offset=0):
    return (datetime.now(timezone(timedelta(hours=8))) + timedelta(days=offset)).date()


def day(offset=0):
    """The company's date, which is China's."""
    return str(china(offset))


def about(c, who, rule, on=None, record=None, customer=None):
    return [f for f in findings(c, who, rule, on=on) if record in (None, f["record"]) and customer in (None, f["customer"])]


def leads(c):
    for number, name in enumerate((OLD, NEW, MATE)):
        c.satchel("甲", "customer", "add", "--name", name, "--kind", "individual", "--field", f"phone=1360005000{number}")
    c.satchel("甲", "customer", "set", OLD, "--field", "occupation=建材商", "--field", "vip=是")
    c.satchel("甲", "customer", "set", MATE, "--field", "occupation=律师")
    add(c, "甲", "property_lead", customer=OLD, date=day(-40), **{"class": "来电"}, site="S05 一期", consultant="甲", source="户外广告")
    add(c, "甲", "property_lead", customer=OLD, date=day(-35), **{"class": "来访"}, site="S05 一期", consultant="甲")
    again = add(c, "甲", "property_lead", customer=MATE, date=day(-3), **{"class": "客资"}, site="S05 一期", consultant="甲", next=day(-1))
    check(about(c, "甲", "property-next", record=again)[0]["overdue_days"] > 0, "he should have been called yesterday")
    add(c, "甲", "property_care", customer=MATE, date=day(), kind="定期回访", way="电话", content="下周来看房")
    check(about(c, "甲", "property-next", record=again) == [], "called")
    shown = report(c, "甲", "property-leads", site="S05 一期")["totals"]
    check((int(shown["n"]), int(shown["customers"])) == (3, 2), f"by class: {shown}")
    classes = {g["texts"]["class"]: int(g["measures"]["n"]) for g in report(c, "甲", "property-leads", site="S05 一期")["groups"] if "class" in g["texts"]}
    check(classes == {"来电": 1, "来访": 1, "客资": 1}, f"each class: {classes}")


def deal(c):
    closed = add(c, "甲", "property_deal", customer=OLD, date=day(-10), site="S05 一期", unit="2-1-301", layout="三室两厅", area="118.5", price="1180000",
                 for_whom="儿子", consultant="甲")
    check(about(c, "甲", "property-profile", record=closed)[0]["overdue_days"] > 0, "a week after the deal there is still no profile")
    # 甲 writes in the customer's home, without a line: only what he learnt there
    profile = add(c, "甲", "property_profile", customer=OLD, name="周老板", consultant="甲", mobile_phone="13600050000", drinks="否", minds_drinking="否",
                  children="周小宝|2015-06-01|足球|实验小学", health="血压高")
    check(about(c, "甲", "property-profile", record=closed) == [], "begun")
    check(about(c, "甲", "property-profile-gaps", record=profile), "blanks block nothing, but are named")
    c.satchel("甲", "record", "set", profile, "--field", "position=总经理", "--field", "postal_address=福田三路1号", "--field", "ideal=户型设计、品牌及发展商实力",
              "--field", "care=爱喝普洱")
    check(about(c, "甲", "property-profile-gaps", record=profile) == [], "filled as it became known")
    c.settle(["甲", "经理", "admin"])
    shown = report(c, "经理", "property-deals", site="S05 一期")["totals"]
    check(int(shown["customers"]) == 1 and float(shown["area"]) == 118.5, f"the register of closed customers: {shown}")
    seen = c.satchel("甲", "record", "show", profile).stdout
    check("血压高" not in seen and "爱喝普洱" in seen, f"health is masked until it is opened: {seen}")
    return profile


def greeting(c):
    born = china(2) if (china(2).month, china(2).day) != (2, 29) else china(3)
    child = add(c, "甲", "property_person", customer=OLD, name="周小宝", relation="子女", birthday=str(born.replace(year=2015)))
    wife = add(c, "甲", "property_person", customer=OLD, name="林太太", relation="配偶", lunar_birthday="农历八月十五")
    when = str(born)
    check(about(c, "甲", "property-birthday", record=child, on=when), "the child's birthday")
    check(about(c, "甲", "property-vip-birthday", record=child, on=when), "an important customer: flowers or a cake")
    check(about(c, "甲", "property-birthday", record=child, on=day(60)) == [], "not two months later")
    check(about(c, "甲", "property-lunar-birthday", record=wife, on=min(d for d in MID_AUTUMN if d > day())), "the fifteenth of the eighth month")
    add(c, "甲", "property_care", customer=OLD, date=when, kind="家人生日问候", way="电话、送蛋糕", person=child)
    check(about(c, "甲", "property-birthday", record=child, on=when) + about(c, "甲", "property-vip-birthday", record=child, on=when) == [], "greeted")
    check(about(c, "甲", "property-holiday-greetings", customer=OLD), "holidays are counted, too")
    for holiday in ("春节", "端午节", "中秋节", "元旦"):
        add(c, "甲", "property_care", customer=OLD, date=day(), kind="节日问候", way="短信", holiday=holiday)
    check(about(c, "甲", "property-holiday-greetings", customer=OLD) == [], "four of them this year")


def holidays(c):
    kept = add(c, "经理", "property_holiday", name="S05 中秋节", lunar="农历八月十五")
    feast = datetime.strptime(min(d for d in MID_AUTUMN if d > day(3)), "%Y-%m-%d").date()
    c.settle(["经理", "甲"])
    shown = about(c, "甲", "property-lunar-holiday", record=kept, on=feast - timedelta(days=3))
    check(shown and "甲" in shown[0]["who"], "the consultants are reminded of the holiday")
    check(about(c, "甲", "property-lunar-holiday", record=kept, on=feast + timedelta(days=1)) == [], "until it is over")


def hearing(c):
    add(c, "经理", "property_event", date=day(), kind="组织参观", name="S05 工地开放日", site="S05 一期", guests="2")
    add(c, "甲", "property_attendance", customer=OLD, date=day(), event="S05 工地开放日", kind="组织参观", came="是", guests="1")
    add(c, "甲", "property_attendance", customer=MATE, date=day(), event="S05 工地开放日", kind="组织参观", came="否")
    check(about(c, "甲", "property-survey", customer=OLD), "not asked this year")
    asked = add(c, "甲", "property_survey", customer=OLD, date=day(), way="致电", property="4", service="2", opinions="交房通知太晚")
    check(about(c, "甲", "property-survey", customer=OLD) == [], "asked")
    check(about(c, "甲", "property-dissatisfied", record=asked), "who is not satisfied stays in sight")
    said = add(c, "甲", "property_opinion", customer=OLD, date=day(), kind="建议", way="面对面", content="大堂加一把长椅")
    c.settle(["甲", "经理"])
    check(any(m["record"] == said for m in today(c, "经理")["matters"]), "the site's manager is to answer")
    step(c, "经理", said, "answer", answer="下月添置")
    c.settle(["经理", "甲", "总经理"])
    check(stands(c, "甲", said)["state"] == "answered", "answered")
    came = report(c, "总经理", "property-attendance")
    group = [g for g in came["groups"] if g["texts"]["event"] == "S05 工地开放日"][0]["measures"]
    check((int(group["n"]), int(group["came"])) == (2, 1), f"who came: {group}")
    score = report(c, "总经理", "property-surveys")["totals"]
    check((float(score["property"]), float(score["service"])) == (4, 2), f"the scores: {score}")


def referring(c):
    brought = add(c, "甲", "property_referral", customer=NEW, date=day(), way="连锁介绍", referrer=OLD, means="楼书、名片", consultant="甲", outcome="已到访")
    add(c, "甲", "property_referral", customer=MATE, date=day(), way="交叉合作法", referrer=OLD, partner=OLD, occupations="律师与建材商：合同审查", outcome="已建立联系")
    c.satchel("甲", "record", "set", brought, "--field", "outcome=成交", "--field", f"bought_on={day()}", "--reason", "签约")
    c.settle(["甲", "总经理"])
    shown = report(c, "总经理", "property-referrers", archive=OLD)["totals"]
    check((int(shown["n"]), int(shown["bought"]), float(shown["share"])) == (2, 1, 50.0), f"two brought, one bought: {shown}")
    matched = report(c, "总经理", "property-occupations")
    check(any(g["texts"]["archive.occupation"] == "建材商" for g in matched["groups"]), f"whom to match with whom: {matched['groups']}")


def adjusting(c, profile):
    """The project drops an item of the form and adds one of its own; what was filled before stays."""
    pack = (ROOT / "schema" / "packs" / "s05_property.toml").read_text(encoding="utf-8")
    end = '\n[[template]]\nid = "property_person"'
    added = '\n  [[template.field]]\n  id = "pets"\n  label = { zh = "宠物", en = "Pets" }\n  group = "life"\n'
    file = c.folder / "s05_second.toml"
    file.write_text(pack.replace("version = 1\n", "version = 2\n", 1).replace('  id = "clothes"\n', '  id = "clothes"\n  retired = true\n', 1)
                    .replace(end, added + end, 1), encoding="utf-8")
    c.satchel("甲", "record", "set", profile, "--field", "clothes=朴素")
    told = c.ask("admin", "pack", "publish", file)
    check("+ property_profile.pets" in told["packs"][0]["differences"], f"one item more: {told}")
    c.settle(["admin", "甲"])
    c.satchel("甲", "record", "set", profile, "--field", "pets=一只猫")
    seen = c.satchel("甲", "record", "show", profile).stdout
    check("一只猫" in seen and "朴素" in seen, f"old and new: {seen}")


def play(c):
    leads(c)
    profile = deal(c)
    greeting(c)
    holidays(c)
    hearing(c)
    referring(c)
    adjusting(c, profile)
