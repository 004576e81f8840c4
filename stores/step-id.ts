const sequenceDigits = 6;

/** The id of an alert's step, by how many came before it: two steps at once cannot both be the next one. */
export function stepId(alertId: string, at: number): string {
  return `${alertId}:${String(at).padStart(sequenceDigits, '0')}`;
}

/** What `stepId` wrote. */
export function readStepId(id: string): { readonly alertId: string; readonly at: number } {
  return { alertId: id.slice(0, -sequenceDigits - 1), at: Number(id.slice(-sequenceDigits)) };
}
