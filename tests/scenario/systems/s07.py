# SPDX-License-Identifier: AGPL-3.0-or-later
"""S7: what a salesperson collects at a fair, offline, with its lawful basis; entered, found to differ from the card, corrected, checked,
put into groups, used, updated after half a year, and no longer used when the person takes his consent back."""
from datetime import timedelta

from scenes import add, check, findings, now, report, stands, step, today

FAIR = "S07 王敏"
SHOP = "S07 南山商行"


def mine(c, who, rule, customer, on=None):
    return [f for f in findings(c, who, rule, on) if f["customer"] == customer]


def collect(c):
    """At the fair there is no network: 甲 does not sync before the evening."""
    c.satchel("甲", "customer", "add", "--name", FAIR, "--kind", "individual", "--field", "phone=13900000071", "--field", "address=深圳南山")
    first = add(c, "甲", "data_collected", FAIR, date="今天", channel="线下活动", name=FAIR, phone="13900000072", need="夏季饮料",
                source="春季展销会", from_person="是", basis="本人同意", told="是")
    check(stands(c, "甲", first)["state"] == "collected", "collected, to be entered")
    check(stands(c, "甲", first)["due"], "within one working day")
    check([f["record"] for f in mine(c, "甲", "data-entry-phone", FAIR)] == [first], "the card has another telephone number")
    check([f["record"] for f in mine(c, "甲", "data-consent-proof", FAIR)] == [first], "and the consent has no proof yet")
    step(c, "甲", first, "enter", entered_on="今天")
    step(c, "甲", first, "check", ok=(4,), checked_right="是")  # somebody else compares
    proof = c.folder / "S07同意书.txt"
    proof.write_text("本人同意\n", encoding="utf-8")
    c.satchel("甲", "attach", first, proof)
    c.satchel("甲", "record", "set", first, "--field", "consent_on=今天", "--field", "consent_proof=S07同意书.txt", "--reason", "补凭据")
    check(mine(c, "甲", "data-consent-proof", FAIR) == [], "proven")
    c.settle(["甲", "经理", "admin"])
    return first


def enter(c, first):
    check(first in [m["record"] for m in today(c, "经理")["matters"]], "the manager is to compare it")
    step(c, "经理", first, "check", checked_right="否")
    check([f["record"] for f in mine(c, "经理", "data-check-wrong", FAIR)] == [first], "checked, but not right: to be sent back")
    step(c, "经理", first, "send_back", ok=(2, 4))  # must say why
    step(c, "经理", first, "send_back", comment="客户卡上的电话不对")
    c.settle(["经理", "甲"])
    c.satchel("甲", "customer", "set", FAIR, "--field", "phone=13900000072")
    step(c, "甲", first, "enter")
    check(mine(c, "甲", "data-entry-phone", FAIR) == [], "now both say the same")
    c.settle(["甲", "经理"])
    step(c, "经理", first, "check", checked_right="是")
    c.settle(["经理", "甲"])
    path = stands(c, "甲", first)["path"]
    check([p["state"] for p in path] == ["collected", "entered", "checked", "collected", "entered", "checked"], f"its path is kept: {path}")
    check(path[-1]["by"] == ["经理"], "with whoever confirmed it")


def classify_and_use(c, first):
    later = (now().date() + timedelta(days=30)).isoformat()
    check([f["record"] for f in mine(c, "甲", "data-group-missing", FAIR, later)] == [first], "not yet in a group")
    add(c, "甲", "data_group", FAIR, spending="高", need="重复购买", place="深圳南山", grouped_on="今天")
    step(c, "甲", first, "classify")
    check(mine(c, "甲", "data-group-missing", FAIR, later) == [], "it is now")
    add(c, "甲", "data_use", FAIR, date="今天", purpose="个性化服务", used="电话、需求", suits="喜欢无糖饮料", lawful="是", disclosed="否")
    given = add(c, "甲", "data_use", FAIR, date="今天", purpose="营销", used="电话", lawful="是", disclosed="是", given_to="某快递公司", given_basis="送货所必需")
    c.settle(["甲", "经理", "admin"])
    check([f["record"] for f in mine(c, "经理", "data-use-unlawful", FAIR)] == [given], "the manager sees what was given to outsiders")


