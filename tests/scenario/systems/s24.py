# SPDX-License-Identifier: AGPL-3.0-or-later
"""S24, residents: three households of one building, found in the order of the house whatever the order they came in; one family's paper
is filed on both tracks, what is noticed at its door offline gets into the data, and a fee that is not paid gets onto the list."""

from scenes import add, check, day, findings, report, stands, step, today

FAMILY, BELOW, SHOP, TWICE = "S24 八栋302王宅", "S24 八栋101李宅", "S24 八栋商1药店", "S24 八栋302王家"
BUILDING = "S24-8栋"


def mine(found, customer=FAMILY):
    return [f for f in found if f["customer"] == customer]


def household(c, name, floor, room, bag, **more):
    c.satchel("甲", "customer", "add", "--name", name, "--kind", "individual")
    fields = dict(category="住宅", customer_type="业主", use="自住", area="89.5", moved_in=day(-400), water_meter="W1", power_meter="E1")
    return add(c, "甲", "resident_household", name, opened_on=day(-10), building=BUILDING, floor=floor, room=room, house=f"{BUILDING}-{room}",
               bag_number=bag, **{**fields, **more})


def opening(c):
    household(c, SHOP, "1", "商1", "S24-003", category="商业", customer_type="商户", use="商铺")
    household(c, FAMILY, "3", "302", "S24-001")
    household(c, BELOW, "1", "101", "S24-002")
    again = household(c, TWICE, "3", "302", "S24-001")
    for rule in ("resident-room-twice", "resident-bag-twice"):
        pair = [{f["customer"]} | {name for name in (FAMILY, TWICE, BELOW, SHOP) if name in f["text"]} for f in findings(c, "甲", rule)]
        check(pair == [{FAMILY, TWICE}], f"one household, two archives, and nobody else: {rule} {pair}")
    c.satchel("甲", "record", "withdraw", again, "--reason", "一户一档，重复")
    check(findings(c, "甲", "resident-room-twice") == [], "one household, one archive")
    for rule in ("resident-basic-missing", "resident-bag-missing", "resident-index-missing"):
        check(mine(findings(c, "甲", rule))[0]["overdue_days"] > 0, f"opened ten days ago: {rule}")
    c.settle(["甲", "经理"])
    c.satchel("经理", "grant", FAMILY, "客服", ok=(0, 5))
    c.settle(["甲", "经理", "客服"])


def filing(c):
    """The front desk: the sheet that the family filled in becomes an entry, and the original goes into the bag."""
    line = add(c, "客服", "resident_index", FAMILY, received_on=day(0), line="1", title="业主基本情况登记表", **{"class": "1 基本资料"})
    check(line in [m["record"] for m in today(c, "客服")["matters"]], "collected, and on neither track")
    basic = add(c, "客服", "resident_basic", FAMILY, name="王建国", gender="男", age="44", education="本科", registered_at="湖南长沙", origin="湖南",
                politics="群众", born_on="1982-03-05", address="八栋302", phone="13800240001", emergency="王芳 13800240002", marriage="已婚", occupation="工程师",
                employer="某设计院", position="组长", members="王芳 | 妻 | 13800240002; 王小明 | 子", residents="3")
    step(c, "客服", line, "enter", ok=(2, 4))  # which entry?
    step(c, "客服", line, "enter", entry=basic, entered_on=day(0))
    check(stands(c, "客服", line)["state"] == "entered", "one track only")
    step(c, "客服", line, "bag_after", bag_number="S24-009", pages="2", filed_on=day(0))
    check(len(mine(findings(c, "客服", "resident-index-bag"))) == 1, "another bag than the household's")
    c.satchel("客服", "record", "set", line, "--field", "bag_number=S24-001")
    add(c, "客服", "paper", FAMILY, title="八栋302档案袋", kind="整袋档案", number="S24-001", cabinet="客服柜3", folder="8栋3层", index_mark="8-3-302",
        keeper="客服", agrees="是")
    for rule in ("resident-index-bag", "resident-basic-missing", "resident-bag-missing", "resident-index-missing", "resident-basic-complete"):
        check(mine(findings(c, "客服", rule)) == [], f"nothing left of {rule}")
    health = add(c, "客服", "resident_health", FAMILY, member="王小明", relation="子", consent="王建国（监护人）", conditions="哮喘", care="随身喷雾")
    c.satchel("客服", "record", "add", "resident_health", "--customer", FAMILY, "--field", "member=王芳", ok=(2,))  # not without consent
    for record, hidden, plain in ((health, ("conditions", "care"), "member"), (basic, ("politics", "marriage", "members", "born_on"), "phone")):
        shown = c.ask("客服", "record", "show", record)["fields"]
        check(all(shown[f]["masked"] for f in hidden) and not shown[plain]["masked"], f"sensitive things stand masked: {shown}")
    opened = c.ask("客服", "record", "show", health, "--reveal", "--purpose", "S24 送医")["fields"]
    check(opened["conditions"]["text"] == "哮喘", f"in an emergency they are opened: {opened}")
    check("S24 送医" in [row["texts"]["purpose"] for row in report(c, "客服", "readings")["lines"]], "which leaves a trace")
    return line


