"""Write docs/screens: the console of a real node while a real demo plays, in four states."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
SCREENS = ROOT / "docs" / "screens"
SPEED = 10.0
# Seconds of the flight at which a picture is taken, and its name.
MOMENTS = ((130.0, "boost"), (330.0, "midflight"), (1_400.0, "after"))
LINKS_WITHIN_S = 90.0
LINK = re.compile(r"(USA|JPN|KOR)\s+(http\S+)")
FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
)


def links(told: Path) -> dict[str, str]:
    """The sign-in links that the demo printed."""
    until = time.monotonic() + LINKS_WITHIN_S
    while time.monotonic() < until:
        found = dict(LINK.findall(told.read_text()))
        if len(found) == 3:
            return found
        time.sleep(0.2)
    raise SystemExit(f"the demo printed no links within {LINKS_WITHIN_S:.0f} s:\n{told.read_text()}")


def take(page: Page, name: str) -> None:
    """One picture, small enough to keep in the repository."""
    page.screenshot(path=SCREENS / f"{name}.jpg", type="jpeg", quality=82)
    print(SCREENS / f"{name}.jpg")


def photograph(browser: Browser, link: str) -> None:
    """Follow one member's screen through the flight, then look at its live world."""
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    began = time.monotonic()
    page.goto(link)
    page.get_by_role("button", name="Sign in with this link").click()
    for at_s, name in MOMENTS:
        time.sleep(max(0.0, at_s / SPEED - (time.monotonic() - began)))
        take(page, name)
    page.get_by_role("link", name="Live").click()
    page.wait_for_load_state("networkidle")
    time.sleep(4.0)
    take(page, "calm")


def main() -> None:
    """Play, photograph, stop."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        told = Path(folder) / "demo.log"
        command = [sys.executable, "-m", "laurel.cli", "demo", "--speed", str(SPEED), "--folder", f"{folder}/nodes"]
        with told.open("w") as log:
            demo = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
            photograph(browser, links(told)["JPN"])
            browser.close()
        finally:
            demo.terminate()
            demo.wait()


if __name__ == "__main__":
    main()
