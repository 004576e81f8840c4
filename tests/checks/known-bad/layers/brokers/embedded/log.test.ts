export { describeLog } from '../../conformance/log.ts';
export { embeddedLog } from './log.ts';
