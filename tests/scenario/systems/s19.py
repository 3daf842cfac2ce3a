# SPDX-License-Identifier: AGPL-3.0-or-later
"""S19: a day in the shop. An agent without his account card, the delivery note that has to agree with the slip, an order for what is
missing, doubtful credit with general affairs, the shelves, an order beyond the listed quantity, and goods that must go back."""
from datetime import datetime, timedelta, timezone

from scenes import add, check, findings, report, stands, step

SHOP = "S19 同福杂货"
TODAY = datetime.now(timezone(timedelta(hours=8))).date()  # the company's date is China's


def day(offset=0):
    return str(TODAY + timedelta(days=offset))


def about(c, who, rule, record, on=None):
    return [f for f in findings(c, who, rule, on=on) if f["record"] == record]


def change(c, who, record, reason, **fields):
    given = [x for k, v in fields.items() for x in ("--field", f"{k}={v}")]
    c.satchel(who, "record", "set", record, *given, "--reason", reason)


def picking(c):
    card = add(c, "甲", "shop_card", customer=SHOP, number="S19-K1", issued=day(-30), holder="同福", agents="老赵", address="东街2号")
    stranger = {"picker": "小钱", "usual": "否", "checked_with": "同福老板 09:00 电话", "supervisor_told": "经理"}
    asked = {"time": f"{day()} 09:05", "lines": "瓷碗 | 3 | A架\n瓷盘 | 2 | A架", "agent": "是", "card_shown": "否"}
    slip = add(c, "甲", "shop_pickup", customer=SHOP, number="S19-T1", card=card, **asked, **stranger)
    step(c, "甲", slip, "pick", slip_in="是")
    check(about(c, "甲", "shop-card-not-shown", slip), "goods are on their way and no card was seen")
    step(c, "甲", slip, "doubt", comment="来人说卡忘带了")
    c.settle(["甲", "经理"])
    check(about(c, "经理", "shop-other-picker", slip), "the supervisor knows")
    step(c, "经理", slip, "release", comment="回去取卡，出示后再交")
    c.settle(["经理", "甲"])
    step(c, "甲", slip, "pick", slip_in="是")
    c.settle(["甲", "乙"])
    step(c, "乙", slip, "take_over")
    for way in ("hand_over", "hand_to_agent"):
        step(c, "乙", slip, way, ok=(4,))  # to an agent nothing leaves before the card is seen
    change(c, "甲", slip, "卡已取来", card_shown="是")
    c.settle(["甲", "乙"])
    check(not about(c, "乙", "shop-card-blocked", slip), "a card in use")
    step(c, "乙", slip, "hand_to_agent")
    check(about(c, "乙", "shop-pickup-note", slip, on=day(3)), "goods without a delivery note")
    lost = add(c, "甲", "shop_card", customer=SHOP, number="S19-K2", issued=day(-90), holder="同福", address="东街2号")
    step(c, "甲", lost, "block", comment="遗失")
    found = add(c, "甲", "shop_pickup", customer=SHOP, number="S19-T2", card=lost, time=f"{day()} 11:00", picker="小孙", usual="是", agent="是", card_shown="是",
                lines="瓷碗 | 9 | A架")
    check(about(c, "甲", "shop-card-blocked", found), "the card that was lost turns up at the counter")
    step(c, "甲", found, "pick", slip_in="否")
    check(about(c, "甲", "shop-slip-not-paired", found), "each item goes with its slip")
    step(c, "甲", found, "doubt", comment="卡已报失")
    c.settle(["甲", "经理"])
    step(c, "经理", found, "stop", comment="不交货，收回此卡")
    return card


