# SPDX-License-Identifier: AGPL-3.0-or-later
"""S9, clinic archives: a customer's laser treatment from the papers signed on site to the archive room. The nurses refuse the
record once, the assistant works offline, one passage is late and one is missing in the book until it is entered."""

from scenes import add, check, day, findings, now, report, stands, step, today

NAME = "S09 林女士"
NUMBER = "S09-B-0001"
ARCHIVE_ROOM = "管理员"  # the person of the device "admin"
MISSING = (2, 4)  # refused: something has still to be filled


def mine(found):
    """The findings that are about this play's customer."""
    return [f for f in found if f["customer"] == NAME]


def book(c, who, record, from_desk, to_desk, receiver):
    return add(c, who, "clinic_passage", NAME, at=now().strftime("%Y-%m-%d %H:%M"), medical_record=record, number=NUMBER,
               from_desk=from_desk, to_desk=to_desk, receiver=receiver, whole="是")


def opening(c):
    """On site: what is told, the card, the consent, the record. All of it offline; the customer has no identity card with her."""
    c.satchel("甲", "customer", "add", "--name", NAME, "--kind", "individual", "--field", "phone=13800090001")
    notice = add(c, "甲", "clinic_notice", NAME, date=day(-6), customer_name=NAME, doctor="经理", treatment="激光脱毛", indications="多毛",
                 contraindications="光敏", risks="红肿、色素沉着", precautions="一周内防晒", signer="顾客本人", signature="林女士", signed_on=day(-6), scan="/")
    same = dict(customer_name=NAME, range="激光脱毛", content="双小腿第一次", former_methods="蜜蜡", part="双小腿", hair_colour="黑",
                hair_thickness="中", hair_density="密", other="/", signature="林女士", minor="否", scan="/")
    consult = add(c, "甲", "clinic_consult", NAME, date=day(-6), doctor="经理", **same)
    consent = add(c, "甲", "clinic_consent", NAME, date=day(-6), consult=consult, id_card="未带", not_brought_words="未带", special="否",
                  **{**same, "part": "小腿"})
    record = add(c, "甲", "clinic_record", NAME, number=NUMBER, customer_name=NAME, opened_on=day(-6), treatment="激光脱毛", doctor="经理",
                 assistant="乙", surgeon="经理", notice=notice, notice_signed_on=day(-6), consult=consult, consent=consent)
    check([f["record"] for f in mine(findings(c, "甲", "clinic-consent-complete"))] == [consent], "未带 is written, but its signature is missing")
    check(mine(findings(c, "甲", "clinic-consult-complete")) == [], "the card has no blank: the rest is struck out")
    check(len(mine(findings(c, "甲", "clinic-name-both"))) == 1, "card and consent do not say the same")
    c.satchel("甲", "record", "set", consent, "--field", "not_brought_signature=林女士", "--field", "part=双小腿", "--reason", "顾客补签、更正")
    check(mine(findings(c, "甲", "clinic-consent-complete")) + mine(findings(c, "甲", "clinic-name-both")) == [], "now it is complete and agrees")
    young = {**same, "customer_name": "S09 林小妹", "minor": "是", "signature": "林小妹", "consult": "/", "id_card": "已带",
             "id_number": "440305201002280001", "special": "否"}
    child = add(c, "甲", "clinic_consent", NAME, date=day(-6), **young)
    check([f["record"] for f in mine(findings(c, "甲", "clinic-consent-complete"))] == [child], "a minor's guardian signs")
    c.satchel("甲", "record", "set", child, "--field", "guardian=林女士", "--field", "guardian_relation=母亲", "--reason", "监护人补签")
    check(mine(findings(c, "甲", "clinic-consent-complete")) == [], "and has signed")
    step(c, "甲", record, "hand_in", ok=MISSING)  # which ink?
    step(c, "甲", record, "hand_in", pen="统一黑色水性笔")
    book(c, "甲", record, "现场/现场助理", "护理部", "客服")
    c.settle(["甲", "经理"])
    for who in ("客服", "乙"):
        c.satchel("经理", "grant", NAME, who, ok=(0, 5))
    c.settle(["甲", "经理", "客服", "乙", "admin"])
    return record


def nurses(c, record):
    """The bill is wrong: refused, completed, checked again. Only a complete record enters the theatre."""
    step(c, "客服", record, "admit", ok=MISSING, check_sheet="正确")
    check(stands(c, "客服", record)["state"] == "checking", "nothing passes half checked")
    step(c, "客服", record, "refuse", comment="收费单金额与项目不符")
    gap = add(c, "客服", "clinic_gap", NAME, date=day(0), medical_record=record, found_at="护理部", kinds="收费单", what="金额与项目不符",
              responsible="甲", refused="是")
    c.settle(["客服", "甲"])
    check(gap in [m["record"] for m in today(c, "甲")["matters"]], "the person concerned is told")
    step(c, "甲", gap, "complete", completed_on=day(0))
    step(c, "甲", record, "hand_in")
    c.settle(["甲", "客服"])
    step(c, "客服", gap, "confirm")
    step(c, "甲", record, "admit", ok=(4,), check_bill="正确")  # not his to take
    step(c, "客服", record, "admit", check_sheet="正确", check_bill="正确", check_material="正确", check_doctor="正确", photo="已询问，拍照",
         check_whole="完善无误", prepared="已做好并通知手术室")
    c.settle(["客服", "乙", "经理"])


