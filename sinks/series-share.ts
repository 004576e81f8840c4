/** Most series of one answer. */
export const seriesLimit = 200;

interface Labelled {
  readonly labels: Readonly<Record<string, string>>;
}

/** In the order in which a named device's series are taken: the fewest labels first, then by their text. */
function byFewestLabels<Series extends Labelled>(found: readonly Series[]): Series[] {
  const named = found.map((series) => {
    const labels = Object.entries(series.labels);
    return { series, count: labels.length, text: JSON.stringify(labels) };
  });
  return named.sort((a, b) => a.count - b.count || (a.text < b.text ? -1 : 1)).map(({ series }) => series);
}

/**
 * The series that are answered: of each of so many named devices its share, so that none is left out, by device in
 * ascending order.
 */
export function shareSeries<Series extends Labelled & { readonly deviceId: string }>(
  found: readonly Series[],
  devices: number,
): Series[] {
  const share = Math.max(1, Math.floor(seriesLimit / devices));
  const ofDevices = [...Map.groupBy(found, ({ deviceId }) => deviceId)].sort(([a], [b]) => (a < b ? -1 : 1));
  return ofDevices.flatMap(([, series]) => byFewestLabels(series).slice(0, share)).slice(0, seriesLimit);
}
