"""What an officer sees, in a real browser, from a scripted picture."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Response, WebSocketRoute, expect
from tests.browser.access import assert_accessible
from tests.browser.conftest import SCREEN, Feed, Watched

MAX_FIRST_LOAD_BYTES = 1_200_000


def strip_of(page: Page) -> Locator:
    return page.get_by_role("region", name="Alert", exact=True)


def drawn(page: Page) -> None:
    """Waits until the globe carries its labels."""
    expect(page.locator(".labels .label").first).to_be_visible(timeout=30_000)


def test_the_page_shows_what_is_in_flight(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/midflight/")
    expect(strip_of(page)).to_contain_text("LAUNCH — flight over Japan predicted")
    expect(strip_of(page)).to_contain_text(re.compile(r"1[67]:\d\d ± \d+ s"))
    row = page.get_by_role("row").filter(has_text="coast")
    expect(row).to_contain_text("1")
    expect(page.locator("article")).to_contain_text("no member’s land or zone")
    expect(page.locator("article")).to_contain_text("JPN-12, KOR-7, USA-31")
    drawn(page)
    expect(page.locator(".label.impact")).to_contain_text("predicted impact 22:44:00Z")


def test_a_launch_without_an_impact_point_says_why(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/launch/")
    expect(strip_of(page)).to_contain_text("LAUNCH — in flight, no impact point yet")
    expect(strip_of(page)).to_contain_text("Single source, not confirmed")
    expect(page.locator("article")).to_contain_text("Its motor still burns.")


def test_calm_says_what_it_rests_on(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/calm/")
    expect(strip_of(page)).to_contain_text("No alert")
    right = page.get_by_label("The event")
    expect(right).to_contain_text("Nothing is in flight.")
    expect(right).to_contain_text(re.compile(r"3 sensors of ours are watching\.\s+Newest scan \d s ago\."))
    expect(right).to_contain_text("All lines are up.")


def test_red_is_kept_for_our_own_country(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/midflight/")
    expect(strip_of(page)).to_have_attribute("data-strip", "critical")
    page.goto(f"{feed.url}/passed/")
    expect(strip_of(page)).to_have_attribute("data-strip", "caution")


def test_a_withdrawn_alert_is_struck_out_and_named(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/withdrawn/")
    expect(strip_of(page)).to_contain_text("WITHDRAWN")
    expect(strip_of(page).locator("s")).to_have_text("impact predicted in Japan’s 200 NM zone")
    expect(page.locator("[data-alert=withdrawn] s")).to_have_text("Impact predicted")


def test_a_lost_track_is_not_called_an_impact(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/lost/")
    expect(strip_of(page)).to_contain_text("track lost")
    expect(page.locator("article")).to_contain_text(re.compile(r"lost \d+ (s|min) ago, no impact seen"))
    expect(page.locator("article")).to_contain_text("Stale: shown as it was")


def test_a_passed_impact_time_is_not_called_an_impact(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/after/")
    expect(strip_of(page)).to_contain_text("predicted impact time has passed, impact not observed")
    expect(page.locator("article")).to_contain_text("No impact was observed here.")


def test_an_impact_that_was_observed_is_never_called_predicted(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/observed/")
    expect(strip_of(page)).to_contain_text("IMPACT — impact observed in Japan’s 200 NM zone")
    expect(page.locator("article")).to_contain_text("Impact observed")
    expect(page.locator("article")).not_to_contain_text("Predicted impact")
    drawn(page)
    expect(page.locator(".label.observed")).to_contain_text("impact observed")
    expect(page.locator(".label.impact")).to_have_count(0)


def test_what_is_hard_to_believe_says_so_and_stays_on_the_screen(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/doubtful/")
    doubt = page.get_by_role("region", name="What to doubt")
    expect(doubt).to_contain_text("220 new tracks within a minute, 2 in the minute before")
    card = page.locator("article")
    expect(card).to_contain_text("single source, too many at once to believe")
    expect(card).to_contain_text("Sunlight may deceive")
    expect(page.locator("[data-sensor=suspect]")).to_contain_text("Doubted: its angles lie off")
    expect(page.get_by_role("row")).to_have_count(3)
    page.goto(f"{feed.url}/midflight/")
    expect(page.locator("[data-warn]")).to_have_count(0)
    expect(page.locator("article")).to_contain_text("intermediate-range 91 %, medium-range 8 %")


def test_a_launch_that_was_announced_stays_on_the_screen_and_says_how_well_it_fits(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/announced/")
    expect(strip_of(page)).to_contain_text("Two kinds of sensor agree; NOT on the notified path")
    rows = page.get_by_role("row")
    expect(rows).to_have_count(3)
    expect(rows.filter(has_text="flies as notified")).to_have_count(1)
    expect(rows.filter(has_text="NOT on the notified path")).to_have_count(1)
    notice = page.locator("[data-notice]")
    expect(notice).to_contain_text("It is predicted to come down 212 km outside the notified area A")
    expect(notice).to_contain_text("graded A2, passed on by United States")


def test_a_line_that_is_cut_says_so_in_word_shape_and_age(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/lost/")
    korea = page.locator("[data-line]").filter(has_text="KOR")
    expect(korea).to_have_attribute("data-line", "path-down")
    expect(korea).to_contain_text("Path cut")
    expect(korea).to_contain_text(re.compile(r"heard 7\d s ago"))
    america = page.locator("[data-line]").filter(has_text="USA")
    assert korea.locator("svg").inner_html() != america.locator("svg").inner_html()


def test_a_line_that_goes_through_another_member_names_it_calmly(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/relayed/")
    korea = page.locator("[data-line]").filter(has_text="KOR")
    expect(korea).to_have_attribute("data-line", "relayed")
    expect(korea).to_contain_text("Line up via USA")
    america = page.locator("[data-line]").filter(has_text="Line up").last
    assert korea.locator("svg").inner_html() == america.locator("svg").inner_html()


def test_an_exercise_never_looks_live(page: Page, feed: Feed) -> None:
    looks: dict[str, list[str]] = {}
    for world in ("midflight", "midflight.freedom-27"):
        page.goto(f"{feed.url}/{world}/")
        banner = page.locator("[data-banner=top]")
        expect(banner).to_be_visible()
        style = "e => getComputedStyle(e).backgroundImage + getComputedStyle(e).backgroundColor"
        mark = strip_of(page).locator("strong").first
        looks[world] = [banner.evaluate(style), mark.evaluate(style), mark.inner_text(), page.title()]
    live, exercise = looks.values()
    assert all(one != other for one, other in zip(live, exercise, strict=True))
    expect(page.locator("[data-banner=bottom]")).to_contain_text(re.compile("EXERCISE freedom-27", re.IGNORECASE))
    expect(page.get_by_role("banner")).to_contain_text("exercise time ×1")
    assert "LIVE" not in page.locator("body").inner_text()


def test_the_clock_is_the_nodes_own(page: Page, feed: Feed) -> None:
    page.add_init_script("Date.now = () => 0")
    page.goto(f"{feed.url}/calm/")
    expect(page.get_by_role("banner").locator("time")).to_contain_text(re.compile(r"22:1\d:\d\d"))
    expect(page.get_by_role("banner")).to_contain_text("Oct 3, 2022")


def test_keys_choose_and_the_address_remembers(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/raid/")
    first = page.locator("[data-card]")
    expect(first).to_be_visible()
    urgent = first.get_attribute("data-card")
    page.keyboard.press("j")
    chosen = page.locator("tr.selected").get_attribute("data-track")
    assert chosen != urgent
    page.keyboard.press("f")
    expect(page).to_have_url(re.compile(f"#track={chosen}&follow=off"))
    page.reload()
    expect(page.locator("[data-card]")).to_have_attribute("data-card", str(chosen))
    expect(page.get_by_role("button", name="Follow", exact=True)).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("u")
    expect(page.locator("[data-card]")).to_have_attribute("data-card", str(urgent))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_lost_connection_says_how_old_the_picture_is_and_mends_itself(page: Page, mortal_feed: Feed) -> None:
    page.goto(f"{mortal_feed.url}/midflight/")
    expect(strip_of(page)).to_contain_text("LAUNCH")
    gone = page.get_by_text(re.compile(r"What you see is \d+ s old; reconnecting"))
    expect(gone).to_be_hidden()
    mortal_feed.stop()
    expect(gone).to_be_visible(timeout=20_000)
    expect(strip_of(page)).to_contain_text("LAUNCH")
    mortal_feed.start()
    expect(gone).to_be_hidden(timeout=20_000)


def test_a_stream_that_falls_silent_is_a_lost_connection(page: Page, feed: Feed) -> None:
    def mute(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        heard: list[str | bytes] = []

        def first_words_only(message: str | bytes) -> None:
            heard.append(message)
            if len(heard) <= 3:
                socket.send(message)

        server.on_message(first_words_only)

    page.route_web_socket(re.compile("stream"), mute)
    page.goto(f"{feed.url}/calm/")
    expect(strip_of(page)).to_contain_text("No alert")
    expect(page.get_by_text(re.compile("What you see is 1[12] s old"))).to_be_visible(timeout=25_000)


def test_who_is_not_signed_in_is_told_how(page: Page, feed: Feed) -> None:
    page.goto(f"{feed.url}/signed-out/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_text("laurel officer link")).to_be_visible()


def test_nothing_is_asked_of_another_host_and_nothing_is_wrong(page: Page, feed: Feed, watched: Watched) -> None:
    for world in ("midflight", "calm.freedom-27"):
        page.goto(f"{feed.url}/{world}/")
        drawn(page)
    assert watched.complaints == []
    local = (feed.url, feed.url.replace("http", "ws"), "data:", "blob:")
    assert [url for url in watched.requests if not url.startswith(local)] == []


def test_the_first_load_is_small(page: Page, feed: Feed) -> None:
    sizes: dict[str, int] = {}

    def weigh(response: Response) -> None:
        if response.url.startswith(feed.url):
            sizes[response.url] = len(gzip.compress(response.body(), 6))

    page.on("response", weigh)
    page.goto(f"{feed.url}/midflight/")
    drawn(page)
    assert 300_000 < sum(sizes.values()) <= MAX_FIRST_LOAD_BYTES


SCENES = (
    "calm",
    "launch",
    "midflight",
    "midflight.freedom-27",
    "withdrawn",
    "lost",
    "observed",
    "doubtful",
    "announced",
    "after",
    "raid",
    "signed-out",
)


@pytest.mark.long
@pytest.mark.parametrize("scene", SCENES)
def test_everyone_can_use_it(page: Page, feed: Feed, scene: str) -> None:
    page.goto(f"{feed.url}/{scene}/")
    if scene != "signed-out":
        drawn(page)
    assert_accessible(page)


def test_everyone_can_use_the_page_of_keys_and_the_lost_page(page: Page, mortal_feed: Feed) -> None:
    page.goto(f"{mortal_feed.url}/midflight/")
    drawn(page)
    mortal_feed.stop()
    expect(page.get_by_text("reconnecting")).to_be_visible(timeout=20_000)
    assert_accessible(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert_accessible(page)


def test_without_webgl_the_table_takes_over(
    browser: Browser, browser_type_launch_args: dict[str, Any], feed: Feed
) -> None:
    flat: dict[str, Any] = {**browser_type_launch_args, "args": ["--no-sandbox", "--disable-3d-apis"]}
    blind = browser.browser_type.launch(**flat)
    page = blind.new_page(viewport=SCREEN)
    page.goto(f"{feed.url}/raid/")
    expect(page.get_by_text("This browser cannot draw the globe")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(9)
    expect(page.get_by_role("columnheader", name="Place")).to_be_visible()
    assert_accessible(page)
    blind.close()
