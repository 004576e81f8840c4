interface AddressedPage {
  readonly location: Pick<Location, 'hash' | 'pathname' | 'search'>;
  readonly history: Pick<History, 'replaceState'>;
}

/**
 * The token of a sign-in link (`#token=…`), or null. It leaves the address bar and the history entry at
 * once, so that it is neither copied with the address nor sent anywhere but to the sign-in.
 */
export function takeToken(page: AddressedPage): string | null {
  const { hash, pathname, search } = page.location;
  const token = new URLSearchParams(hash.slice(1)).get('token')?.trim() ?? '';
  if (token === '') return null;
  page.history.replaceState(null, '', pathname + search);
  return token;
}
