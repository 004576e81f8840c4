import { type Mappings, words } from './mapping.ts';

/** Results of the native RMM. */
export const rmmMappings: Mappings = {
  'cmd_run.finished': { type: 'COMMAND_RUN_FINISHED' },
  'script_run.finished': { type: 'SCRIPT_EXECUTED', failed: 'SCRIPT_FAILED' },
};

/** Syslog's severities (RFC 5424 section 6.2.1). */
export const syslogMappings: Mappings = words({
  SYSTEM_ERROR: 'syslog.emerg syslog.alert syslog.crit syslog.err',
  SYSTEM_STATUS: 'syslog.warning syslog.notice syslog.info syslog.debug',
});

/** Events of Windows that have a meaning of their own; others are SYSTEM_STATUS or SYSTEM_ERROR by their level. */
export const windowsMappings: Mappings = {
  ...words({
    LOGIN: 'Microsoft-Windows-Security-Auditing.4624',
    LOGOUT: 'Microsoft-Windows-Security-Auditing.4634 Microsoft-Windows-Security-Auditing.4647',
    LOGIN_FAILED: 'Microsoft-Windows-Security-Auditing.4625 Microsoft-Windows-Security-Auditing.4771',
    USER_CREATED: 'Microsoft-Windows-Security-Auditing.4720',
    USER_DELETED: 'Microsoft-Windows-Security-Auditing.4726',
    PASSWORD_CHANGED: 'Microsoft-Windows-Security-Auditing.4723 Microsoft-Windows-Security-Auditing.4724',
    SYSTEM_STARTUP: 'Microsoft-Windows-Kernel-General.12 EventLog.6005',
    SYSTEM_SHUTDOWN: 'Microsoft-Windows-Kernel-General.13 EventLog.6006 EventLog.6008 User32.1074',
  }),
  'MsiInstaller.11707': { type: 'SOFTWARE_INSTALLED', sentence: '{message}' },
  'MsiInstaller.11724': { type: 'SOFTWARE_UNINSTALLED', sentence: '{message}' },
  // Reason codes of a disconnected session: 3 the session idled too long, 4 it reached its time limit.
  'Microsoft-Windows-TerminalServices-LocalSessionManager.40': {
    type: 'REMOTE_SESSION_END',
    when: { member: 'Reason', is: { 3: 'SESSION_EXPIRED', 4: 'SESSION_EXPIRED' } },
  },
};
