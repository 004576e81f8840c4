export { embeddedLog } from './engines.fixture.ts';
