#!/usr/bin/env python3
"""Fails when tests cover less than a share of the code.

    python3 coverage-gate.py --min 80 REPORT...

Reports are JaCoCo, Cobertura or Clover (XML), LCOV, or llvm-cov's JSON; patterns such as **/jacoco.xml are allowed, and reports are added
up. Lines have to reach the minimum. So have branches, where they are measured and --branches is given.
"""
import argparse
import glob
import json
import os
import sys
import xml.etree.ElementTree as ET


def jacoco(root):
    found = {c.get("type"): (int(c.get("covered")), int(c.get("covered")) + int(c.get("missed"))) for c in root.findall("counter")}
    return found.get("LINE", (0, 0)), found.get("BRANCH", (0, 0))


def cobertura(root):
    lines = list(root.iter("line"))
    # Methods repeat the lines of their class.
    for method in root.iter("method"):
        inside = {id(line) for line in method.iter("line")}
        lines = [line for line in lines if id(line) not in inside]
    covered = sum(1 for line in lines if int(line.get("hits", "0")) > 0)
    taken = total = 0
    for line in lines:
        text = line.get("condition-coverage", "")
        if "(" in text:
            part, whole = text[text.index("(") + 1:text.index(")")].split("/")
            taken, total = taken + int(part), total + int(whole)
    return (covered, len(lines)), (taken, total)


def clover(root):
    metrics = root.find("project/metrics")
    number = lambda name: int(metrics.get(name, "0"))
    return (number("coveredstatements"), number("statements")), (number("coveredconditionals"), number("conditionals"))


def lcov(text):
    sums = dict.fromkeys(("LF", "LH", "BRF", "BRH"), 0)
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key in sums:
            sums[key] += int(value)
    return (sums["LH"], sums["LF"]), (sums["BRH"], sums["BRF"])


def llvm(data):
    totals = data["data"][0]["totals"]
    part = lambda name: (totals[name]["covered"], totals[name]["count"]) if name in totals else (0, 0)
    return part("lines"), part("branches")


def read(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    start = text.lstrip()[:1]
    if start == "{":
        return llvm(json.loads(text))
    if start != "<":
        return lcov(text)
    if "<!ENTITY" in text:
        raise ValueError("entities are not read")
    root = ET.fromstring(text)
    if root.tag == "report":
        return jacoco(root)
    return clover(root) if root.find("project") is not None else cobertura(root)


def percent(covered, total):
    return 100.0 * covered / total


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--min", type=float, required=True, help="percent of lines")
    parser.add_argument("--branches", type=float, help="percent of branches")
    parser.add_argument("reports", nargs="+")
    args = parser.parse_args()
    paths = sorted({p for pattern in args.reports for p in glob.glob(pattern, recursive=True)})
    if not paths:
        sys.exit("No report was found at " + " ".join(args.reports))
    sums = [[0, 0], [0, 0]]
    for path in paths:
        try:
            for into, (covered, total) in zip(sums, read(path)):
                into[0] += covered
                into[1] += total
        except (ValueError, KeyError, IndexError, AttributeError, TypeError, ET.ParseError) as error:
            sys.exit(f"{path} can't be read as a coverage report: {error}")
    if sums[0][1] == 0:
        sys.exit("The reports hold no lines: nothing was measured.")
    failed, rows = False, []
    for name, (covered, total), limit in (("lines", sums[0], args.min), ("branches", sums[1], args.branches)):
        if total == 0:
            continue
        value = percent(covered, total)
        low = limit is not None and value < limit
        failed = failed or low
        wanted = "" if limit is None else f"{limit:g} %"
        rows.append(f"| {name} | {value:.1f} % | {wanted} | {'too low' if low else 'ok'} |")
        print(f"{name}: {value:.1f} % of {total}" + (f", at least {limit:g} % is asked for" if limit is not None else ""))
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        with open(summary, "a", encoding="utf-8") as file:
            file.write("### Coverage\n\n| of | covered | minimum | |\n|---|---|---|---|\n" + "\n".join(rows) + "\n")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
