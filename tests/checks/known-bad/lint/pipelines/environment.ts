export function brokers(): string | undefined {
  return process.env['OPENFRAME_KAFKA_BROKERS'];
}
