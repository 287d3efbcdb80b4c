#!/usr/bin/env python3
"""Runs tests again that fail, and tells which of them are flaky instead of hiding it.

    tests-with-retry.py [--attempts 3] [--junit REPORT.xml] [--quarantine .github/flaky-tests.txt] -- COMMAND…

A run that passes only at a later attempt is reported as flaky: a warning, and a line in the job's summary. With --junit the tests
that failed are known by name; those that are on the quarantine list may fail without failing the run, and every other failure counts.
Without a report an attempt is right or wrong as a whole, and the list isn't looked at.

Exit 0 where an attempt passed (or only quarantined tests failed in the last one), else the command's own code.
"""
import argparse
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree


def failures(report):
    """Names of tests that failed; None where there is no report that can be read."""
    try:
        root = ElementTree.parse(report).getroot()
    except (OSError, ElementTree.ParseError):
        return None
    failed = set()
    for case in root.iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed.add("::".join(part for part in (case.get("classname"), case.get("name")) if part))
    return failed


def quarantined(path):
    """One name a line; what stands behind # says why and until when."""
    try:
        with open(path, encoding="utf-8") as lines:
            return {line.split("#")[0].strip() for line in lines} - {""}
    except OSError:
        return set()


def tell(lines):
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary and lines:
        with open(summary, "a", encoding="utf-8") as out:
            out.write("### Flaky tests\n\n" + "".join(f"- {line}\n" for line in lines))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--attempts", type=int, default=3)
    parser.add_argument("--junit")
    parser.add_argument("--quarantine", default=".github/flaky-tests.txt")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        parser.error("a command is needed behind --")

    known = quarantined(options.quarantine)
    ever, told = set(), []
    for attempt in range(1, options.attempts + 1):
        if options.junit and os.path.exists(options.junit):
            os.remove(options.junit)  # that of an earlier attempt says nothing about this one
        code = subprocess.call(command)
        failed = failures(options.junit) if options.junit else None
        if code == 0:
            if attempt > 1:
                names = sorted(ever) or [" ".join(command)]
                told += [f"`{name}` passed at attempt {attempt} of {options.attempts}" for name in names]
                print(f"::warning::Flaky: passed at attempt {attempt}: {', '.join(names)}")
            tell(told)
            return 0
        ever |= failed or set()
        if failed and failed <= known:
            names = ", ".join(sorted(failed))
            print(f"::warning::Only quarantined tests failed: {names}")
            tell(told + [f"`{name}` failed and is in quarantine" for name in sorted(failed)])
            return 0
        print(f"Attempt {attempt} of {options.attempts} failed with {code}.", flush=True)
    tell(told + [f"`{name}` failed at every attempt or differently each time" for name in sorted(ever)])
    return code if 0 < code < 256 else 1


if __name__ == "__main__":
    sys.exit(main())
