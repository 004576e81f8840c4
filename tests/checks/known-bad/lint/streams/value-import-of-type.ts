import { Buffer } from 'node:buffer';

export function sizeBytes(value: Buffer): number {
  return value.length;
}
