import { rate } from '../streams/rate.ts';

process.stdout.write(String(rate(10, 2)));