def document(c, card):
    goods = {"pickup": "S19-T1", "address": "东街2号", "address_from": "签帐卡及单据上的资料", "card": card, "agent": "是"}
    note = add(c, "乙", "shop_delivery", customer=SHOP, number="S19-J1", date=day(), lines="瓷碗 | 5 | 3 | 15\n瓷盘 | 8 | 2 | 16", **goods)
    step(c, "乙", note, "check", matches="是", legible="是")
    step(c, "乙", note, "hand", countersigned="小钱")
    check(about(c, "乙", "shop-agent-unsigned", note) and about(c, "乙", "shop-number-not-on-card", note), "two things were forgotten")
    change(c, "乙", note, "补签", agent_signed="小钱代理同福", on_card="是")
    check(not about(c, "乙", "shop-agent-unsigned", note) and not about(c, "乙", "shop-number-not-on-card", note), "made good")
    check(not about(c, "乙", "shop-note-pieces", note), "five pieces on both papers")
    step(c, "乙", note, "reconcile", last_check="是")
    wrong = add(c, "乙", "shop_delivery", customer=SHOP, number="S19-J2", date=day(), lines="瓷碗 | 5 | 9 | 45", **goods)
    check(about(c, "乙", "shop-note-pieces", wrong), "nine pieces are not five")
    step(c, "乙", wrong, "check", matches="否", legible="是")
    check(about(c, "乙", "shop-note-not-right", wrong), "goods that are not the order's do not go on")
    twice = add(c, "乙", "shop_delivery", customer=SHOP, number="S19-J1", date=day(), lines="茶杯 | 2 | 1 | 2", address="东街2号", address_from="问明主任", agent="否")
    check({f["record"] for f in findings(c, "乙", "shop-number-twice")} & {note, twice}, "a number stands for one document")
    step(c, "乙", twice, "void", comment="号码已用")
    step(c, "乙", wrong, "void", comment="写错件数")
    check(not about(c, "乙", "shop-note-pieces", wrong), "a void note counts for nothing")
    out = add(c, "甲", "shop_exit", date=day(), note="S19-J1", goods="瓷盘两只", to="店外", reason="送展")
    c.settle(["甲", "经理"])
    step(c, "经理", out, "chief")
    c.settle(["经理", "乙"])
    step(c, "乙", out, "section")  # both have to agree


def missing(c):
    wanted = {"lines": "酒坛 | 4", "told": "是", "way": "厂商送来后为客户送去", "no_return": "是", "told_no_return": "否"}
    order = add(c, "甲", "shop_order", customer=SHOP, number="S19-D1", date=day(), **wanted)
    check(about(c, "甲", "shop-no-return-untold", order), "what cannot be returned is told first")
    change(c, "甲", order, "已说明", told_no_return="是")
    c.settle(["甲", "乙"])
    step(c, "乙", order, "accept", promised=f"{day(-1)} 17:00")
    check(stands(c, "乙", order)["overdue"], "the promised time is over")
    step(c, "乙", order, "deliver")


def doubt(c):
    seen = add(c, "甲", "shop_suspicion", customer=SHOP, time=f"{day()} 10:00", sign="付款情况", details="连续三次赊欠加量")
    c.settle(["甲", "经理"])
    step(c, "经理", seen, "consult", comment="信用不可靠")
    c.settle(["经理", "财务"])
    step(c, "财务", seen, "propose", strategy="先收后付，半月一结")
    c.settle(["财务", "经理"])
    step(c, "经理", seen, "agree", decision="减少交货数量")
    c.settle(["经理", "甲"])
    check(about(c, "甲", "shop-doubtful-customers", seen), "whoever serves at the counter knows")


