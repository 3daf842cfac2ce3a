# SPDX-License-Identifier: AGPL-3.0-or-later
"""S21: one customer reached by two channels that do not agree, merged into one card; a batch of bought data checked before it is used and
one refused; groups; the customer asked to renew his data; a survey, a cleaning, a protection check, and the statistics."""
from datetime import date, datetime, timedelta, timezone

from scenes import add, check, findings, report, stands, step, today

NAME = "S21 盐田超市"
BOUGHT = "S21 购得商行"
TODAY = datetime.now(timezone(timedelta(hours=8))).date()  # the company's date is China's


def day(n):
    return (TODAY + timedelta(days=n)).isoformat()


def month_end(month):
    return (date(TODAY.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).isoformat()


def quarter_end():
    return month_end((TODAY.month + 2) // 3 * 3)


def mine(c, who, rule, customer=NAME, on=None):
    return [f["record"] for f in findings(c, who, rule, on) if f["customer"] == customer]


def collect(c):
    """甲 signs the customer up at the counter, offline, and asked him in a questionnaire before."""
    c.satchel("甲", "customer", "add", "--name", NAME, "--kind", "company", "--field", "phone=0755-80002101", "--field", "address=深圳盐田")
    asked = add(c, "甲", "database_entry", NAME, date=day(-3), channel="问卷", name=NAME, phone="0755-80002109", answers="想要夜间送货", agreed="是")
    member = add(c, "甲", "database_entry", NAME, date="今天", channel="会员注册", name=NAME, phone="0755-80002101", email="yt@example.com", membership_number="M-21", agreed="是")
    check(mine(c, "甲", "database-entry-phone") == [asked], "the questionnaire has another number")
    check(mine(c, "甲", "database-entry-email") == [member], "the card has no e-mail yet")
    c.satchel("甲", "customer", "set", NAME, "--field", "email=yt@example.com", "--field", "trade=零售")
    step(c, "甲", member, "merge")
    c.satchel("甲", "record", "set", asked, "--field", "differs=电话写错一位")
    step(c, "甲", asked, "reject", comment="电话已核实为 0755-80002101")
    check(mine(c, "甲", "database-entry-phone") == [], "the channels are one now")
    check(mine(c, "甲", "database-not-grouped", on=day(30)) == [member], "not yet in a group")
    add(c, "甲", "database_group", NAME, trade="零售", region="深圳", preference="看重价格、看重服务", cluster="成长客户", features="社区店", behaviour="夜间补货", grouped_on="今天")
    check(mine(c, "甲", "database-not-grouped", on=day(30)) == [], "it is now")
    sold = add(c, "甲", "database_entry", NAME, date="今天", channel="销售过程", name=NAME, phone="0755-80002101", bought_things="饮料十箱", agreed="是")
    step(c, "甲", sold, "merge")
    check(mine(c, "甲", "database-not-grouped", on=day(30)) == [], "one group does for what comes later")
    c.settle(["甲", "经理", "admin"])


def buy(c):
    """Headquarters buys data: the quality department, not who asked, says whether it is lawful."""
    batch = add(c, "admin", "database_purchase", date="今天", supplier="S21 数据公司", content="深圳零售店名录", persons="120", price="3000")
    step(c, "admin", batch, "allow", ok=(4,), origin="展会登记", consent_shown="是", basis="本人同意", checked_on="今天")
    doubtful = add(c, "admin", "database_purchase", date="今天", supplier="S21 名片店", content="名片", origin="不明", consent_shown="否")
    check(doubtful in [f["record"] for f in findings(c, "admin", "database-purchase-no-consent")], "nobody has consented to that")
    c.settle(["admin", "质量"])
    check(batch in [m["record"] for m in today(c, "质量")["matters"]], "it waits for the check")
    step(c, "质量", batch, "allow", origin="展会登记", consent_shown="是", basis="本人同意", checked_on="今天")
    step(c, "质量", doubtful, "refuse", comment="来源不明，无个人同意")
    c.settle(["质量", "admin"])
    check(doubtful not in [f["record"] for f in findings(c, "admin", "database-purchase-no-consent")], "it is not used")
    step(c, "admin", batch, "import", imported_on="今天", imported="120")
    c.satchel("甲", "customer", "add", "--name", BOUGHT, "--kind", "company", "--field", "phone=0755-80002121")
    entry = add(c, "甲", "database_entry", BOUGHT, date="今天", channel="数据购买", name=BOUGHT, phone="0755-80002121", purchase=batch)
    check(mine(c, "甲", "database-bought-unchecked", BOUGHT) == [entry], "not verified yet")
    c.satchel("甲", "record", "set", entry, "--field", "lawful=是")
    check(mine(c, "甲", "database-bought-unchecked", BOUGHT) == [], "verified")
    step(c, "甲", entry, "merge")
    card = add(c, "甲", "database_entry", BOUGHT, date="今天", channel="数据购买", name=BOUGHT, purchase=doubtful, lawful="是")
    c.settle(["甲", "经理", "admin"])
    check(mine(c, "admin", "database-bought-unallowed", BOUGHT) == [card], "of the two batches only one was found lawful")
    step(c, "甲", card, "reject", comment="整批不得使用")
    c.settle(["甲", "经理", "admin"])
    check(mine(c, "admin", "database-bought-unallowed", BOUGHT) == [], "nothing of it is used")


def renew(c):
    check(len(mine(c, "甲", "database-renewal-due", on=day(200))) == 1, "after half a year the customer is asked")
    call = add(c, "甲", "database_renewal", NAME, date="今天", way="电话", asked="电话、地址")
    check(stands(c, "甲", call)["due"], "and has a time to answer")
    step(c, "甲", call, "answer", answered_on="今天", answer="有变化", changed="搬到沙头角", card_changed="是")
    c.satchel("甲", "customer", "set", NAME, "--field", "address=深圳沙头角")
    step(c, "甲", call, "renew")
    check(mine(c, "甲", "database-renewal-due", on=day(100)) == [], "asked, so not due")
    add(c, "甲", "database_satisfaction", NAME, date="今天", way="电话", score="2", needs="夜间送货", feedback="送货太晚")
    c.settle(["甲", "经理", "admin"])
    check(len(mine(c, "经理", "database-unsatisfied")) == 1, "a customer who is not satisfied is watched")


def clean_and_protect(c):
    gaps = mine(c, "甲", "database-gaps")
    check(gaps == [], f"nothing is missing in this customer's data: {gaps}")
    add(c, "admin", "database_cleaning", date="今天", range="S21 深圳", duplicates="1", filled="4", corrected="2", how="合并重复、补电话")
    check(findings(c, "admin", "database-cleaning-due", quarter_end()) == [], "this quarter's cleaning is done, for every administrator")
    backup = add(c, "admin", "database_protection", date="今天", kind="数据备份", result="不符合")
    step(c, "admin", backup, "good", ok=(4,))  # what is not in order is not simply closed
    step(c, "admin", backup, "report", problem="备份未演练")
    check(findings(c, "admin", "database-backup-due", month_end(TODAY.month)) == [], "the backup was looked at this month")
    check(findings(c, "admin", "database-rights-due", quarter_end()), "the access rights were not, this quarter")
    step(c, "admin", backup, "mend", remedy="已演练")


def play(c):
    collect(c)
    buy(c)
    renew(c)
    clean_and_protect(c)
    c.settle(["甲", "经理", "admin"])
    for who in ("甲", "admin"):  # the same definition, over what each holds
        told = report(c, who, "database-channels")["totals"]
        check((told["entries"], told["merged"], told["rejected"]) == (5, 3, 2), f"{who}: by channel: {told}")
    both = report(c, "admin", "database-one-customer", archive=NAME)["totals"]
    check(both["entries"] == 3 and both["channels"] == 3, f"three channels of one customer: {both}")
    check(float(report(c, "admin", "database-purchases")["totals"]["imported"]) == 120, "120 bought entries")
    clean = report(c, "admin", "database-cleanings")["totals"]
    check([float(clean[k]) for k in ("duplicates", "filled", "corrected")] == [1, 4, 2], f"cleaned: {clean}")
    liked = report(c, "admin", "database-by-preference")["totals"]
    check((liked["customers"], liked["price"], liked["service"], liked["brand"]) == (1, 1, 1, 0), f"one customer with two preferences: {liked}")
