import { describeCache } from '../../conformance/cache.ts';
import { createEmbeddedCache } from './cache.ts';

describeCache('memory', createEmbeddedCache);
