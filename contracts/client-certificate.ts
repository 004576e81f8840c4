/** What a client shows to an engine that asks who it is (mutual TLS): PEM texts, as Node's TLS takes them. */
export interface ClientCertificate {
  /** The certificate, and behind it those that lead to one the engine trusts. */
  readonly cert: string;
  /** Its private key, not encrypted. */
  readonly key: string;
}
