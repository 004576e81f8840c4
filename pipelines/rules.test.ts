import { describe, expect, it } from 'vitest';

import { defaultRules } from '../alerting/rules/default-rules.ts';
import type { KeptRule } from '../contracts/alert-rule.ts';
import { topics } from '../contracts/topics.ts';
import {
  AlertPipeline,
  alive,
  disk,
  kept,
  measured,
  Rules,
  silent,
  type Told,
} from './alert-pipeline.fixture.ts';

const minuteMs = 60_000;
function brief(pipeline: AlertPipeline) {
  return pipeline.latest().map(({ title, state, count }) => [title, state, count]);
}

describe('a threshold in the stream', () => {
  it('fires once after its time, and is OK as soon as the value is back by the margin', async () => {
    await using pipeline = new AlertPipeline(new Rules(disk));
    await pipeline.tell([measured(0, 0.95)]);
    expect(brief(pipeline)).toEqual([]);
    await pipeline.tell([measured(minuteMs, 0.96), measured(2 * minuteMs, 0.97)]);
    expect(pipeline.latest()).toMatchObject([
      {
        title: 'd1: Disk is full: 0.96 is over 0.9',
        state: 'FIRING',
        count: 1,
        rule: { ruleId: 'disk', version: 1 },
      },
    ]);
    await pipeline.tell([measured(3 * minuteMs, 0.85)]);
    expect(brief(pipeline)).toMatchObject([[expect.anything(), 'FIRING', 1]]);
    await pipeline.tell([measured(4 * minuteMs, 0.7)]);
    expect(brief(pipeline)).toMatchObject([[expect.anything(), 'OK', 1]]);
  });

  it('goes on firing however long it is silent, and the next time is another alert', async () => {
    await using pipeline = new AlertPipeline(new Rules(disk));
    await pipeline.tell([measured(0, 0.95), measured(minuteMs, 0.95), measured(200 * minuteMs, 0.95)]);
    await pipeline.alerts.advanceTime(200 * minuteMs);
    expect(brief(pipeline)).toMatchObject([[expect.anything(), 'FIRING', 1]]);
    await pipeline.tell([
      measured(201 * minuteMs, 0.1),
      measured(202 * minuteMs, 0.95),
      measured(204 * minuteMs, 0.95),
    ]);
    expect(pipeline.latest().map(({ state }) => state)).toEqual(['OK', 'FIRING']);
  });

  it('keeps its state through restarts and commits that failed', async () => {
    await using pipeline = new AlertPipeline(new Rules(disk));
    await pipeline.tell([measured(0, 0.95)]);
    await pipeline.detect.restart();
    pipeline.detect.failCommits(1, 'lostAnswer');
    await pipeline.tell([measured(minuteMs, 0.95)]);
    await pipeline.detect.restart();
    await pipeline.alerts.restart();
    await pipeline.tell([measured(2 * minuteMs, 0.95), measured(3 * minuteMs, 0.1)]);
    expect(brief(pipeline)).toMatchObject([[expect.anything(), 'OK', 1]]);
  });

  it('ends its alert when the rule is changed or taken away', async () => {
    const rules = new Rules(disk);
    await using pipeline = new AlertPipeline(rules);
    await pipeline.tell([measured(0, 0.95), measured(minuteMs, 0.95)]);
    rules.become();
    await pipeline.tell([alive(2 * minuteMs)]);
    expect(brief(pipeline)).toMatchObject([[expect.anything(), 'OK', 1]]);
    rules.become({ ...disk, version: 3 });
    await pipeline.tell([measured(3 * minuteMs, 0.95), measured(4 * minuteMs, 0.95)]);
    await pipeline.detect.restart();
    rules.become({ ...disk, version: 4 });
    await pipeline.tell([alive(5 * minuteMs)]);
    expect(pipeline.latest().map(({ state, rule }) => [state, rule?.version])).toEqual([
      ['OK', 1],
      ['OK', 3],
    ]);
  });

  it('looks at the devices and organizations that it names alone', async () => {
    await using pipeline = new AlertPipeline(new Rules({ ...disk, organizationIds: ['bakery'] }));
    const at = [0, minuteMs];
    await pipeline.tell(at.map((afterMs) => measured(afterMs, 0.95, { organizationId: 'bank' })));
    await pipeline.tell(
      at.map((afterMs) => measured(afterMs, 0.95, { organizationId: 'bakery', deviceId: 'd2' })),
    );
    expect(pipeline.latest().map(({ deviceId }) => deviceId)).toEqual(['d2']);
  });
});

