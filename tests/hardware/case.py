"""Cases: what is held against what the program should do, and how the outcome is told."""

import time
import traceback
from typing import Callable

ALL: list[tuple[str, Callable]] = []


def case(function: Callable) -> Callable:
    """Marks a function of a `Session` as a case; they run in the order in which they stand."""
    ALL.append((function.__name__, function))
    return function


def run(session, only: str) -> tuple[int, int]:
    """Runs all cases whose names contain `only`, a line each; how many passed and how many failed."""
    passed = failed = 0
    for name, function in ALL:
        if only not in name:
            continue
        began = time.monotonic()
        try:
            function(session)
        except Exception as problem:
            failed += 1
            where = traceback.extract_tb(problem.__traceback__)
            line = next((f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(where)
                         if "tests/hardware" in frame.filename and "check" not in frame.name), "")
            print(f"case {name} FAILED {line} {type(problem).__name__}: {problem}", flush=True)
        else:
            passed += 1
            print(f"case {name} ok ({time.monotonic() - began:.1f} s)", flush=True)
    return passed, failed


def check(found, wanted, what: str = "") -> None:
    """Two values that have to be equal."""
    if found != wanted:
        raise AssertionError(f"{what}: wanted {wanted!r}, found {found!r}")


def check_said(answer, *texts: str, status: int | None = None) -> None:
    """Texts that a person has to see in this order, and the exit status."""
    said = answer.out + answer.err
    at = 0
    for text in texts:
        found = said.find(text, at)
        if found < 0:
            raise AssertionError(f"not said: {text!r}\n{answer}")
        at = found + len(text)
    if "panicked" in said:
        raise AssertionError(f"it panicked\n{answer}")
    if status is not None and answer.status != status:
        raise AssertionError(f"wanted status {status}\n{answer}")


def rules(source: dict) -> list[str]:
    """The rules of all findings of a source in an answer, with those of its backups."""
    findings = source["findings"] + [found for backup in source["backups"] for found in backup["findings"]]
    return sorted({found["rule"] for found in findings})
