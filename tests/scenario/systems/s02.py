# SPDX-License-Identifier: AGPL-3.0-or-later
"""S2: a territory's important wholesalers are listed and visited, each visit leaves a file the same day, and a dealer who signs has his
card within two working days; another one's is late."""

from scenes import add, check, day, findings, report, stands, step, today

EAST, SOUTH, WEST = "S02 东门批发", "S02 南山批发", "S02 西丽批发"


def about(c, who, rule, shop, on=None):
    return [f for f in findings(c, who, rule, on=on) if f["customer"] == shop]


def listing(c):
    add(c, "经理", "dealer_territory", territory="S02 南山", head="甲", area="南山区", since=day(-100))
    for number, shop in enumerate((EAST, SOUTH, WEST)):
        c.satchel("甲", "customer", "add", "--name", shop, "--kind", "potential_distributor", "--field", f"phone=1360002000{number}",
                  "--field", "territory=S02 南山", "--field", "territory_head=甲")
    entries = {}
    for shop, importance, listed in ((EAST, "重要", day(-40)), (SOUTH, "重要", day(-3)), (WEST, "一般", day(-40))):
        entries[shop] = add(c, "甲", "dealer_prospect", customer=shop, listed=listed, territory="S02 南山", territory_head="甲", importance=importance)
    check(about(c, "甲", "dealer-visit-due", EAST)[0]["overdue_days"] > 0, "a month has passed without a visit")
    check(about(c, "甲", "dealer-visit-due", SOUTH, on=day(40)), "the other one will be due")
    check(about(c, "甲", "dealer-visit-due", WEST, on=day(40)) == [], "an ordinary wholesaler need not be visited")
    return entries


def visiting(c, entries):
    # 甲 is on the road for the whole day and syncs in the evening
    c.satchel("甲", "visit", "add", "--customer", EAST, "--purpose", "首次拜访", "--summary", "老板愿意看样品")
    check(about(c, "甲", "dealer-visit-due", EAST) == [], "visited")
    check(about(c, "甲", "dealer-file-due", EAST), "and the file is due the same day")
    check(any(f["rule"] == "dealer-file-due" and f["customer"] == EAST for f in today(c, "甲")["findings"]), "his day says so")
    check(about(c, "甲", "dealer-file-due", EAST, on=day(1))[0]["overdue_days"] > 0, "tomorrow is too late")
    add(c, "甲", "dealer_potential", customer=EAST, first_visit=day(), territory="S02 南山", territory_head="甲", intention="强",
        brands="万家、乐居", turnover="3000000", people="陈东|男|52|老板|13600020009")
    check(about(c, "甲", "dealer-file-due", EAST, on=day(1)) == [], "the file is there")
    check(about(c, "甲", "dealer-register-agrees", EAST), "the register does not know of the visit yet")
    c.satchel("甲", "record", "set", entries[EAST], "--field", f"first_visit={day()}")
    check(about(c, "甲", "dealer-register-agrees", EAST) == [], "now it does")
    c.satchel("甲", "visit", "add", "--customer", EAST, "--purpose", "拜访", "--summary", "第二次，谈价格")
    c.satchel("甲", "visit", "add", "--customer", EAST, "--purpose", "拜访", "--summary", "后天再去签约", "--date", day(2))
    check(about(c, "甲", "dealer-file-due", EAST, on=day(3)) == [], "later visits need no second file")
    check(about(c, "甲", "dealer-list-due", EAST, on=day(3)) == [], "nor a second entry in the register")
    c.settle(["甲", "经理"])
    covered = report(c, "经理", "dealer-coverage")["totals"]
    check((int(covered["n"]), int(covered["visited"]), float(covered["share"])) == (2, 1, 50.0), f"half of the important ones: {covered}")
    listed = report(c, "经理", "dealer-prospects")
    check(int(listed["totals"]["n"]) == 3, f"all three are in the register: {listed['totals']}")
    visits = report(c, "经理", "dealer-visits", **{"from": day(), "to": day()})["totals"]
    check(int(visits["customers"]) == 1, f"one was visited: {visits}")


def signing(c):
    c.satchel("甲", "customer", "set", EAST, "--field", "kind=distributor", "--field", f"contract_date={day()}")
    check(about(c, "甲", "dealer-card-due", EAST), "signed, so the card is due")
    check(about(c, "甲", "dealer-card-due", EAST, on=day(15))[0]["overdue_days"] > 0, "two working days, no longer")
    c.satchel("甲", "record", "add", "dealer_card", "--customer", EAST, "--field", f"signed={day()}", ok=(2,))  # of what goods, where?
    card = add(c, "甲", "dealer_card", customer=EAST, signed=day(), territory="S02 南山", territory_head="甲", goods="橱柜、衣柜")
    step(c, "甲", card, "fill")
    c.satchel("甲", "customer", "set", SOUTH, "--field", "kind=distributor", "--field", f"contract_date={day(-15)}")
    late = add(c, "甲", "dealer_card", customer=SOUTH, signed=day(-14), territory="S02 南山", territory_head="甲", goods="橱柜")
    check(stands(c, "甲", late)["overdue"], "this one is overdue from the beginning")
    c.satchel("乙", "step", late, "fill", ok=(3,))  # another salesperson does not even see it
    step(c, "甲", late, "fill")
    check(about(c, "甲", "dealer-card-agrees", SOUTH), "the two forms name different days")
    c.satchel("甲", "customer", "set", SOUTH, "--field", f"contract_date={day(-14)}")
    check(about(c, "甲", "dealer-card-agrees", SOUTH) == [], "corrected")
    check(about(c, "甲", "dealer-card-basics", EAST), "the customer card still lacks its basics")
    c.settle(["甲", "经理", "总经理"])
    cards = report(c, "总经理", "dealer-cards", **{"from": day(-20), "to": day()})["totals"]
    check((int(cards["n"]), int(cards["filled"]), int(cards["late"])) == (2, 2, 1), f"two cards, one of them late: {cards}")
    left = report(c, "总经理", "dealer-prospects")["totals"]
    check(int(left["n"]) == 1, f"who signed has left the register: {left}")


def play(c):
    entries = listing(c)
    visiting(c, entries)
    signing(c)
