import { randomBytes } from 'node:crypto';

import { messageOf } from '../../contracts/errors.ts';
import { readSettings } from '../../services/settings.ts';

/**
 * A prefix of one run's names on the real engines: what they hold already is neither read nor harmed. Disposing of it
 * removes what the run made there. Pinot would go on reading the topics, and slow the next run down.
 */
export function namesOfRun(): { readonly prefix: string } & AsyncDisposable {
  const prefix = `b${randomBytes(5).toString('hex')}_`;
  return {
    prefix,
    async [Symbol.asyncDispose]() {
      try {
        await remove(prefix);
      } catch (error) {
        process.stderr.write(
          `What ${prefix} names on the engines was not all removed: ${messageOf(error)}\n`,
        );
      }
    },
  };
}

async function remove(prefix: string): Promise<void> {
  const settings = readSettings({});
  const { removeDeployment } = await import('../../tests/platform/remove-deployment.fixture.ts');
  const engines = {
    OPENFRAME_NATS_URL: settings.OPENFRAME_NATS_URL,
    OPENFRAME_KAFKA_BROKERS: settings.OPENFRAME_KAFKA_BROKERS.join(','),
    OPENFRAME_CASSANDRA_CONTACT_POINTS: settings.OPENFRAME_CASSANDRA_CONTACT_POINTS.join(','),
    OPENFRAME_PINOT_CONTROLLER_URL: settings.OPENFRAME_PINOT_CONTROLLER_URL,
    OPENFRAME_MONGODB_URL: settings.OPENFRAME_MONGODB_URL,
  };
  await removeDeployment(engines, prefix);
}