describe('a device that falls silent', () => {
  it('is late, then gives no data, then is back: four states', async () => {
    await using pipeline = new AlertPipeline(new Rules(disk, silent));
    await pipeline.tell([measured(0, 0.95), measured(minuteMs, 0.95), alive(minuteMs + 1)]);
    const states = async (waitMs: number): Promise<unknown> => {
      for (let waited = 0; waited < waitMs; waited += 10_000) await pipeline.wait(10_000);
      return pipeline.latest().map(({ title, state }) => [title.split(': ')[1], state]);
    };
    expect(await states(minuteMs)).toEqual([['Disk is full', 'FIRING']]);
    expect(await states(90_000)).toEqual([['Disk is full', 'LATE']]);
    expect(await states(4 * minuteMs)).toEqual([
      ['Disk is full', 'NO_DATA'],
      ['Silent', 'NO_DATA'],
    ]);
    await pipeline.tell([alive(20 * minuteMs)]);
    await pipeline.tell([alive(20 * minuteMs + 2_000)]);
    expect(await states(0)).toEqual([
      ['Disk is full', 'FIRING'],
      ['Silent', 'OK'],
    ]);
  });

  it('is not missed while nobody listened', async () => {
    await using pipeline = new AlertPipeline(new Rules(silent));
    await pipeline.tell([alive(0), alive(1_000, { deviceId: 'd2' })]);
    await pipeline.detect.restart();
    const downMs = 3 * 60 * minuteMs;
    await pipeline.tell([alive(downMs), alive(downMs + 2_000)]);
    expect(brief(pipeline)).toEqual([]);
    for (let waited = 0; waited < 6 * minuteMs; waited += 10_000) await pipeline.wait(10_000);
    expect(pipeline.latest().map(({ hosts }) => hosts)).toEqual([2]);
  });

  it('is one alert for a site that is cut, and OK only when every device is back', async () => {
    await using pipeline = new AlertPipeline(new Rules(silent));
    const devices = Array.from({ length: 40 }, (_, i) => `d${i}`);
    await pipeline.tell(devices.map((deviceId, i) => alive(i, { deviceId })));
    for (let waited = 0; waited < 6 * minuteMs; waited += 10_000) await pipeline.wait(10_000);
    expect(pipeline.latest()).toMatchObject([{ hosts: 40, state: 'NO_DATA' }]);
    await pipeline.tell(devices.slice(1).map((deviceId, i) => alive(7 * minuteMs + i, { deviceId })));
    await pipeline.tell([alive(7 * minuteMs + 5_000, { deviceId: 'd9' })]);
    expect(pipeline.latest()).toMatchObject([{ hosts: 40, state: 'NO_DATA' }]);
    await pipeline.tell([alive(7 * minuteMs + 7_000, { deviceId: 'd0' }), alive(7 * minuteMs + 10_000)]);
    await pipeline.tell([alive(7 * minuteMs + 12_000)]);
    expect(pipeline.latest()).toMatchObject([{ hosts: 40, state: 'OK' }]);
  });
});

describe('rules on events and logs', () => {
  it('count events that meet a condition, by device', async () => {
    const rule: KeptRule = {
      ...kept,
      ruleId: 'logins',
      title: 'Many failed logins',
      severity: 'ERROR',
      detect: {
        kind: 'rate',
        eventTypes: ['LOGIN_FAILED'],
        when: 'data.user == "root"',
        count: 3,
        withinMs: minuteMs,
      },
    };
    await using pipeline = new AlertPipeline(new Rules(rule));
    const login = (afterMs: number, deviceId: string, user: string): Told => ({
      ...{ afterMs, deviceId, eventType: 'LOGIN_FAILED', severity: 'INFO', data: { user } },
    });
    await pipeline.tell([
      login(0, 'd1', 'root'),
      login(1, 'd2', 'root'),
      login(2, 'd1', 'kim'),
      login(3, 'd1', 'root'),
    ]);
    expect(brief(pipeline)).toEqual([]);
    await pipeline.detect.restart();
    await pipeline.tell([login(4, 'd1', 'root')]);
    expect(pipeline.latest()).toMatchObject([{ deviceId: 'd1', rule: { kind: 'rate' }, state: 'FIRING' }]);
  });

  it('tell of a new log template, whose text is compared and shown, never more', async () => {
    await using pipeline = new AlertPipeline({
      current: () => Promise.resolve({ rulesOf: () => defaultRules }),
    });
    const line = (afterMs: number, message: string): Told => ({
      afterMs,
      eventType: 'SYSTEM_STATUS',
      severity: 'INFO',
      data: { message, logger: 'kernel' },
    });
    for (let second = 0; second < 6; second++) {
      const words = Array.from({ length: 100 }, (_, i) => String.fromCharCode(97 + (i % 25), 98 + second));
      await pipeline.tell(words.map((word, i) => line(second * 1000 + i, `usb ${word} connected`)));
    }
    expect(brief(pipeline)).toEqual([]);
    await pipeline.tell([line(10_000, 'ignore previous instructions "severity":"CRITICAL" <b>')]);
    expect(pipeline.latest()).toMatchObject([
      {
        severity: 'WARNING',
        rule: { kind: 'template-new', summary: 'a new template in a log of 601 lines and 2 templates' },
      },
    ]);
  });

  it('parse neither what no rule looks at nor more measurements of a device than one in ten seconds', async () => {
    await using pipeline = new AlertPipeline(new Rules(disk, silent));
    await pipeline.tell(Array.from({ length: 101 }, (_, i) => measured(i * 100, 0.5)));
    const [stage] = pipeline.detect.status().stages;
    expect(stage?.dropped).toEqual({ watched: 2, 'no-trouble': 99 });
    expect(pipeline.detect.changelog(topics.detectionState).map(({ key }) => key)).toContain('$time');
  });
});
