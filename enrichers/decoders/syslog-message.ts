/** One syslog message, whichever RFC wrote it. Absent parts are empty. */
export interface SyslogMessage {
  readonly facility: number;
  readonly severity: number;
  /** NaN where the message has no time. */
  readonly timeMs: number;
  readonly host: string;
  readonly app: string;
  readonly processId: string;
  readonly messageId: string;
  readonly structured: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly text: string;
}

const header5424 = /^<(\d{1,3})>1 (\S{1,40}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) ([\s\S]*)$/;

/** RFC 5424 section 6; null where the line is not in this form. */
export function parseRfc5424(line: string): SyslogMessage | null {
  const parts = header5424.exec(line);
  if (parts === null) return null;
  const [, pri = '', time = '', host = '', app = '', processId = '', messageId = '', rest = ''] = parts;
  const priority = priorityOf(pri);
  const data = structuredData(rest);
  if (priority === null || data === null) return null;
  return {
    ...priority,
    timeMs: time === '-' ? Number.NaN : Date.parse(time),
    host: nil(host),
    app: nil(app),
    processId: nil(processId),
    messageId: nil(messageId),
    structured: data.elements,
    text: data.rest.replace(/^ ?\ufeff?/, ''),
  };
}

const nil = (text: string): string => (text === '-' ? '' : text);

function priorityOf(text: string): { facility: number; severity: number } | null {
  const value = Number(text);
  return value <= 191 ? { facility: value >> 3, severity: value & 7 } : null;
}

type Elements = Record<string, Record<string, string>>;

/** Section 6.3: `[id name="value" …]…`, with `"`, `\` and `]` escaped in values. */
function structuredData(text: string): { elements: Elements; rest: string } | null {
  const elements: Elements = {};
  if (text === '-' || text.startsWith('- ')) return { elements, rest: text.slice(1) };
  const element = /^\[([^\s=\]"]{1,32})((?: [^\s=\]"]{1,32}="(?:[^"\\\]]|\\[\s\S])*")*)\]/;
  let rest = text;
  for (let found = element.exec(rest); found !== null; found = element.exec(rest)) {
    const [whole, id = '', parameters = ''] = found;
    const members = Object.create(null) as Record<string, string>;
    for (const [, name = '', value = ''] of parameters.matchAll(
      / ([^\s=\]"]{1,32})="((?:[^"\\\]]|\\[\s\S])*)"/g,
    )) {
      members[name] = value.replace(/\\(["\\\]])/g, '$1');
    }
    Object.defineProperty(elements, id, { value: { ...members }, enumerable: true, configurable: true });
    rest = rest.slice(whole.length);
  }
  return rest === text ? null : { elements, rest };
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const header3164 =
  /^<(\d{1,3})>(?:([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d{2}):(\d{2}):(\d{2})|(\d{4}-\d{2}-\d{2}T\S{8,25})) (\S{1,255}) ([\s\S]*)$/;
const tagged = /^([\w./-]{1,48})(?:\[([^\]\s]{1,32})\])?: ?([\s\S]*)$/;

/**
 * RFC 3164 section 4.1, with the ISO time that many senders write; a line with a PRI and nothing else of it is all
 * text (section 4.3.3). The year is not in it: the one that puts the message nearest to `receivedMs` is taken, UTC.
 */
export function parseRfc3164(line: string, receivedMs: number): SyslogMessage | null {
  const bare = /^<(\d{1,3})>([\s\S]*)$/.exec(line);
  const priority = bare === null ? null : priorityOf(bare[1] ?? '');
  if (bare === null || priority === null) return null;
  const none = { app: '', processId: '', messageId: '', structured: {} };
  const parts = header3164.exec(line);
  const month = months.indexOf(parts?.[2] ?? 'Jan');
  if (parts === null || month < 0) {
    return { ...priority, ...none, timeMs: Number.NaN, host: '', text: bare[2] ?? '' };
  }
  const [, , named, day, hour, minute, second, iso = '', host = '', content = ''] = parts;
  const clock = [day, hour, minute, second].map(Number) as [number, number, number, number];
  const timeMs = named === undefined ? Date.parse(iso) : nearestYear(month, clock, receivedMs);
  const tag = tagged.exec(content);
  if (tag === null) return { ...priority, ...none, timeMs, host, text: content };
  const [, app = '', processId = '', text = ''] = tag;
  return { ...priority, ...none, timeMs, host, app, processId, text };
}

function nearestYear(
  month: number,
  clock: readonly [number, number, number, number],
  nearMs: number,
): number {
  const [day, hour, minute, second] = clock;
  const year = new Date(nearMs).getUTCFullYear();
  const choices = [year - 1, year, year + 1].map((y) => Date.UTC(y, month, day, hour, minute, second));
  return choices.reduce(
    (best, at) => (Math.abs(at - nearMs) < Math.abs(best - nearMs) ? at : best),
    choices[1] ?? nearMs,
  );
}
