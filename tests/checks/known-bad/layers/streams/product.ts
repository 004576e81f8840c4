export { decode } from '../enrichers/decode.ts';
