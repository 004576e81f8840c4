export * from './date-now.ts';
