import { createSystemClock } from '../streams/clock.ts';
import { createRandom } from '../streams/random.ts';
import { createAgent } from './agent.ts';

/** The process that `agent.test.ts` kills: an agent with the server, the folder and the log of its arguments. */
const [serverUrl = '', stateDir = '', logFile = ''] = process.argv.slice(2);

await createAgent({
  serverUrl,
  token: 'secret',
  stateDir,
  logFiles: [logFile],
  intervals: { logsMs: 3, sendMs: 3, metricsMs: 20 },
  clock: createSystemClock(),
  random: createRandom(process.pid),
  logger: { info: () => undefined, warn: () => undefined },
}).run(new AbortController().signal);
