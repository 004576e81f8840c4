import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import {
  freePort,
  mintToken,
  type PlatformProcess,
  runCli,
  startPlatformProcess,
} from '../support/platform-process.ts';
import { chromiumPath, launchChromium } from './chromium.ts';

/** What a device could try to have run, opened, obeyed or reordered. */
const script = '<script>globalThis.pwned = 1</script>';
const image = '<img src=x onerror="globalThis.pwned = 1">';
const formula = '=HYPERLINK("http://evil","x")';
const statement = "'; DROP TABLE events; --";
const terminal = '\u001b]0;owned\u0007\u001b[31mred\u009b2J\u202Etxt.exe\u2066';
const hostile = `${script} ${image} ${formula} ${statement} ${terminal}`;
const wideName = `wide ${'W'.repeat(1_000_000)}`;
const obeyedByTerminals = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

function event(id: string, subject: string, type: string, data: object): object {
  return {
    specversion: '1.0',
    id,
    source: `/agents/${subject}`,
    subject,
    type,
    time: new Date().toISOString(),
    data,
  };
}

/** As long as each may be: a longer host name is no inventory, and stands in the event alone. */
const inventory = { hostname: hostile, organizationId: hostile.slice(0, 128), organizationName: hostile };

const logs = [script, image, formula, statement, terminal].map((text, i) =>
  event(`log-${i}`, 'hostile', 'openframe.log', {
    message: `hostile ${text}`,
    severityText: 'ERROR',
    unit: text,
  }),
);
const samples = [{ name: 'system.cpu.utilization', value: 0.5, unit: hostile, labels: { [script]: image } }];

