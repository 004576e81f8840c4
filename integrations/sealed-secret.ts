import { createCipheriv, createDecipheriv } from 'node:crypto';

import { OpenFrameError } from '../contracts/errors.ts';

/** A text that only the key opens: AES-256-GCM (NIST SP 800-38D), a nonce of its own each time. Base64url. */
export interface SealedSecret {
  readonly algorithm: 'aes-256-gcm';
  readonly nonce: string;
  readonly tag: string;
  readonly text: string;
}

export const secretKeyBytes = 32;

/** Seals and opens secrets. `owner` names whose it is: sealed for one, it cannot be opened as another's. */
export interface SecretBox {
  seal(owner: string, secret: string): SealedSecret;
  /** Throws `CONFIGURATION_INVALID` where the key is another than it was sealed with, or the text was changed. */
  open(owner: string, sealed: SealedSecret): string;
}

export function createSecretBox(deps: {
  /** 32 bytes; called when it is first needed, so that who has no secrets needs no key. */
  readonly key: () => Uint8Array;
  /** Cryptographically strong: `node:crypto`'s `randomBytes`. */
  readonly randomBytes: (size: number) => Uint8Array;
}): SecretBox {
  let known: Uint8Array | undefined;
  const key = (): Uint8Array => (known ??= deps.key());
  return {
    seal(owner, secret) {
      const nonce = deps.randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key(), nonce);
      cipher.setAAD(Buffer.from(owner));
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return {
        algorithm: 'aes-256-gcm',
        nonce: inText(nonce),
        tag: inText(cipher.getAuthTag()),
        text: inText(text),
      };
    },
    open(owner, { nonce, tag, text }) {
      const secretKey = key();
      try {
        const options = { authTagLength: 16 };
        const decipher = createDecipheriv('aes-256-gcm', secretKey, inBytes(nonce), options);
        decipher.setAAD(Buffer.from(owner));
        decipher.setAuthTag(inBytes(tag));
        return Buffer.concat([decipher.update(inBytes(text)), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new OpenFrameError(
          'CONFIGURATION_INVALID',
          `The secret of ${owner} cannot be opened: the key is another than it was sealed with. Give the former key, or connect the tool again.`,
          { cause },
        );
      }
    },
  };
}

const inText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const inBytes = (text: string): Buffer => Buffer.from(text, 'base64url');
