import { describeLog } from '../../conformance/log.ts';
import { createEmbeddedLog } from './log.ts';

describeLog('embedded', createEmbeddedLog);