describe.skipIf(chromiumPath === undefined)('hostile text, in Chromium and on the command line', () => {
  let folder: string;
  let platform: PlatformProcess;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'openframe-hostile-'));
    platform = await startPlatformProcess([
      '--port',
      String(await freePort()),
      '--data-dir',
      folder,
      '--no-agent',
    ]);
    browser = await launchChromium();
    const agent = await mintToken(folder, 'agent');
    await send(agent, [
      event('device-1', 'hostile', 'openframe.device', inventory),
      event('device-2', 'wide', 'openframe.device', { hostname: wideName }),
    ]);
    await until(async () => (await answer('/devices')).includes('globalThis.pwned'));
    await send(agent, [
      ...logs,
      event('metrics', 'hostile', 'openframe.metrics', { samples }),
      event('wide-log', 'wide', 'openframe.log', { message: `hostile ${wideName}`, severityText: 'ERROR' }),
    ]);
    await post('/views', { name: script, page: 'explore', search: '?search=hostile', team: true });
    await post('/windows', {
      windowId: 'hostile',
      title: script,
      start: '2026-01-08T22:00:00',
      timeZone: 'Europe/Berlin',
      durationMs: 3_600_000,
      deviceIds: [image],
    });
    const detect = { kind: 'threshold', metric: 'system.filesystem.utilization', above: 0.95, forMs: 60_000 };
    await post('/rules', { ruleId: 'hostile', title: script, severity: 'ERROR', detect });
    await until(async () => (await answer('/alerts')).includes('hostile wide'));
    const { alertId } = await firstAlert();
    await post(`/alerts/${alertId}/comment`, { text: hostile });
    await post(`/alerts/${alertId}/assign`, { assignee: script });
  }, 180_000);

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
  });

  afterAll(async () => {
    await browser.close();
    await platform.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function send(token: string, events: readonly object[]): Promise<void> {
    const sent = await fetch(`${platform.ready.url}/ingest/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
      body: events.map((one) => JSON.stringify(one)).join('\n'),
    });
    const text = await sent.text();
    if (sent.status !== 202 || !text.includes('"rejected":[]')) throw new Error(text);
  }

  async function post(path: string, body: object): Promise<void> {
    const response = await fetch(`${platform.ready.url}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${platform.ready.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  }

  async function answer(path: string): Promise<string> {
    const headers = { authorization: `Bearer ${platform.ready.token}` };
    return (await fetch(`${platform.ready.url}/api/v1${path}`, { headers })).text();
  }

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    for (let i = 0; i < 300; i++) {
      if (await isSo()) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error('It was not so after a minute.');
  }

  async function firstAlert(): Promise<{ readonly alertId: string; readonly incidentId: string }> {
    const { items } = JSON.parse(await answer('/alerts?search=script')) as {
      items: { alertId: string; incident: { incidentId: string } }[];
    };
    const [alert] = items;
    if (alert === undefined) throw new Error('There is no alert about the script.');
    return { alertId: alert.alertId, incidentId: alert.incident.incidentId };
  }

  async function open(path: string, width: number): Promise<Page> {
    const page = await (await browser.newContext({ viewport: { width, height: 900 } })).newPage();
    page.on('dialog', (dialog) => {
      dialog.dismiss().catch(() => undefined);
    });
    await page.goto(`${platform.ready.url}${path}#token=${platform.ready.token}`);
    await page.locator('.panel').first().waitFor();
    return page;
  }

  /** It stands there as text, nothing of it was run or loaded, and nothing is pushed out of the page. */
  async function expectText(page: Page, text: string, width: number): Promise<void> {
    await page.getByText(text).first().waitFor({ state: 'attached' });
    expect(await page.evaluate<unknown>('globalThis.pwned')).toBeUndefined();
    expect(await page.locator('img[src="x"], main script').count()).toBe(0);
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(width);
  }

  const pages: readonly (readonly [path: string, text: string])[] = [
    ['/', script],
    ['/?routine=show', script],
    ['/inbox', script],
    ['/noise', 'Noise'],
    ['/windows', script],
    ['/rules', script],
    ['/explore?search=hostile', script],
    ['/explore?search=hostile&groupBy=organizationId', script],
    ['/devices', script],
    ['/devices/hostile', script],
    ['/devices/wide', 'wide'],
    ['/explore?search=wide', 'hostile wide WWW'],
    ['/pipelines', 'Pipelines'],
  ];

  it.each(pages.flatMap(([path, text]) => [1440, 390].map((width) => [path, width, text] as const)))(
    'stays text on %s at %d px',
    async (path, width, text) => {
      await expectText(await open(path, width), text, width);
    },
  );

  it('stays text in an alert with its comment, in its incident, and in the choice of views', async () => {
    const { alertId, incidentId } = await firstAlert();
    const alert = await open(`/alerts/${alertId}`, 1440);
    await alert.locator('.alert-timeline').getByText(image).first().waitFor();
    await expectText(alert, formula, 1440);
    await expectText(await open(`/incidents/${incidentId}`, 1440), 'hostile', 1440);
    const explore = await open('/explore', 1440);
    await explore.getByRole('button', { name: 'Views' }).click();
    await expectText(explore, script, 1440);
  });

  it('stays text in an event that is shown whole, and in answers of GraphQL and of SQL', async () => {
    const explore = await open('/explore?search=hostile', 1440);
    await explore.locator('.row-line').first().click();
    await explore.locator('.event-json').waitFor();
    await expectText(explore, 'hostile', 1440);
    const asked = encodeURIComponent('{ devices { nodes { hostname inventory } } }');
    for (const path of [
      `/query?query=${asked}`,
      `/query?language=sql&sql=${encodeURIComponent('SELECT hostname, summary, data FROM events')}`,
    ]) {
      const page = await open(path, 1440);
      await page.getByRole('button', { name: /^Run/ }).click();
      await page.locator('.query-answer').getByText('globalThis.pwned').first().waitFor();
      await expectText(page, 'globalThis.pwned', 1440);
    }
  });

  it('is no formula in a CSV', async () => {
    const csv = await answer('/events/export?format=csv&search=hostile');
    for (const cell of csv.split(/[\r\n,]+/)) expect(cell).not.toMatch(/^"?[=+\-@\t]/);
    expect(csv).toContain('hostile');
  });

  it('is nothing that a terminal obeys, whatever command prints it', async () => {
    const { items } = JSON.parse(await answer('/events?search=txt')) as { items: { eventId: string }[] };
    const eventId = items[0]?.eventId ?? '';
    expect(eventId).not.toBe('');
    for (const args of [
      ['trace', eventId],
      ['dead-letters', 'list'],
      ['rules', 'list'],
      ['verify'],
      ['doctor', '--json'],
    ]) {
      for (const form of [args, [...args, '--json']]) {
        const { stdout, stderr } = await runCli([...form, '--data-dir', folder], { NO_COLOR: '1' });
        expect(`${stdout}${stderr}`, form.join(' ')).not.toMatch(obeyedByTerminals);
        expect(stdout, form.join(' ')).not.toBe('');
      }
    }
  });
});
