#!/usr/bin/env python3
"""Makes one thing go wrong on purpose, and looks whether install and tests take it as they should.

    chaos.py latency | exhaustion | dependency-failure | timeout | corrupted-artifact | flaky-test | parallel-failure | cold-cache

INSTALL and TEST are the commands, LOCKFILE the file that pins what is installed. LIMIT: seconds a command may take (900);
HANG: seconds a command may hang before it is ended (60); DELAY: milliseconds of latency (100); RUNS: repetitions (3).

Exit 0: it was taken as it should. 1: it was not. 2: the fault couldn't be made.
"""
import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

INSTALL = os.environ.get("INSTALL", "")
TEST = os.environ.get("TEST", "")
LOCKFILE = os.environ.get("LOCKFILE", "")
LIMIT = float(os.environ.get("LIMIT", "900"))
HANG = float(os.environ.get("HANG", "60"))
DELAY = os.environ.get("DELAY", "100")
RUNS = int(os.environ.get("RUNS", "3"))


class Wrong(Exception):
    """The pipeline didn't take the fault as it should."""


class Impossible(Exception):
    """The fault couldn't be made."""


def start(command, env=None, cwd=None):
    # A group of its own, so that children can be ended with it.
    return subprocess.Popen(["bash", "-euo", "pipefail", "-c", command], env={**os.environ, **(env or {})}, cwd=cwd, start_new_session=True)


def end(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def run(command, env=None, limit=None, cwd=None):
    """The exit code; None where the command had to be ended."""
    if not command:
        return 0
    process = start(command, env, cwd)
    try:
        return process.wait(limit or LIMIT)
    except subprocess.TimeoutExpired:
        end(process)
        return None


def must_pass(what, command, env=None, cwd=None):
    code = run(command, env, cwd=cwd)
    if code is None:
        raise Wrong(f"{what} did not end within {LIMIT:.0f} s")
    if code != 0:
        raise Wrong(f"{what} failed with {code}")


def empty_caches(folder):
    """Settings under which every package manager starts with an empty cache."""
    def at(name):
        return os.path.join(folder, name)
    return {
        "npm_config_cache": at("npm"), "npm_config_store_dir": at("pnpm"), "YARN_CACHE_FOLDER": at("yarn"), "BUN_INSTALL_CACHE_DIR": at("bun"),
        "PIP_CACHE_DIR": at("pip"), "UV_CACHE_DIR": at("uv"), "POETRY_CACHE_DIR": at("poetry"), "PIPENV_CACHE_DIR": at("pipenv"),
        "GOMODCACHE": at("gomod"), "GOCACHE": at("go"), "GOFLAGS": "-modcacherw", "GRADLE_USER_HOME": at("gradle"),
        "MAVEN_ARGS": "-Dmaven.repo.local=" + at("maven"), "NUGET_PACKAGES": at("nuget"), "COMPOSER_CACHE_DIR": at("composer"),
        "CARGO_NET_RETRY": "1", "BUNDLE_USER_CACHE": at("bundle"),
    }


def proxy(port):
    url = f"http://127.0.0.1:{port}"
    return {name: url for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "npm_config_proxy", "npm_config_https_proxy")}


def latency():
    """Every packet on this machine is late: tests that talk to services must still pass."""
    must_pass("install", INSTALL)
    try:
        subprocess.run(["sudo", "tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", f"{DELAY}ms", "20ms"], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Impossible(f"tc: {error}")
    try:
        must_pass(f"tests with {DELAY} ms of latency", TEST)
    finally:
        subprocess.run(["sudo", "tc", "qdisc", "del", "dev", "lo", "root"], check=False)


def exhaustion():
    """All processors are busy and half of the memory is taken: tests must still pass, if more slowly."""
    must_pass("install", INSTALL)
    share = float(os.environ.get("MEMORY_SHARE", "0.5"))
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    # Every page is written to: memory that is only asked for isn't taken.
    eater = f"b = bytearray({int(free * share)})\nfor i in range(0, len(b), 4096): b[i] = 1\nimport time\ntime.sleep({LIMIT})"
    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 2)]
    burners.append(subprocess.Popen([sys.executable, "-c", eater]))
    try:
        must_pass("tests without free processors and memory", TEST)
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


def recovers():
    must_pass("install after the fault", INSTALL)
    must_pass("tests after the fault", TEST)


def dependency_failure():
    """The registry refuses connections: install must give up by itself, and work again afterwards."""
    with socket.socket() as taken, tempfile.TemporaryDirectory() as caches:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused at once
        code = run(INSTALL, {**empty_caches(caches), **proxy(taken.getsockname()[1])})
        if code is None:
            raise Wrong(f"install still hangs {LIMIT:.0f} s after the registry went away")
        print("install needs no network" if code == 0 else f"install gave up with {code}")
    recovers()


