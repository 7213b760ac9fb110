# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes the picture of the page that the documentation shows, of an invented fleet and always the same.

    build/venv/bin/python tests/unit/page/picture.py docs/fleet.png
"""

from __future__ import annotations

import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "build/collections"))

import browser  # noqa: E402  pylint: disable=wrong-import-position
import invented_fleet  # noqa: E402  pylint: disable=wrong-import-position
import pages  # noqa: E402  pylint: disable=wrong-import-position


def main() -> None:
    """Make a page, and take the picture."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        fleet = invented_fleet.Fleet(folder, 8, 40)
        pages.render(folder, fleet.keep(fleet.nights(60, changed=0.01)))
        started = browser.Browser(folder / "profile")
        try:
            page = started.open(folder / "fleet.html")
            page.look(1000, 1000)
            page.picture(pathlib.Path(sys.argv[1]))
        finally:
            started.close()


if __name__ == "__main__":
    main()
