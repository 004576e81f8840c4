import type { KeptRule } from '../../contracts/alert-rule.ts';
import type { Detection } from '../detector.ts';
import type { Sighting } from '../sighting.ts';
import type { SeriesOwner } from './kept-series.ts';
import type { Phase } from './series.ts';

const longestText = 300;

/** What a rule found about one of its series. `phase`: what lasts from now on; null where it is of a moment. */
export interface RuleFinding {
  readonly rule: KeptRule;
  readonly owner: SeriesOwner;
  readonly timeMs: number;
  readonly detection: Detection;
  readonly phase: Phase;
}

/** A finding as a report. Its name is the rule's and the series', so that a rule's findings count as one kind. */
export function sightingOf({ rule, owner, timeMs, detection, phase }: RuleFinding): Sighting {
  const { deviceId, hostname, organizationId } = owner;
  const template = detection.reason.values['template'];
  const told = typeof template === 'string' ? template : detection.reason.summary;
  const { ruleId, version, severity, title } = rule;
  return {
    name: typeof template === 'string' ? `${nameOf(owner)}: ${template}` : nameOf(owner),
    host: deviceId,
    timeMs,
    detail: {
      severity,
      title: `${hostname ?? deviceId}: ${title}: ${told.slice(0, longestText)}`,
      deviceId,
      organizationId,
    },
    rule: {
      ruleId,
      version,
      kind: detection.kind,
      score: detection.score,
      summary: detection.reason.summary,
    },
    ...(phase === null ? {} : { phase }),
    ...(isSilence(rule) && phase !== null && phase !== 'firing' ? { presence: phase } : {}),
  };
}

/** That what lasted is over. `was`: what lasted. */
export function overOf(owner: SeriesOwner, was: Phase, timeMs: number): Sighting {
  return {
    name: nameOf(owner),
    host: owner.deviceId,
    timeMs,
    phase: 'clear',
    ...(owner.silence && was !== 'firing' ? { presence: 'ok' as const } : {}),
  };
}

/** Whether the rule is about a device that gives no sign of life, so that nothing else is known of it. */
export function isSilence({ detect }: KeptRule): boolean {
  return detect.kind === 'absence' && detect.eventTypes === undefined;
}

function nameOf({ ruleId, name }: SeriesOwner): string {
  return name === '' ? `rule ${ruleId}` : `rule ${ruleId}: ${name}`;
}
