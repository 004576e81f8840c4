export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, the host of IPv6 in brackets. */
export function parseAddress(text: string): Address {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}
