"""Name every skipped test of the given JUnit reports; fail unless what it needs is absent: reference data, or time."""

from __future__ import annotations

import sys
from xml.etree import ElementTree as ET

EXCUSES = ("reference data absent", "no time left to begin it")


def main(reports: list[str]) -> int:
    """0 when nothing that could run was skipped."""
    unexcused = 0
    for report in reports:
        for case in ET.parse(report).iter("testcase"):
            for skipped in case.iter("skipped"):
                reason = skipped.get("message", "")
                excused = any(excuse in reason for excuse in EXCUSES)
                unexcused += not excused
                verdict = "excused" if excused else "NOT EXCUSED"
                print(f"skipped, {verdict}: {case.get('classname')}::{case.get('name')}: {reason}")
    return min(unexcused, 1)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
