export { embeddedLog } from '../brokers/embedded/log.ts';
