export { embeddedLog } from '../brokers/embedded/log.ts';
export { decode } from '../enrichers/decode.ts';
