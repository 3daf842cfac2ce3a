#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""One company plays the cases of the systems, each in systems/sNN.py: several people and nodes, partly offline, up to its report.

systems.py [sNN ...] plays those named, else all; --part K/N plays every N-th of them, so that several companies share the work.
SATCHEL_PACKS names a folder of packs to publish instead of those built into the programs."""
import importlib
import os
import sys
import time
import traceback
from pathlib import Path

from company import Company, Failed, play

FOLDER = Path(__file__).resolve().parent / "systems"
sys.path.insert(0, str(FOLDER))

STAFF = [
    ("总经理", "general_manager", None, "主管经理", "上级部门领导"),
    ("审计", "auditor", None),
    ("营业部经理", "archive_administrator", None, "营业部经理", "行销部主管", "企划主管"),
    ("客服", "department", None, "客服部", "客户服务部", "客服中心前台", "护理部", "值班人员", "营销办管理部"),
    ("客服乙", "department", None, "值班人员"),
    ("客服经理", "department", None, "客服部经理", "客户服务部经理", "客户服务中心主任", "营管办负责人"),
    ("财务", "department", None, "会计", "总务部", "财务部", "财务负责人", "信用部"),
    ("质量", "department", None, "质量部", "运营部", "人力资源部", "品质管理部", "生产运行部"),
    ("人力", "department", None, "人力资源部负责人", "公司领导"),
    ("经理", "branch_manager", "深圳", "分公司经理", "现场主管", "案场经理", "主刀医生", "主任"),
    ("甲", "salesperson", "深圳", "业务员", "销售部", "销售部对接人", "接待人员", "置业顾问", "商品负责人员", "取货负责人员", "补充负责人员"),
    ("乙", "salesperson", "深圳", "分公司副经理", "副经理", "助理医生", "接待人员", "置业顾问", "单据负责人员", "订货受理", "科长"),
    ("北京经理", "branch_manager", "北京", "分公司经理"),
    ("丁", "salesperson", "北京", "业务员"),
]


class SystemsCompany(Company):
    """Its plays grant rights without asking whether somebody has them already by his role."""

    def satchel(self, who, *args, ok=(0,), stdin=None):
        if args[:1] == ("grant",):
            ok = (*ok, 5)
        return super().satchel(who, *args, ok=ok, stdin=stdin)


def found(c):
    c.found()
    c.branch("深圳")
    c.branch("北京")
    c.people(STAFF)
    c.satchel("admin", "pack", "publish", os.environ.get("SATCHEL_PACKS", "systems"))
    c.settle(["admin", *(name for name, *_ in STAFF)])


def chosen(arguments):
    names = sorted(path.stem for path in FOLDER.glob("s[0-9][0-9].py"))
    if arguments[:1] == ["--part"]:
        part, of = map(int, arguments[1].split("/"))
        return names[part - 1::of]
    unknown = [name for name in arguments if name not in names]
    if unknown:
        sys.exit(f"no such play: {', '.join(unknown)}; there are: {', '.join(names)}")
    return arguments or names


def main():
    names = chosen(sys.argv[1:])
    failed = []
    with SystemsCompany("系统公司") as c:
        begin = time.monotonic()
        found(c)
        print(f"founded ({time.monotonic() - begin:.1f} s)", flush=True)
        for name in names:
            begin = time.monotonic()
            try:
                importlib.import_module(name).play(c)
            except (Failed, LookupError, TypeError, ValueError) as error:
                failed.append(name)
                where = traceback.extract_tb(error.__traceback__)
                line = next((f.lineno for f in reversed(where) if f.filename.endswith(f"{name}.py")), 0)
                print(f"{name} FAILED at line {line}: {type(error).__name__} {error}", flush=True)
            else:
                print(f"{name} played ({time.monotonic() - begin:.1f} s)", flush=True)
    if failed:
        raise Failed(", ".join(failed))
    print("verified")


if __name__ == "__main__":
    play(main)
