import type { OtlpEvent, OtlpInput, OtlpRead } from '../../../contracts/otlp.ts';
import { type Decoder, nothing, refused, type ToolEvent } from '../decoded.ts';
import { filled, segment } from '../values.ts';

const openingBrace = 0x7b;
/** The Collector's exporter writes no header that names a connection. */
const defaultServer = 'otlp';

/**
 * The decoder of a topic's records that holds OTLP requests, as the OpenTelemetry Collector writes them (`otlp_proto`,
 * `otlp_json`). The first byte tells the encodings apart: no request in protobuf begins with a brace. The resource's
 * device is the connection's id of it. Points without a usable value are left out, and the events beside them say how
 * many; where nothing else is there, the record is refused.
 */
export function otlpDecoder(read: (input: OtlpInput) => OtlpRead): Decoder {
  return ({ bytes, receivedMs, connection }) => {
    if (bytes === null) return nothing('tombstone');
    const encoding = bytes[0] === openingBrace ? 'json' : 'protobuf';
    const result = read({ bytes, encoding, receivedMs, deviceId: '' });
    if (result.kind === 'refused') return refused(result.reason, result.detail);
    const { events, unusablePoints } = result;
    const server = connection === '' ? defaultServer : connection;
    if (events.length > 0) {
      return { kind: 'events', events: events.map((event) => toolEvent(event, server, unusablePoints)) };
    }
    return unusablePoints > 0 ? refused('POINTS_UNUSABLE', `${unusablePoints} points`) : nothing('no events');
  };
}

function toolEvent(event: OtlpEvent, server: string, unusablePoints: number): ToolEvent {
  const { deviceId, hostname, data } = event;
  const { message, severityText, samples, ...row } = data;
  return {
    tool: 'OTLP',
    server,
    path: deviceId === '' ? 'otlp' : `hosts/${segment(deviceId)}/otlp`,
    id: event.id,
    sourceType: event.type,
    timeMs: event.timeMs,
    scope: null,
    data: {
      ...(deviceId === '' ? {} : { device: { agentId: deviceId, ...filled({ name: hostname }) } }),
      ...filled({ message, severityText, samples }),
      row: { ...row, ...(unusablePoints === 0 ? {} : { unusablePoints }) },
    },
  };
}
