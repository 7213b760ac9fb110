# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation that the modules of the collection share."""

from __future__ import annotations


class ModuleDocFragment:
    """C(gpvault.gpmc.gpmc): the domain, trips, attributes. C(gpvault.gpmc.gpmc.selection): which GPOs.

    C(gpvault.gpmc.gpmc.backups): the backups of which GPOs. C(gpvault.gpmc.gpmc.copies): copies of backup directories.
    """

    DOCUMENTATION = r"""
options:
  domain:
    description:
      - DNS name of the domain.
      - The default is the domain that the host is a member of.
    type: str
  domain_controller:
    description:
      - DNS or NetBIOS name of the domain controller to work with. An IP address is refused, since Kerberos and Hardened
        UNC Paths go by the name.
      - The default is one that is found as O(dc_locator) says. A task uses one domain controller from beginning to end.
    type: str
  dc_locator:
    description:
      - How a domain controller is found when O(domain_controller) is not given.
      - V(pdc) takes the PDC emulator, where administrators' changes arrive first.
      - V(any) takes any domain controller, as a rule a near one. A task that changes the domain (a restore, an import)
        takes one that can be written to, or with a warning the PDC emulator where none can be located; its first trip
        does no more than find it and select, so that whatever becomes of the connection, all changes are made on this
        one.
    type: str
    choices: [pdc, any]
    default: pdc
  trip_time:
    description:
      - How long one trip to the host may work before it reports, for example V(60s) or V(5m). The GPO in hand is
        finished, and each trip handles at least one. What a trip reads before its first GPO does not count.
      - A task with more work makes as many trips as it needs, and shows how far it is after each.
      - A duration is V(90s), V(90m), V(12h), V(7d), V(4w), or whole seconds.
    type: str
    default: 60s
  step_timeout:
    description:
      - How long one step on the host (a call of GPMC, reading or comparing a GPO, a search of the domain) may take
        before the trip is given up. The process on the host is ended, the result says which step and which GPO were in
        hand, and the next trip goes on with the others.
      - A change that was under way then, a restore for one, may be half done. It counts as changed, and the result says
        that it is unknown.
      - Over the C(psrp) connection nothing can be said any more when the process ends; there the task says that the
        trip was lost, once it was lost twice.
    type: str
    default: 1h
attributes:
  async:
    description: Supports being run with the C(async) keyword.
    support: none
    details:
      - The action plugin makes several trips to the host. The first also finds the GPOs; then each ends when
        O(trip_time) is over and the GPO in hand is finished.
  platform:
    description: Target OS that can be operated against.
    support: full
    platforms: windows
requirements:
  - Windows PowerShell 5.1 on the host, in Full Language Mode. Where WDAC or AppLocker confine it, no module that brings
    utilities of its own can run.
  - The host is a member of a domain that reaches the domain whose GPOs are handled.
  - The Group Policy Management Console on the host (C(Install-WindowsFeature GPMC), or the RSAT capability on a
    client).
  - A connection whose logon can reach a second machine - Kerberos with delegation, CredSSP, or C(become) with
    C(runas). Without it, domain controllers refuse the host (the double hop).
"""

    SELECTION = r"""
options:
  gpos:
    description:
      - Which GPOs. Each entry is a GUID (braces are optional), a display name, or a pattern with C(*) for any text and
        C(?) for one UTF-16 unit (an emoji takes two). Upper and lower case are the same; brackets, backticks and all
        other characters stand for themselves.
      - A single string is one entry, commas included.
      - A GUID or a name that matches nothing is an error, and so is a name that several GPOs share; the error lists
        their GUIDs. A pattern that matches nothing is a warning. Errors come before anything is done.
      - Exactly one of O(gpos) and O(all) is needed.
    type: list
    elements: str
  all:
    description:
      - Every GPO of the domain that the account can see. That there is none is a failure, since each domain has two.
    type: bool
    default: false
  exclude:
    description:
      - GPOs to take out of the selection, in the same grammar as O(gpos). What matches nothing is no error.
    type: list
    elements: str
    default: []
"""

    BACKUPS = r"""
options:
  gpos:
    description:
      - The GPOs whose backups are meant. Each entry is a GUID (braces are optional), a display name, or a pattern with
        C(*) for any text and C(?) for one UTF-16 unit (an emoji takes two). Upper and lower case are the same;
        brackets, backticks and all other characters stand for themselves.
      - A single string is one entry, commas included.
      - What matches no backup is a warning. A name that several GPOs share means all of them.
      - Names are those in the backups. Without this option all GPOs are meant.
    type: list
    elements: str
  exclude:
    description:
      - GPOs whose backups are not meant, in the same grammar as O(gpos).
    type: list
    elements: str
    default: []
"""

    COPIES = r"""
options:
  domain:
    description:
      - DNS name of a domain, for the backups of its GPOs alone. Without it those of all domains are copied.
      - A filter and nothing else. No domain is contacted.
    type: str
  domain_controller:
    description:
      - Not used, since no domain is contacted. It is an option so that C(module_defaults) for
        C(group/gpvault.gpmc.gpmc_directory) can have it for the others.
    type: str
  most_recent:
    description:
      - Only the newest backup of each GPO, the one with the highest sequence in the catalog. Safety copies do not
        count.
    type: bool
    default: false
  verify:
    description:
      - How closely the copies are looked at that are there already. V(quick) looks whether all files are there with
        their sizes, V(full) reads them and compares their SHA-256.
      - What is copied is always compared by SHA-256, on both sides.
    type: str
    choices: [quick, full]
    default: quick
  detail:
    description:
      - Which backups the result holds. RV(summary) always counts everything.
      - V(changed) leaves out those that were there already, V(summary) all but the failures.
      - AWX drops the results of a task beyond some 700 KB, which about 1,000 backups reach.
    type: str
    choices: [all, changed, summary]
    default: all
  trip_time:
    description:
      - How long one trip to the host may work before it reports, for example V(60s) or V(5m). The backup in hand is
        finished.
      - A trip copies at most 32 MiB of files, unless one backup alone has more. A task with more work makes as many
        trips as it needs, and shows how far it is after each.
      - A duration is V(90s), V(90m), V(12h), V(7d), V(4w), or whole seconds.
    type: str
    default: 60s
  step_timeout:
    description:
      - How long one step on the host (listing the directory, copying a backup) may take before the process there is
        ended. The task then fails and says which step was in hand.
      - Over the C(psrp) connection nothing can be said any more when the process ends; there the task says that the
        trip was lost, once it was lost twice.
    type: str
    default: 1h
  lock_timeout:
    description:
      - How long to wait for another run that works on the same directory. The terminal shows for whom.
      - A number with V(s), V(m), V(h), V(d) or V(w), or whole seconds.
    type: str
    default: 5m
attributes:
  check_mode:
    description: Can run in check mode and tell what would be copied, without changing anything.
    support: full
  diff_mode:
    description: There is nothing to show. The result has what is copied.
    support: none
  action:
    description: Has an action plugin on the controller.
    support: full
  async:
    description: Supports being run with the C(async) keyword.
    support: none
    details:
      - The action plugin makes several trips to the host.
  platform:
    description: Target OS that can be operated against.
    support: full
    platforms: windows
requirements:
  - Windows PowerShell 5.1 on the host, in Full Language Mode. Where WDAC or AppLocker confine it, no module that
    brings utilities of its own can run.
  - A controller with Linux, or another system with C(flock).
notes:
  - Needs neither the Group Policy Management Console nor a domain.
  - In check mode a directory that a task before would have made or filled is one without backups.
  - The files travel in archives, by the connection's own file transfer and through the temporary folder of its
    account. With C(become) to another account, that one must be able to use this folder, as administrators can.
  - A backup appears whole or not at all, and its entry in the catalog after it. A task that was interrupted,
    wherever, is completed by the next one.
  - Nothing is ever deleted or overwritten but GPMC's index, C(manifest.xml), which is made of the backups that are
    there. A folder with the ID of a backup that is not that backup is left as it is, and the task fails and says so.
  - Backups without an entry in the catalog that the backup's own C(bkupInfo.xml) confirms are not copied, and a
    warning counts them. Of the catalog only the entries are copied, and not locks, tombstones and notes of restores.
  - Two directories that are backed up to apart from each other have histories of their own. Where a number in the
    catalog is another backup's on the other side, no backup of that GPO is copied.
"""
