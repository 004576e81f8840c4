import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { writeResult } from '../write-result.ts';
import { measureEmbedded } from './embedded.ts';
import { measurePlatform } from './platform.ts';
import { measureReal } from './real.ts';

/*
 * What the dashboard asks, over many events, while events come in: each question in turn, from one reader. Of the
 * embedded store in this process, of the REST API of a whole embedded platform that a fleet sends to, or of the query API on
 * the real engines, which the usual settings name. Beside the results, how the engines go about each question.
 *
 *   node benchmarks/query/query.ts --events 10000000 --rate 10000 --rounds 200 --out benchmarks/results/query.json \
 *     --plans benchmarks/results/query-plans.txt
 *   node benchmarks/query/query.ts --engines platform --file FILLED --rate 10000 --seconds 120 …
 *   node benchmarks/query/query.ts --engines real --events 1000000 --rate 5000 --rounds 100 …
 */
const { values } = parseArgs({
  options: {
    engines: { type: 'string', default: 'embedded' },
    events: { type: 'string', default: '10000000' },
    /** Events a second that are written meanwhile. */
    rate: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '200' },
    devices: { type: 'string', default: '5000' },
    /** Of the events before, how many hours they are spread over. */
    hours: { type: 'string', default: '24' },
    /** Embedded: a file that is kept. The first run fills it, later ones go on with what it holds. */
    file: { type: 'string' },
    /** Platform: how long a fleet sends events; `file` is what a run of the embedded store filled. */
    seconds: { type: 'string', default: '120' },
    /** Real: how long nothing is asked but how soon an event is counted. */
    freshSeconds: { type: 'string', default: '20' },
    /** Real: events that Cassandra's sink and the bare driver write in turns. */
    sinkEvents: { type: 'string', default: '50000' },
    out: { type: 'string' },
    plans: { type: 'string' },
  },
});

const { engines, events, rate, rounds, devices, hours, file, seconds, freshSeconds, sinkEvents } = values;
const size = {
  events: Number(events),
  ratePerSecond: Number(rate),
  rounds: Number(rounds),
  devices: Number(devices),
  hours: Number(hours),
};
const { report, plans } = await measure();
writeResult(report, values.out);
if (values.plans !== undefined) writeFileSync(values.plans, `${report.command}\n\n${plans}`);

async function measure() {
  switch (engines) {
    case 'platform':
      return {
        report: await measurePlatform({ ...size, seconds: Number(seconds), file: file ?? '' }),
        plans: '',
      };
    case 'real':
      return measureReal({ ...size, freshSeconds: Number(freshSeconds), sinkEvents: Number(sinkEvents) });
    default:
      return measureEmbedded(size, { file, withPlans: values.plans !== undefined });
  }
}
