import { OpenFrameError } from '../contracts/errors.ts';
import type { Field, FieldTable } from './record.ts';
import type { Stage } from './stage.ts';

/** The place of a field that a derived record sets. Throws `TOPOLOGY_INVALID` where no record has it. */
export function knownField(fields: FieldTable, name: string): Field {
  const field = fields.find(name);
  if (field !== undefined) return field;
  throw new OpenFrameError(
    'TOPOLOGY_INVALID',
    `A derived record has the field '${name}', which neither the source gives nor a stage adds.`,
  );
}

/** The place of a field that a stage asks for. Throws `TOPOLOGY_INVALID` where it declares neither to read nor to add it. */
export function declaredField(fields: FieldTable, stage: Stage, name: string): Field {
  const declared = stage.reads.includes(name) || stage.adds.some((field) => field.name === name);
  const field = declared ? fields.find(name) : undefined;
  if (field !== undefined) return field;
  throw new OpenFrameError(
    'TOPOLOGY_INVALID',
    `The stage '${stage.name}' asks for the field '${name}' but does not declare it: add it to reads or adds.`,
  );
}
