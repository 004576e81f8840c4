import {
  type Decoded,
  type DecoderInput,
  nothing,
  refused,
  type ToolEvent,
  type ToolOutcome,
} from './decoded.ts';
import {
  filled,
  firstLine,
  isMembers,
  type Members,
  membersOf,
  parseJson,
  segment,
  textOf,
  timeOf,
} from './values.ts';

/**
 * Events of the Windows event log as JSON: one or an array, with the names of `Get-WinEvent | ConvertTo-Json` or the
 * `System` and `EventData` members of the event's XML (Winlogbeat, NXLog and Fluent Bit write either). Named by
 * computer, channel and record number, which Windows never reuses while the channel is not cleared.
 */
export function decodeWindowsEvent(input: DecoderInput): Decoded {
  if (input.bytes === null) return nothing('tombstone');
  const value = parseJson(input.bytes);
  if (value === undefined) return refused('NOT_JSON');
  const entries = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  const events: ToolEvent[] = [];
  for (const entry of entries) {
    const event = isMembers(entry) ? eventOf(entry, input) : null;
    if (event === null) return refused('NOT_A_WINDOWS_EVENT', 'an event needs Id, ProviderName and RecordId');
    events.push(event);
  }
  return events.length === 0 ? nothing('no events') : { kind: 'events', events };
}

/** Windows levels (winmeta.xml): 1 critical, 2 error, 3 warning. */
const levels: Readonly<Record<string, number>> = {
  critical: 1,
  error: 2,
  warning: 3,
  information: 4,
  verbose: 5,
};

const signIns = new Set(['4624', '4625', '4634', '4647', '4771']);

function eventOf(entry: Members, { connection, receivedMs }: DecoderInput): ToolEvent | null {
  const system = membersOf(membersOf(entry['Event'])['System'] ?? entry['System']);
  const of = (...names: readonly string[]): unknown =>
    names.map((name) => entry[name] ?? system[name]).find((value) => value !== undefined && value !== null);
  const id = textOf(plain(of('Id', 'EventID')));
  const provider = textOf(of('ProviderName', 'Provider')) || textOf(membersOf(system['Provider'])['Name']);
  const record = textOf(of('RecordId', 'EventRecordID'));
  if (id === '' || provider === '' || record === '') return null;
  const computer = textOf(of('MachineName', 'Computer'));
  const channel = textOf(of('LogName', 'Channel'));
  const level = levelOf(of('Level', 'LevelDisplayName'));
  const timeMs = timeOfEvent(of('TimeCreated', 'timestamp'));
  const data = membersOf(entry['EventData'] ?? membersOf(entry['Event'])['EventData']);
  const account = textOf(data['TargetUserName']);
  // Whoever signs in is the target of the logon service; otherwise somebody does something to the target.
  const subject = signIns.has(id) ? '' : textOf(data['SubjectUserName']);
  const user = subject || account || textOf(of('UserId'));
  const message = firstLine(of('Message'));
  return {
    tool: 'WINDOWS',
    server: connection,
    path: computer === '' ? 'eventlog' : `hosts/${segment(computer)}/eventlog`,
    id: `${channel}:${record}`,
    sourceType: `${provider}.${id}`,
    timeMs: Number.isNaN(timeMs) ? receivedMs : timeMs,
    scope: null,
    data: {
      ...(user === '' ? {} : { actor: { id: user, name: user } }),
      ...(computer === '' ? {} : { device: { agentId: computer, name: computer } }),
      ...filled({ target: account || message, outcome: outcomeOf(level, id), message }),
      row: { ...entry, Level: level },
    },
  };
}

/** `{"#text": "4625", "Qualifiers": "0"}` where an XML attribute stood beside the text. */
function plain(value: unknown): unknown {
  return isMembers(value) ? (value['#text'] ?? value['Value']) : value;
}

function levelOf(value: unknown): number {
  const named = textOf(value).toLowerCase();
  return Object.hasOwn(levels, named) ? (levels[named] ?? 4) : Number(named) || 4;
}

/** ISO, an object with `SystemTime`, or .NET's `/Date(ms)/`. */
function timeOfEvent(value: unknown): number {
  const text = isMembers(value) ? value['SystemTime'] : value;
  const dotNet = /^\/Date\((\d{1,15})\)\/$/.exec(textOf(text));
  return timeOf(dotNet === null ? text : Number(dotNet[1]));
}

function outcomeOf(level: number, id: string): ToolOutcome | undefined {
  if (id === '4625' || id === '4771') return 'failure';
  return level <= 2 ? 'failure' : undefined;
}
