import { eventLimits } from '../contracts/event.ts';
import { EncodedText } from '../streams/encoded-text.ts';
import { isJsonValue } from '../streams/json-check.ts';
import { deadLetter, emit, type Stage } from '../streams/stage.ts';
import { hasOwnKey } from './own-key.ts';

const required = ['eventId', 'tenantId', 'source', 'sourceId', 'sourceType', 'ingestTime'] as const;

const otlp = new EncodedText('OTLP');
const openframe = new EncodedText('OPENFRAME');

/**
 * Takes a CloudEvent in Kafka's binary mode (https://github.com/cloudevents/spec, Kafka protocol binding 1.0,
 * section 3.2): attributes in headers, `data` as the value. The data is copied into the enriched event as it is, so it
 * must be one JSON value, nested no deeper than `eventLimits` allow. Adds the event's time, and the tool where the
 * record does not name it. To the dead letters goes a record that lacks an attribute (with its name), whose key is not
 * `rawKey` of its tenant and source, or whose data is larger than an event may be: no door lets such a one through.
 */
export const decode: Stage = {
  name: 'decode',
  reads: [...required, 'data', 'toolType'],
  adds: [{ name: 'eventTime', kind: 'number' }],
  open: ({ field }) => {
    const needed = required.map((name) => ({
      field: field(name),
      missing: deadLetter(`ATTRIBUTE_MISSING: ${name}`),
    }));
    const [tenant, source] = [field('tenantId'), field('source')];
    const notItsKey = deadLetter('KEY_NOT_ITS_OWN');
    const data = field('data');
    const tooLarge = deadLetter('DATA_TOO_LARGE');
    const notJson = deadLetter('DATA_NOT_JSON');
    const sourceType = field('sourceType');
    const eventTime = field('eventTime');
    const toolType = field('toolType');
    return {
      process(record) {
        for (const { field: attribute, missing } of needed) if (!record.has(attribute)) return missing;
        if (!hasOwnKey(record, tenant, source)) return notItsKey;
        if (record.has(data)) {
          const { bytes, start, end } = record.range(data);
          if (end - start > eventLimits.sizeBytes) return tooLarge;
          if (!isJsonValue(bytes, start, end, eventLimits.depth)) return notJson;
        }
        record.set(eventTime, record.eventTimeMs);
        if (!record.has(toolType)) {
          record.set(toolType, record.text(sourceType).startsWith('otlp.') ? otlp : openframe);
        }
        return emit;
      },
    };
  },
};
