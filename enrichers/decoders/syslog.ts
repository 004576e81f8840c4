import { hash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';

import { type Decoded, type DecoderInput, nothing, refused, type ToolEvent } from './decoded.ts';
import { type SyslogMessage, parseRfc3164, parseRfc5424 } from './syslog-message.ts';
import { filled, firstLine, segment } from './values.ts';

/**
 * Syslog lines, RFC 5424 or RFC 3164, one or several (a line each, or counted frames of RFC 6587 section 3.4.1).
 * A line in neither form refuses the whole value. The host name is the tool's id of the device.
 */
export function decodeSyslog(input: DecoderInput): Decoded {
  if (input.bytes === null) return nothing('tombstone');
  const bytes = Buffer.from(input.bytes);
  const text = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
  const events: ToolEvent[] = [];
  for (const line of linesOf(text)) {
    const message = parseRfc5424(line) ?? parseRfc3164(line, input.receivedMs);
    if (message === null) return refused('NOT_SYSLOG', `no PRI of RFC 5424 or 3164: ${line.slice(0, 40)}`);
    events.push(eventOf(message, line, input));
  }
  return events.length === 0 ? nothing('no lines') : { kind: 'events', events };
}

function linesOf(text: string): string[] {
  const counted = /^(\d{1,7}) (?=<)/.exec(text);
  if (counted === null) return text.split(/\r?\n|\0/).filter((line) => line.trim() !== '');
  const lines: string[] = [];
  let rest = Buffer.from(text);
  for (;;) {
    const head = /^(\d{1,7}) /.exec(rest.toString('utf8', 0, 9));
    const length = Number(head?.[1]);
    if (head === null || length === 0 || rest.length < head[0].length + length) break;
    lines.push(rest.toString('utf8', head[0].length, head[0].length + length));
    rest = rest.subarray(head[0].length + length);
  }
  return rest.toString('utf8').trim() === '' ? lines : [...lines, rest.toString('utf8')];
}

/** Numerical codes of RFC 5424 section 6.2.1; 0 to 3 are failures. */
const syslogSeverities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;

function eventOf(message: SyslogMessage, line: string, { connection, receivedMs }: DecoderInput): ToolEvent {
  const { severity, host, app, text, timeMs, messageId } = message;
  return {
    tool: 'SYSLOG',
    server: connection,
    path: host === '' ? 'syslog' : `hosts/${segment(host)}/syslog`,
    id: hash('sha256', line, 'base64url'),
    sourceType: `syslog.${syslogSeverities[severity] ?? 'debug'}`,
    timeMs: Number.isNaN(timeMs) ? receivedMs : timeMs,
    scope: null,
    data: {
      ...(host === '' ? {} : { device: { agentId: host, name: host } }),
      ...filled({ target: app, message: firstLine(text) }),
      row: {
        facility: message.facility,
        severity,
        ...filled({ app, processId: message.processId, messageId, text }),
        ...(Object.keys(message.structured).length === 0 ? {} : { structured: message.structured }),
      },
    },
  };
}
