import type { Clock } from '../streams/clock.ts';
import { createFleetReader } from './fleet/reader.ts';
import { createMeshCentralReader } from './meshcentral/reader.ts';
import { createTacticalReader } from './tactical/reader.ts';
import type { ConnectorKind, ReaderOptions, ToolReader } from './tool-reader.ts';

const readers: Readonly<Record<ConnectorKind, (options: ReaderOptions, clock: Clock) => ToolReader>> = {
  fleet: createFleetReader,
  meshcentral: createMeshCentralReader,
  tactical: createTacticalReader,
};

/** The reader of a kind of tool. Connects when it is first asked; throws `ARGUMENT_INVALID` for a wrong address. */
export function openReader(kind: ConnectorKind, options: ReaderOptions, clock: Clock): ToolReader {
  return readers[kind](options, clock);
}