def custody(c, record):
    """Discharged four days ago: the nurses, who had two days, are late."""
    step(c, "乙", record, "discharge", operated_on=day(-5), discharged_on=day(-4))
    c.settle(["乙", "客服"])
    where = stands(c, "客服", record)
    check(where["state"] == "at_nursing" and where["overdue"] and day(-2) in where["due"], f"two days from the day of discharge: {where}")
    step(c, "客服", record, "pass_on", ok=MISSING)  # checked?
    step(c, "客服", record, "pass_on", nursing_whole="核对无误")
    c.settle(["客服", "乙", "经理"])
    check(len(mine(findings(c, "客服", "clinic-booked-assistant"))) == 1, "the passage is not in the book")
    passed = book(c, "客服", record, "护理部", "助理医生", "乙")
    check(mine(findings(c, "客服", "clinic-booked-assistant")) == [], "now it is")
    c.settle(["客服", "乙"])
    step(c, "经理", record, "sign_assistant", ok=(4,))  # he is the surgeon, not the assistant
    # The assistant writes offline: nobody syncs until he is back.
    step(c, "乙", passed, "receive")
    step(c, "乙", record, "sign_assistant", text="双小腿激光脱毛，能量 18 J，无不适。", written_whole="资料齐全")
    book(c, "乙", record, "助理医生", "主刀医生", "经理")
    c.settle(["乙", "经理"])
    step(c, "经理", record, "send_back", comment="能量单位写全")
    c.settle(["经理", "乙"])
    c.satchel("乙", "record", "set", record, "--field", "text=双小腿激光脱毛，能量 18 J/cm²，无不适。")
    step(c, "乙", record, "sign_assistant")
    c.settle(["乙", "经理"])
    step(c, "经理", record, "sign_surgeon", review_form="书写规范", review_whole="资料齐全")
    book(c, "经理", record, "主刀医生", "助理医生", "乙")
    c.settle(["经理", "乙"])
    step(c, "乙", record, "deliver")
    book(c, "乙", record, "助理医生", "档案室", ARCHIVE_ROOM)
    c.settle(["乙", "admin", "经理"])
    step(c, "admin", record, "file")
    c.settle(["admin", "经理", "客服", "乙", "甲"])
    where = stands(c, "经理", record)
    check(where["state"] == "archived" and where["late"], f"filed, and was late once: {where}")
    check([p["by"] for p in where["path"]][-4:] == [["乙"], ["经理"], ["乙"], [ARCHIVE_ROOM]], f"every signature is there: {where['path']}")
    for rule in ("clinic-booked-surgeon", "clinic-booked-back", "clinic-booked-archive", "clinic-record-complete", "clinic-name-card", "clinic-told-late"):
        check(mine(findings(c, "admin", rule)) == [], f"nothing left of {rule}")


def shift(c):
    """Records in hand go from shift to shift; one short, the next shift does not take over."""
    handed = add(c, "乙", "clinic_shift", date=day(0), desk="激光科接诊台", shift="早班", records=f"{NUMBER}、S09-B-0002", receiver="经理")
    step(c, "乙", handed, "take", ok=(4,))
    c.settle(["乙", "经理"])
    step(c, "经理", handed, "refuse", comment="少一份")
    c.settle(["经理", "乙"])
    step(c, "乙", handed, "explain", comment="在手术室，已取回")
    c.settle(["乙", "经理"])
    step(c, "经理", handed, "take")
    check([line["texts"]["in_hand"] for line in report(c, "经理", "clinic-shifts")["lines"]] == ["2"], "two records, signed by both")


def play(c):
    record = opening(c)
    nurses(c, record)
    custody(c, record)
    shift(c)
    totals = report(c, "admin", "clinic-custody")["totals"]
    check([float(totals[m]) for m in ("records", "archived", "late", "share")] == [1, 1, 1, 0], f"one record, late: {totals}")
    passages = report(c, "admin", "clinic-passages", number=NUMBER)
    check(float(passages["totals"]["passages"]) == 5 and float(passages["totals"]["received"]) == 1, f"the book: {passages['totals']}")
    gaps = report(c, "admin", "clinic-gaps")["totals"]
    check(float(gaps["gaps"]) == 1 and float(gaps["refused"]) == 1, f"what was missing: {gaps}")
    consents = report(c, "admin", "clinic-consents")["totals"]
    check([float(consents[m]) for m in ("consents", "minors", "without_card")] == [2, 1, 1], f"consents: {consents}")
