#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Northwind as a company of real processes: nine employees in four branches import their customers and write 830 orders
offline on their own devices; after syncing, what headquarters, every branch's manager and every salesperson read must be
what northwind_files.py counts from the files, to the cent and row by row.

    northwind.py [--seed N] [--spoil] [--keep]

--spoil writes one freight a cent too high, as a wrong file would: the run must then fail. Without the files (environment
SATCHEL_NORTHWIND, or ../shared/data/northwind beside the repository) the test is skipped with exit code 77.
"""
import argparse
import csv
import io
import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

from company import Company, Failed, play
from northwind_files import CENT, Northwind, folder, summed

SKIPPED = 77
PACK = Path(__file__).with_name("northwind.toml")
PACK_SECOND_VERSION = """
  [[template.field]]
  id = "territories"
  label = { zh = "负责区域", en = "Territories" }
  type = "texts"

[[report]]
id = "northwind-territories"
label = { zh = "员工区域表", en = "Staff and territories" }
source = "employee"
columns = ["author", "territories"]
"""
COLUMNS = {"companyName": "name", "contactName": "contact", "contactTitle": "contact_title", "postalCode": "postcode"}
SETTLE_SECONDS = 60


def check(holds, what):
    if not holds:
        raise Failed(what)


def same(what, found, expected):
    """Two dictionaries or two lists; says what differs first."""
    if found == expected:
        return
    if isinstance(expected, dict):
        differs = [f"{k}: {found.get(k)} instead of {expected.get(k)}" for k in sorted({*found, *expected}, key=str)
                   if found.get(k) != expected.get(k)]
    else:
        differs = [f"{f} instead of {e}" for f, e in zip(found, expected) if f != e]
        if len(found) != len(expected):
            differs.append(f"{len(found)} instead of {len(expected)}")
    raise Failed(f"{what} differ:\n  " + "\n  ".join(differs[:5]))


def together(work, people):
    """The same for many people at once, each on his own device."""
    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(work, people))


class Scenario:
    def __init__(self, company, files, rng, spoil):
        self.c, self.files, self.rng = company, files, rng
        self.chance = random.Random(rng.random())  # how often it is asked depends on timing; what is written does not
        self.staff = list(files.employees.values())
        self.names = [p.name for p in self.staff]
        self.numbers = {}  # archive's key -> number
        self.cards = {}  # employee's name -> record
        self.spoiled = rng.choice(files.orders).id if spoil else None
        self.bursts = 0
        self.importers = {files.manager(branch).name for branch in files.branches.values()}
        self.settled = {}  # who -> entries he must hold

    # ---- founding ----
    def found(self):
        self.c.found()
        self.c.reader()
        for branch in self.files.branches.values():
            self.c.branch(branch)
        published = self.c.ask("admin", "pack", "publish", PACK)
        check(published["state"] == "ordered", f"the company's own pack: {published}")
        self.c.people([(p.name, p.role, p.branch or None) for p in self.staff])
        self.c.satchel("admin", "sync")  # brings the reader its share of the keys
        roles = {p["name"]: (p["role"], p["branch"]) for p in self.c.ask("admin", "person", "list")}
        same("people", {n: roles[n] for n in self.names}, {p.name: (p.role, p.branch) for p in self.staff})

    # ---- importing ----
    def sheet(self, archives, raw):
        """What a person makes of the file before importing it: kind, number and owners in front; the rest as it was."""
        source = self.files.where / ("suppliers.csv" if archives[0].kind == "supplier" else "customers.csv")
        lines = source.read_text(encoding="utf-8").splitlines()
        key = lines[0].split(",")[0]
        wanted = {a.cells[key]: a for a in archives}
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["kind", "external_number", "owner", *lines[0].split(",")])
        for line in lines[1:]:
            archive = wanted.get(line.split(",")[0])
            if archive is None:
                continue
            owners = ";".join(self.files.employees[e].name for e in archive.owners)
            cells = line.split(",") if raw else list(archive.cells.values())
            writer.writerow([archive.kind, archive.key, owners, *cells])
        return out.getvalue()

    def load(self, who, archives):
        """A dry run on the file as it is, which has rows with surplus cells; then the mended one, dry and for good."""
        file = self.c.folder / f"{who} {archives[0].kind}.csv"
        width = len(archives[0].cells)
        mapping = [f"{column}={field}" for column, field in COLUMNS.items()]
        file.write_text(self.sheet(archives, raw=True), encoding="utf-8")
        surplus = sum(len(row) > width + 3 for row in csv.reader(io.StringIO(file.read_text(encoding="utf-8"))))
        dry = self.c.ask(who, "customer", "import", file, "--map", *mapping, ok=(7,) if surplus else (0, 7))
        check(not dry["applied"] and dry["error"] >= surplus and dry["imported"] == 0, f"{who}: {surplus} rows have surplus cells: {dry}")
        file.write_text(self.sheet(archives, raw=False), encoding="utf-8")
        dry = self.c.ask(who, "customer", "import", file, "--map", *mapping)
        check((dry["ready"], dry["error"], dry["double"]) == (len(archives), 0, 0), f"{who}: the mended file: {dry}")
        result = file.with_suffix(".result.csv")
        done = self.c.ask(who, "customer", "import", file, "--map", *mapping, "--result", result, "--apply")
        check((done["imported"], done["error"]) == (len(archives), 0), f"{who}: imported: {done}")
        with open(result, encoding="utf-8-sig", newline="") as rows:
            for row in csv.DictReader(rows):
                self.numbers[row["external_number"]] = row["_satchel_number"]
        again = self.c.ask(who, "customer", "import", file, "--map", *mapping, "--apply")
        check((again["imported"], again["skipped"]) == (0, len(archives)), f"{who}: a second time nothing is imported: {again}")

    def open_archives(self):
        """Each branch's manager imports the branch's customers on his own device, the administrator all suppliers; offline."""
        self.cut_off()
        everything = list(self.files.archives.values())
        for branch in self.files.branches.values():
            self.load(self.files.manager(branch).name, [a for a in everything if a.kind == "company" and a.branch == branch])
        self.load("admin", [a for a in everything if a.kind == "supplier"])
        check(len(set(self.numbers.values())) == len(everything), "every archive has a number of its own")
        for person in self.staff:
            card = {"type": "employee", "title": person.title, "hired": person.hired}
            if person.superior:
                card["reports_to"] = self.files.employees[person.superior].name
            self.cards[person.name] = self.c.write(person.name, [card])[0]["id"]
        self.connect()
        self.settle([], cards=2)

    # ---- working ----
    def order_line(self, order):
        cells, customer = order.cells, self.files.archives[order.customer]
        freight = order.freight + CENT if order.id == self.spoiled else order.freight
        out = {"type": "order", "customer": self.rng.choice([customer.name, self.numbers[customer.key]]), "number": order.id,
               "date": cells["orderDate"], "required_date": cells["requiredDate"], "shipped_date": cells["shippedDate"],
               "ship_via": self.files.shippers[cells["shipVia"]], "freight": str(freight), "amount": str(order.amount), "currency": "usd",
               "ship_name": cells["shipName"], "ship_address": cells["shipAddress"], "ship_city": cells["shipCity"],
               "ship_region": cells["shipRegion"], "ship_postcode": cells["shipPostalCode"], "ship_country": cells["shipCountry"]}
        return {key: value for key, value in out.items() if value}

    def write_burst(self, who, orders):
        """Some orders, then their lines, which name them."""
        answers = self.c.write(who, [self.order_line(o) for o in orders], batch=self.rng.choice([1, 7, 200]))
        lines = [{"type": "order_line", "customer": self.files.archives[order.customer].name, "order": answer["id"],
                  "product": line.product, "unit_price": str(line.price), "quantity": str(line.quantity), "discount": str(line.discount)}
                 for order, answer in zip(orders, answers) for line in order.lines]
        self.c.write(who, lines, batch=self.rng.choice([13, 500]))
        self.bursts += 1

    def work_offline(self, orders):
        """Everybody writes what is his, in bursts that fall between the others' at random."""
        self.cut_off()
        bursts = []
        for person in self.staff:
            mine = [o for o in orders if o.employee == person.id]
            while mine:
                size = self.rng.randrange(4, 60)
                bursts.append((person.name, mine[:size]))
                mine = mine[size:]
        self.rng.shuffle(bursts)
        for who, some in bursts:
            self.write_burst(who, some)
        offline = self.c.ask(self.rng.choice(self.names), "sync", ok=(8,))
        check(offline["error"]["code"] == "exchange.offline", f"nobody is reached: {offline}")
        self.connect()

    def new_field(self):
        """A second version of the company's pack: a field nobody's program was built with."""
        file = self.c.folder / "northwind.toml"
        first = PACK.read_text(encoding="utf-8")
        file.write_text(first.replace("version = 1", "version = 2") + PACK_SECOND_VERSION, encoding="utf-8")
        published = self.c.ask("admin", "pack", "publish", file)
        check("+ employee.territories" in published["packs"][0]["differences"], f"the second version: {published}")
        until = time.monotonic() + SETTLE_SECONDS
        behind = self.names
        while behind and time.monotonic() < until:
            together(self.sync, behind)
            behind = [n for n in behind if {p["pack"]: p["version"] for p in self.c.ask(n, "pack", "list")}["northwind"] != 2]
        check(not behind, f"the second version is in force everywhere but at {behind}")

    def fill_new_field(self):
        for person in self.staff:
            self.c.satchel(person.name, "record", "set", self.cards[person.name], "--field", "territories=" + ";".join(person.territories))

    # ---- moving ----
    def cut_off(self):
        for hub in list(self.c.running):
            self.c.stop(hub)

    def connect(self):
        hubs = list(self.c.hubs)
        self.chance.shuffle(hubs)
        for hub in hubs:
            self.c.serve(hub)

    def sync(self, who):
        report = self.c.ask(who, "sync", ok=(0, 8))
        if "error" in report:
            return
        check((report["rejected"], report["held"], report["forks"], report["conflicts"]) == (0, 0, 0, 0), f"{who}: {report}")

    def entries(self, person, orders, cards):
        """What a device must hold: every archive's opening, the orders and their lines; of each colleague's own archive its
        opening, his card and what he did to it, and a note of what he imported."""
        archives = self.files.readable(person)
        mine = [o for o in orders if self.files.may_read(person, self.files.archives[o.customer])]
        everybody = person.role == "general_manager"
        staff = [p for p in self.staff if p is person or everybody
                 or (person.role == "branch_manager" and p.branch == person.branch)]
        imports = sum(p.name in self.importers for p in staff)
        suppliers = 2 if everybody else 0  # the administrator's own archive: opened for the note of the suppliers' import
        return len(archives) + sum(1 + len(o.lines) for o in mine) + cards * len(staff) + imports + suppliers

    def held_by(self, who):
        """Entries, and how many of the archives can be read: keys may come later than what they open."""
        if who == "reader":
            self.c.reader_do("sync")
            cards = sum(self.report("reader", name)["rows"] for name in ("customer-register", "northwind-staff"))
            return json.loads(self.c.reader_do("status", "--json").stdout)["entries"], cards
        self.sync(who)
        return self.c.ask(who, "status")["entries"], self.c.ask(who, "customer", "list", "--limit", 1)["total"]

    def settle(self, orders, cards):
        """Everybody syncs until everybody holds exactly what he may: nothing lost, nothing twice, nothing foreign."""
        expected = {p.name: (self.entries(p, orders, cards), len(self.files.readable(p))) for p in self.staff}
        entries, archives = expected[next(p.name for p in self.staff if p.role == "general_manager")]
        expected["admin"], expected["reader"] = (entries, archives), (entries, archives + len(self.staff))
        found, until = {}, time.monotonic() + SETTLE_SECONDS
        while found != expected and time.monotonic() < until:
            behind = [who for who in expected if found.get(who) != expected[who]]
            self.chance.shuffle(behind)
            found.update(zip(behind, together(self.held_by, behind)))
        same("entries and archives held", found, expected)
        self.settled = {who: entries for who, (entries, _) in expected.items()}

    # ---- reading ----
    def report(self, who, name, *options):
        if who == "reader":
            done = self.c.reader_do("report", name, *options, "--format", "json")
        else:
            done = self.c.satchel(who, "report", name, *options, "--format", "json")
        report = json.loads(done.stdout, parse_float=Decimal)
        check(not report["lines_cut"] and report["freshness"]["held"] == 0 and report["freshness"]["contested"] == 0, f"{name}: {report}")
        return report

    def groups(self, who, name, measures, *options):
        report = self.report(who, name, *options)
        return {next(iter(g["texts"].values())): tuple(Decimal(str(g["measures"][m])) for m in measures) for g in report["groups"]}

    def rows(self, who, name, *options):
        return [line["texts"] for line in self.report(who, name, *options)["lines"]]

    def register(self, orders):
        """Orders as the report northwind-orders lists them."""
        out = []
        for o in sorted(orders, key=lambda o: o.id):
            archive, c = self.files.archives[o.customer], o.cells
            out.append((o.id, c["orderDate"], self.files.employees[o.employee].name, archive.branch, archive.key, c["requiredDate"],
                        c["shippedDate"], self.files.shippers[c["shipVia"]], o.freight, o.amount, c["shipName"], c["shipAddress"],
                        c["shipCity"], c["shipRegion"], c["shipPostalCode"], c["shipCountry"]))
        return out

    def registered(self, who):
        out = []
        for line in self.rows(who, "northwind-orders"):
            cells = list(line.values())
            out.append((*cells[:8], Decimal(cells[8]), Decimal(cells[9]), *cells[10:]))
        return out

    def author(self, order):
        return self.files.employees[order.employee].name

    def people_and_countries(self, who, orders):
        counts = ("orders", "freight")
        same(f"{who}: orders per employee", self.groups(who, "orders-by-person", counts),
             {k: v[:2] for k, v in summed(orders, self.author).items()})
        same(f"{who}: orders per country", self.groups(who, "orders-by-country", counts),
             {k: v[:2] for k, v in summed(orders, lambda o: o.cells["shipCountry"]).items()})

    def headquarters(self):
        orders, archives = self.files.orders, self.files.archives
        same("orders in full", self.registered("reader"), self.register(orders))
        self.people_and_countries("reader", orders)
        totals = self.report("reader", "northwind-branches")["totals"]
        freight, amount = Decimal(str(totals["freight"])), Decimal(str(totals["amount"]))
        same("totals", [totals["orders"], freight, amount], [len(orders), sum(o.freight for o in orders), sum(o.amount for o in orders)])
        branches = self.groups("reader", "northwind-branches", ("orders", "freight", "amount"))
        same("orders per branch", branches, summed(orders, lambda o: archives[o.customer].branch))
        products = {}
        for line in (line for o in orders for line in o.lines):
            count, quantity = products.get(line.product, (0, Decimal(0)))
            products[line.product] = (count + 1, quantity + line.quantity)
        same("products", self.groups("reader", "northwind-products", ("lines", "quantity")), products)
        self.staff_cards()
        print(f"  headquarters: {totals['orders']} orders, freight {freight}, amount {amount}, {sum(len(o.lines) for o in orders)} lines")
        for branch, (count, freight, amount) in sorted(branches.items()):
            print(f"  {branch}: {count} orders, freight {freight}, amount {amount}")

    def staff_cards(self):
        cards = {r["author"]: r for r in self.rows("reader", "northwind-staff")}
        superior = {p.name: self.files.employees[p.superior].name if p.superior else "" for p in self.staff}
        same("who reports to whom", {n: r["reports_to"] for n, r in cards.items()}, superior)
        same("titles", {n: r["title"] for n, r in cards.items()}, {p.name: p.title for p in self.staff})
        fields = {line["texts"]["author"]: sorted(line["values"]["territories"] or [])
                  for line in self.report("reader", "northwind-territories")["lines"]}
        same("the new field", fields, {p.name: sorted(p.territories) for p in self.staff})

    def on_devices(self, person):
        """What one person's own device shows: the archives he may read, all of them and no others."""
        seen = self.c.ask(person.name, "customer", "list")
        mine = self.files.readable(person)
        same(f"{person.name}: archives", sorted(c["name"] for c in seen["customers"]), sorted(a.name for a in mine))
        owners = {c["name"]: sorted(c["owners"]) for c in seen["customers"]}
        same(f"{person.name}: owners", owners, {a.name: sorted(self.files.employees[e].name for e in a.owners) for a in mine})
        orders = self.files.orders_seen_by(person)
        same(f"{person.name}: orders", self.registered(person.name), self.register(orders))
        if person.role == "branch_manager":
            self.people_and_countries(person.name, orders)
            share = self.groups(person.name, "orders-by-person", ("orders", "freight"), "--branch", person.branch)
            same(f"{person.name}: the branch's share", share,
                 {k: v[:2] for k, v in summed(self.files.orders_in(person.branch), self.author).items()})
        if person.role == "salesperson":
            foreign = self.chance.choice([a for a in self.files.archives.values() if not self.files.may_read(person, a)])
            self.c.satchel(person.name, "customer", "show", foreign.name, ok=(3,))
            self.c.satchel(person.name, "customer", "show", self.numbers[foreign.key], ok=(3,))
        return f"  {person.name} ({person.role}, {person.branch or 'headquarters'}): {len(mine)} archives, {len(orders)} orders"

    def verify(self):
        together(lambda hub: self.c.satcheld("verify", "--data", self.c.folder / hub), list(self.c.hubs))

        def on_its_own(who):
            found = json.loads(self.c.reader_do("verify", "--json").stdout) if who == "reader" else self.c.ask(who, "verify")
            check(found["sound"] and found["unreadable"] == 0 and found["entries"] == self.settled[who], f"{who}: {found}")

        together(on_its_own, list(self.settled))
        print(f"  {len(self.c.hubs)} hubs, {len(self.names) + 1} devices and the reader are sound")

    def play(self):
        started = time.monotonic()

        def done(what):
            print(f"{what} ({time.monotonic() - started:.1f} s)", flush=True)

        self.found()
        done(f"{len(self.files.branches)} branches, {len(self.staff)} employees")
        self.open_archives()
        done(f"{len(self.numbers)} archives imported offline and synced")
        half = len(self.files.orders) // 2 + self.rng.randrange(-100, 100)
        self.work_offline(self.files.orders[:half])
        self.new_field()
        self.work_offline(self.files.orders[half:])
        done(f"{len(self.files.orders)} orders written offline in {self.bursts} bursts, a sync and a new version of a pack between")
        self.fill_new_field()
        self.settle(self.files.orders, cards=3)
        done("all synced")
        self.headquarters()
        done("headquarters' reports equal the files")
        for line in together(self.on_devices, self.staff):
            print(line)
        done("managers and salespeople see their share")
        self.verify()
        done("verified")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, default=19960704)
    options.add_argument("--spoil", action="store_true")
    options.add_argument("--keep", action="store_true")
    options = options.parse_args()
    where = folder()
    if not (where / "orders.csv").is_file():
        print("SKIPPED: the Northwind files are not here; SATCHEL_NORTHWIND names their folder")
        return SKIPPED
    files = Northwind(where)
    print(f"seed {options.seed}; {len(files.orders)} orders, {files.mended['orders']} of them mended", flush=True)
    with Company("Northwind", keep=options.keep, lang="en") as company:
        if options.keep:
            print(f"kept, with its hubs running, in {company.folder}", flush=True)
        Scenario(company, files, random.Random(options.seed), options.spoil).play()
    return 0


if __name__ == "__main__":
    play(main)
