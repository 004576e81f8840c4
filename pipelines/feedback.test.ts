import { describe, expect, it } from 'vitest';

import { feedbackOn } from '../contracts/alert-feedback.ts';
import type { StreamedAlert } from '../contracts/alert.ts';
import { scoreOfTerms } from '../alerting/score-of-terms.ts';
import { AlertPipeline, startMs, type Told } from './alert-pipeline.fixture.ts';
import { feedbackBatch } from './feedback-batch.ts';

const hourMs = 3_600_000;

/** The n-th time that the printer of d1 has no paper, each an alert of its own. */
function noPaper(n: number): Told {
  return { afterMs: n * 6 * hourMs, summary: 'no paper' };
}

async function mark(pipeline: AlertPipeline, alert: StreamedAlert | undefined, steps = 1): Promise<void> {
  if (alert === undefined) throw new Error('no alert');
  const { tenantId, lastEventTimeMs } = alert;
  const feedback = feedbackOn(alert, { steps, outcome: 'noise', atMs: lastEventTimeMs + hourMs });
  await pipeline.alerts.pipeBytes(feedbackBatch({ tenantId, feedback, reportedMs: lastEventTimeMs }, true));
}

describe('alerts that people call noise', () => {
  it('score less the next time, with the reason, exactly once through repeats, kills and commits that fail', async () => {
    const runs = [];
    for (const rough of [false, true]) {
      await using pipeline = new AlertPipeline();
      for (let n = 0; n < 4; n++) {
        await pipeline.tell([noPaper(n)]);
        if (rough) pipeline.alerts.failCommits(1, n % 2 === 0 ? 'refused' : 'lostAnswer');
        await mark(pipeline, pipeline.latest().at(-1));
        if (rough) await pipeline.alerts.restart();
        if (rough) await mark(pipeline, pipeline.latest().at(-1));
      }
      await pipeline.tell([noPaper(4)]);
      runs.push(pipeline.latest());
    }
    expect(runs[1]).toEqual(runs[0]);
    const [alerts = []] = runs;
    const last = alerts.at(-1);
    expect(alerts[0]?.terms.some(({ name }) => name.startsWith('feedback-'))).toBe(false);
    expect(last?.scorer).toEqual({ name: 'learned', version: 1, model: 4 });
    const here = last?.terms.find(({ name }) => name === 'feedback-here');
    expect(here?.reason).toBe('marked noise 4 of 4 times on this device');
    expect(here?.points).toBeLessThan(0);
    for (const { score, terms } of alerts) expect(scoreOfTerms(terms).score).toBe(score);
  });

  it('still tell of what is critical', async () => {
    await using pipeline = new AlertPipeline();
    for (let n = 0; n < 12; n++) {
      await pipeline.tell([{ ...noPaper(n), severity: 'CRITICAL' }]);
      await mark(pipeline, pipeline.latest().at(-1));
    }
    const scores = pipeline.latest().map(({ score }) => score);
    expect(scores.at(-1)).toBeGreaterThan((scores[0] ?? 0) / 2);
    expect(pipeline.latest().every(({ hidden }) => !hidden)).toBe(true);
    expect(pipeline.latest()[0]?.firstEventTimeMs).toBe(startMs);
  });
});
