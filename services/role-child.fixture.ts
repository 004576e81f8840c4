/** A program that behaves as a role does towards who started it: says that it is ready, and ends when asked. */
import { createServer } from 'node:http';

const [, , behaviour = ''] = process.argv;
if (behaviour === 'fails') {
  process.send?.({ kind: 'failed', code: 'CONFIGURATION_INVALID', message: 'wrong partition count' });
  process.exit(1);
}
const server = createServer((_request, response) => response.end(String(process.pid)));
server.listen(Number(process.env['OPENFRAME_PORT']), '127.0.0.1', () => {
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  process.send?.({ kind: 'listening', url: `http://127.0.0.1:${port}` });
  process.send?.({ kind: 'ready' });
});
process.on('SIGTERM', () => {
  if (behaviour !== 'hangs') process.exit(0);
});