def door(c):
    """At the door, offline: what is noticed, a car, a breach; in the data after the next line."""
    note = add(c, "甲", "resident_note", FAMILY, at=f"{day(-9)} 18:20", what="新购一辆白色轿车，未办车位", **{"class": "车辆资料"})
    check(len(mine(findings(c, "甲", "resident-note-open"))) == 1, "noticed nine days ago, and not in the data")
    add(c, "甲", "resident_vehicle", FAMILY, plate="粤B24001", model="轿车", features="白色", parking="未办")
    c.satchel("甲", "record", "set", note, "--field", f"entered_on={day(0)}")
    check(mine(findings(c, "甲", "resident-note-open")) == [], "now it is")
    add(c, "甲", "resident_traits", FAMILY, interests="钓鱼", talents="羽毛球", habits="早睡", taboos="不吃猪肉")
    breach = add(c, "甲", "resident_violation", FAMILY, date=day(-10), what="楼道堆物", notice="已送整改通知")
    check(stands(c, "甲", breach)["overdue"], "a week to put it right")
    step(c, "甲", breach, "correct", corrected_on=day(0))
    repair = add(c, "甲", "resident_repair", FAMILY, date=day(-8), what="厨房渗水")
    check(mine(findings(c, "甲", "resident-repair-open"))[0]["record"] == repair, "asked for eight days ago")
    c.satchel("甲", "record", "set", repair, "--field", f"done_on={day(0)}", "--field", "by=维修组", "--field", "result=不再渗水")
    opinion = add(c, "甲", "resident_opinion", FAMILY, date=day(-1), kind="建议", what="增加儿童设施")
    c.satchel("甲", "record", "set", opinion, "--field", f"answered_on={day(0)}", "--field", "answer=列入明年计划")
    add(c, "甲", "resident_activity", FAMILY, date=day(-30), activity="中秋晚会", member="王小明", honour="灯谜一等奖")
    add(c, "甲", "resident_incident", FAMILY, at=f"{day(-60)} 02:10", what="水管爆裂", handler="甲", result="已关阀抢修")
    add(c, "甲", "resident_service", FAMILY, date=day(-5), service="家政清洁", done_on=day(-4), fee="120")


def charges(c):
    fee = add(c, "甲", "resident_charge", FAMILY, kind="物业管理费用", due_on=day(-40), amount="268.5")
    late = add(c, "甲", "resident_charge", FAMILY, kind="停车管理费", due_on=day(-5), amount="150")
    add(c, "甲", "resident_charge", FAMILY, kind="水电费", due_on=day(2), amount="90")
    deposit = add(c, "甲", "resident_charge", FAMILY, kind="装修保证金", due_on=day(0), amount="2000")
    check(len(mine(findings(c, "甲", "resident-charge-soon"))) >= 1, "due in two days")
    step(c, "甲", deposit, "pay", paid_on=day(0), paid="2000")
    check(len(mine(findings(c, "甲", "resident-deposit"))) == 1, "to be returned one day")
    c.settle(["甲", "客服", "经理"])
    step(c, "客服", fee, "pay", paid_on=day(0), paid="200")
    check([f["record"] for f in mine(findings(c, "客服", "resident-charge-short"))] == [fee], "paid, but not all of it")
    c.satchel("客服", "record", "set", fee, "--field", "paid=268.5")
    check(mine(findings(c, "客服", "resident-charge-short")) == [], "now it is")
    step(c, "甲", late, "waive", ok=(4,), comment="熟人")
    check([line["texts"]["due_on"] for line in report(c, "客服", "resident-arrears", kind="停车管理费")["lines"]] == [day(-5)], "on the list of arrears")
    c.settle(["客服", "经理", "甲"])
    step(c, "经理", late, "waive", comment="停车场停用半月")
    c.settle(["经理", "客服", "甲", "总经理"])


def play(c):
    opening(c)
    line = filing(c)
    c.settle(["客服", "甲"])
    door(c)
    charges(c)
    check(stands(c, "经理", line)["state"] == "filed", "on both tracks")
    rooms = [row["texts"]["room"] for row in report(c, "总经理", "resident-households", building=BUILDING)["lines"]]
    check(rooms == ["101", "302", "商1"], f"housing first, from the first floor up: {rooms}")
    sheet = report(c, "总经理", "resident-index", customer=FAMILY)["totals"]
    check(float(sheet["papers"]) == float(sheet["both"]) == 1 and float(sheet["pages"]) == 2, f"the index sheet: {sheet}")
    paid = report(c, "总经理", "resident-charges", customer=FAMILY)["totals"]
    check([float(paid[m]) for m in ("charges", "late")] == [4, 2], f"charges: {paid}")
    check(report(c, "总经理", "resident-arrears")["lines"] == [], "nobody owes anything")
    check(float(report(c, "总经理", "resident-vehicles", customer=FAMILY)["totals"]["vehicles"]) == 1, "one car")
