# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page on a fleet, in a browser: what it shows, how it is worked with, and that it is no more than it ought to be.

GPVAULT_PICTURES names a folder for pictures of it, to be looked at.
"""

from __future__ import annotations

import csv
import json
import os
import pathlib
import stat
import time
import typing as t

import browser as chromium
import invented_fleet
import pages
import pytest
from ansible_collections.gpvault.gpmc.plugins.filter.fleet_page import fleet_page

_AXE = pathlib.Path(os.environ.get("GPVAULT_BUILD", "build")).resolve() / "axe/node_modules/axe-core/axe.min.js"
_PICTURES = os.environ.get("GPVAULT_PICTURES")

_HOSTILE = (
    "</script><script>window.owned = 1</script>", "<img src=x onerror='window.owned = 1'>", "{{ 7 * 7 }}{% raw %}",
    "\"' onfocus=alert(1) autofocus x=\"", "&lt;b&gt; &amp; ]]>", "left \u202eright\u202c", "a\u0000b\u001b[31m\ud800",
    "=cmd|'/c calc'!A1", "\u2028\u2029", "x" * 255, "日本語 🗝", "javascript:alert(1)",
)  # fmt: skip

_CONTRAST = """(() => {
  const channel = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(channel);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    const colour = node ? getComputedStyle(node).backgroundColor : 'rgb(255, 255, 255)';
    return /, 0\\)$/.test(colour) ? behind(node.parentElement) : colour;
  };
  const texts = document.querySelectorAll('h2, p, a, dt, dd, th, td, small, .badge, button, del, ins, code, label');
  return [...texts].map((node) => {
    const pair = [light(getComputedStyle(node).color), light(behind(node))].sort((one, other) => other - one);
    return [node.tagName + '.' + node.className, (pair[0] + 0.05) / (pair[1] + 0.05)];
  }).filter(([, contrast]) => contrast < 4.5);
})()"""


class Made(t.NamedTuple):
    """The folders of the pages."""

    fleet: pathlib.Path
    big: pathlib.Path
    hostile: pathlib.Path
    output: str


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Pages on a fleet, a large one, and one whose names are what nobody would call a GPO."""
    folders = [tmp_path_factory.mktemp(name) for name in ("fleet", "big", "hostile")]
    sizes = ((8, 20), (50, 500), (1, len(_HOSTILE)))
    fleets = [
        invented_fleet.Fleet(folder, *size, now=time.time()) for folder, size in zip(folders, sizes, strict=True)
    ]
    records = fleets[0].nights(40)
    pages.render(folders[1], fleets[1].keep(fleets[1].nights(2)))
    (hostile,) = fleets[2].nights(1)
    _poison(folders[2], hostile)
    output = pages.report(folders[0], records, (folders[2], [hostile]))
    assert (folders[0] / "fleet.html").exists(), output
    return Made(*folders, output)


def _poison(folder: pathlib.Path, record: dict[str, t.Any]) -> None:
    """Give everything in a run hostile names, and a failure that tells of them."""
    path = folder / f"backups/{record['host']}.json"
    details = json.loads(path.read_text("utf-8"))
    for name, item in zip(_HOSTILE, details["result"]["backups"], strict=True):
        item["gpo"]["name"] = item["backup"]["comment"] = name
        item["reasons"] = ["files", name]
        item["changes"] = [dict.fromkeys(("half", "extension", "name", "before", "after"), name) | {"place": [name]}]
    there = {"kind": "added", "half": "user", "extension": "Scripts", "place": [], "name": "There", "before": None}
    details["result"]["backups"][0]["changes"].append({**there, "after": ""})
    path.write_text(json.dumps(details), "utf-8")
    record["outcome"] = "failed"
    # Half of a character no result of Ansible's can have, only what a file has escaped.
    told = [name.replace("\ud800", "") for name in _HOSTILE]
    failures = [{"step": "backup", "name": name, "id": "{1}", "reason": name} for name in told]
    record.update(failures=failures, more_failures=0, warnings=list(_HOSTILE[:2]), domain=_HOSTILE[1])


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[chromium.Browser]:
    """A browser."""
    if not chromium.CHROMIUM:
        pytest.skip("chromium is not installed")
    started = chromium.Browser(tmp_path_factory.mktemp("profile"))
    try:
        yield started
    finally:
        started.close()


@pytest.fixture
def page(browser: chromium.Browser, made: Made) -> t.Iterator[chromium.Page]:
    """The page on the fleet, which at the end has neither complained nor asked for anything."""
    opened = browser.open(made.fleet / "fleet.html")
    yield opened
    assert opened.complaints() == [] and opened.requests() == [(made.fleet / "fleet.html").as_uri()]
    opened.close()


