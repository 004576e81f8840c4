/**
 * Where connections to Cassandra flap, its driver renews its control connection twice at once; the one that is late
 * fails on what the other has reset, and nobody hears of it (NODEJS-681, open in 4.10). The other goes on, so the
 * process does as well. Any other rejection that nobody handles ends the process, as it does without this.
 */
export function outliveControlConnection(warn: (message: string) => void): void {
  process.on('unhandledRejection', (reason) => {
    if (!isLateRenewal(reason)) throw reason;
    warn(
      'The driver of Cassandra renewed its control connection twice at once, and goes on with one of them.',
    );
  });
}

function isLateRenewal(reason: unknown): boolean {
  return (
    reason instanceof TypeError && /cassandra-driver.lib.control-connection\.js/.test(reason.stack ?? '')
  );
}
