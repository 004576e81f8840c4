/** Most series of one answer. */
export const seriesLimit = 200;

/** How many series each of so many named devices may have, so that none is left out. */
function seriesOfEach(devices: number): number {
  return Math.max(1, Math.floor(seriesLimit / Math.max(1, devices)));
}

interface Labelled {
  readonly labels: Readonly<Record<string, string>>;
}

/** In the order in which a named device's series are taken: the fewest labels first, then by their text. */
function byFewestLabels(a: Labelled, b: Labelled): number {
  const labels = [a, b].map((one) => Object.entries(one.labels));
  const difference = (labels[0]?.length ?? 0) - (labels[1]?.length ?? 0);
  if (difference !== 0) return difference;
  return JSON.stringify(labels[0]) < JSON.stringify(labels[1]) ? -1 : 1;
}

/** The series that are answered: of each device its share, by device in ascending order. */
export function shareSeries<Series extends Labelled & { readonly deviceId: string }>(
  found: readonly Series[],
  devices: number,
): Series[] {
  const share = seriesOfEach(devices);
  const ofDevices = [...Map.groupBy(found, ({ deviceId }) => deviceId)].sort(([a], [b]) => (a < b ? -1 : 1));
  return ofDevices
    .flatMap(([, series]) => series.toSorted(byFewestLabels).slice(0, share))
    .slice(0, seriesLimit);
}