def again(c):
    """Collected once more, entered late, used for an end that is not lawful."""
    more = add(c, "甲", "data_collected", FAIR, date=(now().date() - timedelta(days=20)).isoformat(), channel="电话", name=FAIR, phone="13900000072",
               source="本人来电", from_person="是", basis="订立、履行合同所必需", told="是")
    check(stands(c, "甲", more)["overdue"], "three weeks later it is still not entered")
    step(c, "甲", more, "enter", entered_on="今天")
    bad = add(c, "甲", "data_use", FAIR, date="今天", purpose="营销", used="电话", lawful="否", disclosed="否")
    c.settle(["甲", "经理"])
    check(bad in [f["record"] for f in mine(c, "经理", "data-use-unlawful", FAIR)], "an unlawful use is seen")
    step(c, "经理", more, "check", checked_right="是")
    step(c, "经理", more, "classify")
    c.settle(["经理", "甲", "admin"])
    later = (now().date() + timedelta(days=30)).isoformat()
    check(mine(c, "甲", "data-group-missing", FAIR, later) == [], "the customer's groups are those it has")
    times = report(c, "甲", "data-entry-times")["totals"]
    check((times["n"], times["late"]) == (2, 1), f"one of two was entered late: {times}")


def update_and_stop(c, first):
    """Half a year later; then the person wants it no longer."""
    half_a_year = (now().date() + timedelta(days=200)).isoformat()
    due = mine(c, "甲", "data-update-due", FAIR, half_a_year)
    check(len(due) == 1 and due[0]["overdue_days"] > 0, f"an update is due: {due}")
    add(c, "甲", "data_update", FAIR, date="今天", way="电话", changed="无变化")
    c.satchel("甲", "record", "set", first, "--field", "consent_withdrawn=今天", "--reason", "本人来电")
    check(len(mine(c, "甲", "data-consent-withdrawn", FAIR)) == 1, "consent was taken back")
    step(c, "甲", first, "stop", comment="本人撤回同意")
    check(mine(c, "甲", "data-consent-withdrawn", FAIR) == [], "and its use has ended")
    check(stands(c, "甲", first)["state"] == "stopped", "for good")


def protect(c):
    """A second customer, told nothing of what for; then the archive administrator's monthly and quarterly checks."""
    c.satchel("甲", "customer", "add", "--name", SHOP, "--kind", "company", "--field", "phone=13900000073", "--field", "contact=店长")
    add(c, "甲", "data_collected", SHOP, date="今天", channel="电话", name="店长", phone="13900000073", source="本人来电", from_person="是",
        basis="订立、履行合同所必需", told="否")
    looked = add(c, "admin", "data_protection", date="今天", access_control="正常", backup="有问题", antivirus="正常", leak="未发现", problem="备份未演练")
    step(c, "admin", looked, "report")
    check(looked in [f["record"] for f in findings(c, "admin", "data-protection-open")], "and stays in sight until it is mended")
    check(stands(c, "admin", looked)["due"], "a problem has its time")
    step(c, "admin", looked, "mend", remedy="已演练")
    check(looked not in [f["record"] for f in findings(c, "admin", "data-protection-open")], "mended")
    add(c, "admin", "data_principles", date="今天", customer_first="做到", secrecy="做到", accuracy="需改进", system="做到", findings="录入后立即核对")
    check(findings(c, "admin", "data-principles-check") == [], "reviewed this quarter")
    c.settle(["甲", "经理", "admin"])


def play(c):
    first = collect(c)
    enter(c, first)
    classify_and_use(c, first)
    again(c)
    update_and_stop(c, first)
    protect(c)
    c.settle(["甲", "经理", "admin"])
    for who in ("甲", "admin"):  # the same definition, over what each holds
        told = report(c, who, "data-by-basis")
        check(told["totals"]["n"] == 3 and told["totals"]["stopped"] == 1, f"{who}: by lawful basis: {told['totals']}")
    told = report(c, "admin", "data-collected-register")
    channels = str(told["groups"])
    check("线下活动" in channels and "电话" in channels, f"by channel: {channels}")
    check(told["totals"]["without_basis"] == 1, "one was not told what for")
    check(report(c, "admin", "data-by-spending")["totals"]["customers"] == 1, "one customer of high spending power")
