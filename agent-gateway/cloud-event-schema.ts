import { z } from 'zod';

import { eventLimits } from '../contracts/event.ts';
import { isAttributeText } from './attribute-text.ts';
import { parseRfc3339 } from './rfc3339.ts';
import { isUriReference } from './uri-reference.ts';

const text = (maxLength: number): z.ZodString =>
  z.string().max(maxLength).refine(isAttributeText, 'must not be empty or have control characters');
const uriReference = text(eventLimits.sourceLength).refine(isUriReference, 'must be a URI-reference');
const extension = z.union([z.literal(''), text(eventLimits.sourceLength), z.boolean(), z.int32()]);

const members = z
  .object({
    specversion: z.literal('1.0'),
    id: text(eventLimits.idLength),
    source: uriReference,
    type: text(eventLimits.typeLength),
    time: z.string().refine((time) => !Number.isNaN(parseRfc3339(time)), 'must be RFC 3339 with a zone'),
    subject: text(eventLimits.idLength).nullish(),
    datacontenttype: z
      .string()
      .regex(/^(?:application|text)\/(?:[a-z0-9!#$&^_.+-]+\+)?json(?:[ \t]*;[\x20-\x7e\t]*)?$/i)
      .nullish(),
    dataschema: uriReference.nullish(),
    data: z.unknown().optional(),
    data_base64: z.null().optional(),
  })
  .catchall(extension.nullable());

/**
 * The shape of an event at the door as a schema: what `checkEvent` checks by hand, apart from nesting and
 * the age of `time`. For whoever wants to check events before sending them; a property test holds both equal.
 */
export const cloudEventSchema = z
  .unknown()
  // Before the members are read: zod leaves `__proto__` out.
  .refine(
    (event) =>
      Object.keys(event ?? {}).every((name) => name === 'data_base64' || /^[a-z0-9]{1,64}$/.test(name)),
    'has an attribute whose name CloudEvents does not allow',
  )
  .pipe(members);
