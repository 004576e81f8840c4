export { describeLog } from '../conformance/log.ts';