def timeout():
    """The registry takes connections and never answers: a command that hangs can be ended, and leaves nothing broken."""
    stop, held = threading.Event(), []
    with socket.socket() as server, tempfile.TemporaryDirectory() as caches:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.2)

        def hold():
            while not stop.is_set():
                try:
                    held.append(server.accept()[0])
                except OSError:
                    pass
        holder = threading.Thread(target=hold)
        holder.start()
        began = time.monotonic()
        try:
            code = run(INSTALL, {**empty_caches(caches), **proxy(server.getsockname()[1])}, limit=HANG)
        finally:
            stop.set()
            holder.join()
            for connection in held:
                connection.close()
        took = time.monotonic() - began
        print(f"install was ended after {took:.0f} s" if code is None else f"install ended with {code} after {took:.0f} s")
        if took > HANG + 30:
            raise Wrong("install couldn't be ended")
    recovers()


def digest(path):
    with open(path, "rb") as data:
        return hashlib.sha256(data.read()).hexdigest()


HASH = re.compile(r"(sha512-|sha256:|sha256-|h1:|checksum = \"|sha1-)([A-Za-z0-9+/]{8})")


def corrupted_artifact():
    """A byte of an artifact flips on its way: its checksum must show it. A hash of the lockfile is wrong: install must refuse."""
    with tempfile.TemporaryDirectory() as folder:
        artifact, broken, short = (os.path.join(folder, name) for name in ("artifact.tar", "broken.tar", "short.tar"))
        subprocess.run(["git", "archive", "--output", artifact, "HEAD"], check=True)
        expected = digest(artifact)
        shutil.copy(artifact, broken)
        with open(broken, "r+b") as data:
            data.seek(os.path.getsize(broken) // 2)
            byte = data.read(1)
            data.seek(-1, os.SEEK_CUR)
            data.write(bytes([byte[0] ^ 1]))
        shutil.copy(artifact, short)
        os.truncate(short, os.path.getsize(short) - 1)
        for name, path, same in (("the artifact", artifact, True), ("a flipped byte", broken, False), ("a cut file", short, False)):
            if (digest(path) == expected) != same:
                raise Wrong(f"the checksum is wrong about {name}")
    if not LOCKFILE or not os.path.exists(LOCKFILE):
        print("there is no lockfile whose hashes could be wrong")
        return
    with open(LOCKFILE, encoding="utf-8") as file:
        text = file.read()
    # Every hash: one that isn't needed on this system is never looked at.
    spoiled, count = HASH.subn(lambda m: m.group(1) + m.group(2)[::-1].swapcase() if m.group(1) != "checksum = \"" else m.group(1) + m.group(2)[::-1], text)
    if count == 0 or spoiled == text:
        print(f"{LOCKFILE} holds no hashes: what is installed is taken on trust")
        return
    with tempfile.TemporaryDirectory() as caches:
        try:
            with open(LOCKFILE, "w", encoding="utf-8") as file:
                file.write(spoiled)
            code = run(INSTALL, empty_caches(caches))
        finally:
            with open(LOCKFILE, "w", encoding="utf-8") as file:
                file.write(text)
    if code == 0:
        raise Wrong(f"install takes packages whose hashes in {LOCKFILE} are wrong")
    recovers()


def flaky_test():
    """The same tests on the same code: every run must end as the first did."""
    must_pass("install", INSTALL)
    codes = [run(TEST) for _ in range(RUNS)]
    print(f"exit codes of {RUNS} runs: {codes}")
    if len(set(codes)) > 1:
        raise Wrong("tests pass and fail on the same code")
    if codes[0] != 0:
        raise Wrong("tests fail every time")


def parallel_failure():
    """Jobs run side by side and one fails: the others must be as right as alone, and the failure must be seen."""
    must_pass("install", INSTALL)
    with tempfile.TemporaryDirectory() as folder:
        copies = [shutil.copytree(".", os.path.join(folder, f"copy{i}"), symlinks=True) for i in range(2)]
        running = [start(TEST or "true", cwd=copy) for copy in copies] + [start("exit 3")]
        try:
            codes = [process.wait(LIMIT) for process in running]
        except subprocess.TimeoutExpired:
            raise Wrong("tests that run side by side wait for each other")
        finally:
            for process in running:
                end(process)
    print(f"exit codes: {codes}")
    if codes[-1] != 3:
        raise Wrong("the failure of one job was lost")
    if any(codes[:-1]):
        raise Wrong("tests fail when they run side by side")


def cold_cache():
    """Nothing is cached: install and tests must pass all the same."""
    with tempfile.TemporaryDirectory() as caches:
        must_pass("install without a cache", INSTALL, empty_caches(caches))
        must_pass("tests without a cache", TEST, empty_caches(caches))


SCENARIOS = {
    "latency": latency, "exhaustion": exhaustion, "dependency-failure": dependency_failure, "timeout": timeout,
    "corrupted-artifact": corrupted_artifact, "flaky-test": flaky_test, "parallel-failure": parallel_failure, "cold-cache": cold_cache,
}


def main():
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if name not in SCENARIOS:
        print(__doc__)
        return 2
    try:
        SCENARIOS[name]()
        code, text = 0, "taken as it should"
    except Wrong as wrong:
        code, text = 1, str(wrong)
        print(f"::error::{name}: {wrong}")
    except Impossible as impossible:
        code, text = 2, f"couldn't be made: {impossible}"
        print(f"::error::{name} {text}")
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        with open(summary, "a", encoding="utf-8") as out:
            out.write(f"| scenario | result |\n|---|---|\n| {name} | {text} |\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