def _look(page: chromium.Page, name: str) -> None:
    if _PICTURES:
        page.picture(pathlib.Path(_PICTURES) / f"{name}.png")


def _shown(made: Made) -> dict[str, t.Any]:
    return fleet_page((made.fleet / "history.json").read_text("utf-8"))


def _press_until(page: chromium.Page, key: str, condition: str) -> None:
    for _ in range(60):
        page.press(key)
        if page.run(condition):
            return
    raise AssertionError(condition)


def test_the_role_writes_the_page_and_the_same_facts(made: Made) -> None:
    """For nobody but the owner and the group; the run fails since a domain is not well, and not because of the page."""
    assert "2 of 8 domains not well" in made.output
    for name in ("fleet.html", "history.json", "gpos.csv", "changes.csv", "drills.csv"):
        assert stat.S_IMODE((made.fleet / name).stat().st_mode) == 0o640, name
    history = json.loads((made.fleet / "history.json").read_text("utf-8"))
    assert len(history["runs"]) == 40
    known = {gpo["id"]: gpo["name"] for domain in history["domains"] for gpo in domain["gpos"]}
    with (made.fleet / "gpos.csv").open(encoding="utf-8", newline="") as file:
        assert {row["id"]: row["name"] for row in csv.DictReader(file)} == known
    with (made.fleet / "changes.csv").open(encoding="utf-8", newline="") as file:
        assert {row["setting"] for row in csv.DictReader(file)} >= {"Home (H:)", "Minimum password length"}


def test_what_is_to_be_seen_at_a_glance(page: chromium.Page, made: Made) -> None:
    shown = _shown(made)
    total = shown["totals"]
    assert page.texts("#glance dd") == [
        "6 of 8", str(total["gpos"]), f"{total['new']}, {total['changed']}, {total['deleted']}", "2", "0",
        total["oldest"], "7 of 8",
    ]  # fmt: skip
    drills = page.texts("#domains-table tbody td:nth-last-child(2)")
    assert len(drills) == 8 and sum("recovered in" in told for told in drills) == 7 and "–" in drills
    assert sum("failed" in told for told in drills) == 1
    attention = page.text("#attention")
    assert "unreachable" in attention and ": 0x80070005 E_ACCESSDENIED: Access is denied." in attention
    events = total["new"] + total["changed"] + total["deleted"] + total["returned"]
    assert events and len(page.texts("#changes-list > li")) == events
    assert page.run("document.querySelectorAll('#changes-list .settings li').length") >= total["changed"]
    # What each sign means is read out.
    assert set(page.texts("#changes-list .settings .spoken")) == {"added", "removed", "changed"}
    # One that could not be reached has changes of the run before, if any: not before the others, and marked.
    marked = ["in the run of" in text for text in page.texts("#changes-list > li")]
    assert marked == sorted(marked)
    for chart, said in (("runs", "40 runs; in the last "), ("ages", "up to a day: ")):
        assert said in page.run(f"document.querySelector('#{chart}-chart svg').getAttribute('aria-label')")
    page.run("document.querySelector('#runs-chart summary').click()")
    page.run("new Promise((done) => setTimeout(done, 100))")
    assert page.run("document.querySelectorAll('details tr').length") == 41
    assert len(page.texts("#domains-table tbody tr")) == 8
    strip = page.run("document.querySelector('.strip svg').getAttribute('aria-label')")
    assert strip.startswith("The last runs: ") and strip.count(",") == 29


def test_by_keyboard_alone(page: chromium.Page, made: Made) -> None:
    """Find a GPO, open what is known of it, sort, and go on to the rows that are not there yet."""
    page.run("document.querySelector('#find').focus()")
    page.press(*"kiosk")
    page.run("new Promise((done) => setTimeout(done, 150))")
    names = page.texts("#gpos-table tbody th")
    assert names and set(names) == {"Kiosk"} and page.text("#count").startswith(f"{len(names)} GPOs of ")
    _press_until(page, "Tab", "document.activeElement.matches('tbody th button')")
    assert page.run("document.activeElement.getAttribute('aria-expanded')") == "false"
    page.press("Enter")
    assert page.run("document.activeElement.getAttribute('aria-expanded')") == "true"
    detail = page.run("document.getElementById(document.activeElement.getAttribute('aria-controls')).innerText")
    history = json.loads((made.fleet / "history.json").read_text("utf-8"))
    kiosk = next(gpo for gpo in history["domains"][0]["gpos"] if gpo["name"] == "Kiosk")
    assert kiosk["id"] in detail and all(one["id"] in detail and one["comment"] in detail for one in kiosk["backups"])
    page.press(" ")
    assert page.run("document.activeElement.getAttribute('aria-expanded')") == "false"

    page.run("document.querySelector('#find').value = ''; document.querySelector('#gpos thead button').focus()")
    page.press("Enter")
    assert page.run("document.activeElement.parentElement.getAttribute('aria-sort')") == "descending"
    assert page.texts("#gpos-table tbody th")[0] > "V"
    page.press("Tab", "Tab", "Tab", "Enter")
    assert page.texts("#gpos-table [aria-sort=ascending]") == ["Newest backup"]
    times = [text.split("\n")[0] for text in page.texts("#gpos-table tbody tr:not(.detail) td:nth-child(4)")]
    assert len(times) == 100 and times == sorted(times)
    page.run("document.querySelector('#more').focus({preventScroll: true})")
    page.press("Enter")
    assert page.run("[...document.querySelectorAll('tbody th button')].indexOf(document.activeElement)") >= 100
    assert len(page.texts("#gpos-table tbody th")) > 100


