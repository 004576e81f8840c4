export { nothing } from './missing.ts';
