import { hash } from 'node:crypto';

import { OpenFrameError } from '../../contracts/errors.ts';
import type { DocumentScope } from '../documents.ts';

/** What names a document; unique together. */
export interface DocumentName {
  readonly collection: string;
  readonly tenant: string;
  readonly id: string;
}

/** A document as MongoDB holds it. None of its keys comes from outside, so none can be an operator or a path. */
export interface StoredDocument extends DocumentName {
  /** Its JSON. */
  readonly text: string;
  /** The fields at its top whose value is text, for `list`. */
  readonly match: readonly string[];
}

/** MongoDB takes 16 MB with everything; the rest is for the name and what `match` holds. */
const maxTextBytes = 12 * 1024 * 1024;

export function toStored(
  scope: DocumentScope,
  collection: string,
  id: string,
  document: object,
): StoredDocument {
  const name = checkedName(scope, collection, id);
  const text = JSON.stringify(document);
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes > maxTextBytes)
    throw new OpenFrameError(
      'ARGUMENT_INVALID',
      `Document ${id} of ${collection} has ${sizeBytes} bytes and may have ${maxTextBytes}: store less in it.`,
      { details: { sizeBytes, limit: maxTextBytes } },
    );
  // What the text says is what is kept: a `toJSON` may have made something else of the document.
  return { ...name, text, match: matchTexts(JSON.parse(text) as Readonly<Record<string, unknown>>) };
}

/** BSON would store a lone surrogate as U+FFFD, and two ids would become one. */
export function checkedName(scope: DocumentScope, collection: string, id: string): DocumentName {
  const { tenantId } = scope;
  if (id === '' || ![id, tenantId, collection].every((text) => text.isWellFormed()))
    throw new OpenFrameError('ARGUMENT_INVALID', 'A document id must be non-empty, well-formed text.');
  return { collection, tenant: tenantId, id };
}

/** An index entry must stay small, whatever the text. */
const maxMatchLength = 200;

/** One text for each field that holds text: the pair as JSON, which no other pair can spell. */
export function matchTexts(fields: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(fields)
    .filter(([, value]) => typeof value === 'string')
    .map((pair) => {
      const text = JSON.stringify(pair);
      return text.length <= maxMatchLength ? text : `sha256 ${hash('sha256', text, 'base64url')}`;
    });
}
