export const settings = { port: process.env['OPENFRAME_PORT'], startedAtMs: Date.now() };