def shelves(c):
    # 甲 and 乙 work in the storeroom without a line until the evening
    add(c, "甲", "shop_patrol", time=f"{day()} 08:30", whole="是", tidied="3", faulty="瓷盘")
    mine = [f for f in findings(c, "甲", "shop-patrol-morning", on=day()) if "甲" in f["who"] and str(f["due"]).startswith(day())]
    check(mine == [], f"done this morning: {mine}")
    check(any("甲" in f["who"] for f in findings(c, "甲", "shop-patrol-morning", on=day(3))), "but not every morning")
    c.satchel("经理", "sync")
    check(any("甲" in f["who"] for f in c.ask("经理", "rules", "shop-patrol-morning", "--on", day(3))["findings"]), "which is the supervisor's matter, too")
    bowl = add(c, "甲", "shop_item", name="S19 瓷碗", listed="20", stock="2", grade="A级：特别畅销", graded=day(-9), last_sold=day(-1))
    vase = add(c, "甲", "shop_item", name="S19 花瓶", listed="5", stock="5", grade="R级：须退货", graded=day(-9), last_sold=day(-200))
    check(any(f["overdue_days"] > 0 for f in about(c, "甲", "shop-give-up-or-return", vase)), "R must go back")
    cup = add(c, "甲", "shop_item", name="S19 茶杯", listed="30", stock="28", grade="C级：不甚畅销", graded=day(-200), last_sold=day(-120))
    check(about(c, "甲", "shop-slow", cup)[0]["overdue_days"] > 0 and not about(c, "甲", "shop-slow", bowl), "nobody has bought a cup for four months")
    for kind in ("订正", "改级"):  # another shelf settles nothing
        check(about(c, "甲", "shop-slow", cup), "it is still slow")
        add(c, "甲", "shop_item_change", date=day(), kind=kind, item=cup, content="S19 茶杯")
    check(not about(c, "甲", "shop-slow", cup), "its grade is looked at")
    count = {"item": bowl, "product": "S19 瓷碗", "listed": "20", "counted": "2"}
    short, proper = (add(c, "甲", "shop_refill", date=day(), **count) for _ in range(2))
    step(c, "甲", short, "draw", ordered="15", document="S19-B1")
    step(c, "甲", proper, "draw", ordered="50", document="S19-B2")
    back = add(c, "甲", "shop_return", date=day(), item=vase, product="S19 花瓶", why="R级：须退货", quantity="5")
    check(about(c, "甲", "shop-give-up-or-return", vase) == [], "it is on its way")
    c.settle(["甲", "经理"])
    step(c, "经理", proper, "pass", ok=(4,))  # beyond the listed quantity 主任 has to agree
    step(c, "经理", short, "pass")
    change(c, "经理", short, "补订", ordered="50")
    check(about(c, "经理", "shop-beyond-listed", short), "nor is it raised beyond it afterwards without him")
    generous = add(c, "甲", "shop_refill", date=day(), **{**count, "listed": "60"})
    check(about(c, "甲", "shop-refill-listed", generous) and not about(c, "甲", "shop-refill-listed", proper), "it is the catalogue that says how many")
    step(c, "甲", generous, "enough")
    step(c, "经理", proper, "beyond")
    step(c, "经理", proper, "grant", granted=day())
    step(c, "经理", back, "agree")
    check(not about(c, "经理", "shop-beyond-listed", proper), "he did")
    c.settle(["经理", "甲", "乙"])
    step(c, "乙", proper, "order")
    step(c, "甲", back, "give_back", taken_off=day(), returned=day())
    step(c, "甲", back, "close", catalogue="是", replacement="S19 茶壶")


def play(c):
    c.satchel("甲", "customer", "add", "--name", SHOP, "--kind", "distributor")
    c.settle(["甲", "经理"])
    for who in ("乙", "财务"):
        c.satchel("经理", "grant", SHOP, who, ok=(0, 5))
    c.settle(["经理", "乙", "财务"])
    document(c, picking(c))
    for part in (missing, doubt, shelves):
        part(c)
    c.settle(["甲", "乙", "经理", "admin"])
    notes, refills = report(c, "admin", "shop-documents")["totals"], report(c, "admin", "shop-refills")["totals"]
    check([int(notes[k]) for k in ("n", "reconciled", "void")] == [3, 1, 2] and float(notes["total"]) == 31, f"documents: {notes}")
    check([int(refills[k]) for k in ("n", "beyond")] == [3, 2], f"replenishment: {refills}")