def test_filters_and_the_table_of_domains(page: chromium.Page) -> None:
    def choose(name: str, value: str) -> list[str]:
        page.run(f"document.querySelector('#{name}').value = {json.dumps(value)}")
        page.run(f"document.querySelector('#{name}').dispatchEvent(new Event('change'))")
        return page.texts("#gpos-table tbody td:nth-child(3)")

    assert choose("state", "needs attention") == ["failed", "failed"]
    assert set(choose("state", "deleted")) == {"deleted"}
    assert set(choose("state", "new, changed or gone")) <= {"new", "changed", "deleted", "returned"}
    choose("state", "")
    # Sorting the domains: by a number, both ways.
    page.run("document.querySelectorAll('#domains-table thead button')[2].click()")
    numbers = [int(text) for text in page.texts("#domains-table tbody td:nth-child(3)")]
    page.run("document.querySelectorAll('#domains-table thead button')[2].click()")
    again = [int(text) for text in page.texts("#domains-table tbody td:nth-child(3)")]
    assert numbers == sorted(numbers) and again == sorted(numbers, reverse=True) and numbers != again
    # A domain of that table chooses its GPOs; what changed of a GPO finds it.
    page.run("[...document.querySelectorAll('[data-domain]')].find((one) => one.innerText === 'dmz.example').focus()")
    page.press("Enter")
    assert set(page.texts("#gpos-table tbody td:nth-child(2)")) == {"dmz.example"}
    choose("domain", "")
    page.run("document.querySelector('#find').value = 'home (h:)'")
    found = choose("state", "changed") or choose("state", "")
    assert 0 < len(found) < 150


def test_a_large_fleet(browser: chromium.Browser, made: Made) -> None:
    """50 domains with 500 GPOs each: few rows at a time, and the file is bounded."""
    page = browser.open(made.big / "fleet.html")
    assert (made.big / "fleet.html").stat().st_size < 8_000_000
    assert page.text("#count").endswith(", 100 of them shown so far")
    assert page.run("document.querySelectorAll('#gpos-table tbody tr').length") <= 400
    spent = page.run(
        "(() => { const begun = performance.now(); document.querySelector('#find').value = 'kiosk 7'; "
        "document.querySelector('#domain').dispatchEvent(new Event('change')); return performance.now() - begun; })()"
    )
    print(f"filtered in {spent:.0f} ms")
    assert set(page.texts("#gpos-table tbody th")) == {"Kiosk 7"} and page.complaints() == []
    page.close()


def test_all_that_changed_is_on_paper(browser: chromium.Browser, made: Made) -> None:
    """On the screen it is the first hundred, and a button."""
    page = browser.open(made.big / "fleet.html")
    total = fleet_page((made.big / "history.json").read_text("utf-8"))["totals"]
    number = sum(total[name] for name in ("new", "changed", "deleted", "returned"))
    assert len(page.texts("#changes-list > li")) == 100 < number
    page.run("window.dispatchEvent(new Event('beforeprint'))")
    assert page.run("document.querySelectorAll('#changes-list > li').length") == min(number, 2000)
    page.close()


