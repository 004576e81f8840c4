import { writeFileSync } from 'node:fs';

import { lawsFiles, readLaws } from './laws-reporter.ts';
import { lawsTable } from './laws-table.ts';

const intro = `# Ports, engines and laws

What each engine holds of its port's conformance suite, as \`npm test\` and \`npm run test:engines\` last found it on all of
them. Written by \`npm run conformance:table\` from the results of both.

`;

const results = Object.values(lawsFiles).flatMap(readLaws);
writeFileSync('docs/conformance.md', intro + lawsTable(results));
