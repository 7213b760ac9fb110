# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the editor calls the security settings that a report has by their short names, those of MS-GPSB."""

from __future__ import annotations

ACCOUNT_POLICIES = {
    "ClearTextPassword": "Store passwords using reversible encryption",
    "LockoutBadCount": "Account lockout threshold",
    "LockoutDuration": "Account lockout duration",
    "MaxClockSkew": "Maximum tolerance for computer clock synchronization",
    "MaximumPasswordAge": "Maximum password age",
    "MaxRenewAge": "Maximum lifetime for user ticket renewal",
    "MaxServiceAge": "Maximum lifetime for service ticket",
    "MaxTicketAge": "Maximum lifetime for user ticket",
    "MinimumPasswordAge": "Minimum password age",
    "MinimumPasswordLength": "Minimum password length",
    "PasswordComplexity": "Password must meet complexity requirements",
    "PasswordHistorySize": "Enforce password history",
    "ResetLockoutCount": "Reset account lockout counter after",
    "TicketValidateClient": "Enforce user logon restrictions",
}

AUDIT_CATEGORIES = {
    "AuditAccountLogon": "Audit account logon events",
    "AuditAccountManage": "Audit account management",
    "AuditDSAccess": "Audit directory service access",
    "AuditLogonEvents": "Audit logon events",
    "AuditObjectAccess": "Audit object access",
    "AuditPolicyChange": "Audit policy change",
    "AuditPrivilegeUse": "Audit privilege use",
    "AuditProcessTracking": "Audit process tracking",
    "AuditSystemEvents": "Audit system events",
}

USER_RIGHTS = {
    "SeAssignPrimaryTokenPrivilege": "Replace a process level token",
    "SeAuditPrivilege": "Generate security audits",
    "SeBackupPrivilege": "Back up files and directories",
    "SeBatchLogonRight": "Log on as a batch job",
    "SeChangeNotifyPrivilege": "Bypass traverse checking",
    "SeCreateGlobalPrivilege": "Create global objects",
    "SeCreatePagefilePrivilege": "Create a pagefile",
    "SeCreatePermanentPrivilege": "Create permanent shared objects",
    "SeCreateSymbolicLinkPrivilege": "Create symbolic links",
    "SeCreateTokenPrivilege": "Create a token object",
    "SeDebugPrivilege": "Debug programs",
    "SeDelegateSessionUserImpersonatePrivilege": "Obtain an impersonation token for another user in the same session",
    "SeDenyBatchLogonRight": "Deny log on as a batch job",
    "SeDenyInteractiveLogonRight": "Deny log on locally",
    "SeDenyNetworkLogonRight": "Deny access to this computer from the network",
    "SeDenyRemoteInteractiveLogonRight": "Deny log on through Remote Desktop Services",
    "SeDenyServiceLogonRight": "Deny log on as a service",
    "SeEnableDelegationPrivilege": "Enable computer and user accounts to be trusted for delegation",
    "SeImpersonatePrivilege": "Impersonate a client after authentication",
    "SeIncreaseBasePriorityPrivilege": "Increase scheduling priority",
    "SeIncreaseQuotaPrivilege": "Adjust memory quotas for a process",
    "SeIncreaseWorkingSetPrivilege": "Increase a process working set",
    "SeInteractiveLogonRight": "Allow log on locally",
    "SeLoadDriverPrivilege": "Load and unload device drivers",
    "SeLockMemoryPrivilege": "Lock pages in memory",
    "SeMachineAccountPrivilege": "Add workstations to domain",
    "SeManageVolumePrivilege": "Perform volume maintenance tasks",
    "SeNetworkLogonRight": "Access this computer from the network",
    "SeProfileSingleProcessPrivilege": "Profile single process",
    "SeRelabelPrivilege": "Modify an object label",
    "SeRemoteInteractiveLogonRight": "Allow log on through Remote Desktop Services",
    "SeRemoteShutdownPrivilege": "Force shutdown from a remote system",
    "SeRestorePrivilege": "Restore files and directories",
    "SeSecurityPrivilege": "Manage auditing and security log",
    "SeServiceLogonRight": "Log on as a service",
    "SeShutdownPrivilege": "Shut down the system",
    "SeSyncAgentPrivilege": "Synchronize directory service data",
    "SeSystemEnvironmentPrivilege": "Modify firmware environment values",
    "SeSystemProfilePrivilege": "Profile system performance",
    "SeSystemtimePrivilege": "Change the system time",
    "SeTakeOwnershipPrivilege": "Take ownership of files or other objects",
    "SeTcbPrivilege": "Act as part of the operating system",
    "SeTimeZonePrivilege": "Change the time zone",
    "SeTrustedCredManAccessPrivilege": "Access Credential Manager as a trusted caller",
    "SeUndockPrivilege": "Remove computer from docking station",
}
