# SPDX-License-Identifier: AGPL-3.0-or-later
"""Northwind's files as a company: who works where, who may have which archive, and what the sums must come to.

Nothing here knows Satchel; all amounts are Decimal. The files have unquoted commas in addresses and company names and
the word NULL for nothing; both are mended on reading.

Where an archive belongs is not in the files. The rule, from country and city:
  Northern  Canada, Denmark, Finland, Ireland, Norway, Sweden, UK
  Southern  Argentina, Australia, Brazil, Italy, Mexico, Portugal, Singapore, Spain, Venezuela
  Eastern   Austria, Germany, Japan, Poland, Switzerland
  Western   Belgium, France, Netherlands, USA
  but       Boston Eastern; Ann Arbor Northern; New Orleans Southern; Tsawassen and Vancouver Western
An employee works where his territories are; who reports to nobody is the general manager and works at headquarters.
A branch is led by who manages others in the company, or else by who was hired first of those who work there.
"""
import csv
import os
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

COUNTRIES = {
    "Northern": ("Canada", "Denmark", "Finland", "Ireland", "Norway", "Sweden", "UK"),
    "Southern": ("Argentina", "Australia", "Brazil", "Italy", "Mexico", "Portugal", "Singapore", "Spain", "Venezuela"),
    "Eastern": ("Austria", "Germany", "Japan", "Poland", "Switzerland"),
    "Western": ("Belgium", "France", "Netherlands", "USA"),
}
CITIES = {"Boston": "Eastern", "Ann Arbor": "Northern", "New Orleans": "Southern", "Tsawassen": "Western", "Vancouver": "Western"}
CENT = Decimal("0.01")


def folder():
    root = Path(__file__).resolve().parents[2]
    return Path(os.environ.get("SATCHEL_NORTHWIND") or root.parent / "shared" / "data" / "northwind")


@dataclass
class Employee:
    id: str
    name: str
    title: str
    hired: str
    superior: str  # an employee's id, or nothing
    territories: list
    branch: str = ""  # nothing: headquarters
    role: str = "salesperson"


@dataclass
class Archive:
    key: str
    kind: str
    cells: dict
    branch: str
    owners: list = field(default_factory=list)  # employees' ids; the first one's branch is the archive's

    @property
    def name(self):
        return self.cells["companyName"]


@dataclass
class Line:
    product: str
    price: Decimal
    quantity: Decimal
    discount: Decimal

    @property
    def amount(self):
        return self.price * self.quantity * (1 - self.discount)


@dataclass
class Order:
    id: str
    customer: str
    employee: str
    cells: dict
    freight: Decimal
    lines: list

    @property
    def amount(self):
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def late(self):
        """Shipped after the day it was required for; None while it is not shipped."""
        shipped = self.cells["shippedDate"]
        return shipped > self.cells["requiredDate"] if shipped else None


def mended(cells, width):
    """A comma nobody quoted has split a cell; what follows it begins with a blank and goes back to where it was."""
    out = []
    for cell in cells:
        if len(cells) > width and out and cell.startswith(" "):
            out[-1] += "," + cell
        else:
            out.append(cell)
    if len(out) != width:
        raise ValueError(f"{len(cells)} cells cannot be mended to {width}: {cells}")
    return ["" if cell == "NULL" else cell for cell in out]


def region_of(country, city):
    if city in CITIES:
        return CITIES[city]
    for region, countries in COUNTRIES.items():
        if country in countries:
            return region
    raise ValueError(f"no region for {country}, {city}")


