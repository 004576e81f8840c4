import { rootCertificates } from 'node:tls';

/** TLS options that trust certificates (PEM) besides those that Node knows: `ca` alone would replace them. */
export function trusting(ca: string | undefined): { readonly ca?: string[] } {
  return ca === undefined ? {} : { ca: [...rootCertificates, ca] };
}
