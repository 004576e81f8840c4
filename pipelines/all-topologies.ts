import { defaultRuleBook } from '../alerting/rules/default-rule-book.ts';
import { noWindows } from '../alerting/window-book.ts';
import type { Topology } from '../streams/topology.ts';
import { alerts } from './alerts.ts';
import { detect } from './detect.ts';
import { presence } from './presence.ts';
import { relay } from './relay.ts';
import { telemetry } from './telemetry.ts';
import { place, tools } from './tools.ts';

/** Nothing is looked up in a topology that is drawn. */
const nobody = { connection: () => Promise.resolve(null), device: () => Promise.resolve(null) };

/** Every topology as it runs by default, for drawing and checking. */
export const allTopologies: readonly Topology[] = [
  relay,
  tools,
  place({ latenessMs: 600_000, rememberMs: 86_400_000 }, nobody),
  telemetry({ windowMs: 600_000, marksRetentionMs: 86_400_000 }),
  presence,
  detect(defaultRuleBook),
  alerts(noWindows),
];
