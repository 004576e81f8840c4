import type { Severity } from '../contracts/event.ts';

/**
 * What a unified type means: its severity where all went well, its severity where what it tells of failed, and a
 * sentence for each. `{actor}`, `{device}`, `{target}`, `{message}` and `{word}`
 * (the tool's own word) are filled in from the event; a `: {message}` at the end is left out where there is none.
 */
export interface UnifiedType {
  readonly name: string;
  readonly severity: Severity;
  readonly failed: Severity;
  readonly sentence: string;
  /** Where the thing failed. */
  readonly failedSentence: string;
}

type Row = readonly [
  name: string,
  severity: Severity,
  sentence: string,
  failed?: Severity,
  failedSentence?: string,
];

/** Every unified type, by group. The one place where a type, its severities and its sentences stand. */
const rows: readonly Row[] = [
  // Signing in
  ['LOGIN', 'INFO', '{actor} signed in', 'WARNING'],
  ['LOGOUT', 'INFO', '{actor} signed out'],
  ['LOGIN_FAILED', 'WARNING', '{actor} failed to sign in', 'WARNING', '{actor} failed to sign in'],
  ['PASSWORD_CHANGED', 'INFO', '{actor} changed a password', 'WARNING'],
  ['SESSION_EXPIRED', 'INFO', 'A session of {actor} expired on {device}'],
  // Devices
  ['DEVICE_ONLINE', 'INFO', '{device} is online'],
  ['DEVICE_OFFLINE', 'INFO', '{device} is offline', 'WARNING', '{device} is offline'],
  ['DEVICE_REGISTERED', 'INFO', '{device} was registered'],
  ['DEVICE_UPDATED', 'INFO', '{device} was updated', 'WARNING'],
  ['DEVICE_DELETED', 'INFO', '{device} was deleted by {actor}'],
  ['DEVICE_HEARTBEAT', 'INFO', '{device} is alive'],
  ['DEVICE_SESSIONS_UPDATED', 'INFO', 'The sessions on {device} changed'],
  ['DEVICE_SYSINFO_UPDATED', 'INFO', 'The system information of {device} changed'],
  ['DEVICE_OOB_ACTIVATION_REQUESTED', 'INFO', '{device} asked for out-of-band activation'],
  ['DEVICE_DIAGNOSTIC', 'INFO', 'Diagnosis of {device}: {message}', 'WARNING'],
  ['DEVICE_DISCOVERY', 'INFO', 'A network was searched for devices'],
  // Users
  ['USER_CREATED', 'INFO', '{actor} created the user {target}'],
  ['USER_UPDATED', 'INFO', '{actor} changed the user {target}'],
  ['USER_DELETED', 'INFO', '{actor} deleted the user {target}'],
  ['USER_ROLE_CHANGED', 'INFO', '{actor} changed the role of {target}'],
  ['USER_GROUP_CREATED', 'INFO', '{actor} created the user group {target}'],
  ['USER_GROUP_CHANGED', 'INFO', '{actor} changed the user group {target}'],
  ['USER_GROUP_DELETED', 'INFO', '{actor} deleted the user group {target}'],
  ['USER_UI_CUSTOM_EVENT', 'INFO', '{actor} used {target} in the console'],
  ['USER_LOGIN_TOKEN_ADDED', 'INFO', '{actor} added a login token'],
  ['USER_LOGIN_TOKEN_CHANGED', 'INFO', '{actor} changed a login token'],
  ['USER_SESSION_ENDED', 'INFO', '{actor} ended a session on {device}'],
  ['SESSION_COUNT_UPDATED', 'INFO', 'The number of sessions of {actor} changed'],
  // Scripts and commands
  ['SCRIPT_EXECUTION_STARTED', 'INFO', '{target} started on {device}'],
  ['SCRIPT_EXECUTED', 'INFO', '{target} ran on {device}', 'ERROR', '{target} failed on {device}: {message}'],
  [
    'SCRIPT_FAILED',
    'ERROR',
    '{target} failed on {device}: {message}',
    'ERROR',
    '{target} failed on {device}: {message}',
  ],
  ['SCRIPT_CREATED', 'INFO', '{actor} added the script {target}'],
  ['SCRIPT_UPDATED', 'INFO', '{actor} changed the script {target}'],
  ['COMMAND_RUN_STARTED', 'INFO', '{actor} ran a command on {device}: {target}'],
  [
    'COMMAND_RUN_FINISHED',
    'INFO',
    'A command finished on {device}',
    'ERROR',
    'A command failed on {device}: {message}',
  ],
  // Tasks
  ['TASK_EXECUTION_STARTED', 'INFO', '{target} started on {device}'],
  ['TASK_CREATED', 'INFO', '{actor} created the task {target}'],
  ['TASK_EXECUTED', 'INFO', '{target} ran on {device}', 'ERROR'],
  [
    'TASK_FAILED',
    'ERROR',
    '{target} failed on {device}: {message}',
    'ERROR',
    '{target} failed on {device}: {message}',
  ],
  ['TASK_UPDATED', 'INFO', '{target} changed'],
  // Policies
  ['POLICY_APPLIED', 'INFO', '{target} is applied'],
  ['POLICY_VIOLATION', 'WARNING', '{device} fails {target}', 'WARNING', '{device} fails {target}'],
  ['COMPLIANCE_CHECK', 'INFO', '{target} was checked on {device}', 'WARNING'],
  // Files
  ['FILE_TRANSFER', 'INFO', '{actor} opened the files of {device}'],
  ['FILE_UPLOADED', 'INFO', '{actor} sent a file to {device}: {message}', 'WARNING'],
  ['FILE_DOWNLOADED', 'INFO', '{actor} fetched a file from {device}: {message}', 'WARNING'],
  ['FILE_DELETED', 'INFO', '{actor} deleted files on {device}: {message}', 'WARNING'],
  ['FILE_OPERATION', 'INFO', '{actor} on {device}: {message}', 'WARNING'],
  ['FILE_BATCH_UPLOAD', 'INFO', '{actor} sent files to {device}', 'WARNING'],
  // Remote sessions
  ['REMOTE_SESSION_START', 'INFO', '{actor} started a remote session on {device}'],
  ['REMOTE_SESSION_END', 'INFO', 'A remote session of {actor} on {device} ended'],
  [
    'REMOTE_SESSION_FAILED',
    'WARNING',
    'A remote session of {actor} on {device} did not start: {message}',
    'WARNING',
    'A remote session of {actor} on {device} did not start: {message}',
  ],
  ['REMOTE_RECORDING_COMPLETED', 'INFO', 'The recording of a session on {device} is complete'],
  ['REMOTE_SESSION_EVENT', 'INFO', 'Remote session on {device}: {message}', 'WARNING'],
  ['REMOTE_SESSION_STATS_UPDATED', 'INFO', 'Statistics of a remote session on {device}'],
  // Alerts of the tools
  ['ALERT_TRIGGERED', 'WARNING', '{message}', 'WARNING', '{message}'],
  ['ALERT_RESOLVED', 'INFO', 'Resolved: {message}'],
  ['MONITORING_CHECK_CREATED', 'INFO', '{actor} added the check {target}'],
  [
    'MONITORING_CHECK_FAILED',
    'ERROR',
    '{target} fails on {device}: {message}',
    'ERROR',
    '{target} fails on {device}: {message}',
  ],
  // Systems
  ['SYSTEM_STARTUP', 'INFO', '{device} started'],
  [
    'SYSTEM_SHUTDOWN',
    'WARNING',
    '{device} was shut down: {message}',
    'ERROR',
    '{device} was shut down: {message}',
  ],
  ['SYSTEM_START', 'INFO', 'The server started'],
  ['SYSTEM_MONITORING', 'INFO', 'Measurements of {device}'],
  ['SYSTEM_STATUS', 'INFO', '{message}', 'WARNING', '{message}'],
  ['SYSTEM_ERROR', 'ERROR', '{message}', 'ERROR', '{message}'],
  // Groups
  ['GROUP_CREATED', 'INFO', '{actor} created the group {target}'],
  ['GROUP_UPDATED', 'INFO', '{actor} changed the group {target}'],
  ['GROUP_DELETED', 'INFO', '{actor} deleted the group {target}'],
  // Configuration
  ['CONFIGURATION_UPDATED', 'INFO', '{actor} changed the configuration: {word}'],
  ['CONFIGURATION_CREATED', 'INFO', '{actor} added {target} to the configuration'],
  ['CONFIGURATION_DELETED', 'INFO', '{actor} removed {target} from the configuration'],
  ['PROFILE_CREATED', 'INFO', '{actor} created the profile {target}'],
  ['PROFILE_UPDATED', 'INFO', '{actor} changed the profiles of {target}'],
  ['PROFILE_DELETED', 'INFO', '{actor} deleted the profile {target}'],
  ['PROFILE_APPLIED', 'INFO', '{actor} sent the profile {target} again'],
  ['PACK_CREATED', 'INFO', '{actor} created the pack {target}'],
  ['PACK_UPDATED', 'INFO', '{actor} changed the pack {target}'],
  ['PACK_DELETED', 'INFO', '{actor} deleted the pack {target}'],
  ['PACK_APPLIED', 'INFO', '{actor} applied packs'],
  // Queries
  ['QUERY_CREATED', 'INFO', '{actor} created the query {target}'],
  ['QUERY_UPDATED', 'INFO', '{actor} changed the query {target}'],
  ['QUERY_DELETED', 'INFO', '{actor} deleted the query {target}'],
  [
    'QUERY_EXECUTED',
    'INFO',
    '{target} was answered by {device}',
    'ERROR',
    '{target} failed on {device}: {message}',
  ],
  // Software
  [
    'SOFTWARE_INSTALLED',
    'INFO',
    '{target} was installed on {device}',
    'ERROR',
    '{target} could not be installed on {device}: {message}',
  ],
  [
    'SOFTWARE_UNINSTALLED',
    'INFO',
    '{target} was uninstalled from {device}',
    'ERROR',
    '{target} could not be uninstalled from {device}: {message}',
  ],
  ['SOFTWARE_CREATED', 'INFO', '{actor} added the software {target}'],
  ['SOFTWARE_UPDATED', 'INFO', '{actor} changed the software {target}'],
  ['SOFTWARE_DELETED', 'INFO', '{actor} deleted the software {target}'],
  ['SOFTWARE_INSTALLATION_CANCELED', 'INFO', '{actor} canceled the installation of {target} on {device}'],
  // Encryption, device management, hosts
  ['DISK_ENCRYPTION_ENABLED', 'INFO', '{actor} turned on disk encryption for {target}'],
  ['DISK_ENCRYPTION_DISABLED', 'INFO', '{actor} turned off disk encryption for {target}'],
  ['DISK_ENCRYPTION_KEY_READ', 'WARNING', '{actor} read the disk encryption key of {device}'],
  ['DISK_ENCRYPTION_KEY_ESCROWED', 'INFO', 'The disk encryption key of {device} was escrowed'],
  ['MDM_ENROLLED', 'INFO', '{device} enrolled in device management'],
  ['MDM_UNENROLLED', 'INFO', '{device} left device management', 'WARNING'],
  ['MDM_ENABLED', 'INFO', '{actor} turned on device management'],
  ['MDM_DISABLED', 'INFO', '{actor} turned off device management'],
  ['HOST_LOCKED', 'WARNING', '{actor} locked {device}', 'ERROR'],
  ['HOST_UNLOCKED', 'INFO', '{actor} unlocked {device}', 'ERROR'],
  ['HOST_WIPED', 'CRITICAL', '{actor} wiped {device}', 'ERROR', '{device} could not be wiped'],
  // Automations, batches, integrations
  ['AUTOMATION_ENABLED', 'INFO', '{actor} turned on an automation'],
  ['AUTOMATION_DISABLED', 'INFO', '{actor} turned off an automation'],
  ['AUTOMATION_UPDATED', 'INFO', '{actor} changed an automation'],
  ['BATCH_OPERATION_STARTED', 'INFO', '{actor} started {target} on many devices'],
  ['BATCH_OPERATION_COMPLETED', 'INFO', '{target} ran on many devices', 'ERROR'],
  ['BATCH_OPERATION_CANCELED', 'INFO', '{actor} canceled {target} on many devices'],
  ['INTEGRATION_ADDED', 'INFO', '{actor} added the integration {target}'],
  ['INTEGRATION_UPDATED', 'INFO', '{actor} changed the integration {target}'],
  ['INTEGRATION_DELETED', 'INFO', '{actor} removed the integration {target}'],
  // What says nothing of itself. A type that we do not know is kept as itself and is not this.
  ['UNKNOWN', 'INFO', 'An event without a type', 'WARNING'],
];

/** Every unified type by its name. */
export const unifiedTypes: ReadonlyMap<string, UnifiedType> = new Map(
  rows.map(([name, severity, sentence, failed = 'ERROR', failedSentence = `Failed: ${sentence}`]) => [
    name,
    { name, severity, failed, sentence, failedSentence },
  ]),
);
