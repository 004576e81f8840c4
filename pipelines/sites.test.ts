import { describe, expect, it } from 'vitest';

import { defaultRules } from '../alerting/rules/default-rules.ts';
import { AlertPipeline, alive, Rules, silent, type Told } from './alert-pipeline.fixture.ts';

const [site] = defaultRules.filter(({ ruleId }) => ruleId === 'site-silent');
const everyMs = 10_000;
const stepMs = 2_000;

interface Site {
  readonly organizationId: string;
  readonly devices: number;
  /** Whether device `i` reports at a time. */
  readonly isThere: (afterMs: number, i: number) => boolean;
}

const always = (): boolean => true;
const others: readonly Site[] = ['bank', 'school'].map((organizationId) => {
  return { organizationId, devices: 10, isThere: always };
});

/** Every device reports every 10 s; the stream is told of it every 2 s. */
async function live(
  pipeline: AlertPipeline,
  sites: readonly Site[],
  fromMs: number,
  toMs: number,
): Promise<void> {
  for (let afterMs = fromMs; afterMs < toMs; afterMs += stepMs) {
    const told = sites.flatMap(({ organizationId, devices, isThere }) =>
      Array.from({ length: devices }, (_, i): Told[] => {
        const due = afterMs % everyMs === (i * stepMs) % everyMs && isThere(afterMs, i);
        return due ? [alive(afterMs, { deviceId: `${organizationId}-${i}`, organizationId })] : [];
      }).flat(),
    );
    if (told.length > 0) await pipeline.tell(told);
    else await pipeline.wait(stepMs);
  }
}

const cutMs = 70_000;
const backMs = 120_000;
const cut: Site = {
  organizationId: 'bakery',
  devices: 20,
  isThere: (afterMs) => afterMs < cutMs || afterMs >= backMs,
};

function rules(): Rules {
  if (site === undefined) throw new Error('no such rule');
  return new Rules(site, {
    ...silent,
    detect: { kind: 'absence', everyMs, lateMs: 10_000, noDataMs: 60_000 },
  });
}

describe('a site whose devices fall silent together', () => {
  it('is one shown alert within seconds, with its devices under it, and over when it is back', async () => {
    await using pipeline = new AlertPipeline(rules());
    await live(pipeline, [cut, ...others], 0, cutMs + 10_000);
    const [parent, children, ...more] = pipeline.latest();
    expect(more).toEqual([]);
    expect(parent).toMatchObject({ severity: 'CRITICAL', state: 'NO_DATA', hidden: false, deviceId: null });
    expect(parent?.rule).toMatchObject({ ruleId: 'site-silent', kind: 'joint-silence' });
    expect(parent?.title).toMatch(
      /The site fell silent: \d+ of 20 devices silent since \d+ s, by chance once in 10\^\d+/,
    );
    expect(children).toMatchObject({
      hidden: true,
      suppressions: [{ by: 'parent', parentAlertId: parent?.alertId }],
    });
    expect(children?.incident).toMatchObject({
      incidentId: parent?.incident?.incidentId,
      edge: { kind: 'parent', alertId: parent?.alertId },
    });
    await live(pipeline, [cut, ...others], cutMs + 10_000, backMs + 15_000);
    expect(pipeline.latest().map(({ state, hosts }) => [state, hosts])).toEqual([
      ['OK', 1],
      ['OK', 20],
    ]);
  });

  it('says the same when it is killed and restarted while it is away, and stays one incident', async () => {
    await using pipeline = new AlertPipeline(rules());
    await live(pipeline, [cut, ...others], 0, cutMs + 15_000);
    await pipeline.detect.restart();
    await pipeline.alerts.restart();
    await live(pipeline, [cut, ...others], cutMs + 15_000, backMs - 10_000);
    expect(pipeline.latest().map(({ state, hidden }) => [state, hidden])).toEqual([
      ['NO_DATA', false],
      ['NO_DATA', true],
    ]);
    await live(pipeline, [cut, ...others], backMs - 10_000, backMs + 15_000);
    expect(pipeline.latest().map(({ state }) => state)).toEqual(['OK', 'OK']);
  });

  it('shows a device that does not come back with its site, by its own rule', async () => {
    await using pipeline = new AlertPipeline(rules());
    const one: Site = { ...cut, isThere: (afterMs, i) => afterMs < cutMs || (afterMs >= backMs && i > 0) };
    await live(pipeline, [one, ...others], 0, cutMs + 160_000);
    const going = pipeline.latest().filter(({ state }) => state !== 'OK');
    expect(going).toMatchObject([
      { deviceId: 'bakery-0', hidden: false, rule: { ruleId: 'silent' }, hosts: 1 },
    ]);
  });
});

describe('no site is told of', () => {
  const cases: readonly (readonly [string, readonly Site[]])[] = [
    [
      'when the whole stream pauses, whoever is back first',
      [
        { ...cut, isThere: (afterMs) => afterMs < cutMs || afterMs >= cutMs + 40_000 },
        ...others.map((one) => ({
          ...one,
          isThere: (afterMs: number) => afterMs < cutMs || afterMs >= cutMs + 25_000,
        })),
      ],
    ],
    [
      'when half of the devices of every site are lost at once',
      [cut, ...others].map((one) => ({
        ...one,
        isThere: (afterMs: number, i: number) => afterMs < cutMs || i % 2 === 0,
      })),
    ],
    [
      'when people go home one after the other',
      [{ ...cut, isThere: (afterMs: number, i: number) => afterMs < cutMs + i * 12_000 }, ...others],
    ],
    ['when two of two devices are silent', [{ ...cut, devices: 2 }, ...others]],
  ];

  it.each(cases)('%s', async (_, sites) => {
    await using pipeline = new AlertPipeline(site === undefined ? new Rules() : new Rules(site));
    await live(pipeline, sites, 0, cutMs + 150_000);
    expect(pipeline.latest()).toEqual([]);
  });
});
