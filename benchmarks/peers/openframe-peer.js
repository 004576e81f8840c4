import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// As `cli/openframe.js` does for every role; its modules are loaded behind it.
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/openframe', import.meta.url)));
await import('./openframe-job.ts');
