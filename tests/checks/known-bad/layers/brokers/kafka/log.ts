export { embeddedLog as kafkaLog } from '../embedded/log.ts';
