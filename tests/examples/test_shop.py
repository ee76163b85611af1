"""The worked example, used in a real browser as its visitors do."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.examples.chromium import Failed, chromium
from tests.examples.shop import running_shop
from tests.run.trust.homes import make_home, on_own_machine
from tests.support import need, run_homeport, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.examples.chromium import Browser, Page
    from tests.run.trust.homes import Home
    from tests.running import RunningProject

# One browser and one shop for all of them.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("shop")]

SHELVES = "document.querySelectorAll('.product').length === 6"
LIVE = "document.querySelector('#live').classList.contains('on')"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return make_home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, home: Home) -> Generator[RunningProject]:
    with running_shop(tmp_path_factory.mktemp("shop")) as made:
        # The authority is that of the home in which the browser lives.
        made.env |= home.env | {"XDG_RUNTIME_DIR": made.env["XDG_RUNTIME_DIR"]}
        settled = made.up(timeout=100)
        states = {each["name"]: each["state"] for each in settled["project"]["services"]}
        assert states == dict.fromkeys(("web", "api", "packer", "db", "cache"), "ready")
        yield made


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory, home: Home) -> Generator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile"), home.env) as made:
        yield made


def address(shop: RunningProject, scheme: str = "http", host: str = "web.shop") -> str:
    return f"{scheme}://{host}.localhost:{shop.gateway_port}/"


def open_shop(page: Page, url: str) -> None:
    page.visit(url)
    page.wait_for(SHELVES)
    page.wait_for(LIVE)


def buy(page: Page, product: str) -> str:
    """Orders one of a product; what the page says of the order in the end."""
    page.click(f"#products [data-product={product}] button")
    page.wait_for(f"document.querySelector('#cart [data-product={product}]')")
    page.click("#order")
    page.wait_for("document.querySelector('#said').innerText.includes('is packed')")
    return page.text("#said")


def stock(page: Page, product: str) -> int:
    return int(page.text(f"[data-product={product}] .stock").split()[0])


@pytest.mark.parametrize("host", ["web.shop", "shop"])
def test_the_page_shows_what_is_sold(shop: RunningProject, browser: Browser, host: str) -> None:
    with browser.page() as page:
        open_shop(page, address(shop, host=host))
        assert page.texts(".product h3")[:2] == ["Storm lantern", "Brass compass"]
        page.wait_for("[...document.images].every((each) => each.naturalWidth > 0)")


def test_the_cart_is_there_after_a_reload(shop: RunningProject, browser: Browser) -> None:
    with browser.page() as page:
        open_shop(page, address(shop))
        for _ in range(2):
            page.click("#products [data-product=mug] button")
        there = "document.querySelector('#cart .count')?.innerText[0] === '2'"
        page.wait_for(there)
        page.reload()
        page.wait_for(there)
        assert "€28.00" in page.text("#total")
        for _ in range(2):
            page.click("#cart [data-product=mug] button")
        page.wait_for("!document.querySelector('#cart li')")


def test_an_order_is_seen_on_another_page_at_once(shop: RunningProject, browser: Browser) -> None:
    with browser.page() as one, browser.page() as other:
        open_shop(other, address(shop))
        open_shop(one, address(shop))
        before = stock(other, "rope")
        assert "is packed and on its way" in buy(one, "rope")
        left = "document.querySelector('[data-product=rope] .stock').innerText"
        other.wait_for(f"{left} === '{before - 1} left'")
        wait_until(lambda: "is packed" in shop.homeport("logs", "packer").stdout)


def test_a_click_is_heard_though_the_shelves_change_under_it(
    shop: RunningProject, browser: Browser
) -> None:
    with browser.page() as one, browser.page() as other:
        open_shop(one, address(shop))
        open_shop(other, address(shop))
        before = stock(one, "compass")
        with one.pressed("#products [data-product=buoy] button"):
            buy(other, "compass")
            left = "document.querySelector('[data-product=compass] .stock').innerText"
            one.wait_for(f"{left} === '{before - 1} left'")
        one.wait_for("document.querySelector('#cart [data-product=buoy]')")


def test_a_change_of_the_page_is_seen_without_a_reload(
    shop: RunningProject, browser: Browser
) -> None:
    with browser.page() as page:
        open_shop(page, address(shop))
        page.run("window.isOld = true")
        style = shop.root / "web" / "src" / "style.css"
        style.write_text(style.read_text() + "h1 { letter-spacing: 7px }\n")
        heading = "getComputedStyle(document.querySelector('h1')).letterSpacing"
        page.wait_for(f"{heading} === '7px' && window.isOld")


def test_over_https_it_is_refused_until_the_authority_is_trusted(
    shop: RunningProject, browser: Browser, home: Home, tmp_path: Path
) -> None:
    url = address(shop, "https")
    with browser.page() as page, pytest.raises(Failed, match="ERR_CERT_AUTHORITY_INVALID"):
        page.visit(url)
    told = _trusted(home, tmp_path)
    assert re.search(r"Chromium or Chrome +trusts it", told), told
    # A browser reads the store when it starts.
    with chromium(tmp_path / "profile", home.env) as trusting, trusting.page() as page:
        open_shop(page, url)
        assert page.run("isSecureContext && location.protocol") == "https:"
        assert "is packed" in buy(page, "sweater")
        with pytest.raises(Failed, match="ERR_SSL_UNRECOGNIZED_NAME_ALERT"):
            page.visit(address(shop, "https", "nobody.shop"))


def _trusted(home: Home, tmp_path: Path) -> str:
    """What `homeport trust` says. Root, who would change the machine, is given a copy of it."""
    if os.geteuid() == 0:
        return on_own_machine(tmp_path, "homeport trust 2>&1 || true", home.env).stdout
    return run_homeport("trust", env=home.env, timeout=100).stdout


def test_its_database_is_reached_by_name_with_the_password_only(shop: RunningProject) -> None:
    psql = need("psql", package="postgresql")
    printed = shop.homeport("env", "--json").stdout
    password = json.loads(printed)["variables"]["PGPASSWORD"]
    where = f"host=db.shop.localhost hostaddr=127.0.0.1 port={shop.gateway_port}"
    login = f"{where} user=postgres dbname=shop connect_timeout=20 sslmode=require"

    def ask(secret: str) -> subprocess.CompletedProcess[str]:
        argv = [psql, login, "-Atc", "SELECT count(*) FROM product"]
        env = {**shop.env, "PGPASSWORD": secret, "HOME": "/nowhere"}
        return subprocess.run(
            argv, env=env, capture_output=True, text=True, timeout=60, check=False
        )

    assert ask(password).stdout == "6\n"
    assert "password authentication failed" in ask("wrong").stderr
