import { env } from 'node:process';

export function brokers(): string | undefined {
  return env['OPENFRAME_KAFKA_BROKERS'];
}