class Northwind:
    def __init__(self, where):
        self.where = Path(where)
        self.mended = {}  # file -> rows that had surplus cells
        self.branches = {row["regionID"]: row["regionDescription"].strip() for row in self._rows("regions")}
        self.employees = self._employees()
        self.orders = self._orders()
        self.archives = self._archives("customers", "customerID", "company")
        self.archives.update(self._archives("suppliers", "supplierID", "supplier"))
        if len({a.name for a in self.archives.values()}) != len(self.archives):
            raise ValueError("two archives of one name")

    def _rows(self, name):
        with open(self.where / f"{name}.csv", encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
        header = lines[0]
        self.mended[name] = sum(len(cells) > len(header) for cells in lines[1:])
        return [dict(zip(header, mended(cells, len(header)))) for cells in lines[1:]]

    def _employees(self):
        regions = {row["territoryID"]: row["regionID"] for row in self._rows("territories")}
        names = {row["territoryID"]: row["territoryDescription"].strip() for row in self._rows("territories")}
        places = {}
        for row in self._rows("employee-territories"):
            places.setdefault(row["employeeID"], []).append(row["territoryID"])
        out = {}
        for row in self._rows("employees"):
            key = row["employeeID"]
            person = Employee(key, f"{row['firstName']} {row['lastName']}", row["title"], row["hireDate"][:10], row["reportsTo"],
                              [names[t] for t in places[key]])
            here = {self.branches[regions[t]] for t in places[key]}
            if len(here) != 1:
                raise ValueError(f"{person.name} works in {here}")
            person.branch = here.pop() if person.superior else ""
            out[key] = person
        superiors = {person.superior for person in out.values()}
        for person in out.values():
            if not person.superior:
                person.role = "general_manager"
        for branch in self.branches.values():
            people = sorted((p for p in out.values() if p.branch == branch), key=lambda p: (p.id not in superiors, p.hired, p.id))
            people[0].role = "branch_manager"
        return out

    def _orders(self):
        products = {row["productID"]: row["productName"] for row in self._rows("products")}
        self.shippers = {row["shipperID"]: row["companyName"] for row in self._rows("shippers")}
        lines = {}
        for row in self._rows("order-details"):
            lines.setdefault(row["orderID"], []).append(
                Line(products[row["productID"]], Decimal(row["unitPrice"]), Decimal(row["quantity"]), Decimal(row["discount"])))
        out = []
        for row in self._rows("orders"):
            for day in ("orderDate", "requiredDate", "shippedDate"):
                row[day] = row[day][:10]
            out.append(Order(row["orderID"], "customers " + row["customerID"], row["employeeID"], row, Decimal(row["freight"]),
                             lines[row["orderID"]]))
        return out

    def _archives(self, name, key, kind):
        served = {}  # archive -> employee -> orders
        for order in self.orders:
            of = served.setdefault(order.customer, {})
            of[order.employee] = of.get(order.employee, 0) + 1
        out = {}
        for row in self._rows(name):
            archive = Archive(f"{name} {row[key]}", kind, row, region_of(row["country"], row["city"]))
            by = served.get(archive.key, {})
            archive.owners = sorted(by, key=lambda e: (self.employees[e].branch != archive.branch, -by[e], e))
            if not archive.owners or self.employees[archive.owners[0]].branch != archive.branch:
                archive.owners.insert(0, self.manager(archive.branch).id)
            out[archive.key] = archive
        return out

    # ---- who is who ----
    def manager(self, branch):
        return next(p for p in self.employees.values() if p.branch == branch and p.role == "branch_manager")

    def may_read(self, person, archive):
        return (person.role == "general_manager" or person.id in archive.owners
                or (person.role == "branch_manager" and person.branch == archive.branch))

    def readable(self, person):
        return [a for a in self.archives.values() if self.may_read(person, a)]

    def orders_seen_by(self, person):
        return [o for o in self.orders if self.may_read(person, self.archives[o.customer])]

    def orders_in(self, branch):
        return [o for o in self.orders if self.archives[o.customer].branch == branch]


def summed(orders, key):
    """What a report groups: key -> orders, freight, amount."""
    out = {}
    for order in orders:
        count, freight, amount = out.get(key(order), (0, Decimal(0), Decimal(0)))
        out[key(order)] = (count + 1, freight + order.freight, amount + order.amount)
    return out
