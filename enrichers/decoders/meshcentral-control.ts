import { readConnectorValue } from './connector-value.ts';
import type { Decoded, DecoderInput } from './decoded.ts';
import { meshEvent } from './meshcentral-event.ts';

/** An event as the connector read it by MeshCentral's control socket, under the name that its content gave it. */
export function decodeMeshCentralControl(input: DecoderInput): Decoded {
  const read = readConnectorValue(input);
  if ('kind' in read) return read;
  return meshEvent({ ...read.row, _id: read.value['id'] }, input.connection, Number.NaN);
}
