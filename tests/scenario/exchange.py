#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Files of other programs in and out with real processes: customers from a GB18030 CSV, updated from a workbook, contacts
from visiting cards; wrong rows corrected in the result file and fed back; an import undone, from another start of the
program; everything exported in each format and read back; a report as workbook and page; what was noted of it all."""
import csv
import io
import json
import re
import time
import zipfile
from xml.sax.saxutils import escape

from company import Company, Failed, play

MANY, WRONG_EVERY = 50_000, 2_500
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

CUSTOMERS = """公司,类别,电话,客户代码,成立,备用
福田百货,经销商,0755-83001122,X-1,2001年5月6日,
南山商行,dealer,0755-83001133,X-2,昨天,
罗湖酒楼,企业客户,0755-83001144,X-3,,x
"""
CARDS = ("BEGIN:VCARD\r\nVERSION:3.0\r\nN:王;建国;;;\r\nFN:王建国\r\nORG:福田百货\r\nTITLE:店长\r\nitem1.TEL;TYPE=CELL:138 0013 8000\r\n"
         "EMAIL:wang@example.com\r\nEND:VCARD\r\n"
         "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E6=9D=8E;=E5=A8=9C;;;\r\nORG:Nobody knows them\r\nEND:VCARD\r\n")


def check(holds, what):
    if not holds:
        raise Failed(what)


def cell(name, value):
    if isinstance(value, tuple):  # a day, as its number
        return f'<c r="{name}" s="1"><v>{value[0]}</v></c>'
    if isinstance(value, (int, float)):
        return f'<c r="{name}"><v>{value}</v></c>'
    return f'<c r="{name}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def workbook(path, rows):
    """As little of a workbook as programs accept; its first sheet is hidden."""
    lines = ["".join(cell(f"{chr(65 + c)}{r + 1}", v) for c, v in enumerate(row) if v != "") for r, row in enumerate(rows)]
    sheet = "".join(f'<row r="{r + 1}">{line}</row>' for r, line in enumerate(lines))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("_rels/.rels", f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>')
        z.writestr("xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="隐藏" sheetId="1" state="hidden" r:id="s1"/>'
                   '<sheet name="客户" sheetId="2" r:id="s2"/></sheets></workbook>')
        z.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}">' + "".join(
            f'<Relationship Id="{i}" Type="{RELATIONS}/{t}" Target="{to}"/>'
            for i, t, to in (("s1", "worksheet", "worksheets/one.xml"), ("s2", "worksheet", "worksheets/two.xml"), ("s3", "styles", "styles.xml"))) + "</Relationships>")
        z.writestr("xl/styles.xml", f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="31"/></cellXfs></styleSheet>')
        z.writestr("xl/worksheets/one.xml", f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>')
        z.writestr("xl/worksheets/two.xml", f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData></worksheet>')


class Story:
    def __init__(self, company):
        self.c = company
        self.at = company.folder

    def bring_customers(self):
        file, result = self.at / "old.csv", self.at / "result.csv"
        file.write_bytes(CUSTOMERS.encode("gb18030"))
        mapping = ["--map", "公司=name", "类别=kind", "客户代码=external_number", "成立=founded"]
        said = self.c.satchel("甲", "import", file, *mapping, "--save-mapping", "旧系统", ok=(7,)).stdout
        print(said)
        check("GB18030" in said and "试运行" in said and "福田百货" in said, "the dry run shows format and rows")
        dry = self.c.ask("甲", "import", file, "--mapping", "旧系统", ok=(7,))
        check((dry["ready"], dry["error"], dry["encoding"]) == (2, 1, "GB18030"), f"dry run: {dry}")
        check(dry["preview"][0]["fields"]["成立日期"] == "2001-05-06", f"preview: {dry['preview']}")
        check(self.c.ask("甲", "customer", "list")["total"] == 0, "the dry run wrote something")
        done = self.c.ask("甲", "import", file, "--mapping", "旧系统", "--result", result, "--apply", ok=(7,))
        check(done["imported"] == 2 and done["import"], f"import: {done}")
        text = result.read_text(encoding="utf-8-sig")
        result.write_text(text.replace("dealer", "经销商").replace("昨天", "2002-02-02"), encoding="utf-8-sig")
        fixed = self.c.ask("甲", "import", result, "--mapping", "旧系统", "--apply")
        check((fixed["imported"], fixed["skipped"]) == (1, 2), f"corrected rows: {fixed}")
        again = self.c.ask("甲", "import", file, "--mapping", "旧系统", "--apply", ok=(0, 7))
        check(again["imported"] == 0, "the same file came in twice")

    def update_from_workbook(self):
        file = self.at / "update.xlsx"
        workbook(file, [["客户代码", "电话", "成立日期", "城市"], ["X-1", 13800138000, (36892,), "深圳"], ["X-2", "", "", ""], ["X-9", "", "", ""]])
        said = self.c.satchel("甲", "import", file, "--map", "客户代码=external_number", "--update-by", "external_number", ok=(7,)).stdout
        print(said)
        done = self.c.ask("甲", "import", file, "--map", "客户代码=external_number", "--update-by", "external_number", "--apply", ok=(7,))
        check((done["updated"], done["skipped"], done["error"], done["sheet"]) == (1, 1, 1, "客户"), f"update: {done}")
        check(self.field("福田百货", "phone") == "13800138000", "the phone was updated")
        check(self.field("福田百货", "founded") == "2001-01-01", f"a day's number is a day: {self.field('福田百货', 'founded')}")
        return done["import"]

    def field(self, name, field):
        return self.c.ask("甲", "customer", "show", name)["card"]["fields"].get(field, {}).get("text")

    def undo_update(self, number):
        dry = self.c.ask("甲", "import", "undo", number[:8])
        check(dry["restored"] == 1 and self.field("福田百货", "phone") == "13800138000", "undoing begins with a dry run")
        done = self.c.ask("甲", "import", "undo", number[:8], "--apply")
        check(done["restored"] == 1, f"undo: {done}")
        check(self.field("福田百货", "phone") == "0755-83001122", "the phone is what it was")
        check(self.field("福田百货", "founded") == "2001-05-06", "the day is what it was")
        print(self.c.satchel("甲", "import", "list").stdout)

    def bring_cards(self):
        file = self.at / "cards.vcf"
        file.write_bytes(CARDS.encode())
        done = self.c.ask("甲", "import", file, "--into", "contact", "--apply", ok=(7,))
        check((done["imported"], done["error"], done["format"]) == (1, 1, "vcard"), f"cards: {done}")
        contacts = self.c.ask("甲", "customer", "show", "福田百货")["contacts"]
        check(contacts[0]["fields"]["name"]["text"] == "王建国", f"contacts: {contacts}")
        first = next(i for i in self.c.ask("甲", "import", "list")["imports"] if i["file"] == "old.csv")
        kept = self.c.ask("甲", "import", "undo", first["import"], ok=(7,))
        check(kept["kept"] == 1 and kept["withdrawn"] == 1, f"a customer that was worked on stays: {kept}")

    def export(self, form, kind, *more):
        out = self.at / f"{form}{len(list(self.at.iterdir()))}.{kind}"
        said = self.c.ask("甲", "export", form, "--format", kind, "--out", out, "--purpose", "年终走访", *more)
        return out, said

    def take_out(self):
        self.c.satchel("甲", "customer", "set", "福田百货", "--field", "credit_limit=5000", "--field", "notes==1+1")
        out, said = self.export("customers", "csv")
        rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
        check(len(rows) == said["records"] == 3, f"CSV: {said}")
        row = next(r for r in rows if r["客户名称"] == "福田百货")
        check(row["备注"] == "'=1+1" and "信用额度" not in row and "信用额度" in said["left_out"], f"CSV: {row}")
        out, said = self.export("customers", "csv", "--sensitive", "--filter", "kind=经销商")
        check(said["records"] == 2 and "5000" in out.read_text(encoding="utf-8-sig"), f"sensitive: {said}")
        out, _ = self.export("customers", "xlsx")
        with zipfile.ZipFile(out) as z:
            check(z.testzip() is None and b"<f>" not in z.read("xl/worksheets/sheet1.xml"), "a workbook without a formula")
        back = self.c.ask("乙", "import", out, "--owner", "乙")
        check(back["ready"] == 3 and back["error"] == 0, f"the workbook is read back: {back}")
        out, said = self.export("customers", "vcard")
        check(said["records"] == 4 and out.read_text(encoding="utf-8").count("BEGIN:VCARD") == 4, f"cards: {said}")
        back = self.c.ask("甲", "import", out, "--set", "kind=经销商", "--apply", ok=(7,))
        check((back["imported"], back["skipped"], back["error"]) == (0, 3, 1), f"one's own cards make no doubles: {back}")
        back = self.c.ask("甲", "import", out, "--into", "contact", "--apply", ok=(7,))
        check((back["imported"], back["skipped"], back["error"]) == (0, 1, 3), f"nor do its contacts: {back}")
        out, said = self.export("contact", "jsonl", "--customer", "福田百货")
        lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        check(len(lines) == 1 and lines[0]["name"] == "王建国", f"JSON: {lines}")
        answers = self.c.write("甲", lines)
        check(answers[0]["ok"], "JSON lines come back")
        self.c.satchel("甲", "export", "--out", out, "--purpose", "x", ok=(1,))
        self.c.satchel("甲", "export", "--out", self.at / "none.csv", "--purpose", " ", ok=(2,))
        check(not (self.at / "none.csv").exists(), "nothing leaves without a purpose")

    def report(self):
        for kind in ("xlsx", "html"):
            self.c.satchel("甲", "report", "customer-register", "--format", kind, "--out", self.at / f"register.{kind}", "--purpose", "月会")
        page = (self.at / "register.html").read_text(encoding="utf-8")
        check("福田百货" in page and "数据截至" in page and "<script" not in page, "the report as a page")
        check(not re.search(r"(src|href)=", page), "the page loads nothing")
        with zipfile.ZipFile(self.at / "register.xlsx") as z:
            check("福田百货" in z.read("xl/worksheets/sheet1.xml").decode(), "the report as a workbook")
        self.c.satchel("甲", "report", "customer-register", "--format", "xlsx", ok=(2,))

    def print_card(self):
        """A card as a page to print: noted, whole, and never over another file."""
        file = self.at / "card.html"
        show = ["customer", "show", "福田百货", "--print", file]
        self.c.satchel("甲", *show, ok=(2,))
        check(not file.exists(), "nothing is printed without a purpose")
        done = self.c.ask("甲", *show, "--purpose", "月会")
        page = file.read_text(encoding="utf-8")
        check(done["records"] >= 1 and "<h1>福田百货</h1>" in page and "由 甲 于" in page and "华兴食品" in page, f"the card as a page: {done}")
        check("<script" not in page and not re.search(r"(src|href)=", page), "the card loads nothing")
        self.c.satchel("甲", *show, "--purpose", "月会", ok=(1,))

    def behind(self):
        """Every number of a report opens the records it counts."""
        report = self.c.ask("甲", "report", "customer-register")
        group = report["groups"][0]
        key = next(iter(group["texts"].values()))
        records = self.c.ask("甲", "report", "customer-register", "--behind", key)["records"]
        check(len(records) == group["rows"] and "福田百货" in {r["about"] for r in records}, f"behind {group}: {records}")
        self.c.satchel("甲", "report", "customer-register", "--behind", "火星", ok=(3,))

    def bring_many(self):
        """A whole company's customers as Excel writes them, some rows wrong; corrected, fed back, and all of it undone."""
        file, result = self.at / "many.csv", self.at / "many.result.csv"
        lines = ["公司,类别,电话,客户代码,成立,备注"]
        for i in range(MANY):
            kind = "飞船" if i % WRONG_EVERY == 7 else "经销商"
            note = '"第一行\n第二行，含 ""引号"""' if i % 1000 == 0 else f"第 {i} 户"
            lines.append(f"大批客户{i:05},{kind},075500{i:06},M-{i:05},2001年5月6日,{note}")
        wrong = MANY // WRONG_EVERY
        file.write_bytes(("\r\n".join(lines) + "\r\n").encode("gb18030"))
        mapping = ["--map", "公司=name", "类别=kind", "客户代码=external_number", "成立=founded", "备注=notes"]
        dry = self.c.ask("乙", "import", file, *mapping, ok=(7,))
        check((dry["ready"], dry["error"], dry["encoding"]) == (MANY - wrong, wrong, "GB18030"), f"many, dry: {dry['ready']} {dry['error']}")
        began = time.monotonic()
        done = self.c.ask("乙", "import", file, *mapping, "--result", result, "--apply", ok=(7,))
        print(f"{done['imported']} customers of {MANY} rows imported in {time.monotonic() - began:.1f} s as a process")
        check(done["imported"] == MANY - wrong and self.c.ask("乙", "customer", "list", "--limit", 1)["total"] == MANY - wrong, "many are there")
        with open(result, encoding="utf-8-sig", newline="") as rows:
            bad = [row for row in csv.DictReader(rows) if row["类别"] == "飞船"]
        check(len(bad) == wrong and all("飞船" in "".join(row.values()).replace(row["类别"], "", 1) for row in bad), "each wrong row says what is wrong")
        # Corrected in Excel, which saves it with a byte order mark.
        text = result.read_text(encoding="utf-8-sig").replace("飞船", "经销商")
        result.write_text(text, encoding="utf-8-sig")
        fixed = self.c.ask("乙", "import", result, *mapping, "--apply")
        check((fixed["imported"], fixed["skipped"], fixed["error"]) == (wrong, MANY - wrong, 0), f"the corrected ones: {fixed['imported']} {fixed['skipped']}")
        card = self.c.ask("乙", "customer", "show", "大批客户01000")["card"]["fields"]
        check(card["notes"]["text"] == '第一行\n第二行，含 "引号"' and card["founded"]["text"] == "2001-05-06", f"as it stood in the file: {card}")
        undone = self.c.ask("乙", "import", "undo", done["import"], "--apply")
        check(undone["withdrawn"] == MANY - wrong, f"undone: {undone}")
        check(self.c.ask("乙", "customer", "list", "--limit", 1)["total"] == wrong, "the corrected ones stay")

    def noted(self):
        """The manager sees what was taken out."""
        self.c.settle(["甲", "主管"])
        out = self.at / "readings.jsonl"
        self.c.ask("主管", "export", "reading", "--format", "jsonl", "--out", out, "--purpose", "检查")
        notes = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        kinds = sorted(n["kind"] for n in notes)
        check(len(notes) == 8 and len(set(kinds)) == 4, f"noted: {kinds}")
        check({n.get("purpose") for n in notes} == {"年终走访", "月会"}, f"purposes: {notes}")
        return len(notes)


def main():
    with Company("华兴食品") as company:
        company.found()
        company.branch("深圳")
        company.people([("甲", "salesperson", "深圳"), ("乙", "salesperson", "深圳"), ("主管", "branch_manager", "深圳")])
        story = Story(company)
        story.bring_customers()
        number = story.update_from_workbook()
        story.undo_update(number)
        story.bring_cards()
        story.take_out()
        story.report()
        story.print_card()
        story.behind()
        story.bring_many()
        print(f"exchange: three formats in, four out, two kinds of report; {story.noted()} readings noted")


if __name__ == "__main__":
    play(main)
