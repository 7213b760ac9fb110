# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the results of gpo_restore and gpo_drill share: both select GPOs among the backups of a directory."""

from __future__ import annotations

import dataclasses

from ._item import Raw
from ._survey import survey_sentences
from ._task_result import TaskResult
from ._words import NOTHING_SELECTED


@dataclasses.dataclass
class RecoveryResult(TaskResult):
    """One item for each GPO that is selected."""

    ALTERS = True
    NOT_FOUND = "Check the spelling, blanks at the end included; gpo_backup_info tells what is in the directory."

    source_domain: str = ""
    """The domain that the backups are of, where it is not the one that the task works in."""

    _instead: str = ""
    """What lies in a directory in which nothing to recover was found."""

    @property
    def place(self) -> str:
        """Where GPOs are looked for."""
        return f"among the backups of {self.source_domain or self.domain} that the catalog in {self.path} knows"

    def add(self, trip: Raw) -> None:
        """Fold one trip's reply in."""
        super().add(trip)
        if trip.get("survey"):
            self._instead = " ".join(survey_sentences(trip["survey"], self.path, uncatalogued="uncatalogued"))
        if trip["selection_errors"]:
            self.error = f"{self.error} {self._instead}".rstrip()

    def nothing(self) -> str:
        """Return what is said where nothing is selected, with what lies in the directory where all was asked for."""
        return f"{NOTHING_SELECTED} {self._instead}".rstrip() if self.everything else NOTHING_SELECTED
