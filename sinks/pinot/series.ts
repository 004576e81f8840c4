/** A metric with one set of labels, as one text that equal ones share: `["name",[["label","value"],…]]`. */
export interface Series {
  readonly name: string;
  /** By name, in ascending order. */
  readonly labels: Readonly<Record<string, string>>;
}

export function toSeriesText({ name, labels }: Series): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([name, sorted]);
}

/** Reads what `toSeriesText` wrote. */
export function fromSeriesText(text: string): Series {
  const [name, labels] = JSON.parse(text) as [string, [string, string][]];
  return { name, labels: Object.fromEntries(labels) };
}
