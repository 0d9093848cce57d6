"""The page of `naidi serve` in a real Chromium: keys, filters, documents, both languages, colours and widths, without a script.

Every page that a test opens is watched: an error on its console, a refused resource or a request to elsewhere fails the test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from chromium import chromium, missing
from naidi import Document, Writer, fields
from served import Served, serve

pytestmark = pytest.mark.browser
pytest.importorskip("uvicorn", reason="the extra [web] is not installed")

EVIL = '<script>document.title="evil"</script><img src=x onerror="document.title=1">\u202e\x1b[31m vaccine'


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    directory = tmp_path_factory.mktemp("page") / "index"
    with Writer(directory, schema={"brand": fields.Keyword()}) as writer:
        for number in range(25):
            text = (
                f"Vaccine number {number}.\n\nChildren wait for a vaccine.\n"
                + "Nothing else.\n" * 60
                + "One kangaroo more.\n"
            )
            writer.add(
                Document(
                    f"folder {number % 3}/{number}.txt",
                    text,
                    title=f"Report {number} of a long series of reports with a title that goes over the width of a phone",
                    path=f"/srv/folder {number % 3}/{number}.txt",
                    language="en",
                    date=date(2020 + number % 4, 5, 29),
                    fields={"brand": "Bosch" if number % 2 else "Makita"},
                )
            )
        writer.add(
            Document("ru/вакцины.md", "Вакцины лечат детей. " * 30, title="Новости здравоохранения", language="ru")
        )
        leaf = "A tulip stands on each page.\n" * 20
        writer.add(Document("book", f"{leaf * 3}A rose.\n", title="Book", pages=tuple(len(leaf) * n for n in range(3))))
        writer.add(Document("evil", f"{EVIL}\n{EVIL}\n" + "a" * 500, title=EVIL))
        writer.add(Document("long", "\n".join(f"line {n} of many words" for n in range(9_000)), title="Long"))
    with serve(directory) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


Opened = Callable[..., Any]


@pytest.fixture
def opened(browser: Any, served: Served) -> Iterator[Opened]:
    """Opens a page: `opened("/?q=a", width=375, dark=True, language="ru", script=False)`."""
    contexts: list[Any] = []
    wrong: list[str] = []

    def open_page(
        path: str,
        *,
        width: int = 1280,
        dark: bool = False,
        language: str = "en",
        script: bool = True,
        status: int = 200,
    ) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
            locale=language,
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("requestfailed", lambda request: wrong.append(f"{request.url}: {request.failure}"))
        page.on("request", lambda request: None if request.url.startswith(served.url) else wrong.append(request.url))
        answer = page.goto(served.url.rstrip("/") + path)
        assert answer.status == status
        if status != 200:
            wrong.clear()  # Chromium tells of the status itself
        return page

    yield open_page
    for context in contexts:
        context.close()
    # A completion that is no longer wanted is given up.
    assert not [told for told in wrong if not ("/api/suggest" in told and "ERR_ABORTED" in told)]


def test_search_with_the_keyboard_alone(opened: Opened) -> None:
    page = opened("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("vaccines")
    page.keyboard.press("Enter")
    page.wait_for_selector("ol.hits")
    assert page.locator(".summary").inner_text().startswith("27 documents")
    assert page.locator("ol.hits mark").first.inner_text().lower().startswith("vaccine")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    first = page.locator("a.hit").first
    assert page.evaluate("document.activeElement === document.querySelector('a.hit')")
    address = first.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_selector(".document")
    assert page.url.endswith(address)
    page.keyboard.press("u")
    page.wait_for_selector("ol.hits")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"


def test_an_address_has_no_more_than_was_said(opened: Opened) -> None:
    page = opened("/?q=vaccine")
    page.locator("#q").fill("children")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=children")


def test_completions_with_the_keyboard(opened: Opened) -> None:
    page = opened("/?q=report")
    box = page.locator("#q")
    box.fill("")
    box.press_sequentially("numbe")
    page.wait_for_selector("#completions li")
    assert box.get_attribute("aria-expanded") == "true" and box.get_attribute("role") == "combobox"
    page.keyboard.press("ArrowDown")
    chosen = page.locator('#completions [aria-selected="true"]')
    assert chosen.inner_text() == "number" and box.input_value() == "number"
    assert box.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    assert "Completions: " in page.locator('[role="status"]').inner_text()
    page.keyboard.press("ArrowUp")
    assert box.input_value() == "numbe" and box.get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    assert page.locator("#completions").is_hidden() and box.input_value() == "numbe"
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("#completions li")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=number*")


def test_completions_with_the_mouse(opened: Opened) -> None:
    page = opened("/")
    page.locator("#q").press_sequentially("vacc")
    page.locator("#completions li").first.click()
    page.wait_for_url("**/?q=vaccine")


def test_filters(opened: Opened) -> None:
    page = opened("/?q=vaccine")
    page.get_by_role("link", name="Bosch").click()
    page.wait_for_url("**f=brand*")
    assert page.locator(".summary").inner_text().startswith("12 documents")
    page.locator("aside").get_by_role("link", name="2021").click()
    page.wait_for_url("**date*")
    assert page.locator(".chip").count() == 2
    page.locator("#q").fill("children")  # filters stay for another query
    page.keyboard.press("Enter")
    page.wait_for_url("**q=children*")
    assert page.locator(".chip").count() == 2
    page.get_by_role("link", name="Remove the filter Year: 2021").click()
    page.wait_for_url(lambda url: "date" not in url)
    page.get_by_role("link", name="Clear all").click()
    page.wait_for_url(lambda url: "f=" not in url)
    assert page.locator(".chip").count() == 0


def test_order_and_dates(opened: Opened) -> None:
    page = opened("/?q=vaccine")
    page.get_by_text("Order, dates and words").click()
    page.get_by_label("Order").select_option("-date")
    page.get_by_label("From").fill("2021-01-01")
    page.get_by_label("All of the words").check()
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**since=2021-01-01*")
    assert "sort=-date" in page.url and "mode=all" in page.url and "until" not in page.url
    assert page.locator("ol.hits time").first.get_attribute("datetime") == "2023-05-29"
    page.get_by_role("link", name="Next").click()
    page.wait_for_url("**offset=10*")
    assert page.get_by_role("link", name="Previous").is_visible()
    page.go_back()
    page.wait_for_url(lambda url: "offset" not in url)
    assert page.locator("select").is_enabled()


def test_a_document_at_the_place(opened: Opened) -> None:
    page = opened("/?q=vaccine+kangaroo&f=lang:en")
    page.locator("a.place", has_text="line 64").first.click()
    page.wait_for_selector(".document")
    place = page.locator("#at + mark")
    assert 0 < place.bounding_box()["y"] < 800 and page.evaluate("scrollY") > 200
    colour = "one => getComputedStyle(one).backgroundColor"
    assert place.evaluate(colour) != page.locator("#m1").evaluate(colour)
    page.keyboard.press("n")  # round to the first
    assert place.evaluate(colour) != page.locator("#m1").evaluate(colour)
    assert page.locator("mark:target").get_attribute("id") == "m1"
    page.keyboard.press("n")
    page.keyboard.press("p")
    page.keyboard.press("p")
    last = page.locator("mark[id]").last
    assert page.locator("mark:target").get_attribute("id") == last.get_attribute("id")
    page.locator("#next-mark").click()
    assert page.url.endswith("#m1")


def test_pages_of_a_document(opened: Opened) -> None:
    page = opened("/documents/book?q=tulip#p3")
    name = page.locator("#p3 .page-name")
    assert name.inner_text() == "page 3" and 0 <= name.bounding_box()["y"] < 300
    page = opened("/?q=rose")
    page.locator("a.place", has_text="page 3").click()
    page.wait_for_selector(".document")
    assert page.locator("#p3 #at").count() == 1 and page.locator("#p3 mark").is_visible()


def test_keys_can_be_switched_off(opened: Opened) -> None:
    page = opened("/help")
    page.get_by_label("Use these keys").uncheck()
    page.locator("h1").click()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "q"
    page.reload()
    assert not page.get_by_label("Use these keys").is_checked()


def test_a_document_means_no_harm(opened: Opened) -> None:
    for path in ("/?q=evil+onerror", "/documents/evil?q=vaccine"):
        page = opened(path)
        assert "document.title" in page.content() and page.title() not in ("evil", "1")
        assert page.locator("main img, main script").count() == 0


@pytest.mark.parametrize("path", ["/", "/?q=vaccine", "/?q=vaccine&since=2020&exact=1&f=lang:en", "/documents/evil?q=vaccine",
    "/documents/folder%200/0.txt?q=vaccine", "/documents/long?q=words", "/help"])  # fmt: skip
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_phone_scrolls_in_one_direction(opened: Opened, path: str, language: str) -> None:
    page = opened(path, width=375, language=language)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    narrow = opened(path, width=320, language=language)
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 320


def test_filters_are_reached_on_a_phone(opened: Opened) -> None:
    page = opened("/?q=vaccine", width=375)
    page.locator(".jump a").click()
    assert page.url.endswith("#filters") and page.locator("aside h2").is_visible()


def test_without_a_script(opened: Opened) -> None:
    page = opened("/", script=False)
    page.locator("#q").fill("vaccine")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**/?q=vaccine")
    page.get_by_role("link", name="Makita").click()
    page.wait_for_url("**brand*")
    page.get_by_text("Order, dates and words").click()
    page.locator("select").select_option("title")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**sort=title*")
    page.locator("a.hit").first.click()
    page.wait_for_selector(".document")
    page.locator("#next-mark").click()
    page.wait_for_url("**#m1")
    page.locator(".go a:visible").last.click()
    page.wait_for_url("**#m2")
    assert page.locator("mark:target").count() == 1


def test_dark_and_light(opened: Opened) -> None:
    def ground(page: Any) -> int:
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))

    assert ground(opened("/?q=vaccine", dark=True)) < 150 < 600 < ground(opened("/?q=vaccine"))


def test_both_languages(opened: Opened) -> None:
    russian = opened("/?q=вакцины", language="ru-RU")
    if russian.locator("html").get_attribute("lang") != "ru":
        missing("the Russian catalogue is not there")
    assert russian.get_by_role("button", name="Найти").is_visible()
    assert russian.locator("a.hit[lang=ru]").count() == 1
    russian.get_by_role("link", name="English", exact=True).last.click()
    russian.wait_for_url("**ui=en*")
    assert russian.get_by_role("button", name="Search").is_visible()
    russian.locator("a.hit").first.click()
    russian.wait_for_selector(".document")
    assert russian.locator("html").get_attribute("lang") == "en"


def test_the_headings_and_landmarks(opened: Opened) -> None:
    for path in ("/", "/?q=vaccine", "/documents/evil?q=vaccine", "/help"):
        page = opened(path)
        assert page.locator("h1").count() == 1 and page.locator("main").count() == 1
        assert page.get_by_role("search").count() == 1
        page.keyboard.press("Tab")
    page = opened("/?q=vaccine")
    page.keyboard.press("Tab")
    assert page.locator(".skip").evaluate("one => one === document.activeElement")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


PAGES = {
    "/": 200,
    "/?q=vaccine": 200,
    "/?q=vaccine&f=lang:en&since=2020&mode=all": 200,
    "/?q=chidren+wiat": 200,
    "/?q=zzzqqq&f=lang:en": 200,
    "/?q=a&since=foo": 422,
    "/?q=vaccine&f=foo&offset=abc": 422,
    "/documents/book?q=tulip": 200,
    "/documents/folder%200/0.txt?q=vaccine": 200,
    "/documents/long?q=words&part=2": 200,
    "/documents/evil": 200,
    "/help": 200,
    "/nothing": 404,
}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_axe_finds_nothing(opened: Opened, dark: bool, language: str) -> None:
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ModuleNotFoundError:
        missing("axe-playwright-python is not installed: the extra [browser]")

    def check(page: Any) -> None:
        found = Axe().run(page)
        assert not found.response["violations"], (page.url, found.generate_report())

    for path, status in PAGES.items():
        for width in (1280, 375):
            check(opened(path, dark=dark, language=language, width=width, status=status))
    page = opened("/?q=vaccine", dark=dark, language=language)
    page.locator("#q").fill("")
    page.locator("#q").press_sequentially("vacc")
    page.wait_for_selector("#completions li")
    page.keyboard.press("ArrowDown")
    check(page)


def test_the_policy_refuses_what_is_not_ours(browser: Any, served: Served) -> None:
    """A script that somehow got into a page would not run, and could send nothing."""
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda told: said.append(told.text))
    page.goto(f"{served.url}?q=vaccine")
    page.evaluate(
        """() => {
            const script = document.createElement('script');
            try { script.textContent = 'document.title = "evil"'; document.body.append(script); } catch (error) { }
            const image = new Image();
            image.src = 'http://127.0.0.1:9/evil';
            document.body.append(image);
        }"""
    )
    page.wait_for_timeout(300)
    assert page.title() != "evil" and any("Content Security Policy" in told for told in said)
    context.close()