def test_names_stay_text(browser: chromium.Browser, made: Made) -> None:
    """Whatever a GPO, a comment, a setting or a failure is called."""
    page = browser.open(made.hostile / "fleet.html")
    page.run("document.querySelectorAll('#gpos-table tbody th button').forEach((button) => button.click())")
    assert page.run("window.owned") is None
    assert page.run("document.querySelectorAll('img, script:not([type]), iframe, object, embed, base').length") == 1
    attributes = page.run("[...document.querySelectorAll('*')].flatMap((one) => one.getAttributeNames())")
    assert not [name for name in attributes if name.startswith("on")]
    names = page.texts("#gpos-table tbody th button")
    seen = {name.replace("\u202e", "\ufffd").replace("\u202c", "\ufffd") for name in _HOSTILE if name.isprintable()}
    assert len(names) == len(_HOSTILE) and seen <= set(names)
    # What cannot be seen is made visible, and turns nothing around.
    assert "left \ufffdright\ufffd" in names and "a\ufffdb\ufffd[31m\ufffd" in names
    # A setting that is there without any value, for eyes and for ears.
    (there,) = page.run("[...document.querySelectorAll('#gpos .settings li')].filter((one) => "
                        "one.textContent.includes('There')).map((one) => one.textContent)")
    assert there == "+added user / Scripts: There = (there)"
    # Within the template, too.
    assert "backup: {{ 7 * 7 }}{% raw %}: {{ 7 * 7 }}{% raw %}" in page.texts("#attention li")
    assert page.complaints() == [] and page.requests() == [(made.hostile / "fleet.html").as_uri()]
    page.close()


def test_its_policy_forbids_what_is_not_its_own(browser: chromium.Browser, made: Made) -> None:
    page = browser.open(made.fleet / "fleet.html")
    add = "(() => { const one = document.createElement('%s'); one.%s; document.body.append(one); })()"
    page.run(add % ("script", "textContent = 'window.owned = 1'"))
    page.run(add % ("style", "textContent = 'body { display: none }'"))
    page.run(add % ("img", "src = 'https://example.com/x.png'"))
    assert page.run("fetch('https://example.com/').then(() => 'came', () => 'refused')") == "refused"
    assert page.run("window.owned") is None and page.run("getComputedStyle(document.body).display") == "block"
    for kind in ("script-src", "style-src", "default-src"):
        assert any(kind in said for said in page.complaints()), kind
    page.close()


def test_without_its_script(browser: chromium.Browser, made: Made) -> None:
    page = browser.open(made.fleet / "fleet.html")
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.load(made.fleet / "fleet.html")
    assert "This table needs the page's script." in page.text("#gpos")
    assert page.texts("#domains-table tbody tr")[0].startswith("apac.example")
    page.close()


@pytest.mark.parametrize(
    ("name", "width", "scheme"), [("light", 1200, "light"), ("dark", 1200, "dark"), ("narrow", 360, "dark")]
)
def test_it_can_be_read(page: chromium.Page, name: str, width: int, scheme: str) -> None:
    """Contrast, names of what is worked with, headings in their order, and on a telephone nothing beside the screen."""
    page.look(width, 900, scheme)
    _look(page, name)
    page.run("document.querySelectorAll('#gpos-table tbody th button').forEach((button) => button.click())")
    assert page.run(_CONTRAST) == []
    assert page.run("document.scrollingElement.scrollWidth") <= width
    page.run("document.querySelector('#gpos').scrollIntoView()")
    _look(page, f"{name}-gpos")
    assert page.run("[...document.querySelectorAll('input, select')].every((one) => one.labels.length === 1)")
    assert page.run("[...document.querySelectorAll('button, a, th')].every((one) => one.textContent.trim())")
    assert page.run("[...document.querySelectorAll('th')].every((one) => one.scope)")
    assert page.run("[...document.querySelectorAll('h1, h2, h3')].map((one) => one.tagName)")[:2] == ["H1", "H2"]
    assert page.run("document.documentElement.lang") == "en"


@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (1200, "dark"), (360, "light")])
def test_rules_of_accessibility(page: chromium.Page, width: int, scheme: str) -> None:
    if not _AXE.exists():
        pytest.skip("axe-core is not there: it comes from npm")
    page.look(width, 900, scheme)
    # One kind of each row is enough.
    page.run("document.querySelector('#find').value = 'kiosk'")
    page.run("document.querySelector('#state').dispatchEvent(new Event('change'))")
    page.run("document.querySelectorAll('#gpos-table tbody th button').forEach((one) => one.click())")
    page.run(_AXE.read_text("utf-8") + "; 0")
    told = page.run("axe.run().then((told) => told.violations.map((one) => [one.id, one.help, one.nodes[0].html]))")
    assert told == []


def test_print(page: chromium.Page, tmp_path: pathlib.Path) -> None:
    """All rows that the filter leaves, black on white also where the screen is dark."""
    page.look(1200, 900, "dark")
    page.print(tmp_path / "fleet.pdf")
    assert (tmp_path / "fleet.pdf").read_bytes().startswith(b"%PDF")
    rows = page.run("document.querySelectorAll('#gpos-table tbody tr:not(.detail)').length")
    assert page.text("#count") == f"{rows} GPOs of {rows}" and rows > 150
    page.call("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.run(_CONTRAST) == []
    _look(page, "print")
