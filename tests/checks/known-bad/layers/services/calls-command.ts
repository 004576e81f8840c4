export { draws } from '../cli/table.ts';
