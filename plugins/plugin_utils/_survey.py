# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lies in a directory in which a task found nothing, in words: the path may be one level off, the catalog may have
been left behind by a copy."""

from __future__ import annotations

import typing as t

from ._words import counted, some


def survey_sentences(survey: t.Mapping[str, t.Any], path: str, uncatalogued: str = "") -> t.Iterator[str]:
    """Return what there is instead. *uncatalogued* is the option that restores backups without an entry."""
    told = False
    found = survey["uncatalogued"]
    if found["backups"]:
        told = True
        yield (
            f"There are {counted(found['backups'], 'backup')} of {counted(found['gpos'], 'GPO')} that the catalog (the "
            "folder .gpvault) does not know" + ("." if survey["catalog"] else ", which is not there at all.")
        )
        if uncatalogued:
            yield (
                f"Restore one by its ID with backup_id, or the latest of each GPO with {uncatalogued}: true; or copy "
                ".gpvault along."
            )
    if survey["domains"]:
        told = True
        yield f"There are backups of other domains: {some(sorted(survey['domains']))}. The option domain chooses one."
    if survey["renamed"]:
        told = True
        names = some([f"{one['folder']!r} is {one['id'] or 'unknown'}" for one in survey["renamed"]])
        yield f"There are backups whose folders are not named by their IDs, so that GPMC cannot find them: {names}."
    if survey["below"]:
        told = True
        yield f"There are backups one level lower, in {some([repr(name) for name in survey['below']])}."
    if survey["above"]:
        told = True
        yield f"There are backups one level higher, in {survey['above']}."
    if survey["gone"]:
        told = True
        yield f"manifest.xml lists {counted(survey['gone'], 'backup')} whose folders are gone."
    if not told:
        yield f"There is no backup in {path}, nor one level lower or higher."


def none_known(backups: int) -> str:
    """Return that nothing can be verified: there are backups, but the catalog has nothing to verify them by."""
    return (
        f"The catalog (the folder .gpvault) knows nothing of the {counted(backups, 'backup')} there, so nothing could "
        "be verified. Copy .gpvault along, or look whether the path is right; gpo_restore has the option uncatalogued."
    )
