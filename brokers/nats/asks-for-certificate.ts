import { connect } from 'node:net';
import { z } from 'zod';

const infoSchema = z.object({ tls_verify: z.boolean().optional() });
const infoStart = 'INFO ';
const usualPort = 4222;

/**
 * Whether a server of NATS takes no client without a certificate of its own: it says so before the connection is
 * encrypted (https://docs.nats.io/reference/reference-protocols/nats-protocol#info), and closes one that shows none without
 * a word. False where it does not say so within `timeoutMs`. `server`: `host:port`.
 */
export async function asksForCertificate(server: string, timeoutMs: number): Promise<boolean> {
  const { hostname, port } = new URL(`nats://${server}`);
  const socket = connect(port === '' ? usualPort : Number(port), hostname.replace(/^\[|\]$/g, ''));
  const tooLate = setTimeout(() => socket.destroy(), timeoutMs);
  try {
    let said = '';
    for await (const chunk of socket.setEncoding('latin1')) {
      said += String(chunk);
      if (said.includes('\r\n')) break;
    }
    const info: unknown = JSON.parse(said.slice(infoStart.length, said.indexOf('\r\n')));
    return infoSchema.parse(info).tls_verify === true;
  } catch {
    return false;
  } finally {
    clearTimeout(tooLate);
    socket.destroy();
  }
}
