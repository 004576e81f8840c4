import type { KeptRule } from '../../contracts/alert-rule.ts';
import type { Severity } from '../../contracts/event.ts';
import type { Detection } from '../detector.ts';
import type { Sighting } from '../sighting.ts';
import type { SeriesOwner } from './kept-series.ts';
import type { Phase } from './series.ts';

const longestText = 300;
const hourMs = 3_600_000;
/** What was on for three days and nights running is on always: its silence is as severe as the rule says. */
const alwaysOnMs = 72 * hourMs;

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
  const { ruleId, version, title } = rule;
  const lowered = loweredFor({ rule, owner, detection });
  const severity = lowered?.severity ?? rule.severity;
  const summary = `${detection.reason.summary}${lowered?.why ?? ''}`;
  const told = typeof template === 'string' ? template : summary;
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
      summary,
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

/** The silence of a workstation that was not on for long is most likely that somebody went home. */
function loweredFor({
  rule: { detect, severity },
  owner,
  detection,
}: Pick<RuleFinding, 'rule' | 'owner' | 'detection'>): { severity: Severity; why: string } | null {
  const onMs = Number(detection.reason.values['onMs'] ?? 0);
  const switchedOff = owner.workstation === true && onMs < alwaysOnMs;
  if (detect.kind !== 'absence' || detect.workstations === undefined || !switchedOff) return null;
  const hours = Math.floor(onMs / hourMs);
  const why = `; ${detect.workstations} instead of ${severity}, since it is of a workstation that was on for ${hours} h, not for 72`;
  return { severity: detect.workstations, why };
}

function nameOf({ ruleId, name }: SeriesOwner): string {
  return name === '' ? `rule ${ruleId}` : `rule ${ruleId}: ${name}`;
}
