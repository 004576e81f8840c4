const variable = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b0x[0-9a-f]+\b|[0-9]+/gi;
const longestText = 200;

/**
 * A message without what differs from one report to the next: ids and numbers become `#`, and it is cut at 200
 * characters, so that the same trouble has the same name.
 */
export function maskText(text: string): string {
  return text.slice(0, longestText).replace(variable, '#');
}
